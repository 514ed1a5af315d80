from __future__ import annotations

from sqlalchemy import select

from app.access import Actor
from app.db import Database
from app.errors import AppError, invalid
from app.models import User
from app.permissions import PERMISSIONS, ROLES
from app.reading import Prepared
from app.schemas.me import Me, MyGrant, PasswordChange
from app.security.passwords import PasswordHasherPool
from app.services import passwords
from app.uow import UnitOfWork

_ACCOUNT = Prepared(
    """
SELECT u.id, u.username, u.display_name, u.phone, u.region_code, r.name AS region_name, u.leader_id
  FROM users u JOIN regions r ON r.code = u.region_code WHERE u.id = $1
""",
    ("id",),
    {},
)
_REGIONS = Prepared("SELECT code, name FROM regions WHERE code = ANY($1::text[])", ("codes",), {})
_DEPARTMENTS = Prepared("SELECT id, name FROM departments WHERE id = ANY($1::uuid[])", ("ids",), {})


async def describe(db: Database, actor: Actor) -> Me:
    """The account with what counts for this very request: its grants and permissions, narrowed by an API key."""
    account = await db.row(_ACCOUNT, {"id": actor.id})
    if account is None:
        raise AppError("not_authenticated")
    regions = dict(await db.rows(_REGIONS, {"codes": [g.region_code for g in actor.grants]}))
    names = dict(await db.rows(_DEPARTMENTS, {"ids": [g.department_id for g in actor.grants if g.department_id]}))
    grants = [
        MyGrant(
            role=g.role,
            role_zh=ROLES[g.role].label_zh,
            role_en=ROLES[g.role].label_en,
            region_code=g.region_code,
            region_name=regions.get(g.region_code, g.region_code),
            department_id=g.department_id,
            department_name=names.get(g.department_id) if g.department_id else None,
        )
        for g in actor.grants
    ]
    permissions = sorted(p for p in PERMISSIONS if actor.may(p))
    return Me(**account, grants=grants, permissions=permissions)


async def change_password(uow: UnitOfWork, hasher: PasswordHasherPool, body: PasswordChange) -> None:
    """A new password by its owner; every other session ends. A wrong current one counts like a failed sign-in."""
    actor = uow.actor
    passwords.require_strong(body.new_password, actor.username, "/new_password", before=body.current_password)
    stored = await passwords.by_id(uow, actor.id)
    fresh = await passwords.hashed(hasher, body.new_password)
    user = await passwords.check(uow, hasher, stored, body.current_password)
    if user is None:
        region = await uow.session.scalar(select(User.region_code).where(User.id == actor.id))
        uow.record_plain(
            "session.refused", resource_id=str(actor.id), region_code=region, diff={"password": "changing"}
        )
        # The failure counts although the answer is an error; nothing else is in this transaction.
        await uow.commit()
        raise invalid("/current_password", "wrong_password")
    user.password_hash = fresh
    user.password_changed_at = uow.now
    uow.touch(user)
    uow.record("user.password_changed", user, diff={})
    await passwords.end_sessions(uow, user.id, "password_changed", but=actor.session_id)
