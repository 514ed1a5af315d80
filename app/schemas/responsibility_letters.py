from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.indicators import ActualSource
from app.domain.letters import ItemStatus
from app.schemas.base import (
    In,
    LongText,
    Name,
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
from app.schemas.indicators import Figure, Points
from app.schemas.lists import ListQuery
from app.schemas.progress_figures import PercentIn
from app.schemas.project_parts import Account

LetterStatus = Literal["draft", "signed"]
WeightIn = Annotated[Decimal, Field(ge=0, le=10_000, max_digits=7, decimal_places=2, allow_inf_nan=False)]
WantedIn = Annotated[
    Decimal,
    Field(gt=0, max_digits=18, decimal_places=4, allow_inf_nan=False, description="To be reached, in its unit"),
]
ReachedIn = Annotated[Decimal, Field(max_digits=18, decimal_places=4, allow_inf_nan=False)]
DEPARTMENT = "0199c1a0-7c00-7000-8000-000000000001"
ITEM = "0199c1a0-7c00-7000-8000-000000000002"


class LetterItemIn(In):
    id: NewId | None = None
    name: Name | None = Field(
        None, description="Default: the linked target's indicator", examples=["新开工亿元以上项目"]
    )
    target_id: UUID | None = Field(None, description="The target whose actual measures it, of the same year")
    value: WantedIn | None = Field(
        None, description="Default: the linked target's; without any, progress is told in percent", examples=[5]
    )
    unit: ShortText | None = Field(None, description="As printed; default: the linked target's", examples=["个"])
    due_on: PlainDate = Field(examples=["2016-12-31"])
    weight: WeightIn = Field(examples=[60])


class LetterIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "department_id": DEPARTMENT,
                    "year": 2016,
                    "title": "2016年项目建设目标责任状",
                    "superior_name": "乙县人民政府",
                    "items": [
                        {"name": "新开工亿元以上项目", "value": 5, "unit": "个", "due_on": "2016-12-31", "weight": 60},
                        {"name": "完成园区道路建设", "due_on": "2016-09-30", "weight": 40},
                    ],
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode | None = Field(None, description="The superior's region; default: the department's county")
    department_id: UUID = Field(description="Who signs for it: a department, township or park of that region")
    year: Year
    title: Name = Field(examples=["2016年项目建设目标责任状"])
    superior_name: Name = Field(description="Who it is signed with, as printed", examples=["乙县人民政府"])
    leader_id: UUID | None = Field(None, description="The leader who signs for the superior")
    signatory: Name | None = Field(None, description="Who signs for the department")
    preamble: LongText | None = Field(None, description="Printed above the table; a standard text when left out")
    weight_total: Annotated[WeightIn, Field(gt=0)] = Field(Decimal(100), description="What the weights add up to")
    items: list[LetterItemIn] = Field([], max_length=200, description="In the order they are printed")


class LetterPatch(In):
    """Of a draft only. `items` are replaced as a whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "2016年重点项目建设目标责任状"}]})

    title: Name | None = None
    superior_name: Name | None = None
    leader_id: UUID | None = None
    signatory: Name | None = None
    preamble: LongText | None = None
    weight_total: Annotated[WeightIn, Field(gt=0)] | None = None
    items: list[LetterItemIn] | None = Field(None, max_length=200)


class SignatureIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"signed_on": "2016-02-15", "signatory": "李四"}]})

    signed_on: PlainDate | None = Field(None, description="Default today; not ahead")
    signatory: Name | None = Field(None, description="Who signed for the department")


class ItemChangeIn(In):
    """A changed item takes the place of the old one; what is left out stays as it was."""

    item_id: UUID
    name: Name | None = None
    value: WantedIn | None = None
    unit: ShortText | None = None
    due_on: PlainDate | None = None
    weight: WeightIn | None = None


class SupplementIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "signed_on": "2016-08-01",
                    "reason": "经县政府常务会议研究同意",
                    "change": [{"item_id": ITEM, "due_on": "2016-11-30"}],
                }
            ]
        }
    )

    id: NewId | None = None
    signed_on: PlainDate | None = Field(None, description="It holds from that day; default today, not ahead")
    reason: Reason
    add: list[LetterItemIn] = Field([], max_length=200)
    change: list[ItemChangeIn] = Field([], max_length=200)
    withdraw: list[UUID] = Field([], max_length=200, description="Items that no longer hold")


class LetterItemOut(Out):
    id: UUID
    position: int
    name: str
    target_id: UUID | None
    value: Figure | None
    unit: str | None
    due_on: date
    weight: float
    added_by: int | None = Field(description="Number of the supplement that brought it; null: signed with the letter")
    ended_by: int | None = Field(description="Number of the supplement that ended it; null: it holds")
    replaces: UUID | None = Field(description="The item it took the place of")


class SupplementOut(Out):
    id: UUID
    number: int
    signed_on: date
    reason: str
    recorded_at: AwareDatetime
    recorded_by: Account | None


class LetterItemShort(Stamped):
    id: UUID
    region_code: str
    year: int
    title: str
    superior_name: str
    leader_id: UUID | None
    leader_name: str | None
    department_id: UUID
    department_name: str
    status: LetterStatus
    signed_on: date | None


class LetterOut(LetterItemShort):
    signatory: str | None
    preamble: str | None
    weight_total: float
    items: list[LetterItemOut] = Field(description="Those that no longer hold, too: see `ended_by`")
    supplements: list[SupplementOut]


class LetterPage(Out):
    items: list[LetterItemShort]
    next_cursor: str | None
    total: int | None = None


class LetterQuery(ListQuery):
    region: RegionPrefix | None = None
    department_id: UUID | None = None
    year: Year | None = None
    status: LetterStatus | None = None
    sort: Literal["id", "-id", "year", "-year"] = "id"


class LetterProgressIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"as_of": "2016-06-30", "percent": 45}]})

    id: NewId | None = None
    as_of: PlainDate = Field(description="The day it is of; not ahead")
    value: ReachedIn | None = Field(None, description="Reached so far, for an item with a figure")
    percent: PercentIn | None = Field(None, description="Done so far, for an item without a figure")
    note: ShortText | None = None


class LetterProgressOut(Out):
    id: UUID
    item_id: UUID
    as_of: date
    value: Figure | None
    percent: float | None
    note: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later one for the same day corrects it")


class LetterProgressPage(Out):
    items: list[LetterProgressOut]
    next_cursor: str | None
    total: int | None = None


class LetterProgressQuery(ListQuery):
    sort: Literal["as_of", "-as_of", "recorded_at", "-recorded_at"] = "as_of"


class LetterDayQuery(Query):
    as_of: PlainDate | None = Field(None, description="Default today")


class ItemFigures(Out):
    item_id: UUID
    position: int
    name: str
    value: Figure | None
    unit: str | None
    due_on: date
    weight: float
    actual: Figure | None
    actual_source: ActualSource | None = Field(description="Of a linked target: computed or series; else entered")
    actual_as_of: date | None
    completion_rate: Points | None
    score: Points = Field(description="weight × completion rate, at most the weight; nothing known counts as 0")
    status: ItemStatus


class LetterFigures(Out):
    letter_id: UUID
    title: str
    department_id: UUID
    department_name: str
    year: int
    status: LetterStatus
    signed_on: date | None
    as_of: date
    items: list[ItemFigures] = Field(description="The items that held on that day")
    score: Points = Field(description="Sum of the items' scores")
    weight_total: float
    time_progress: Points
    without_data: int = Field(description="Items of which nothing is known")
    overdue: int


class LetterStatisticsQuery(Query):
    region: RegionPrefix | None = None
    year: Year | None = Field(None, description="Default: the year of `as_of`")
    as_of: PlainDate | None = Field(None, description="Default today")


class LetterScore(Out):
    letter_id: UUID
    title: str
    department_id: UUID
    department_name: str
    year: int
    items: int
    achieved: int
    overdue: int
    without_data: int
    score: Points
    weight_total: float
    score_percent: Points = Field(description="score ÷ weight_total")
    rank: int = Field(description="By score_percent among the letters listed; equals share a place")


class LetterStatistics(Out):
    year: int
    as_of: date
    items: list[LetterScore]
