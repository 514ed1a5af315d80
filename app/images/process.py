"""The process that reads pictures as the server sees it: one at a time, few waiting, none for long."""

from __future__ import annotations

from app.errors import AppError
from app.images.model import Limits, Reading, Refused, question, understood
from app.own_process import Died, OwnProcess

_SECONDS = 30.0
_WAITING_AT_MOST = 8


class Images:
    """Reads what phones sent.

    Errors: Refused; 503 `unavailable` when many wait; TimeoutError when one takes too long.
    """

    def __init__(self, limits: Limits, *, seconds: float = _SECONDS, waiting: int = _WAITING_AT_MOST) -> None:
        self.limits = limits
        self._process = OwnProcess("app.images.worker", {}, seconds=seconds)
        self._waiting = 0
        self._waiting_at_most = waiting

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def read(self, content: bytes) -> Reading:
        if self._waiting >= self._waiting_at_most:
            raise AppError("unavailable", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            return understood(await self._process.ask(question(self.limits, content)))
        except Died as died:
            # Two processes died of it; a third would, too.
            raise Refused("file_damaged") from died
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._process.close()
