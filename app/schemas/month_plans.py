from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.domain.dictionaries import MilestoneStatus
from app.schemas.base import Amount, Out, Query, Year


class MonthPlanQuery(Query):
    year: Year | None = Field(None, description="Default: this year")
    schedule_id: UUID | None = Field(None, description="As this schedule of the project would have it, not as planned")


class DueMilestone(Out):
    id: UUID
    name: str
    status: MilestoneStatus
    planned_finish: date


class PlannedMonth(Out):
    month: int = Field(ge=1, le=12)
    workdays: int = Field(description="Working days of the month")
    work_days: int = Field(
        description="Working days of milestones in the month: of what is done on its actual days, of the rest as"
        " planned; two at once count twice"
    )
    done_days: int = Field(description="Of these, the working days of milestones that are done")
    planned_investment: Amount | None = Field(description="万元; null without an annual plan with an amount")
    due: list[DueMilestone] = Field(description="Milestones planned to be finished in the month")


class MonthPlan(Out):
    project_id: UUID
    year: int
    schedule_id: UUID | None
    annual_plan: Amount | None = Field(description="Planned investment of the year; the months add up to it exactly")
    basis: Literal["annual_plan", "milestones", "calendar"] | None = Field(
        description="Where the months' investment comes from: the plan's own monthly split; in proportion to the work"
        " of the milestones; where none is planned in the year, in proportion to working days. Null without an amount"
    )
    provisional: bool = Field(description="The year's holidays are not announced")
    months: list[PlannedMonth] = Field(min_length=12, max_length=12)
