"""What the counties of the demo are to reach, and what their statistics bureaus published."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app import admin
from app.db import Database
from app.models import IndicatorValue, Target
from app.schemas.indicator_values import IndicatorValueIn
from app.schemas.targets import TargetIn
from app.services import indicator_values, targets
from app.uow import UnitOfWork

COUNTY_A, COUNTY_B = "990101", "990102"

TARGETS: dict[str, int] = {
    "key_projects": 249,
    "fixed_asset_investment_over_500": 1_160_000,
    "new_statistics_enrolments_over_5000": 66,
}
"""Of county B for 2016."""

PUBLISHED: list[dict[str, Any]] = [
    {
        "region_code": COUNTY_B,
        "indicator": "fixed_asset_investment",
        "year": 2015,
        "value": Decimal(1518300),
        "previous_value": Decimal(1223449),
        "growth_percent": Decimal("24.1"),
        "rank": 2,
        "contribution_percent": Decimal(24),
        "contribution_points": Decimal("3.4"),
    },
    {
        "region_code": COUNTY_B,
        "indicator": "industrial_fixed_asset_investment",
        "year": 2015,
        "value": Decimal(911800),
        "growth_percent": Decimal("34.06"),
    },
    {"region_code": COUNTY_B, "indicator": "planned_projects_over_10000", "year": 2015, "value": Decimal(34)},
    {
        "region_code": COUNTY_A,
        "indicator": "industrial_value_added",
        "year": 2006,
        "growth_percent": Decimal("1.1"),
    },
]
"""Figures of whole years, published in the January after."""


async def load(db: Database, now: datetime) -> None:
    """Enter them once: a county that has any keeps what it has."""
    for region in (COUNTY_A, COUNTY_B):
        uow = UnitOfWork(db, now)
        try:
            await admin.operator(uow, region)
            await _load(uow, region)
            await uow.commit()
        finally:
            await uow.close()


async def _load(uow: UnitOfWork, region: str) -> None:
    there = await uow.session.scalar(select(IndicatorValue.id).where(IndicatorValue.region_code == region).limit(1))
    if there is None:
        for figure in PUBLISHED:
            if figure["region_code"] == region:
                published_on = date(figure["year"] + 1, 1, 25)
                await indicator_values.create(uow, IndicatorValueIn(**figure, month=12, published_on=published_on))
    there = await uow.session.scalar(select(Target.id).where(Target.region_code == region).limit(1))
    if there is None and region == COUNTY_B:
        for indicator, value in TARGETS.items():
            body = TargetIn(region_code=region, year=2016, indicator=indicator, value=Decimal(value))
            await targets.create(uow, body)
