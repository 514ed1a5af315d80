from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.permit_clock import PermitEventKind, PermitState
from app.schemas.base import Code, In, LongText, Name, NewId, Out, PlainDate, Query, RegionPrefix, Stamped
from app.schemas.lists import ListQuery

Limit = Annotated[int, Field(ge=1, le=1000, description="Working days the authority has, from acceptance")]
KindCode = Annotated[Code, Field(description="Of the dictionary `permit_kind`", examples=["construction_permit"])]
Mandatory = Annotated[
    bool | None,
    Field(description="Must it be issued before work starts? null: what the region's rules say of the kind"),
]


class _Said(In):
    name: Name | None = Field(None, description="Where a project has several of a kind", examples=["二期施工许可证"])
    department_id: UUID | None = Field(None, description="The department that accepts it")
    mandatory: Mandatory = None
    planned_application_on: PlainDate | None = Field(None, description="When it is to be applied for")
    expected_on: PlainDate | None = Field(
        None, description="When the office counts on it; null, or past: reckoned from the clock"
    )
    note: LongText | None = None


class PermitIn(_Said):
    """A permit the project needs. What happens to it is recorded as its events."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "construction_permit", "planned_application_on": "2026-03-02"}]}
    )

    id: NewId | None = None
    kind: KindCode
    time_limit_days: Limit | None = Field(None, description="Default: what the region's rules say of the kind")
    milestone_ids: list[UUID] | None = Field(
        None, max_length=100, description="Milestones of the project that cannot begin without it"
    )


class PermitPatch(_Said):
    model_config = ConfigDict(json_schema_extra={"examples": [{"expected_on": "2026-04-15"}]})

    time_limit_days: Limit | None = None


class NamedUnit(Out):
    id: UUID
    name: str


class PermitProject(NamedUnit):
    region_code: str


class EventInForce(Out):
    id: UUID
    kind: PermitEventKind
    happened_on: date
    document_number: str | None


class PermitClock(Out):
    """Days are working days: the first is the one after acceptance. Those of a day belong to one party only."""

    as_of: date
    state: PermitState = Field(description="On that day")
    running: bool = Field(description="False before acceptance, while the applicant supplements, and once decided")
    authority_days: int = Field(description="Used by the authority since acceptance")
    applicant_days: int = Field(description="Used by the applicant for supplements since acceptance")
    remaining_days: int | None = Field(description="The authority's; negative: too late by so many; null: not accepted")
    due_on: date | None = Field(description="Last day in time; null before acceptance and while the clock is stopped")
    overdue_from: date | None = Field(description="First day too late")
    overdue: bool = Field(
        description="Not decided, and the authority's time is up, as in lists; once decided, `remaining_days` below 0"
        " says that it was decided late"
    )
    provisional: bool = Field(description="The holidays of the year of `due_on` are not announced yet: it may move")
    expected_issue_on: date = Field(description="Issued on, or to be counted on: milestones are forecast from it")


class PermitItem(Stamped):
    id: UUID
    project_id: UUID
    project: PermitProject
    kind: str
    name: str | None
    department_id: UUID | None
    department: NamedUnit | None = Field(description="The department that accepts it")
    time_limit_days: int
    mandatory: bool | None = Field(description="As said of this permit; null: by the rules")
    mandatory_in_force: bool = Field(description="Whether work may not start without it")
    state: PermitState
    state_since: date | None
    applied_on: date | None = Field(description="In the last round, as all dates here")
    accepted_on: date | None
    decided_on: date | None = Field(description="Issued, refused or withdrawn")
    document_number: str | None = Field(description="Of the decision")
    planned_application_on: date | None
    expected_on: date | None
    note: str | None
    clock: PermitClock


class WaitingMilestone(NamedUnit):
    planned_finish: date | None
    forecast_finish: date | None


class PermitOut(PermitItem):
    events: list[EventInForce] = Field(description="In force, in order; all entries: `GET /permits/{id}/events`")
    milestones: list[WaitingMilestone] = Field(description="Cannot begin without it")
    moves: list[WaitingMilestone] = Field(description="Finish later because of it, milestones behind those included")


class PermitPage(Out):
    items: list[PermitItem]
    next_cursor: str | None
    total: int | None = None


class ProjectPermitQuery(ListQuery):
    kind: list[KindCode] | None = Field(None, max_length=50)
    state: list[PermitState] | None = Field(None, max_length=7)
    sort: Literal["due_on", "-due_on", "id", "-id", "kind", "-kind", "updated_at", "-updated_at"] = "id"


class PermitQuery(ListQuery):
    region: RegionPrefix | None = None
    department_id: list[UUID] | None = Field(None, max_length=100, description="Accepted by any of these")
    kind: list[KindCode] | None = Field(None, max_length=50)
    state: list[PermitState] | None = Field(None, max_length=7)
    due_within: int | None = Field(
        None, ge=0, le=250, description="Running and due within so many working days from today; overdue ones excepted"
    )
    overdue: bool | None = Field(None, description="Not decided, and the authority's time is up")
    sort: Literal["due_on", "-due_on", "id", "-id", "kind", "-kind", "updated_at", "-updated_at"] = Field(
        "due_on", description="`due_on`: what is under way by its due day; permits without one, and decided ones, last"
    )


class PermitAsOf(Query):
    as_of: PlainDate | None = Field(None, description="The permit at the end of that day; default today")
