"""Demo data: a fictitious prefecture of three counties, loaded from their ledgers through the importer itself."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from app import admin
from app.access import Actor, Grant
from app.db import Database
from app.demo import assessments, funding, leaders, letters, permits, ratings, reports, schedules, targets
from app.domain.reporting_weeks import SHIPPED
from app.main import files_of
from app.models import Assignment, Department, Project, Region, User
from app.security.passwords import Argon2Cost, PasswordHasherPool
from app.security.private_files import load_or_create_secret
from app.services import calendar_feeds
from app.settings import Settings
from app.uow import UnitOfWork

_HERE = Path(__file__).parent

REGIONS: list[tuple[str, str, str, str | None]] = [
    ("99", "示范省", "province", None),
    ("9901", "示范州", "prefecture", "99"),
    ("990101", "甲县", "county", "9901"),
    ("990102", "乙县", "county", "9901"),
    ("990103", "丙县", "county", "9901"),
]
_BELOW = {
    "990101": (("大庙镇", "胜利镇", "松岭门乡"), ("柳城工业园区", "县项目园区")),
    "990102": (
        ("城关镇", "龙山镇", "坪上乡", "大河镇", "青山乡", "石门镇", "双桥乡", "白水镇", "金沙乡", "云岭镇"),
        ("乙县产业园区", "乙县物流园区"),
    ),
    "990103": (("城区街道",), ()),
}
for _county, (_towns, _parks) in _BELOW.items():
    REGIONS += [(f"{_county}{n:03}", name, "township", _county) for n, name in enumerate(_towns, 1)]
    REGIONS += [(f"{_county}{n:03}", name, "park", _county) for n, name in enumerate(_parks, 401)]

LEDGERS: list[tuple[str, str, int, date | None]] = [
    # file, county, year, as of: where the ledger does not say itself
    ("county-a-pipeline.xlsx", "990101", 2006, date(2006, 12, 31)),
    ("county-b-2016-02.xlsx", "990102", 2016, None),
    ("county-c-urban-2013.xlsx", "990103", 2013, date(2013, 3, 1)),
]

ACCOUNTS: dict[str, tuple[str, str]] = {
    "dispatcher": ("dispatcher", "9901"),
    "dispatcher_a": ("dispatcher", "990101"),
    "dispatcher_b": ("dispatcher", "990102"),
    "dispatcher_c": ("dispatcher", "990103"),
    **{
        role: (role, "990102")
        for role in (
            "leader", "department", "reporter", "rater", "viewer", "system_admin", "security_admin", "auditor",
        )
    },
}  # fmt: skip
_DEPARTMENT = "县工信局"
_LEADER = "leader"
_REPORTED_PROJECTS = 5


async def load(db: Database, settings: Settings, now: datetime, progress: Callable[[str], None]) -> None:
    """Regions, ledgers, accounts; what is there already stays as it is."""
    async with db.pool.acquire() as holder:
        # Two servers may start at once; the lock goes with the connection should this one be killed.
        await holder.execute("SELECT pg_advisory_lock(hashtext('diaodu demo'))")
        try:
            await _load(db, settings, now, progress)
        finally:
            await holder.execute("SELECT pg_advisory_unlock(hashtext('diaodu demo'))")


async def _load(db: Database, settings: Settings, now: datetime, progress: Callable[[str], None]) -> None:
    uow = UnitOfWork(db, now)
    try:
        for code, name, kind, parent in REGIONS:
            if await uow.session.get(Region, code) is None:
                uow.add(Region(code=code, name=name, kind=kind, parent_code=parent))
                await uow.flush()
        await uow.commit()
        loaded = {county for _, county, _, _ in LEDGERS if await _has_projects(uow, county)}
    finally:
        await uow.close()
    for file, county, year, as_of in LEDGERS:
        if county not in loaded:
            progress(f"demo: loading {file} into {county}")
            await admin.import_ledger(db, _HERE / file, region=county, year=year, as_of=as_of, create_missing=True)
    await targets.load(db, now)
    await funding.load(db, now, progress)
    await schedules.load(db, now)
    await permits.load(db, now)
    await _accounts(db, settings, now)
    await reports.load(db, files_of(db, settings, lambda: now), now)
    await leaders.load(db, now)
    await letters.load(db, now)
    await ratings.load(db, load_or_create_secret(settings.keys / "secret"), now, progress)
    await assessments.load(db, now)


async def _has_projects(uow: UnitOfWork, county: str) -> bool:
    return await uow.session.scalar(select(Project.id).where(Project.county_code == county).limit(1)) is not None


async def _accounts(db: Database, settings: Settings, now: datetime) -> None:
    """Make the accounts; where the file with their passwords is gone, give them new ones, and the leader's calendar a
    new address."""
    uow = UnitOfWork(db, now)
    try:
        existing = set(await uow.session.scalars(select(User.username).where(User.demo)))
        if existing >= set(ACCOUNTS) and settings.demo_accounts_file.exists():
            return
        passwords = {name: secrets.token_urlsafe(15) + "-aA1" for name in ACCOUNTS}
        department = await uow.session.scalar(
            select(Department.id).where(Department.region_code == "990102", Department.name == _DEPARTMENT)
        )
        for name, (role, region) in ACCOUNTS.items():
            if name in existing:
                await _new_password(uow, settings, name, passwords[name])
                continue
            user_id = await admin.add_account(
                uow, settings, name, passwords[name], role, region,
                department_id=department if role == "department" else None, demo=True,
            )  # fmt: skip
            if role == "reporter":
                await _assign_reporter(uow, user_id)
        calendar = await _calendar(uow)
        await uow.commit()
    finally:
        await uow.close()
    accounts = {name: {"username": name, "password": password} for name, password in passwords.items()}
    accounts[_LEADER]["calendar"] = calendar
    _write_private(settings.demo_accounts_file, accounts)


async def _calendar(uow: UnitOfWork) -> str:
    """The path of a new calendar address of the leader's; whoever was given the one before needs this."""
    user_id = await uow.session.scalar(select(User.id).where(User.username == _LEADER, User.demo))
    assert user_id is not None
    uow.actor = Actor(user_id, _LEADER, (Grant("leader", ACCOUNTS[_LEADER][1]),))
    return f"/api/v1/calendars/{await calendar_feeds.renew(uow)}.ics"


async def _new_password(uow: UnitOfWork, settings: Settings, username: str, password: str) -> None:
    hasher = PasswordHasherPool(workers=1, cost=Argon2Cost(settings.argon2_memory_kib, settings.argon2_time_cost))
    hashed = await hasher.hash(password)
    hasher.close()
    await uow.session.execute(
        update(User).where(User.username == username).values(password_hash=hashed, password_changed_at=uow.now)
    )


async def _assign_reporter(uow: UnitOfWork, user_id: object) -> None:
    reporting = (Project.county_code == "990102", Project.stage.in_(SHIPPED.stages), Project.suspended_since.is_(None))
    projects = await uow.session.scalars(
        select(Project.id).where(*reporting).order_by(Project.id).limit(_REPORTED_PROJECTS)
    )
    for project_id in projects:
        uow.add(
            Assignment(
                id=uow.new_id(),
                project_id=project_id,
                role="reporter",
                user_id=user_id,
                valid_from=uow.today - timedelta(days=60),
                position=0,
            )
        )


def _write_private(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
