from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import Code, In, NewId, Out, PlainDate, Query, RegionCode, RegionPrefix, ShortText, Year
from app.schemas.indicators import Figure, FigureIn, Points
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

RateIn = Annotated[Decimal, Field(ge=-100_000, le=1_000_000, max_digits=9, decimal_places=2, allow_inf_nan=False)]
Month = Annotated[int, Field(ge=1, le=12, description="Figures are of January to this month together", examples=[12])]
Rank = Annotated[int, Field(ge=1, le=100_000)]


class IndicatorValueIn(In):
    """What was published of a region's year up to a month. Of a month told before: what is left out stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990102",
                    "indicator": "fixed_asset_investment",
                    "year": 2015,
                    "month": 12,
                    "value": 1518300,
                    "previous_value": 1223449,
                    "growth_percent": 24.1,
                    "rank": 2,
                    "contribution_percent": 24,
                    "contribution_points": 3.4,
                    "published_on": "2016-01-25",
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    indicator: Code = Field(description="Code of the catalogue, `GET /indicators`", examples=["tax_revenue"])
    year: Year
    month: Month
    value: FigureIn | None = Field(None, description="Level since 1 January, in the indicator's unit")
    previous_value: FigureIn | None = Field(
        None,
        description="Level of the same months a year before, as published beside it; default: as entered then",
    )
    growth_percent: RateIn | None = Field(None, description="同比 as published, percent")
    rank: Rank | None = Field(None, description="Place among sister regions by level, as published")
    growth_rank: Rank | None = Field(None, description="Place by growth, as published")
    ranked_among: Rank | None = Field(None, description="Number of regions ranked")
    contribution_percent: RateIn | None = Field(None, description="贡献率: share in the growth of the whole, percent")
    contribution_points: RateIn | None = Field(None, description="拉动: growth of the whole due to it, points")
    published_on: PlainDate | None = Field(
        None, description="Day from which it was known; default today. `as_of` goes by it"
    )
    source: ShortText | None = Field(None, examples=["统计局月报"])
    note: ShortText | None = None


class IndicatorValueOut(Out):
    id: UUID
    region_code: str
    region_name: str
    indicator: str
    year: int
    month: int
    value: Figure | None
    previous_value: Figure | None
    growth_percent: float | None
    rank: int | None
    growth_rank: int | None
    ranked_among: int | None
    contribution_percent: float | None
    contribution_points: float | None
    published_on: date
    source: str | None
    note: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later one for the same month corrects it")


class IndicatorValuePage(Out):
    items: list[IndicatorValueOut]
    next_cursor: str | None
    total: int | None = None


class IndicatorValueQuery(ListQuery):
    region: RegionPrefix | None = None
    indicator: list[Code] | None = Field(None, max_length=50)
    year: Year | None = None
    month: Month | None = None
    as_of: PlainDate | None = Field(None, description="Only what had been published by that day")
    known_on: PlainDate | None = Field(None, description="Only what had been recorded here by the end of that day")
    sort: Literal["id", "-id", "published_on", "-published_on", "recorded_at", "-recorded_at"] = "id"


class IndicatorStatisticsQuery(Query):
    region: RegionPrefix | None = None
    indicator: list[Code] | None = Field(None, max_length=50)
    year: Year | None = Field(None, description="All its months; left out: the latest month of each series")
    month: Month | None = None
    as_of: PlainDate | None = Field(None, description="As published by that day; default today")


class IndicatorFigures(Out):
    region_code: str
    region_name: str
    indicator: str
    label: str = Field(description="In the language of Accept-Language", examples=["固定资产投资"])
    unit: str
    unit_label: str
    year: int
    month: int = Field(description="Figures are cumulative: January to this month together")
    value: Figure | None
    value_since: Figure | None = Field(description="Added since the month told before it in the year")
    months_since: int | None = Field(description="Months in `value_since`: 2 for a February without a January")
    previous_value: Figure | None = Field(description="Level of the same months a year before")
    previous_source: Literal["entered", "series"] | None = Field(
        description="entered: published beside the value; series: what was published a year before"
    )
    previous_computed: Figure | None = Field(
        description="That level worked back from `value` and `growth_percent`: what was published beside it, or "
        "restated on a comparable basis; null without a published rate"
    )
    growth_percent: Points | None = Field(description="同比 as published")
    growth_computed: Points | None = Field(description="同比 of the two levels")
    growth_disagrees: bool = Field(description="They differ by more than rounding, e.g. on a comparable basis 可比口径")
    rank: int | None = Field(description="Place by level: computed where all sister regions' figures are here")
    rank_source: Literal["computed", "entered"] | None
    rank_entered: int | None = Field(description="As published")
    rank_movement: int | None = Field(
        description="进位/退位: places gained (+) or lost (−) since the month told before"
    )
    growth_rank: int | None
    growth_rank_source: Literal["computed", "entered"] | None
    growth_rank_entered: int | None
    growth_rank_movement: int | None
    ranked_among: int | None
    contribution_percent: Points | None
    contribution_points: Points | None
    published_on: date
    revisions: int = Field(description="How often it had been published by then; more than 1: corrected")
    source: str | None


class IndicatorStatistics(Out):
    as_of: date
    items: list[IndicatorFigures]
