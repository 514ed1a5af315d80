"""What the command line and the demo do without HTTP: the same services, acting as the machine's operator."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access import Actor
from app.access import Grant as HeldGrant
from app.db import Database
from app.domain.regions import KINDS, codes_above, kinds_of
from app.errors import invalid
from app.models import Grant, Region, User
from app.permissions import ROLES
from app.schemas.imports import ImportForm
from app.schemas.users import USERNAME_FORM, fold_username
from app.security.passwords import Argon2Cost, PasswordHasherPool, check_policy
from app.services import imports
from app.services.region_import import RegionImport
from app.services.region_import import import_regions as load_regions
from app.settings import Settings
from app.uow import UnitOfWork

OPERATOR = "diaodu.operator"
"""Account behind the command line's writes: it has no password and no grants, so nobody signs in as it."""


async def operator(uow: UnitOfWork, region: str) -> Actor:
    """The operator as a dispatcher of `region`, for this unit of work only."""
    user = await uow.session.scalar(select(User).where(User.username == OPERATOR))
    if user is None:
        user = User(id=uow.new_id(), username=OPERATOR, display_name="命令行操作员", region_code=region, disabled=True)
        uow.add(user)
        await uow.flush()
    uow.actor = Actor(user.id, user.username, (HeldGrant("dispatcher", region),))
    return uow.actor


async def import_ledger(
    db: Database,
    file: Path,
    *,
    region: str,
    year: int | None = None,
    as_of: date | None = None,
    create_missing: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Preview and apply one ledger; returns the counts and, for a dry run, what was understood."""
    uow = UnitOfWork(db, datetime.now(UTC))
    try:
        if await uow.session.get(Region, region) is None:
            raise invalid("region", "unknown_reference", resource=("行政区划", "region"))
        await operator(uow, region)
        form = ImportForm(region=region, year=year, as_of=as_of)
        made = await imports.preview(uow, form, file.name, await asyncio.to_thread(file.read_bytes))
        outcome: dict[str, Any] = made.preview
        if not dry_run:
            outcome = await imports.apply(uow, made.id, mode="good", create_missing=create_missing)
            await uow.commit()
        return outcome
    finally:
        await uow.close()


async def import_regions(db: Database, files: list[Path], now: datetime) -> RegionImport:
    return await load_regions(db, files, now)


async def create_administrator(
    db: Database,
    settings: Settings,
    *,
    username: str,
    password: str,
    role: str,
    region: str,
    region_name: str | None,
) -> uuid.UUID:
    """An account with one administrator's role; the region is made when its name is given."""
    username = fold_username(username)
    if re.fullmatch(USERNAME_FORM, username) is None:
        raise invalid("username", "invalid_value", expected=("2 至 64 个 a-z 0-9 . _ -", "2 to 64 of a-z 0-9 . _ -"))
    if role not in ROLES or not ROLES[role].administrator:
        raise invalid("--role", "invalid_value", expected=("三员之一", "one of the three administrators"))
    if reasons := check_policy(password, username):
        raise invalid("--password-file", "weak_password", reasons=", ".join(reasons))
    uow = UnitOfWork(db, datetime.now(UTC))
    try:
        await _ensure_region(uow, region, region_name)
        return await add_account(uow, settings, username, password, role, region)
    except IntegrityError as error:
        if "uq_users_username" not in str(error.orig):
            raise
        raise invalid("username", "username_taken") from None
    finally:
        await uow.close()


async def _ensure_region(uow: UnitOfWork, code: str, name: str | None) -> None:
    if await uow.session.get(Region, code) is not None:
        return
    if name is None or len(code) not in KINDS:
        raise invalid("--region", "unknown_reference", resource=("行政区划", "region (or --region-name)"))
    above = [parent for parent in codes_above(code) if await uow.session.get(Region, parent) is not None]
    uow.add(Region(code=code, name=name, kind=kinds_of(code)[0], parent_code=above[0] if above else None))
    await uow.flush()


async def add_account(
    uow: UnitOfWork,
    settings: Settings,
    username: str,
    password: str,
    role: str,
    region: str,
    *,
    department_id: uuid.UUID | None = None,
    demo: bool = False,
) -> uuid.UUID:
    """A new account with one grant, committed."""
    hasher = PasswordHasherPool(workers=1, cost=Argon2Cost(settings.argon2_memory_kib, settings.argon2_time_cost))
    try:
        password_hash = await hasher.hash(password)
    finally:
        hasher.close()
    user = User(
        id=uow.new_id(),
        username=username,
        display_name=ROLES[role].label_zh,
        region_code=region,
        password_hash=password_hash,
        password_changed_at=uow.now,
        demo=demo,
    )
    grant = Grant(
        id=uow.new_id(),
        user_id=user.id,
        role=role,
        region_code=region,
        department_id=department_id,
        valid_from=uow.today,
    )
    uow.add(user)
    await uow.flush()
    uow.add(grant)
    uow.record("user.created", user)
    uow.record("grant.created", grant)
    await uow.commit()
    return user.id
