from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.dictionaries import PlanCategory
from app.schemas.base import Amount, AmountIn, In, LongText, NewId, Out, PlainDate, Query, Year
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

PercentIn = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2, description="0 to 100")]
Points = Annotated[float, Field(description="Two decimals, half up", examples=[9.41])]


class ProgressFigureIn(In):
    """What is completed of a year up to a day. Physical progress left out goes on as it was; null clears it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"as_of": "2016-02-29", "completed": 474, "physical_text": "主体施工"}]}
    )

    id: NewId | None = None
    year: Year | None = Field(None, description="Default: the year of `as_of`")
    as_of: PlainDate = Field(description="The day it speaks of; not ahead")
    completed: AmountIn = Field(description="Completed in the year up to that day, 万元", examples=[474])
    physical_text: Annotated[LongText, Field(min_length=1)] | None = Field(None, description="形象进度 in words")
    physical_percent: PercentIn | None = None


class ProgressFigureOut(Out):
    id: UUID
    project_id: UUID
    year: int
    as_of: date
    completed: Amount | None
    physical_text: str | None
    physical_percent: float | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    source: str = Field(description="api, report, or the ledger it came from", examples=["api"])
    report_id: UUID | None = Field(description="The accepted field report that gave it")
    version: Literal[1] = Field(description="Never changes: a later figure for the same day corrects it")


class ProgressFigurePage(Out):
    items: list[ProgressFigureOut]
    next_cursor: str | None
    total: int | None = None


class ProgressFigureQuery(ListQuery):
    year: Year | None = None
    as_of: PlainDate | None = Field(None, description="Only figures of days up to that one")
    known_on: PlainDate | None = Field(None, description="Only what had been recorded by the end of that day")
    sort: Literal["as_of", "-as_of", "recorded_at", "-recorded_at"] = "as_of"


class FiguresQuery(Query):
    year: Year | None = Field(None, description="Default: the year of `as_of`")
    as_of: PlainDate | None = Field(None, description="Default today")


class ProjectFigures(Out):
    project_id: UUID
    year: int
    as_of: date
    category: PlanCategory | None = Field(description="Of the year's plan; null without one")
    annual_plan: Amount | None
    completed: Amount | None = Field(description="By the figure in force; null while none was given")
    figure_as_of: date | None = Field(description="The day that figure speaks of")
    physical_text: str | None
    physical_percent: float | None
    completion_rate: Points | None = Field(description="Percent; null without a plan or a figure")
    time_progress: Points = Field(description="序时进度, percent")
    gap_points: Points | None = Field(description="Completion rate minus time progress, percentage points")
