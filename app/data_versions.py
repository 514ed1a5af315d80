"""Whether figures may have changed: the marks of the regions they are of, read in one index lookup.

Wall screens ask for the same regions again and again. While a lookup for some regions is under way, those who ask for
them meanwhile share the next one: it starts after they asked, so none is told of a state older than its question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from app.db import Database
from app.reading import Prepared

_LEVELS = (0, 2, 4, 6)
_COUNTY = 6
_TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date::text"
# The day is the database's: it decides which assignments are in force.
_OF_SOME = Prepared(
    f"SELECT coalesce(sum(mark), 0) || ' ' || {_TODAY} AS state FROM data_versions WHERE region_code = ANY($1)",  # noqa: S608
    ("codes",),
    {},
)
_OF_ALL_BELOW = Prepared(
    f"SELECT coalesce(sum(mark), 0) || ' ' || {_TODAY} AS state FROM data_versions v WHERE region_code = ANY($1)"  # noqa: S608
    " OR EXISTS (SELECT FROM unnest($2::text[]) AS p WHERE v.region_code > p AND v.region_code < p || ':')",
    ("codes", "prefixes"),
    {},
)


class Regions(NamedTuple):
    """Codes whose marks count by themselves, and prefixes below which all count."""

    codes: tuple[str, ...]
    prefixes: tuple[str, ...]


def covering(regions: Iterable[str]) -> Regions:
    """Where anything that figures of `regions` (prefixes) show may change: in them, and above them (names, labels)."""
    codes: set[str] = set()
    prefixes: set[str] = set()
    for region in regions:
        codes.update(region[:level] for level in _LEVELS)
        if len(region) < _COUNTY:
            prefixes.add(region)
    return Regions(tuple(sorted(codes)), tuple(sorted(prefixes)))


class DataVersions:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: dict[Regions, list[asyncio.Future[str]]] = {}
        """There as long as a lookup runs for these regions, gathering who comes meanwhile."""
        self._running: set[asyncio.Task[None]] = set()

    async def state(self, regions: Regions) -> str:
        """A text that differs whenever anything committed in `regions`, or a new day began."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(regions)
        if waiting is None:
            self._waiting[regions] = [answer]
            # A task of its own: a client that goes away must not take the others' answer along.
            task = asyncio.create_task(self._answer(regions))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            waiting.append(answer)
        return await answer

    async def _answer(self, regions: Regions) -> None:
        """Lookup after lookup as long as somebody waits."""
        while asked := self._waiting[regions]:
            self._waiting[regions] = []
            try:
                row = await self._db.row(_OF_ALL_BELOW if regions.prefixes else _OF_SOME, regions._asdict())
                assert row is not None
            except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
                for answer in asked:
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for answer in asked:
                    if not answer.done():  # its client is gone
                        answer.set_result(row["state"])
        del self._waiting[regions]
