"""Targets of regions and departments: set, adjusted with a reason, and what was reached where it is entered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.domain.indicators import Indicator as Definition
from app.domain.targets import faults
from app.errors import AppError, FieldError, invalid
from app.models import Department, Region, Target, TargetActual, TargetRevision
from app.resources.departments import DEPARTMENT
from app.resources.targets import TARGET, TARGET_ACTUAL
from app.schemas.targets import TargetActualIn, TargetIn, TargetPatch
from app.services import indicators
from app.services.sent_again import after_last, sent_again
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update, get_visible, require_reach

PERMISSION = "targets.write"


async def create(uow: UnitOfWork, body: TargetIn) -> tuple[Target, bool]:
    """The target, and whether it is new."""
    region = await _region(uow, body)
    uow.actor.require_in_region(PERMISSION, region)
    known = await sent_again(uow, TARGET, Target, body.id, body)
    if known is not None:
        return known, False
    indicator = await indicators.require(uow, body.indicator)
    actual_from = _actual_from(indicator, body.actual_from)
    _check(indicator, body.value, body.quarters)
    row = Target(
        id=body.id or uow.new_id(),
        region_code=region,
        department_id=body.department_id,
        year=body.year,
        indicator=body.indicator,
        actual_from=actual_from,
        value=body.value,
        quarters=body.quarters,
        valid_from=body.valid_from or date(body.year, 1, 1),
        note=body.note,
    )
    uow.add(row)
    await uow.flush()
    uow.session.add(_revision(uow, row, None))
    _note(uow, "target.created", row)
    await uow.flush()
    return row, True


async def _region(uow: UnitOfWork, body: TargetIn) -> str:
    """The region given, or the department's; a department belongs to the region its target is of."""
    region = body.region_code
    if body.department_id is not None:
        seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
        own: str | None = await uow.session.scalar(
            select(Department.region_code).where(Department.id == body.department_id, seen.condition())
        )
        if own is None:
            raise invalid("/department_id", "unknown_reference", resource=DEPARTMENT.label)
        if region not in (None, own):
            raise invalid("/region_code", "outside_region", region=own)
        return own
    if region is None:
        raise invalid("/region_code", "missing")
    uow.actor.require_in_region(PERMISSION, region)
    if await uow.session.get(Region, region) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    return region


def _actual_from(indicator: Definition, said: str | None) -> str:
    if said == "computed" and not indicator.computed:
        raise invalid(
            "/actual_from", "invalid_value", expected=("entered（不能计算）", "entered, it cannot be computed")
        )
    return said or ("computed" if indicator.computed else "entered")


def _check(indicator: Definition, value: Decimal, quarters: Sequence[Decimal] | None) -> None:
    wrong = faults(value, quarters, cumulative=indicator.accrual == "cumulative")
    if wrong:
        raise AppError("invalid_content", errors=[FieldError(f"/{field}", code, {}) for field, code in wrong])


def _revision(uow: UnitOfWork, row: Target, reason: str | None, **recorded: Any) -> TargetRevision:
    return TargetRevision(
        id=uow.new_id(),
        target_id=row.id,
        valid_from=row.valid_from,
        value=row.value,
        quarters=row.quarters,
        reason=reason,
        recorded_at=recorded.get("at", uow.now),
        recorded_by=uow.actor.id,
    )


def _note(uow: UnitOfWork, action: str, row: Target) -> None:
    uow.record(action, row, department_ids=[row.department_id] if row.department_id else None)


async def change(uow: UnitOfWork, target_id: UUID, body: TargetPatch, if_match: str | None) -> None:
    row = await get_for_update(uow, TARGET, Target, target_id, PERMISSION, if_match, body)
    indicator = (await indicators.catalogue(uow.db))[row.indicator]
    sent = body.model_fields_set
    if "actual_from" in sent and body.actual_from is not None:
        _actual_from(indicator, body.actual_from)
    before = (row.value, row.quarters, row.valid_from)
    changed = apply_patch(row, body, skip=frozenset({"reason", "valid_from", "quarters"}))
    if "quarters" in sent:
        row.quarters = body.quarters
    elif "value" in changed:
        row.quarters = None
    if (row.value, row.quarters) != before[:2] or body.valid_from not in (None, row.valid_from):
        await _adjust(uow, row, body, indicator)
    if changed or (row.value, row.quarters, row.valid_from) != before:
        uow.touch(row)
        _note(uow, "target.updated", row)


async def _adjust(uow: UnitOfWork, row: Target, body: TargetPatch, indicator: Definition) -> None:
    """A new value with its reason, from a day on: before that day the old one still holds."""
    if body.reason is None:
        raise invalid("/reason", "reason_required")
    _check(indicator, row.value, row.quarters)
    day = body.valid_from or (uow.today if uow.today.year == row.year else row.valid_from)
    if day < row.valid_from:
        raise invalid("/valid_from", "dates_out_of_order")
    row.valid_from = day
    at = await after_last(uow, TargetRevision.recorded_at, TargetRevision.target_id == row.id)
    uow.session.add(_revision(uow, row, body.reason, at=at))


async def remove(uow: UnitOfWork, target_id: UUID, if_match: str | None) -> None:
    """Only for what was entered by mistake. A letter that counts by it: 409 `still_referenced`."""
    row = await get_for_update(uow, TARGET, Target, target_id, PERMISSION, if_match)
    _note(uow, "target.deleted", row)
    await uow.session.delete(row)
    await uow.flush()


async def enter_actual(uow: UnitOfWork, target_id: UUID, body: TargetActualIn) -> tuple[UUID, bool]:
    """The id of the entry in force, and whether it is new; the same as in force adds nothing."""
    target = await get_visible(uow, TARGET, Target, target_id, lock=True)
    await require_reach(uow, TARGET, target_id, PERMISSION)
    known = await sent_again(uow, TARGET_ACTUAL, TargetActual, body.id, body, target_id=target.id)
    if known is not None:
        return known.id, False
    if body.as_of > uow.today:
        raise invalid("/as_of", "in_the_future")
    if body.as_of.year < target.year:
        raise invalid("/as_of", "dates_out_of_order")
    a = TargetActual
    of_day = (a.target_id == target.id, a.as_of == body.as_of)
    last = await uow.session.scalar(select(a).where(*of_day).order_by(a.recorded_at.desc(), a.id.desc()).limit(1))
    if last is not None and (last.value, last.note) == (body.value, body.note):
        return last.id, False
    row = TargetActual(
        id=body.id or uow.new_id(),
        target_id=target.id,
        as_of=body.as_of,
        value=body.value,
        note=body.note,
        recorded_at=await after_last(uow, a.recorded_at, *of_day),
        recorded_by=uow.actor.id,
    )
    uow.add(row)
    departments = [target.department_id] if target.department_id else None
    uow.record("target_actual.created", row, region_code=target.region_code, department_ids=departments)
    await uow.flush()
    return row.id, True


async def require_seen(uow: UnitOfWork, target_id: UUID) -> None:
    await get_visible(uow, TARGET, Target, target_id)
