"""Grants given and ended, by a write or by the calendar alone: the account is told that its reach is another one.

Which projects come and go with a grant is not listed here: for many roles it is the whole region. The account compares
what it keeps with what it may read now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, Text, case, cast, exists, func, or_, select

from app.db import Database
from app.models import Change, Grant
from app.reading import AnySelect
from app.uow import UnitOfWork

LOOK_BACK = timedelta(days=40)
"""Longer than the service will ever have been down."""


def note_reach(uow: UnitOfWork, grant: Grant) -> None:
    """To the account the grant is of; others read of the grant itself."""
    uow.record("reach.changed", grant, diff={})


async def announce(db: Database, now: datetime) -> int:
    """Tell of grants that began or ended with the day; of how many. Again: none."""
    uow = UnitOfWork(db, now)
    try:
        # One at a time: the next one must see what this one tells.
        if not await uow.try_lock_key("due_grants"):
            return 0
        due = list(await uow.session.scalars(_due(uow)))
        for grant in due:
            note_reach(uow, grant)
        await uow.commit()
        return len(due)
    finally:
        await uow.close()


def _due(uow: UnitOfWork) -> AnySelect:
    g, c, since = Grant, Change, uow.today - LOOK_BACK
    began = case((g.valid_from <= uow.today, g.valid_from))
    ended = case((g.valid_to <= uow.today, g.valid_to))
    turned = func.greatest(began, ended)  # skips null
    midnight = func.timezone("Asia/Shanghai", cast(turned, DateTime))
    told = exists().where(c.resource == "reach", c.resource_id == cast(g.id, Text), c.at >= midnight)
    held = or_(g.valid_to.is_(None), g.valid_to > g.valid_from)
    return select(g).where(turned > since, held, ~told).order_by(g.id)
