"""Money of the demo's county B: what it published of 2015, the total of 2014, and some of it on its way to projects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from app import admin
from app.db import Database
from app.models import FundingRecord, Project
from app.schemas.funding import AllocationIn, FundingEntryIn, FundingRecordIn
from app.services import funding_entries, funding_records
from app.uow import UnitOfWork

COUNTY = "990102"
RECEIVED: tuple[tuple[int, str, int | None, str | None, int, date], ...] = (
    # year, channel, batch, name, 万元, day
    (2014, "other", None, "2014年各渠道合计", 110_000, date(2014, 12, 31)),
    (2015, "fiscal", None, None, 311_500, date(2015, 12, 25)),
    (2015, "central_budget_investment", None, None, 40_120, date(2015, 9, 30)),
    (2015, "special_construction_fund", 1, None, 11_000, date(2015, 3, 31)),
    (2015, "special_construction_fund", 2, None, 11_500, date(2015, 5, 29)),
    (2015, "special_construction_fund", 3, None, 10_900, date(2015, 8, 31)),
    (2015, "special_construction_fund", 4, None, 12_000, date(2015, 10, 30)),
    (2015, "special_construction_fund", 5, None, 10_000, date(2015, 12, 18)),
    (2015, "vehicle_purchase_tax", None, None, 6_000, date(2015, 7, 31)),
)
_SHARES = ((Decimal(3000), Decimal(2600)), (Decimal(2500), Decimal(700)), (Decimal(1200), Decimal(0)))
"""Of the first batch to the three largest transport projects: allocated, and paid out of it."""


async def load(db: Database, now: datetime, progress: Callable[[str], None]) -> None:
    """Once: money that is there already stays as it is."""
    uow = UnitOfWork(db, now)
    try:
        await admin.operator(uow, COUNTY)
        if await uow.session.scalar(select(FundingRecord.id).limit(1)) is not None:
            return
        progress(f"demo: entering money of {COUNTY}")
        for year, channel, batch, name, amount, day in RECEIVED:
            body = FundingRecordIn(region_code=COUNTY, year=year, channel=channel, batch=batch, name=name)
            record, _ = await funding_records.create(uow, body)
            for step in ("approved", "received"):
                entry = FundingEntryIn.model_validate({"step": step, "happened_on": day, "amount": amount})
                await funding_entries.add(uow, record.id, entry)
            if batch == 1:
                await _share(uow, record)
        await uow.commit()
    finally:
        await uow.close()


async def _share(uow: UnitOfWork, source: FundingRecord) -> None:
    largest = await uow.session.scalars(
        select(Project.id)
        .where(Project.county_code == COUNTY, Project.sector == "transport", Project.total_investment.is_not(None))
        .order_by(Project.total_investment.desc(), Project.id)
        .limit(len(_SHARES))
    )
    for project_id, (amount, paid) in zip(largest.all(), _SHARES, strict=False):
        body = AllocationIn(project_id=project_id, amount=amount, happened_on=date(2015, 4, 20))
        entry, _ = await funding_entries.allocate(uow, source.id, body)
        if paid:
            spent = FundingEntryIn(step="paid", happened_on=date(2015, 11, 30), amount=paid)
            await funding_entries.add(uow, entry.funding_record_id, spent)
