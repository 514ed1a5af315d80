"""Letters of responsibility of the demo's county B: three signed for 2016, one with a supplement, and a draft.

Their investment is what the ledger tells of the department's projects; everything else was entered month by month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import admin
from app.db import Database
from app.models import AnnualPlan, Assignment, Department, Leader, LetterItem, ResponsibilityLetter
from app.schemas.responsibility_letters import (
    ItemChangeIn,
    LetterIn,
    LetterItemIn,
    LetterProgressIn,
    SignatureIn,
    SupplementIn,
)
from app.schemas.targets import TargetIn
from app.services import letter_progress, letter_supplements, responsibility_letters, targets
from app.uow import UnitOfWork

COUNTY, YEAR = "990102", 2016
SIGNED_ON = date(2016, 2, 15)
_INVESTMENT = "completed_investment"
_YEAR_END = date(YEAR, 12, 31)


@dataclass(frozen=True, slots=True)
class Item:
    """`reached` by month (its last day): a figure where there is one to reach, else percent."""

    name: str
    due_on: date
    weight: int
    value: int | None = None
    unit: str | None = None
    reached: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A department's letter; what weight `items` leave is the year's investment. Without a day it is a draft."""

    department: str
    leader: str
    signatory: str
    items: tuple[Item, ...]
    signed_on: date | None = SIGNED_ON


_FEBRUARY, _JUNE, _SEPTEMBER, _NOVEMBER = date(2016, 2, 29), date(2016, 6, 30), date(2016, 9, 30), date(2016, 11, 30)
_HOUSING = Item(
    "棚户区改造新开工", date(2016, 10, 31), 30, 600, "套",
    ((_FEBRUARY, 80), (_JUNE, 380), (_SEPTEMBER, 520), (_NOVEMBER, 600)),
)  # fmt: skip
LETTERS: tuple[Signed, ...] = (
    Signed(
        "县工信局", "陈伟", "周强",
        (
            Item(
                "5000万元以上新增入库项目", _YEAR_END, 25, 20, "个",
                ((_FEBRUARY, 3), (_JUNE, 11), (_SEPTEMBER, 16), (_NOVEMBER, 18)),
            ),
            Item(
                "县产业园区一期路网建成通车", _SEPTEMBER, 25, None, None,
                ((_FEBRUARY, 10), (_JUNE, 45), (_SEPTEMBER, 100)),
            ),
        ),
    ),
    Signed(
        "县住建局", "陈伟", "吴敏",
        (
            _HOUSING,
            Item("城区主干道绿化提升工程完工", _JUNE, 20, None, None, ((_FEBRUARY, 15), (_JUNE, 100))),
        ),
    ),
    Signed(
        "县交通运输局", "杨帆", "何军",
        (
            Item(
                "农村公路硬化里程", _NOVEMBER, 40, 85, "公里",
                ((_FEBRUARY, 6), (_JUNE, 41), (_SEPTEMBER, 66), (_NOVEMBER, 79)),
            ),
        ),
    ),
    Signed("县农业农村局", "赵磊", "马涛", (Item("高标准农田建设", _YEAR_END, 40, 20_000, "亩"),), None),
)  # fmt: skip
POSTPONED_ON, POSTPONED_TO = date(2016, 8, 1), date(2016, 11, 30)
"""By a supplement: the housing of the second letter."""


async def load(db: Database, now: datetime) -> None:
    """What is there already stays as it is; a department the ledger does not name has no letter."""
    uow = UnitOfWork(db, now)
    try:
        await admin.operator(uow, COUNTY)
        of_county = ResponsibilityLetter.region_code == COUNTY
        if await uow.session.scalar(select(ResponsibilityLetter.id).where(of_county).limit(1)) is not None:
            return
        departments, leaders = await _ids(uow, Department), await _ids(uow, Leader)
        for letter in LETTERS:
            if letter.department in departments:
                await _make(uow, letter, departments[letter.department], leaders.get(letter.leader))
        await uow.commit()
    finally:
        await uow.close()


async def _ids(uow: UnitOfWork, model: Any) -> dict[str, UUID]:
    found = await uow.session.execute(select(model.name, model.id).where(model.region_code == COUNTY))
    return {row.name: row.id for row in found}


async def _make(uow: UnitOfWork, letter: Signed, department: UUID, leader: UUID | None) -> None:
    own = [
        LetterItemIn(name=i.name, value=_figure(i.value), unit=i.unit, due_on=i.due_on, weight=Decimal(i.weight))
        for i in letter.items
    ]
    target = TargetIn(department_id=department, year=YEAR, indicator=_INVESTMENT, value=await _planned(uow, department))
    invested = LetterItemIn(
        target_id=(await targets.create(uow, target))[0].id,
        due_on=_YEAR_END,
        weight=100 - sum((item.weight for item in own), Decimal(0)),
    )
    body = LetterIn(
        department_id=department,
        year=YEAR,
        title=f"{YEAR}年重点项目建设目标责任状",
        superior_name="乙县人民政府",
        leader_id=leader,
        signatory=letter.signatory,
        items=[invested, *own],
    )
    row, _ = await responsibility_letters.create(uow, body)
    if letter.signed_on is None:
        return
    await responsibility_letters.sign(uow, row.id, SignatureIn(signed_on=letter.signed_on), "*")
    await uow.flush()
    _, *items = await responsibility_letters.items_in_force(uow, row)
    for stored, item in zip(items, letter.items, strict=True):
        identity = stored.id
        for day, reached in item.reached:
            if item is _HOUSING and identity == stored.id and day >= POSTPONED_ON:
                identity = await _postpone(uow, row, stored)
            kind = "percent" if item.value is None else "value"
            entry = LetterProgressIn.model_validate({"as_of": day, kind: reached})
            await letter_progress.create(uow, identity, entry)


def _figure(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


async def _planned(uow: UnitOfWork, department: UUID) -> Decimal:
    """The year's plans of the projects the department answers for; at least something, for a letter wants a figure."""
    a = Assignment
    responsible = (a.department_id == department, a.role == "responsible", a.valid_to.is_(None))
    of_department = AnnualPlan.project_id.in_(select(a.project_id).where(*responsible))
    plans = select(func.sum(AnnualPlan.planned_investment)).where(AnnualPlan.year == YEAR, of_department)
    return await uow.session.scalar(plans) or Decimal(1)


async def _postpone(uow: UnitOfWork, letter: ResponsibilityLetter, item: LetterItem) -> UUID:
    """The id of the item that takes the old one's place."""
    change = ItemChangeIn(item_id=item.id, due_on=POSTPONED_TO)
    reason = "因连续强降雨影响施工，经县政府常务会议研究同意顺延"
    body = SupplementIn(signed_on=POSTPONED_ON, reason=reason, change=[change])
    await letter_supplements.create(uow, letter.id, body, "*")
    found = await uow.session.scalar(select(LetterItem).where(LetterItem.replaces == item.id))
    assert found is not None
    return found.id
