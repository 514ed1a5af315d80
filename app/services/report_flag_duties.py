"""Flags of reports just handed in. A report leaves a duty, kept in its own transaction; the keeper meets it a moment
later, or whoever asks for flags before that."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.db import Database, is_held
from app.resources.report_flag_facts import DUE_ALL, DUE_FREE, NOT_HELD, PATIENCE
from app.services import report_flags
from app.uow import UnitOfWork

_AT_ONCE = 200
"""Reports in one transaction."""
log = logging.getLogger("diaodu.report_flags")


async def keep_up(db: Database, now: datetime) -> bool:
    """Work out what handed-in reports left to do, some hundreds at most; whether there may be more.

    Several processes share the work. It is nobody's doing: the log names no account. One that cannot be done keeps no
    other waiting; that it failed is raised when all have been tried.
    """
    try:
        return await _meet(db, now, None, wait=False) >= _AT_ONCE
    except Exception:
        for row in await db.pool.fetch("SELECT report_id FROM report_flag_duties ORDER BY 1 LIMIT $1", _AT_ONCE):
            try:
                await _meet(db, now, row["report_id"], wait=False)
            except Exception:
                log.exception("flags of a report failed", extra={"report_id": str(row["report_id"])})
        raise


async def catch_up(db: Database, now: datetime, report_id: UUID | None = None) -> bool:
    """Before flags are shown: what is left to do of this report, or of all, the oldest first.

    False: there is no more to show now than what is known, because somebody, an import say, holds what it takes for
    longer than a reader waits, or because it failed: flags block nobody. Of all, those of held projects are left.
    """
    due = "SELECT EXISTS (SELECT FROM report_flag_duties WHERE $1::uuid IS NULL OR report_id = $1)"
    if await db.pool.fetchval(due, report_id):
        try:
            await _meet(db, now, report_id, wait=True)
        except Exception as error:
            if not (isinstance(error, DBAPIError) and is_held(error)):
                log.exception("flags asked for failed", extra={"report_id": str(report_id)})
            return False
    return True


async def _meet(db: Database, now: datetime, report_id: UUID | None, *, wait: bool) -> int:
    """How many duties were met; of one report, or of all. Only for one report's sake a project in hand is waited for:
    with many of them all would wait."""
    uow = UnitOfWork(db, now)
    try:
        if wait:
            await uow.rows(PATIENCE, {})
        ids = await _due(uow, report_id, wait=wait)
        if ids:
            await report_flags.of_reports(uow, ids)
            await uow.commit()
        return len(ids)
    finally:
        await uow.close()


async def _due(uow: UnitOfWork, only: UUID | None, *, wait: bool) -> list[UUID]:
    """The oldest whose projects nobody has in hand; `wait` for one report's project."""
    found: list[UUID] = []
    after: UUID | None = None
    while len(found) < _AT_ONCE:
        statement = DUE_ALL if wait else DUE_FREE
        rows = await uow.rows(statement, {"only": only, "after": after, "at_most": _AT_ONCE})
        ids = [row["report_id"] for row in rows]
        if only is not None and wait:
            return ids
        found += [row["id"] for row in await uow.rows(NOT_HELD, {"reports": ids})] if ids else []
        if len(ids) < _AT_ONCE:
            break
        after = ids[-1]
    return found
