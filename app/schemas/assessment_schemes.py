from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, WithJsonSchema

from app.domain.dictionaries import Light, PlanCategory, Stage
from app.schemas.base import Code, In, LongText, Name, NewId, Out, Query, RegionCode

Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]
PointsIn = Annotated[Decimal, Field(ge=-10_000, le=10_000, max_digits=9, decimal_places=4, allow_inf_nan=False)]
# Fifteen digits come through any JSON reader exactly.
PerIn = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=4, allow_inf_nan=False)]
LineIn = Annotated[
    Decimal, Field(ge=0, max_digits=15, decimal_places=4, allow_inf_nan=False, description="万元 (10 000 CNY)")
]
PercentIn = Annotated[Decimal, Field(gt=0, le=10_000, max_digits=9, decimal_places=4, allow_inf_nan=False)]
Fact = Literal["annual_plan", "planned", "completed", "total_investment"]
Over = Literal["each", "total"]
MovedInto = Literal["negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity"]


class WhereIn(In):
    """Which projects count. Of a list one is enough; every condition given must hold; none: all projects."""

    category: list[PlanCategory] = Field([], max_length=3, description="Of the year's annual plan")
    sector: list[Code] = Field([], max_length=50)
    stage: list[Stage] = Field([], max_length=9, description="At the end of the period")
    moved_into: list[MovedInto] = Field(
        [], max_length=7, description="Moved into or past it within the period, and was there still at its end"
    )
    light: list[Light] = Field([], max_length=3, description="Shown at the end of the period")
    entered: list[Code] = Field([], max_length=20, description="Kinds of entered facts about the project")
    major: bool | None = None


class _Item(In):
    code: Code = Field(examples=["completion"])
    name: Name = Field(examples=["投资完成率"])
    at_most: PointsIn | None = Field(None, description="The item never brings more")
    at_least: PointsIn | None = Field(None, description="… nor less: how far deductions go")


class CountIn(_Item):
    """`points` for every project."""

    function: Literal["count"]
    points: PointsIn
    where: WhereIn = WhereIn()


class SumIn(_Item):
    """`points` for every `per` 万元 of a fact."""

    function: Literal["sum"]
    fact: Fact
    per: PerIn
    points: PointsIn
    where: WhereIn = WhereIn()


class ShareIn(_Item):
    """`points` × numerator ÷ denominator; with `counted`: how many of the projects are also in `counted`."""

    function: Literal["share"]
    points: PointsIn
    numerator: Fact = "completed"
    denominator: Fact = "planned"
    counted: WhereIn | None = None
    over: Over = Field("total", description="All projects together, or each by itself and then added up")
    percent_at_most: PercentIn | None = Field(None, description="The ratio counts up to this many percent")
    where: WhereIn = WhereIn()


class BandIn(In):
    at_least: LineIn
    points: PointsIn


class BandsIn(_Item):
    """The points of the highest band a fact reaches."""

    function: Literal["bands"]
    fact: Fact
    bands: list[BandIn] = Field(min_length=1, max_length=20)
    below: PointsIn = Field(Decimal(0), description="Where no band is reached")
    over: Over = "each"
    where: WhereIn = WhereIn()


class CaseIn(In):
    name: Name
    where: WhereIn
    points: PointsIn


class CasesIn(_Item):
    """For every project the points of the first case it falls under."""

    function: Literal["cases"]
    cases: list[CaseIn] = Field(min_length=1, max_length=30)


class MonthsIn(_Item):
    """`points` for every month of the period in which more than `more_than` 万元 were completed, all together."""

    function: Literal["months"]
    more_than: LineIn
    points: PointsIn
    where: WhereIn = WhereIn()


class EnteredIn(_Item):
    """`points` for every entered fact of these kinds, or times its value: about the subject itself, or about a project
    it answered for on that day (`joint`: how several at once count)."""

    function: Literal["entered"]
    kinds: list[Code] = Field(min_length=1, max_length=20)
    points: PointsIn
    using: Literal["count", "value"] = "count"
    entries_at_most: int | None = Field(
        None, ge=1, le=1000, description="The earliest that many of a calendar year count, those before the period too"
    )


