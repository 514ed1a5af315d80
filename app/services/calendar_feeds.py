"""The secret address of an account's calendar: made, renewed, revoked. One an account, by its digest only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.models import CalendarFeed, User
from app.security.opaque_tokens import new_feed_secret
from app.uow import UnitOfWork

LABEL = ("日历订阅", "calendar feed")


async def made_at(uow: UnitOfWork) -> datetime | None:
    statement = select(CalendarFeed.created_at).where(CalendarFeed.user_id == uow.actor.id)
    found: datetime | None = await uow.session.scalar(statement)
    return found


async def renew(uow: UnitOfWork) -> str:
    """A new secret; an older one counts no more."""
    secret = new_feed_secret()
    fresh = {"secret_hash": secret.digest, "created_at": uow.now}
    statement = insert(CalendarFeed).values(user_id=uow.actor.id, **fresh)
    await uow.session.execute(statement.on_conflict_do_update(index_elements=[CalendarFeed.user_id], set_=fresh))
    await _note(uow, "calendar_feed.created")
    return secret.text


async def revoke(uow: UnitOfWork) -> None:
    """Without one there is nothing to do."""
    statement = delete(CalendarFeed).where(CalendarFeed.user_id == uow.actor.id).returning(CalendarFeed.user_id)
    if await uow.session.scalar(statement) is not None:
        await _note(uow, "calendar_feed.revoked")


async def _note(uow: UnitOfWork, action: str) -> None:
    home = await uow.session.scalar(select(User.region_code).where(User.id == uow.actor.id))
    uow.record_plain(action, resource_id=str(uow.actor.id), region_code=home, user_ids=[uow.actor.id])
