"""Three ratings of the demo's county B: two years published, the worst two and then five named, and one open.

Ballots are cast as raters cast them. What they say is drawn, but always alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.db import Database
from app.errors import AppError
from app.models import Department, RatingCampaign
from app.schemas.ballots import BallotIn
from app.schemas.departments import DepartmentIn
from app.schemas.rating_campaigns import RatingCampaignIn, RatingClosingIn, RatingCopyIn
from app.schemas.rating_rolls import CodeBatchIn, RatersIn
from app.services import ballots, departments, rating_campaigns, rating_lifecycle, rating_rolls
from app.uow import UnitOfWork

COUNTY = "990102"
RATER = "rater"
_INDICATORS = (
    ("efficiency", "办事效率", 30), ("attitude", "服务态度", 20), ("legality", "依法行政", 20),
    ("integrity", "廉洁自律", 20), ("delivery", "政策落实", 10),
)  # fmt: skip
_ELECTORATES = (
    # code, name, weight, ballots made, ballots cast
    ("enterprises", "企业业主", 40, 90, 82),
    ("applicants", "办事群众", 20, 70, 64),
    ("deputies", "人大代表", 15, 60, 55),
    ("cppcc", "政协委员", 15, 60, 51),
    ("townships", "乡镇和园区", 10, 6, 4),
)
"""Of the last too few come back: it counts for nobody."""
_OPTIONS = (("satisfied", "满意", 100), ("fairly", "比较满意", 80), ("dissatisfied", "不满意", 0),
            ("unknown", "不了解", None))  # fmt: skip
_DEPARTMENTS = (
    ("law_enforcement", "执法监管部门", (
        "县市场监督管理局", "县自然资源局", "市生态环境局乙县分局", "县应急管理局", "县公安局", "县城市管理综合执法局",
        "县税务局", "县卫生健康局",
    )),
    ("administration", "综合管理部门", (
        "县工信局", "县住建局", "县交通运输局", "县农业农村局", "县教育局", "县商务局", "县发展和改革局", "县财政局",
        "县水务局",
    )),
    ("public_service", "公共服务单位", (
        "县政务服务中心", "县不动产登记中心", "县公共资源交易中心", "县人力资源和社会保障局", "县民政局", "县气象局",
        "县供电公司", "县供水公司",
    )),
)  # fmt: skip
_FIRST, _SECOND = datetime(2015, 12, 1, 1, tzinfo=UTC), datetime(2016, 12, 1, 1, tzinfo=UTC)


async def load(db: Database, secret: bytes, now: datetime, progress: Callable[[str], None]) -> None:
    """Once: a county that has any keeps what it has. `secret`: what ballots are sealed with."""
    uow = UnitOfWork(db, now)
    try:
        if await uow.session.scalar(select(RatingCampaign.id).where(RatingCampaign.region_code == COUNTY).limit(1)):
            return
        groups = await _groups(uow)
        await uow.commit()
    finally:
        await uow.close()
    progress(f"demo: rating the departments of {COUNTY}")
    first, codes = await _open(db, _FIRST, groups=groups)
    await _rate(db, secret, first, codes, groups, _FIRST)
    second, codes = await _open(db, _SECOND, copy_of=first)
    await _rate(db, secret, second, codes, groups, _SECOND)
    await _open(db, now, copy_of=second)


async def _groups(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The county's departments in three groups; those that no ledger named are entered."""
    await admin.operator(uow, COUNTY)
    d = Department
    groups = []
    for code, name, members in _DEPARTMENTS:
        ids = []
        for member in members:
            known = await uow.session.scalar(select(d.id).where(d.region_code == COUNTY, d.name == member))
            if known is None:
                body = DepartmentIn(region_code=COUNTY, name=member, kind="bureau", assessment_group=name)
                known = (await departments.create(uow, body)).id
            ids.append(known)
        groups.append({"code": code, "name": name, "department_ids": ids})
    return groups


