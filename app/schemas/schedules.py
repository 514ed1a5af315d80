from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.dictionaries import MilestoneStatus
from app.schemas.base import In, LongText, Name, NewId, Out, PlainDate, Reason
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account


class ScheduleIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"deadline": "2026-12-31", "note": "县委常委会要求"}]})

    id: NewId | None = None
    deadline: PlainDate = Field(description="The day all milestones must be finished; a day off: the workday before")
    note: LongText | None = None


class ScheduledMilestone(Out):
    """Dates and slack are null of what is done: it asks for nothing any more."""

    id: UUID
    name: str
    status: MilestoneStatus
    duration_days: int | None
    latest_start: date | None = Field(description="Of one in progress: its actual start")
    latest_finish: date | None
    earliest_start: date | None = Field(description="If all goes on from today without a pause")
    earliest_finish: date | None
    slack_days: int | None = Field(description="Working days it may still slip; negative: that much too late already")
    critical: bool = Field(description="Has the smallest slack of all")
    provisional: bool = Field(description="Counted through a year whose holidays are not announced")


class ChainLink(Out):
    id: UUID
    name: str


class ScheduleItem(Out):
    id: UUID
    project_id: UUID
    deadline: date
    as_of: date = Field(description="The day it was computed on: slack counts from there")
    note: str | None
    slack_days: int | None = Field(description="The smallest slack, working days; null when all is done")
    late_by_days: int = Field(description="Working days by which the deadline cannot be met; 0: it can")
    latest_start: date | None = Field(description="When work must begin at the latest")
    earliest_finish: date | None = Field(
        description="When all could be finished, going on from `as_of` without a pause"
    )
    provisional: bool = Field(description="Counted through a year whose holidays are not announced")
    critical_chain: list[ChainLink] = Field(
        description="From the first to the last: the milestones of which none can slip; when late, they say why"
    )
    baseline_id: UUID | None = Field(description="The baseline it became; null: a proposal")
    outdated: bool = Field(description="Milestones, progress or the baseline changed since: it cannot be adopted")
    created_at: AwareDatetime
    created_by: Account | None
    version: Literal[1] = Field(description="Never changes")


class ScheduleOut(ScheduleItem):
    milestones: list[ScheduledMilestone] = Field(description="All of the project's, in their order")


class SchedulePage(Out):
    items: list[ScheduleItem]
    next_cursor: str | None
    total: int | None = None


class ScheduleQuery(ListQuery):
    sort: Literal["id", "-id"] = Field("-id", description="Ids grow with time")


class AdoptionIn(In):
    """Nothing for a project's first baseline; another one needs both."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"decision_reference": "县长办公会议纪要〔2026〕5号", "reason": "征地推迟，经会议同意顺延"},
            ]
        }
    )

    decision_reference: Name | None = Field(None, description="The decision behind the change, e.g. a resolution")
    reason: Reason | None = None


class BaselineOut(Out):
    id: UUID
    project_id: UUID
    number: int = Field(ge=1, description="1: the first; the highest is the current one")
    schedule_id: UUID
    deadline: date
    provisional: bool = Field(description="Counted through a year whose holidays were not announced then")
    decision_reference: str | None
    reason: str | None
    adopted_at: AwareDatetime
    adopted_by: Account | None
    version: Literal[1] = Field(description="Never changes")


class BaselinePage(Out):
    items: list[BaselineOut]
    next_cursor: str | None
    total: int | None = None


class BaselineQuery(ListQuery):
    sort: Literal["number", "-number"] = "number"


class Against(Out):
    planned_start: date | None
    planned_finish: date | None
    variance_days: int | None = Field(description="Working days the finish is later than planned; negative: earlier")


class MilestoneVariance(Out):
    id: UUID
    name: str = Field(description="Of one removed: as its last baseline has it")
    status: MilestoneStatus | None = Field(description="Null: removed")
    removed: bool = Field(description="In a baseline, and no milestone of the project any more")
    finish: date | None = Field(description="What is compared, see `finish_is`")
    finish_is: Literal["actual", "forecast", "today", "planned"] | None = Field(
        description="`today`: planned for earlier and still open. Null: there is no day to compare"
    )
    first: Against | None = Field(description="Against the first baseline; null: it was not in it")
    current: Against | None = Field(description="Against the current baseline; null: it was not in it")
    rescheduled_days: int | None = Field(
        description="Working days the current baseline plans it later than the first. By decision: not late"
    )
    late: bool = Field(description="Finished, foretold or still open later than the current baseline planned")
    provisional: bool = Field(description="One of the days lies in a year whose holidays are not announced")


class ProjectVariance(Out):
    project_id: UUID
    as_of: date
    first_baseline: int | None
    current_baseline: int | None
    rescheduled: int = Field(description="How many milestones later decisions moved")
    late: int = Field(description="How many are late by the current baseline")
    removed: int = Field(description="How many of the two baselines are no more")
    milestones: list[MilestoneVariance] = Field(description="In their order; those removed come last")
