"""Letters of responsibility: drafted, signed, and from then on changed by dated supplements alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.domain.indicators import SHIPPED
from app.domain.letters import weights_fault
from app.errors import AppError, FieldError, invalid
from app.models import (
    Department,
    DictionaryEntry,
    Indicator,
    Leader,
    LetterItem,
    ResponsibilityLetter,
    Target,
)
from app.resources.departments import DEPARTMENT
from app.resources.leaders import LEADER
from app.resources.responsibility_letters import LETTER
from app.resources.targets import TARGET
from app.schemas.responsibility_letters import LetterIn, LetterItemIn, LetterPatch, SignatureIn
from app.services.sent_again import sent_again
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update

PERMISSION = "letters.write"
Letter = ResponsibilityLetter


def note(uow: UnitOfWork, action: str, row: Any, letter: Letter) -> None:
    uow.record(action, row, region_code=letter.region_code, department_ids=[letter.department_id])


async def create(uow: UnitOfWork, body: LetterIn) -> tuple[Letter, bool]:
    """The letter, and whether it is new."""
    department = await _department(uow, body.department_id)
    region = body.region_code or department.region_code[:6]
    uow.actor.require_in_region(PERMISSION, region)
    if not department.region_code.startswith(region):
        raise invalid("/department_id", "outside_region", region=region)
    known = await _made_before(uow, body)
    if known is not None:
        return known, False
    await _check_leader(uow, region, body.leader_id)
    fields = body.model_dump(exclude={"id", "region_code", "items"})
    row = Letter(id=body.id or uow.new_id(), region_code=region, status="draft", **fields)
    uow.add(row)
    await uow.flush()
    await _put_items(uow, row, body.items)
    note(uow, "responsibility_letter.created", row, row)
    await uow.flush()
    return row, True


async def _made_before(uow: UnitOfWork, body: LetterIn) -> Letter | None:
    """The letter of that id, when it says the same, its items included."""
    plain = LetterIn(**body.model_dump(exclude_unset=True, exclude={"items"}))
    row = await sent_again(uow, LETTER, Letter, body.id, plain)
    if row is None:
        return None
    i = LetterItem
    items = list(
        await uow.session.scalars(select(i).where(i.letter_id == row.id, i.added_by.is_(None)).order_by(i.position))
    )
    same = len(items) == len(body.items) and all(
        getattr(stored, name) == value
        for stored, sent in zip(items, body.items, strict=True)
        for name, value in sent.model_dump(exclude_unset=True, exclude_none=True).items()
    )
    if not same:
        raise AppError("id_taken", extra={"fields": ["items"]})
    return row


async def _department(uow: UnitOfWork, department_id: UUID) -> Department:
    seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
    row: Department | None = await uow.session.scalar(
        select(Department).where(Department.id == department_id, seen.condition())
    )
    if row is None:
        raise invalid("/department_id", "unknown_reference", resource=DEPARTMENT.label)
    return row


async def _check_leader(uow: UnitOfWork, region: str, leader_id: UUID | None) -> None:
    if leader_id is None:
        return
    seen = visible(uow.actor.scopes(LEADER.permission), LEADER.scoping)
    own = await uow.session.scalar(select(Leader.region_code).where(Leader.id == leader_id, seen.condition()))
    if own is None:
        raise invalid("/leader_id", "unknown_reference", resource=LEADER.label)
    if not region.startswith(own[:6]):
        raise invalid("/leader_id", "outside_region", region=region)


async def _put_items(uow: UnitOfWork, letter: Letter, items: Sequence[LetterItemIn]) -> None:
    for n, item in enumerate(items):
        uow.session.add(await new_item(uow, letter, item, n, f"/items/{n}"))


async def new_item(uow: UnitOfWork, letter: Letter, body: LetterItemIn, position: int, pointer: str) -> LetterItem:
    """An item with what its linked target gives where the item itself says nothing."""
    name, value, unit = body.name, body.value, body.unit
    if body.target_id is not None:
        target = await _target(uow, letter, body.target_id, pointer)
        label, target_unit = await _words(uow, target.indicator)
        name, unit = name or label, unit or target_unit
        value = target.value if value is None else value
        if value <= 0:
            raise invalid(f"{pointer}/value", "out_of_range", expected=("大于 0", "more than 0"))
    if name is None:
        raise invalid(f"{pointer}/name", "missing")
    return LetterItem(
        id=body.id or uow.new_id(),
        letter_id=letter.id,
        position=position,
        name=name,
        target_id=body.target_id,
        value=value,
        unit=unit,
        due_on=body.due_on,
        weight=body.weight,
    )


async def _target(uow: UnitOfWork, letter: Letter, target_id: UUID, pointer: str) -> Target:
    """A target of the letter's year, of the department or of its region."""
    seen = visible(uow.actor.scopes(TARGET.permission), TARGET.scoping)
    target: Target | None = await uow.session.scalar(select(Target).where(Target.id == target_id, seen.condition()))
    if target is None:
        raise invalid(f"{pointer}/target_id", "unknown_reference", resource=TARGET.label)
    if not target.region_code.startswith(letter.region_code):
        raise invalid(f"{pointer}/target_id", "outside_region", region=letter.region_code)
    if target.year != letter.year:
        expected = (f"{letter.year} 年的目标", f"a target of {letter.year}")
        raise invalid(f"{pointer}/target_id", "invalid_value", expected=expected)
    return target


