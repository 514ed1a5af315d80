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
        self._running: dict[Regions, asyncio.Task[str]] = {}
        self._next: dict[Regions, asyncio.Task[str]] = {}

    async def state(self, regions: Regions) -> str:
        """A text that differs whenever anything committed in `regions`, or a new day began."""
        running = self._running.get(regions)
        if running is None:
            return await asyncio.shield(self._start(regions))
        following = self._next.get(regions)
        if following is None:
            following = self._next[regions] = asyncio.create_task(self._after(running, regions))
        return await asyncio.shield(following)

    def _start(self, regions: Regions) -> asyncio.Task[str]:
        task = self._running[regions] = asyncio.create_task(self._read(regions))
        return task

    async def _after(self, running: asyncio.Task[str], regions: Regions) -> str:
        await asyncio.wait([running])
        # From here on, whoever asks has asked too late for this one.
        del self._next[regions]
        return await self._start(regions)

    async def _read(self, regions: Regions) -> str:
        task = asyncio.current_task()
        try:
            row = await self._db.row(_OF_ALL_BELOW if regions.prefixes else _OF_SOME, regions._asdict())
            assert row is not None
            return str(row["state"])
        finally:
            if self._running.get(regions) is task:
                del self._running[regions]
