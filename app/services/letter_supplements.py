"""Supplements (补充协议): the only way a signed letter changes; what was signed before stays to be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import AppError, FieldError, invalid
from app.models import LetterItem, LetterSupplement, ResponsibilityLetter
from app.resources.responsibility_letters import LETTER
from app.schemas.responsibility_letters import ItemChangeIn, SupplementIn
from app.services.responsibility_letters import PERMISSION, check_weights, items_in_force, new_item, note
from app.uow import UnitOfWork
from app.writing import get_for_update, get_visible, require_reach

Letter = ResponsibilityLetter
_KEPT = ("name", "target_id", "value", "unit", "due_on", "weight", "position")


async def create(uow: UnitOfWork, letter_id: UUID, body: SupplementIn, if_match: str | None) -> None:
    if await _made_before(uow, letter_id, body):
        return
    letter = await get_for_update(uow, LETTER, Letter, letter_id, PERMISSION, if_match)
    if letter.status != "signed" or letter.signed_on is None:
        raise AppError("letter_not_signed")
    items = {item.id: item for item in await items_in_force(uow, letter)}
    _check(body, items)
    row = await _numbered(uow, letter, letter.signed_on, body)
    position = 1 + max(item.position for item in items.values())
    added = [await new_item(uow, letter, item, position + n, f"/add/{n}") for n, item in enumerate(body.add)]
    added += [_changed(uow, items[change.item_id], change) for change in body.change]
    ended = {*body.withdraw, *(change.item_id for change in body.change)}
    left = [item.weight for identity, item in items.items() if identity not in ended]
    check_weights([*left, *(item.weight for item in added)], letter.weight_total, "")
    uow.session.add(row)
    await uow.flush()
    for identity in ended:
        items[identity].ended_by = row.id
    for item in added:
        item.added_by = row.id
        uow.session.add(item)
    uow.touch(letter)
    note(uow, "letter_supplement.created", row, letter)
    note(uow, "responsibility_letter.updated", letter, letter)
    await uow.flush()


async def _made_before(uow: UnitOfWork, letter_id: UUID, body: SupplementIn) -> bool:
    """Whether the supplement of that id is there: sent again it needs no current If-Match."""
    if body.id is None:
        return False
    letter = await get_visible(uow, LETTER, Letter, letter_id, lock=True)
    await require_reach(uow, LETTER, letter_id, PERMISSION)
    known = await uow.session.get(LetterSupplement, body.id)
    if known is None:
        return False
    if known.letter_id != letter.id or known.reason != body.reason:
        raise AppError("id_taken")
    return True


def _check(body: SupplementIn, items: Mapping[UUID, LetterItem]) -> None:
    """Every item named is in force, and named once; something must change."""
    named = [(f"/change/{n}/item_id", change.item_id) for n, change in enumerate(body.change)]
    named += [(f"/withdraw/{n}", identity) for n, identity in enumerate(body.withdraw)]
    if not named and not body.add:
        raise invalid("/change", "missing")
    errors, seen = [], set()
    for pointer, identity in named:
        if identity not in items:
            resource = ("有效的责任状事项", "item in force")
            errors.append(FieldError(pointer, "unknown_reference", {"resource": resource}))
        elif identity in seen:
            errors.append(FieldError(pointer, "repeated", {}))
        seen.add(identity)
    if errors:
        raise AppError("invalid_content", errors=errors)


async def _numbered(uow: UnitOfWork, letter: Letter, signed_on: date, body: SupplementIn) -> LetterSupplement:
    s = LetterSupplement
    last = (
        await uow.session.execute(
            select(func.coalesce(func.max(s.number), 0), func.max(s.signed_on)).where(s.letter_id == letter.id)
        )
    ).one()
    day = body.signed_on or uow.today
    if day > uow.today:
        raise invalid("/signed_on", "in_the_future")
    if day < max(signed_on, last[1] or signed_on):
        raise invalid("/signed_on", "dates_out_of_order")
    return s(
        id=body.id or uow.new_id(),
        letter_id=letter.id,
        number=last[0] + 1,
        signed_on=day,
        reason=body.reason,
        recorded_at=uow.now,
        recorded_by=uow.actor.id,
    )


def _changed(uow: UnitOfWork, before: LetterItem, change: ItemChangeIn) -> LetterItem:
    fields: dict[str, Any] = {name: getattr(before, name) for name in _KEPT}
    fields |= change.model_dump(exclude_unset=True, exclude_none=True, exclude={"item_id"})
    return LetterItem(id=uow.new_id(), letter_id=before.letter_id, replaces=before.id, **fields)
