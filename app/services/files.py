"""What everything about files needs beside a request: the store, the process that reads pictures, the limits.

Bytes that came are kept whatever becomes of their request, so their transactions are their own and committed here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.db import Database
from app.images.process import Images
from app.objects import Objects
from app.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Bytes of one file, of one account in a day (Asia/Shanghai) and in all; how long what is unfinished is kept."""

    file: int
    day: int
    total: int
    unfinished: timedelta
    unnamed: timedelta
    """How long a photo waits for the report that names it."""


@dataclass(frozen=True, slots=True)
class Files:
    db: Database
    objects: Objects
    images: Images
    limits: FileLimits
    clock: Callable[[], datetime]

    @asynccontextmanager
    async def transaction(self, request: UnitOfWork | None = None) -> AsyncIterator[UnitOfWork]:
        """One of its own, committed at the end; by the actor of `request`, else by the service itself."""
        by: dict[str, Any] = {"request_id": request.request_id, "actor": request.actor} if request is not None else {}
        uow = UnitOfWork(self.db, self.clock(), **by)
        try:
            yield uow
            await uow.commit()
        finally:
            await uow.close()
