"""What the service does by itself: clear away kept answers, sign-ins and files long past use, read photos that wait,
note what a new day brought to assignments and permits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from time import monotonic, process_time

from app.db import Database
from app.services import (
    county_figures,
    light_turns,
    photo_collection,
    photo_processing,
    project_parties,
    report_flag_duties,
    stored_objects,
    sync_operations,
)
from app.services.due_assignments import announce
from app.services.due_grants import announce as announce_grants
from app.services.files import Files
from app.services.permit_refresh import Reckoned, refresh
from app.uow import SHANGHAI

EVERY = timedelta(hours=1)
LOOK_EVERY = timedelta(minutes=1)
"""Whether there is a new day, or other holidays: one small query."""
_AFTER_FAILURE = 10.0
"""Seconds until flags that failed are tried again; who asks for flags does not wait for it."""
_LITTLE = 0.2
"""Of a core."""
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


async def clear_files(files: Files) -> None:
    """Forget what nobody comes back for, then delete the objects nothing refers to any more."""
    await photo_collection.collect(files)
    await stored_objects.clear(files)


async def run(db: Database, files: Files, clock: Callable[[], datetime], keep: timedelta) -> None:
    """Now, every hour and as each day begins; permits within a minute of an announcement, too; until cancelled.

    A failure is logged and tried again next time.
    """
    reckoned: Reckoned | None = None
    due: datetime | None = None
    while True:
        try:
            now = clock()
            if due is None or now >= due:
                due = now + pause(now)
                await clear(db, now, keep)
                await sync_operations.clear(db, now)
                await clear_files(files)
                await announce(db, now)
                await project_parties.announce(db, now)
                await announce_grants(db, now)
                await light_turns.catch_up(db, now)
                await light_turns.announce(db, now)
                await county_figures.clear(db, now)
            reckoned = await refresh(db, now, reckoned)
            await photo_processing.catch_up(files)
        except Exception:
            log.exception("housekeeping failed")
        await asyncio.sleep(min(LOOK_EVERY, pause(clock())).total_seconds())


async def keep_figures(db: Database, clock: Callable[[], datetime], every: float) -> None:
    """The sums of counties, every so many seconds; until cancelled. A failure is logged and tried again next time."""
    known: object = None
    while True:
        try:
            known = await county_figures.keep_up(db, clock(), known)
        except Exception:
            log.exception("keeping figures failed")
        await asyncio.sleep(every)


async def keep_flags(db: Database, clock: Callable[[], datetime], every: float) -> None:
    """The flags of reports just handed in; until cancelled. A failure is logged and tried again a while later.

    Whoever hands in a report comes first: however many come at once, at most a thirtieth of the time goes here while
    they do. Who asks for flags has them worked out then.
    """
    while True:
        try:
            began = monotonic()
            while await report_flag_duties.keep_up(db, clock()):
                await lull(min(monotonic() - began, 1.0))
                began = monotonic()
        except Exception:
            log.exception("keeping flags failed")
            await asyncio.sleep(_AFTER_FAILURE)
        await asyncio.sleep(every)


async def lull(seconds: float, most: int = 29) -> None:
    """Until this process has had little else to do for so long, but not longer than `most` times that."""
    for _ in range(most):
        worked = process_time()
        await asyncio.sleep(seconds)
        if process_time() - worked < _LITTLE * seconds:
            return


def pause(now: datetime) -> timedelta:
    """Until the next round: an hour, less when the business day turns before that; then a moment after midnight."""
    here = now.astimezone(SHANGHAI)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), SHANGHAI)
    return min(EVERY, midnight - here + timedelta(milliseconds=50))