class ReportsIn(_Item):
    """`points` for every weekly report (填报) in one of `states`, or times their part of all that were due.

    Reports count that were due on days of the period the subject is on record for, as `GET /statistics/reporting`
    counts them; `share` brings nothing where none was due.
    """

    function: Literal["reports"]
    states: list[Literal["on_time", "late", "missing"]] = Field(min_length=1, max_length=3, examples=[["late"]])
    points: PointsIn
    using: Literal["count", "share"] = "count"
    where: WhereIn = WhereIn()


class FigureIn(_Item):
    """`points` × a figure of the subject ÷ `per`; `rating_score`: in the published rating (软环境评议) of the year."""

    function: Literal["figure"]
    fact: Literal["rating_score"]
    per: PerIn = Decimal(100)
    points: PointsIn


AnyItemIn = Annotated[
    CountIn | SumIn | ShareIn | BandsIn | CasesIn | MonthsIn | EnteredIn | ReportsIn | FigureIn,
    Field(discriminator="function"),
]


class OutcomesIn(In):
    first: int = Field(0, ge=0, le=100, description="So many of each group are rewarded")
    last: int = Field(0, ge=0, le=100, description="So many of each group lose award eligibility")
    running: int = Field(0, ge=0, le=10, description="Among the last this often running: action is proposed. 0: never")


class DefinitionIn(In):
    items: list[AnyItemIn] = Field(min_length=1, max_length=50)
    joint: Literal["full", "equal"] = Field(
        "full", description="Of several answering at once each counts in full, or all share equally"
    )
    at_most: PointsIn | None = None
    at_least: PointsIn | None = None
    outcomes: OutcomesIn = OutcomesIn()


EXAMPLE: dict[str, Any] = {
    "items": [
        {
            "code": "completion",
            "name": "投资完成率",
            "function": "share",
            "numerator": "completed",
            "denominator": "planned",
            "points": 60,
            "percent_at_most": 100,
        },
        {"code": "starts", "name": "新开工", "function": "count", "where": {"moved_into": ["started"]}, "points": 5},
        {
            "code": "criticism",
            "name": "通报批评",
            "function": "entered",
            "kinds": ["criticism"],
            "points": -2,
            "at_least": -10,
        },
        {
            "code": "missing_reports",
            "name": "周报漏报",
            "function": "reports",
            "states": ["missing"],
            "points": -1,
            "at_least": -5,
        },
    ],
    "outcomes": {"first": 1, "last": 1, "running": 2},
}


class SchemeIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990101",
                    "code": "county",
                    "label_zh": "甲县重点项目考核办法",
                    "description": "县政府办〔2016〕12号",
                    "definition": EXAMPLE,
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    code: Code
    label_zh: Name
    label_en: Name | None = None
    description: LongText = ""
    definition: DefinitionIn


class SchemeCopyIn(In):
    """Whose it will be, and whatever shall differ."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"region_code": "990101", "code": "county", "label_zh": "甲县重点项目考核办法"}]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    code: Code = Field(description="Of the region's own; one it has makes the next version")
    label_zh: Name | None = None
    label_en: Name | None = None
    description: LongText | None = None
    definition: DefinitionIn | None = Field(None, description="Left out: the copied one's")


class SchemeOut(Out):
    id: UUID
    region_code: str | None = Field(description="Null: shipped with the program")
    code: str
    version: int
    label_zh: str
    label_en: str | None
    description: str
    definition: dict[str, Any] = Field(description="As it may be sent in `definition`; defaults may be left out")
    created_at: AwareDatetime | None


class SchemeList(Out):
    items: list[SchemeOut]


class SchemeQuery(Query):
    region: RegionCode | None = Field(None, description="Only what counts there: made for it or above it, and shipped")
