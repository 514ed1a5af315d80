from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.access import visible
from app.errors import AppError, invalid
from app.models import Assignment, Grant, Leader, Region, User
from app.permissions import ROLES
from app.resources.leaders import LEADER
from app.resources.users import USER
from app.schemas.users import UserIn, UserPatch
from app.security.passwords import PasswordHasherPool
from app.services import passwords
from app.uow import UnitOfWork
from app.writing import get_for_update, get_visible, require_reach, save_patch, touch_projects


async def create(uow: UnitOfWork, hasher: PasswordHasherPool, body: UserIn) -> User:
    await _require_region(uow, body.region_code)
    await _check_leader(uow, body.leader_id, body.region_code)
    passwords.require_strong(body.password, body.username, "/password")
    row = User(
        id=body.id or uow.new_id(),
        username=body.username,
        display_name=body.display_name,
        region_code=body.region_code,
        phone=body.phone,
        leader_id=body.leader_id,
        password_hash=await passwords.hashed(hasher, body.password),
        password_changed_at=uow.now,
        disabled=False,
        demo=False,
        failed_attempts=0,
    )
    uow.add(row)
    uow.record("user.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, user_id: UUID, body: UserPatch, if_match: str | None) -> User:
    row = await get_for_update(uow, USER, User, user_id, "users.write", if_match, body)
    if body.region_code is not None:
        await _require_region(uow, body.region_code)
    if body.leader_id is not None:
        await _check_leader(uow, body.leader_id, body.region_code or row.region_code)
    changed = save_patch(uow, row, body, "user.updated")
    if "display_name" in changed:
        await touch_projects(uow, Assignment.user_id == row.id)
    if row.disabled and "disabled" in changed:
        await passwords.end_sessions(uow, row.id, "account_disabled")
    return row


async def reset_password(uow: UnitOfWork, hasher: PasswordHasherPool, user_id: UUID, password: str) -> None:
    """A new password by the administrator: every session ends, and counting of wrong ones starts anew."""
    if user_id == uow.actor.id:
        raise AppError("own_password")
    row = await get_visible(uow, USER, User, user_id, lock=True)
    await require_reach(uow, USER, user_id, "users.write")
    await _require_no_greater_power(uow, user_id)
    passwords.require_strong(password, row.username, "/password")
    passwords.unlock(uow, row)
    row.password_hash = await passwords.hashed(hasher, password)
    row.password_changed_at = uow.now
    uow.touch(row)
    uow.record("user.password_reset", row, diff={})
    await passwords.end_sessions(uow, row.id, "password_reset")


async def _require_no_greater_power(uow: UnitOfWork, user_id: UUID) -> None:
    """Who sets a password can sign in with it: never into another administrator's, or a wider, account."""
    grants = await uow.session.scalars(
        select(Grant).where(Grant.user_id == user_id, or_(Grant.valid_to.is_(None), Grant.valid_to > uow.today))
    )
    for grant in grants:
        another = ROLES[grant.role].administrator and grant.role != "system_admin"
        if another or not uow.actor.may_in_region("users.write", grant.region_code):
            raise AppError("forbidden", permission="users.write")


async def lift_lockout(uow: UnitOfWork, user_id: UUID) -> None:
    row = await get_visible(uow, USER, User, user_id, lock=True)
    await require_reach(uow, USER, user_id, "lockouts.write")
    until = row.locked_until
    passwords.unlock(uow, row)
    if until is not None:
        uow.record("user.unlocked", row, diff={"locked_until": [str(until), None]})


async def _check_leader(uow: UnitOfWork, leader_id: UUID | None, region_code: str) -> None:
    """A leader the administrator sees, of the county the account is administered in."""
    if leader_id is None:
        return
    seen = visible(uow.actor.scopes(LEADER.permission), LEADER.scoping)
    own = await uow.session.scalar(select(Leader.region_code).where(Leader.id == leader_id, seen.condition()))
    if own is None:
        raise invalid("/leader_id", "unknown_reference", resource=LEADER.label)
    if not own.startswith(region_code[:6]):
        raise invalid("/leader_id", "outside_region", region=region_code[:6])


async def _require_region(uow: UnitOfWork, code: str) -> None:
    """403 beyond the administrator's reach, 422 where there is no such region."""
    uow.actor.require_in_region("users.write", code)
    if await uow.session.get(Region, code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
