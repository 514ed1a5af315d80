"""What version a row has now, asked for many rows at once.

Polling clients come together: on the same tick dozens ask whether what they hold is still current. Questions that
arrive while a query runs wait for the next one, which answers them all. A question is only ever answered by a query
that began after it was asked, so nobody hears of a state older than their request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any

from app.reading import AnySelect, Prepared, prepared

Question = tuple[Any, asyncio.Future[int | None]]


class Versions:
    """`rows` runs a prepared read."""

    def __init__(self, rows: Callable[[Prepared, Mapping[str, Any]], Awaitable[Sequence[Any]]]) -> None:
        self._rows = rows
        self._waiting: dict[Hashable, list[Question]] = {}
        """By shape and reach; there as long as a query runs for them, gathering who comes meanwhile."""
        self._running: set[asyncio.Task[None]] = set()

    async def of(
        self, shape: Hashable, values: Mapping[str, Any], build: Callable[[], AnySelect], key: object
    ) -> int | None:
        """The version of the row with that key, None without one.

        `build` makes the statement of this shape: columns `key` and `version`, for the keys bound as `keys`. `values`
        are its other parameters.
        """
        group = (shape, *values.values())
        answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(group)
        if waiting is None:
            self._waiting[group] = [(key, answer)]
            # A task of its own: a client that goes away must not take the others' answer along.
            task = asyncio.create_task(self._answer(group, prepared(shape, build), values))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            waiting.append((key, answer))
        return await answer

    async def _answer(self, group: Hashable, statement: Prepared, values: Mapping[str, Any]) -> None:
        """Query after query as long as somebody waits."""
        while asked := self._waiting[group]:
            self._waiting[group] = []
            try:
                rows = await self._rows(statement, {**values, "keys": list({key for key, _ in asked})})
            except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
                _settle(asked, error)
            else:
                _settle(asked, {row["key"]: row["version"] for row in rows})
        del self._waiting[group]


def _settle(asked: list[Question], found: Mapping[Any, int] | Exception) -> None:
    for key, answer in asked:
        if answer.done():  # its client is gone
            continue
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found.get(key))
