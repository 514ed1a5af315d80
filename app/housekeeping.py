"""What the service does by itself: clear away kept answers and sign-ins long past use, note what a new day brought."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app.db import Database
from app.services.county_figures import keep_up
from app.services.due_assignments import announce

EVERY = timedelta(hours=1)
log = logging.getLogger("diaodu.housekeeping")

_STATEMENTS = (
    "DELETE FROM idempotency_keys WHERE created_at < $1",
    # Refresh tokens go with their session.
    "DELETE FROM sessions WHERE expires_at < $1",
)


async def clear(db: Database, now: datetime, keep: timedelta) -> None:
    """Remove what is older than `keep`; sessions count from their expiry."""
    for statement in _STATEMENTS:
        await db.pool.execute(statement, now - keep, timeout=60)


async def run(db: Database, clock: Callable[[], datetime], keep: timedelta) -> None:
    """Do it now and every hour, until cancelled. A failure is logged and tried again next time."""
    while True:
        try:
            now = clock()
            await clear(db, now, keep)
            await announce(db, now)
            await keep_up(db, now)
        except Exception:
            log.exception("housekeeping failed")
        await asyncio.sleep(EVERY.total_seconds())
