from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.indicators import ActualFrom, ActualSource
from app.domain.targets import Status
from app.schemas.base import (
    Code,
    In,
    NewId,
    Out,
    PlainDate,
    Query,
    Reason,
    RegionCode,
    RegionPrefix,
    ShortText,
    Stamped,
    Year,
)
from app.schemas.indicators import Figure, FigureIn, Points
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

QuartersIn = Annotated[
    list[FigureIn],
    Field(
        min_length=4,
        max_length=4,
        description="Cumulative to the end of each quarter; the fourth is the year's value",
        examples=[[200000, 520000, 840000, 1160000]],
    ),
]
VALID_FROM = "First day this value holds from"


class TargetIn(In):
    """For a region, or for a department of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990102",
                    "year": 2016,
                    "indicator": "fixed_asset_investment_over_500",
                    "value": 1160000,
                    "quarters": [200000, 520000, 840000, 1160000],
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode | None = Field(None, description="Default: the department's", examples=["990102"])
    department_id: UUID | None = Field(None, description="A department's own target: counts what it answers for")
    year: Year
    indicator: Code = Field(description="Code of the catalogue, `GET /indicators`", examples=["key_projects"])
    value: FigureIn = Field(description="To be reached in the year, in the indicator's unit", examples=[249])
    quarters: QuartersIn | None = None
    actual_from: ActualFrom | None = Field(
        None, description="Default: computed where the indicator can be, else entered; `entered` is always possible"
    )
    valid_from: PlainDate | None = Field(None, description=f"{VALID_FROM}; default 1 January of the year")
    note: ShortText | None = None


class TargetPatch(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"value": 1200000, "valid_from": "2016-07-01", "reason": "县人大常委会批准调整"}]
        }
    )

    value: FigureIn | None = None
    quarters: QuartersIn | None = Field(None, description="null clears; left out with a new value: cleared, too")
    valid_from: PlainDate | None = Field(
        None, description="First day the new value holds from; default today, or as before once the year is over"
    )
    reason: Reason | None = Field(None, description="Needed when value or quarters change")
    actual_from: ActualFrom | None = None
    note: ShortText | None = None


class TargetRevisionOut(Out):
    valid_from: date
    value: Figure
    quarters: list[Figure] | None
    reason: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None


class TargetItem(Stamped):
    id: UUID
    region_code: str
    region_name: str
    department_id: UUID | None
    department_name: str | None
    year: int
    indicator: str
    actual_from: ActualFrom
    value: Figure
    quarters: list[Figure] | None
    valid_from: date = Field(description=VALID_FROM)
    note: str | None


class TargetOut(TargetItem):
    revisions: list[TargetRevisionOut] = Field(description="Every value it had, oldest first")


class TargetPage(Out):
    items: list[TargetItem]
    next_cursor: str | None
    total: int | None = None


class TargetFilters(Query):
    region: RegionPrefix | None = None
    department_id: UUID | None = None
    of: Literal["region", "department"] | None = Field(None, description="Only targets of regions, or of departments")
    year: Year | None = None
    indicator: list[Code] | None = Field(None, max_length=50)


class TargetQuery(TargetFilters, ListQuery):
    sort: Literal["id", "-id", "year", "-year", "indicator", "-indicator"] = "id"


class TargetActualIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"as_of": "2016-02-29", "value": 9, "note": "统计局快报"}]}
    )

    id: NewId | None = None
    as_of: PlainDate = Field(description="The day it is of; not ahead, and not before the target's year")
    value: FigureIn = Field(description="Reached in the year up to that day, in the indicator's unit", examples=[9])
    note: ShortText | None = None


class TargetActualOut(Out):
    id: UUID
    target_id: UUID
    as_of: date
    value: Figure
    note: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later one for the same day corrects it")


class TargetActualPage(Out):
    items: list[TargetActualOut]
    next_cursor: str | None
    total: int | None = None


class TargetActualQuery(ListQuery):
    sort: Literal["as_of", "-as_of", "recorded_at", "-recorded_at"] = "as_of"


class TargetStatisticsQuery(TargetFilters):
    year: Year | None = Field(None, description="Default: the year of `as_of`")
    as_of: PlainDate | None = Field(None, description="As known on that day; default today")
    by: Literal["year", "quarter"] = Field("year", description="quarter: four rows for every target")


class TargetFigures(Out):
    target_id: UUID
    region_code: str
    region_name: str
    department_id: UUID | None
    department_name: str | None
    indicator: str
    label: str = Field(description="In the language of Accept-Language", examples=["重点项目数"])
    unit: str
    unit_label: str
    year: int
    quarter: int | None = Field(description="1 to 4; null: the whole year")
    as_of: date = Field(description="The day the actual is of: the quarter's last once it is over")
    target: Figure | None = Field(description="Cumulative target of the quarter (null: none set), or of the year")
    actual: Figure | None = Field(description="Reached since 1 January; null: nothing known")
    actual_source: ActualSource | None = Field(
        description="computed from projects, entered for this target, or the published series of the region"
    )
    actual_as_of: date | None = Field(description="The day the actual speaks of, where that is earlier")
    difference: Figure | None = Field(description="actual − target")
    completion_rate: Points | None = Field(description="actual ÷ target")
    year_target: Figure
    year_rate: Points | None = Field(description="actual ÷ the year's target")
    time_progress: Points | None = Field(description="序时进度; null for a level, which does not grow over the year")
    gap_points: Points | None = Field(description="year_rate − time_progress, rounded once")
    status: Status


class TargetStatistics(Out):
    year: int
    as_of: date
    items: list[TargetFigures]