async def _open(
    db: Database, now: datetime, *, groups: list[dict[str, Any]] | None = None, copy_of: UUID | None = None
) -> tuple[UUID, dict[str, list[str]]]:
    """An open campaign and its codes by electorate; the one of today has the demo's rater on its roll."""
    uow = UnitOfWork(db, now)
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=30)}
    try:
        await admin.operator(uow, COUNTY)
        if copy_of is None:
            row, _ = await rating_campaigns.create(uow, _campaign(now.year, groups or [], hours))
        else:
            year = now.year if now in {_FIRST, _SECOND} else _SECOND.year + 1
            body = RatingCopyIn.model_validate({"year": year, "worst_count": 5, **hours})
            row, _ = await rating_campaigns.copy(uow, copy_of, body)
        if row.year > _SECOND.year:
            roll = RatersIn.model_validate({"raters": [{"username": RATER, "electorate": _ELECTORATES[0][0]}]})
            # An account that was disabled, or is no rater any more, cannot be; codes do as well.
            with suppress(AppError):
                await rating_rolls.put_raters(uow, row.id, roll)
        codes = {}
        for electorate, _, _, made, _ in _ELECTORATES:
            batch = CodeBatchIn.model_validate({"electorate": electorate, "count": made})
            _, codes[electorate] = await rating_rolls.make_codes(uow, row.id, batch)
        await rating_lifecycle.open_campaign(uow, row.id)
        await uow.commit()
        return row.id, codes
    finally:
        await uow.close()


def _campaign(year: int, groups: list[dict[str, Any]], hours: dict[str, datetime]) -> RatingCampaignIn:
    return RatingCampaignIn.model_validate(
        {
            "region_code": COUNTY,
            "year": year,
            "name": f"{year}年软环境评优选差",
            "groups": groups,
            "indicators": [{"code": c, "name": n, "weight": w} for c, n, w in _INDICATORS],
            "electorates": [{"code": c, "name": n, "weight": w} for c, n, w, _, _ in _ELECTORATES],
            "options": [{"code": c, "name": n, "points": p} for c, n, p in _OPTIONS],
            "best_count": 2,
            "worst_count": 2,
            **hours,
        }
    )


async def _rate(
    db: Database, secret: bytes, campaign_id: UUID, codes: dict[str, list[str]], groups: list[dict[str, Any]],
    now: datetime,
) -> None:  # fmt: skip
    """Cast, close and publish."""
    draw = Random(now.year)  # noqa: S311  # nothing is secret about it
    liking = _liking([d for group in groups for d in group["department_ids"]], draw)
    for electorate, _, _, _, cast in _ELECTORATES:
        for code in codes[electorate][:cast]:
            answers = {str(d): {i: _opinion(like, draw) for i, _, _ in _INDICATORS} for d, like in liking.items()}
            await ballots.cast(db, secret, campaign_id, BallotIn(code=code, answers=answers), now)
    uow = UnitOfWork(db, now + timedelta(days=30))
    try:
        await admin.operator(uow, COUNTY)
        await rating_lifecycle.close(uow, secret, campaign_id, RatingClosingIn())
        await rating_lifecycle.publish(uow, campaign_id)
        await uow.commit()
    finally:
        await uow.close()


def _liking(departments: Sequence[UUID], draw: Random) -> dict[UUID, float]:
    """How well each is thought of: much the same from year to year, so that some stay among the worst."""
    steady = Random(COUNTY)  # noqa: S311  # nothing is secret about it
    return {one: 0.35 + 0.38 * steady.random() + 0.12 * draw.random() for one in departments}


def _opinion(liking: float, draw: Random) -> str:
    said = draw.random()
    if said < 0.12:
        return "unknown"
    said = draw.random()
    return "satisfied" if said < liking else "fairly" if said < liking + (1 - liking) * 0.6 else "dissatisfied"
