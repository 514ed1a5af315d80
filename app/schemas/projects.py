from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict
from pydantic.functional_validators import AfterValidator, BeforeValidator

from app.domain.dictionaries import LandStatus, Light, PlanCategory, Stage
from app.schemas.base import (
    Amount,
    AmountIn,
    Code,
    In,
    LongText,
    Name,
    NewId,
    Out,
    PartialDate,
    PlainDate,
    Query,
    RegionCode,
    RegionPrefix,
    ShortText,
    Stamped,
    Year,
    clean_text,
    fold_width,
)
from app.schemas.lists import ListQuery

NationalCode = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=r"^([0-9]{24}|[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6})$"),
    Field(
        description="National project code 项目代码: 24 characters with its dashes, or 24 digits",
        examples=["2016-522701-48-03-000123"],
    ),
]


class ProjectFields(In):
    """What a client may set of a project."""

    national_code: NationalCode | None = None
    name: Name = Field(examples=["登高煤电铝一体化项目"])
    region_code: RegionCode
    location: ShortText | None = Field(None, description="Township, park or place in words", examples=["城关镇"])
    longitude: float | None = Field(None, ge=-180, le=180, description="WGS-84 degrees, together with latitude")
    latitude: float | None = Field(None, ge=-90, le=90)
    sector: Code = Field("other", description="Code of the dictionary `sector`", examples=["industry"])
    content: LongText | None = Field(None, description="Content and scale 建设内容及规模")
    investors: list[Name] = Field([], max_length=50)
    key_years: list[Year] = Field([], max_length=50, description="Years in which it is a key project")
    programmes: list[Code] = Field([], max_length=50, description="Codes of the dictionary `programme`")
    major: bool = Field(False, description="大项目")
    total_investment: AmountIn | None = Field(None, examples=[23247])
    planned_start: PartialDate | None = None
    planned_completion: PartialDate | None = Field(None, description="Not before `planned_start`", examples=["2016-12"])
    enrolled_on: PlainDate | None = Field(None, description="Statistics enrolment 入库")
    land_status: LandStatus = "unknown"
    problem: LongText | None = Field(None, description="Main problem as last stated")
    remark: LongText | None = None


_EXAMPLE: JsonDict = {
    "name": "登高煤电铝一体化项目",
    "region_code": "990102",
    "location": "城关镇",
    "sector": "industry",
    "total_investment": 23247,
    "planned_start": "2014",
    "planned_completion": "2016-12",
    "key_years": [2016],
    "stage": "started",
}


class ProjectIn(ProjectFields):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: NewId | None = None
    code: Code | None = Field(None, description="Own code; made by the service when left out")
    stage: Stage = Field("reserve", description="First stage of its history")
    stage_since: PlainDate | None = Field(None, description="Since when; default today")


class ProjectPatch(ProjectFields):
    model_config = ConfigDict(json_schema_extra={"examples": [{"land_status": "settled", "problem": None}]})

    name: Name | None = None  # type: ignore[assignment]  # a patch may leave anything out
    region_code: RegionCode | None = None  # type: ignore[assignment]  # as above


class Party(Out):
    id: UUID
    name: str


class LeaderParty(Party):
    title: str | None


class Person(Out):
    name: str | None
    phone: str | None
    user_id: UUID | None


class PlanSummary(Out):
    year: int
    category: PlanCategory
    planned_investment: Amount | None
    monthly: list[Amount] | None
    planned_start: str | None
    planned_completion: str | None


class ProgressSummary(Out):
    year: int
    as_of: date
    completed: Amount | None
    physical_text: str | None
    physical_percent: float | None


class ProjectItem(Out):
    id: UUID
    code: str
    national_code: str | None
    name: str
    region_code: str
    region_name: str
    location: str | None
    sector: str
    stage: Stage
    stage_since: date
    suspended_since: date | None
    land_status: LandStatus
    major: bool
    key_years: list[int]
    light: Light | None = Field(description="红黄绿灯 as shown, by a leader's override where there is one; null: none")
    total_investment: Amount | None
    sponsors: list[LeaderParty]
    responsible_departments: list[Party]
    version: int
    updated_at: Any = Field(json_schema_extra={"type": "string", "format": "date-time"})


class ProjectOut(Stamped, ProjectItem):
    longitude: float | None
    latitude: float | None
    content: str | None
    investors: list[str]
    programmes: list[str]
    planned_start: str | None
    planned_completion: str | None
    enrolled_on: date | None
    problem: str | None
    remark: str | None
    last_activity_on: date
    owners: list[Party]
    contacts: list[Person]
    reporters: list[Person]
    crew: list[Person]
    annual_plans: list[PlanSummary]
    latest_progress: ProgressSummary | None
    computed_light: Light | None = Field(description="What the rules give; see `/projects/{project_id}/light` for why")


class ProjectPage(Out):
    items: list[ProjectItem]
    next_cursor: str | None
    total: int | None = None


SortKey = Literal[
    "id", "-id", "updated_at", "-updated_at", "name", "-name", "code", "-code", "stage_since", "-stage_since",
    "total_investment", "-total_investment",
]  # fmt: skip


LightOrNone = Literal["green", "yellow", "red", "none"]


class ProjectFilters(Query):
    """Shared by list, export and statistics."""

    region: RegionPrefix | None = None
    stage: list[Stage] | None = Field(None, max_length=20)
    sector: list[Code] | None = Field(None, max_length=50)
    location: list[ShortText] | None = Field(None, max_length=50)
    land_status: list[LandStatus] | None = None
    department_id: list[UUID] | None = Field(None, max_length=100, description="Responsible department")
    owner_id: list[UUID] | None = Field(None, max_length=100)
    leader_id: list[UUID] | None = Field(None, max_length=100, description="Sponsor leader")
    category: list[PlanCategory] | None = Field(None, description="Category of the annual plan of `year`")
    year: Year | None = Field(None, description="Year of annual plan and figures; default: the year of `as_of`")
    programme: Code | None = None
    key_year: Year | None = Field(None, description="Key project of that year")
    major: bool | None = None
    suspended: bool | None = None
    total_investment_at_least: AmountIn | None = None
    code: Code | None = None
    light: list[LightOrNone] | None = Field(None, max_length=4, description="Shown light; `none`: without one")
    stale: bool | None = Field(None, description="Neither moved nor reported on for too long")
    stale_days: int | None = Field(None, ge=1, le=3650, description="Instead of each stage's own limit")
    as_of: PlainDate | None = Field(None, description="The pipeline as it was on that day")
    q: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(clean_text)] | None = Field(
        None, description="Part of name, code, investor or owner"
    )

    def filters(self, today: date) -> dict[str, Any]:
        """Filters of `resources.project_filters`, those that go together put together."""
        given = ProjectFilters.model_fields.keys() & self.model_fields_set
        chosen = {name: value for name in given if (value := getattr(self, name)) not in (None, [], ())}
        day = self.as_of or today
        for name in ("year", "as_of", "stale_days"):
            chosen.pop(name, None)
        if self.as_of is not None and self.as_of != today:
            chosen["stage_as_of"] = (chosen.pop("stage", None), self.as_of)
        if "category" in chosen:
            chosen["category"] = (chosen["category"], self.year or day.year)
        if "light" in chosen:
            chosen["light"] = (chosen["light"], day)
        if "stale" in chosen:
            chosen["stale"] = (self.stale, day, self.stale_days)
        return chosen


class ProjectQuery(ProjectFilters, ListQuery):
    sort: SortKey = "id"