async def _words(uow: UnitOfWork, code: str) -> tuple[str, str]:
    """Name and unit of an indicator as a letter prints them: in Chinese."""
    own = None if code in SHIPPED else await uow.session.get(Indicator, code)
    label, unit = (SHIPPED[code].label_zh, SHIPPED[code].unit) if own is None else (own.label_zh, own.unit)
    entry = await uow.session.get(DictionaryEntry, ("indicator_unit", unit))
    return label, unit if entry is None else entry.label_zh


def check_weights(weights: Sequence[Decimal], wanted: Decimal, pointer: str) -> None:
    found = weights_fault(weights, wanted)
    if found is not None:
        texts = {"sum": format(found.normalize(), "f"), "total": format(wanted.normalize(), "f")}
        raise invalid(pointer, "weights_do_not_add_up", **texts)


async def items_in_force(uow: UnitOfWork, letter: Letter) -> list[LetterItem]:
    i = LetterItem
    rows = await uow.session.scalars(
        select(i).where(i.letter_id == letter.id, i.ended_by.is_(None)).order_by(i.position, i.id)
    )
    return list(rows)


async def change(uow: UnitOfWork, letter_id: UUID, body: LetterPatch, if_match: str | None) -> None:
    row = await _draft(uow, letter_id, PERMISSION, if_match, body)
    await _check_leader(uow, row.region_code, body.leader_id)
    changed = apply_patch(row, body, skip=frozenset({"items"}))
    diff = uow.changed_fields(row)
    if body.items is not None:
        before = await items_in_force(uow, row)
        for item in before:
            await uow.session.delete(item)
        await uow.flush()
        await _put_items(uow, row, body.items)
        diff["items"] = [[item.name for item in before], [item.name for item in body.items]]
    if changed or body.items is not None:
        uow.touch(row)
        uow.record(
            "responsibility_letter.updated",
            row,
            region_code=row.region_code,
            department_ids=[row.department_id],
            diff=diff,
        )


async def _draft(
    uow: UnitOfWork, letter_id: UUID, permission: str, if_match: str | None, body: LetterPatch | None = None
) -> Letter:
    row = await get_for_update(uow, LETTER, Letter, letter_id, permission, if_match, body)
    if row.status != "draft":
        raise AppError("letter_signed")
    return row


async def remove(uow: UnitOfWork, letter_id: UUID, if_match: str | None) -> None:
    row = await _draft(uow, letter_id, PERMISSION, if_match)
    note(uow, "responsibility_letter.deleted", row, row)
    await uow.session.delete(row)


async def sign(uow: UnitOfWork, letter_id: UUID, body: SignatureIn, if_match: str | None) -> None:
    """Signed on a day: whole from then on. Every weight must be there."""
    row = await _draft(uow, letter_id, "letters.sign", if_match)
    day = body.signed_on or uow.today
    if day > uow.today:
        raise invalid("/signed_on", "in_the_future")
    items = await items_in_force(uow, row)
    if not items:
        raise AppError("invalid_content", errors=[FieldError("/items", "missing", {})])
    check_weights([item.weight for item in items], row.weight_total, "/items")
    row.status, row.signed_on = "signed", day
    row.signatory = body.signatory or row.signatory
    uow.touch(row)
    note(uow, "responsibility_letter.signed", row, row)
