"""What is asked while an answer is on its way waits, and is answered together with whatever else came meanwhile.

Under load many statements become one: the database commits once for all of them, and nobody waits for a connection.
Alone, a question is asked at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
Q = TypeVar("Q")
A = TypeVar("A")

_AT_MOST = 200
"""Questions in one statement."""


class Gathering(Generic[K, Q, A]):
    """`answer` takes questions by key and gives answers by key; a key left out is answered with None.

    Of two questions with one key the later waits for the next turn: it is asked of what the earlier left behind.
    """

    def __init__(self, answer: Callable[[Mapping[K, Q]], Awaitable[Mapping[K, A]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[K, Q, asyncio.Future[A | None]]] = []
        self._running: asyncio.Task[None] | None = None

    def ask(self, key: K, question: Q) -> asyncio.Future[A | None]:
        """Asked in the loop's next turn; the answer is to be awaited."""
        future: asyncio.Future[A | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, question, future))
        if self._running is None:
            # A task of its own: a client that goes away must not take the others' answer along.
            self._running = asyncio.create_task(self._run())
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._turn()
        finally:
            self._running = None

    async def _turn(self) -> None:
        turn: dict[K, tuple[Q, asyncio.Future[A | None]]] = {}
        left = []
        for key, question, future in self._waiting:
            if key in turn or len(turn) >= _AT_MOST:
                left.append((key, question, future))
            else:
                turn[key] = question, future
        self._waiting = left
        try:
            found = await self._answer({key: question for key, (question, _) in turn.items()})
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            for _, future in turn.values():
                if not future.done():  # its client is gone
                    future.set_exception(error)
            return
        for key, (_, future) in turn.items():
            if not future.done():
                future.set_result(found.get(key))
