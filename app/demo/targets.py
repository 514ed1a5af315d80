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
from app.schemas.targets import TargetActualIn, TargetIn
from app.services import indicator_values, targets
from app.uow import UnitOfWork

COUNTY_A, COUNTY_B = "990101", "990102"

TARGETS: dict[str, int] = {
    "key_projects": 249,
    "fixed_asset_investment_over_500": 1_160_000,
    "new_statistics_enrolments_over_5000": 66,
}
"""Of county B for 2016."""
FUNDS_2015 = Decimal(400_000)
"""What county B set out to bring in the year before; made up. What came is counted from its money."""
QUARTERS = [Decimal(200_000), Decimal(520_000), Decimal(840_000), Decimal(1_160_000)]
"""Of the investment, cumulative."""
ACTUALS: dict[str, tuple[tuple[date, int], ...]] = {
    "fixed_asset_investment_over_500": (
        (date(2016, 2, 29), 96_400),
        (date(2016, 3, 31), 208_700),
        (date(2016, 6, 30), 531_200),
    ),
    "new_statistics_enrolments_over_5000": ((date(2016, 2, 29), 9), (date(2016, 3, 31), 15), (date(2016, 6, 30), 34)),
}
"""As the statistics bureau told by telephone; no ledger has them."""

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
MONTHS: tuple[tuple[int, int, int], ...] = (
    # month, since January of 2015, since January of 2014
    (2, 98_600, 82_300),
    (3, 211_400, 176_800),
    (4, 318_900, 268_100),
    (5, 452_700, 377_600),
    (6, 655_200, 541_900),
    (7, 772_300, 634_700),
    (8, 889_100, 727_400),
    (9, 1_046_800, 851_600),
    (10, 1_189_500, 963_200),
    (11, 1_338_700, 1_081_500),
)
"""On the way to county B's investment of 2015: made up, the meeting heard of the whole year alone."""


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
        if region == COUNTY_B:
            await _months(uow)
    there = await uow.session.scalar(select(Target.id).where(Target.region_code == region).limit(1))
    if there is None and region == COUNTY_B:
        money = TargetIn(region_code=region, year=2015, indicator="funds_received", value=FUNDS_2015)
        await targets.create(uow, money)
        for indicator, value in TARGETS.items():
            actuals = ACTUALS.get(indicator, ())
            body = TargetIn(
                region_code=region,
                year=2016,
                indicator=indicator,
                value=Decimal(value),
                quarters=QUARTERS if indicator == "fixed_asset_investment_over_500" else None,
                actual_from="entered" if actuals else None,
            )
            target, _ = await targets.create(uow, body)
            for day, reached in actuals:
                await targets.enter_actual(uow, target.id, TargetActualIn(as_of=day, value=Decimal(reached)))


async def _months(uow: UnitOfWork) -> None:
    for month, value, before in MONTHS:
        figure = IndicatorValueIn(
            region_code=COUNTY_B,
            indicator="fixed_asset_investment",
            year=2015,
            month=month,
            value=Decimal(value),
            previous_value=Decimal(before),
            published_on=date(2015, month + 1, 25),
            source="演示数据",
        )
        await indicator_values.create(uow, figure)
