"""Roles given and ended. The account's row is locked meanwhile: what must hold across its grants then does."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.errors import AppError, invalid, not_found
from app.models import Department, Grant, Region, User
from app.permissions import PERMISSIONS, ROLES, Reach
from app.resources.departments import DEPARTMENT
from app.resources.grants import GRANT
from app.resources.users import USER
from app.schemas.grants import GrantIn, GrantPatch
from app.services import due_grants
from app.uow import UnitOfWork
from app.writing import get_for_update, get_visible

_ADMINISTRATORS = frozenset(r.code for r in ROLES.values() if r.administrator)
_TAKES_DEPARTMENT = frozenset(
    role
    for table in PERMISSIONS.values()
    for role, reach in table.items()
    if reach in {Reach.DEPARTMENT, Reach.ASSIGNED}
)


async def create(uow: UnitOfWork, body: GrantIn) -> Grant:
    if body.user_id == uow.actor.id:
        raise AppError("own_grant")
    uow.actor.require_in_region("grants.write", body.region_code)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    await _check_department(uow, body)
    user = await _lock_user(uow, body.user_id)
    row = Grant(
        id=body.id or uow.new_id(),
        user_id=user.id,
        role=body.role,
        region_code=body.region_code,
        department_id=body.department_id,
        valid_from=body.valid_from or uow.today,
        valid_to=body.valid_to,
        granted_by=uow.actor.id,
    )
    if row.valid_to is not None and row.valid_to <= row.valid_from:
        raise invalid("/valid_to", "dates_out_of_order")
    await _check_beside(uow, row)
    uow.add(row)
    _note(uow, "grant.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, grant_id: UUID, body: GrantPatch, if_match: str | None) -> Grant:
    """Ended earlier or later. What has been in force stays as it was: nothing ends before today."""
    row = await _open(uow, grant_id, if_match, body)
    if body.valid_to is not None and body.valid_to < row.valid_from:
        raise invalid("/valid_to", "dates_out_of_order")
    if body.valid_to is not None and body.valid_to < uow.today:
        raise invalid("/valid_to", "in_the_past")
    await _lock_user(uow, row.user_id, seen=True)
    row.valid_to = body.valid_to
    await _check_beside(uow, row)
    return _changed(uow, row)


async def end(uow: UnitOfWork, grant_id: UUID, if_match: str | None) -> Grant:
    """Today is the first day on which it no longer counts; one that never began, never does."""
    row = await _open(uow, grant_id, if_match)
    row.valid_to = max(uow.today, row.valid_from)
    return _changed(uow, row)


async def _open(uow: UnitOfWork, grant_id: UUID, if_match: str | None, body: GrantPatch | None = None) -> Grant:
    row = await get_for_update(uow, GRANT, Grant, grant_id, "grants.write", if_match, body)
    if row.user_id == uow.actor.id:
        raise AppError("own_grant")
    if row.valid_to is not None and row.valid_to <= max(uow.today, row.valid_from):
        raise AppError("already_ended")
    return row


def _changed(uow: UnitOfWork, row: Grant) -> Grant:
    uow.touch(row)
    _note(uow, "grant.updated", row)
    return row


def _note(uow: UnitOfWork, action: str, row: Grant) -> None:
    uow.record(action, row, department_ids=[row.department_id] if row.department_id else None)
    due_grants.note_reach(uow, row)


async def _lock_user(uow: UnitOfWork, user_id: UUID, *, seen: bool = False) -> User:
    """The account, if the granter sees it; `seen`: it is already known that the grant may be changed."""
    if seen:
        user = await uow.session.scalar(select(User).where(User.id == user_id).with_for_update(key_share=True))
        if user is None:
            raise not_found(USER.label)
        return user
    try:
        return await get_visible(uow, USER, User, user_id, lock=True)
    except AppError:
        raise invalid("/user_id", "unknown_reference", resource=USER.label) from None


async def _check_department(uow: UnitOfWork, body: GrantIn) -> None:
    if body.department_id is None:
        if ROLES[body.role].needs_department:
            raise invalid("/department_id", "department_required")
        return
    if body.role not in _TAKES_DEPARTMENT:
        raise invalid("/department_id", "department_not_allowed")
    try:
        department = await get_visible(uow, DEPARTMENT, Department, body.department_id)
    except AppError:
        raise invalid("/department_id", "unknown_reference", resource=DEPARTMENT.label) from None
    # A county's bureau for a town of it, or a town's office within a grant for the county; never another county's.
    one, other = department.region_code, body.region_code
    if not (one.startswith(other) or other.startswith(one)):
        raise invalid("/department_id", "outside_region", region=body.region_code)


async def _check_beside(uow: UnitOfWork, row: Grant) -> None:
    """The account's grants in the same days: no second of the three administrators, and not the same grant twice."""
    others = await uow.session.scalars(
        select(Grant).where(Grant.user_id == row.user_id, Grant.id != row.id, _overlaps(row.valid_from, row.valid_to))
    )
    for other in others:
        if {row.role, other.role} <= _ADMINISTRATORS and row.role != other.role:
            role = ROLES[other.role]
            raise AppError("administrators_kept_apart", held=(role.label_zh, role.label_en))
        if _what(other) == _what(row):
            raise AppError("duplicate")


def _what(row: Grant) -> tuple[Any, ...]:
    return row.role, row.region_code, row.department_id


def _overlaps(start: date, end: date | None) -> ColumnElement[bool]:
    begins_before = Grant.valid_from < end if end is not None else Grant.valid_from.is_not(None)
    return and_(
        begins_before,
        or_(Grant.valid_to.is_(None), and_(Grant.valid_to > start, Grant.valid_to > Grant.valid_from)),
    )
