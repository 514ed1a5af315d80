"""Connections for writes are handed out in the order they were asked for.

The usual pool wakes whoever waits longest, but a newcomer may be quicker, and then that one goes to the end again: of
64 phones at once some waited until they were told that the service is not available while thousands were served.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, TypeVar

from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty, Full

T = TypeVar("T")


class InOrder(AsyncAdaptedQueue[T]):
    """What is given back goes straight to who waits longest; only what nobody waits for lies here."""

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._lying: deque[T] = deque()
        self._waiting: deque[asyncio.Future[T]] = deque()

    def empty(self) -> bool:
        return not self._lying

    def full(self) -> bool:
        return len(self._lying) >= self.maxsize > 0

    def qsize(self) -> int:
        return len(self._lying)

    def put_nowait(self, item: T) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # it waited too long, or its request is gone
                first.set_result(item)
                return
        if self.full():
            raise Full
        self._lying.append(item)

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        # The pool never waits for room: what does not fit is closed.
        self.put_nowait(item)

    def get_nowait(self) -> T:
        if not self._lying:
            raise Empty
        return self._lying.pop() if self.use_lifo else self._lying.popleft()

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        if self._lying or not block:
            return self.get_nowait()
        return await_(self._wait(timeout))

    async def _wait(self, seconds: float | None) -> T:
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[T] = loop.create_future()
        self._waiting.append(mine)
        timer = None if seconds is None else loop.call_later(seconds, _give_up, mine)
        try:
            return await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                # Handed over in the moment its request went away.
                self.put_nowait(mine.result())
            raise
        finally:
            if timer is not None:
                timer.cancel()


def _give_up(mine: asyncio.Future[T]) -> None:
    if not mine.done():
        mine.set_exception(Empty())


class FairPool(AsyncAdaptedQueuePool):
    _queue_class = InOrder[Any]
