"""How far the items of letters have come, where it is entered: added, never overwritten."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.errors import invalid, not_found
from app.models import LetterItem, LetterProgress, ResponsibilityLetter
from app.resources.responsibility_letters import ITEM, LETTER, LETTER_PROGRESS
from app.schemas.responsibility_letters import LetterProgressIn
from app.services.responsibility_letters import PERMISSION, note
from app.services.sent_again import after_last, sent_again
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach

Letter = ResponsibilityLetter


async def create(uow: UnitOfWork, item_id: UUID, body: LetterProgressIn) -> tuple[UUID, bool]:
    """The id of the entry in force, and whether it is new; the same as in force adds nothing."""
    found = await require_item(uow, item_id)
    letter = await get_visible(uow, LETTER, Letter, found.letter_id, lock=True)
    await require_reach(uow, LETTER, letter.id, PERMISSION)
    known = await sent_again(uow, LETTER_PROGRESS, LetterProgress, body.id, body, item_id=item_id)
    if known is not None:
        return known.id, False
    if body.as_of > uow.today:
        raise invalid("/as_of", "in_the_future")
    wanted, other = ("percent", "value") if found.value is None else ("value", "percent")
    if getattr(body, wanted) is None:
        raise invalid(f"/{wanted}", "missing")
    if getattr(body, other) is not None:
        raise invalid(f"/{other}", "invalid_value", expected=(f"请填 {wanted}", f"this item takes {wanted}"))
    p = LetterProgress
    of_day = (p.item_id == item_id, p.as_of == body.as_of)
    last = await uow.session.scalar(select(p).where(*of_day).order_by(p.recorded_at.desc(), p.id.desc()).limit(1))
    if last is not None and (last.value, last.percent, last.note) == (body.value, body.percent, body.note):
        return last.id, False
    row = LetterProgress(
        item_id=item_id,
        recorded_at=await after_last(uow, p.recorded_at, *of_day),
        recorded_by=uow.actor.id,
        **{**body.model_dump(), "id": body.id or uow.new_id()},
    )
    uow.add(row)
    note(uow, "letter_progress.created", row, letter)
    await uow.flush()
    return row.id, True


async def require_item(uow: UnitOfWork, item_id: UUID) -> LetterItem:
    """404 for an item of a letter the actor does not see."""
    seen = visible(uow.actor.scopes(ITEM.permission), ITEM.scoping)
    found: LetterItem | None = await uow.session.scalar(
        select(LetterItem).where(LetterItem.id == item_id, seen.condition())
    )
    if found is None:
        raise not_found(ITEM.label)
    return found
