from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from app.domain.dictionaries import MilestoneStatus
from app.schemas.base import Code, In, LongText, Name, NewId, Out, PlainDate, RegionPrefix, Stamped
from app.schemas.lists import ListQuery

Position = Annotated[int, Field(ge=0, le=1_000_000, description="Order among the project's milestones")]
Weight = Annotated[
    Decimal,
    Field(ge=0, max_digits=9, decimal_places=4, allow_inf_nan=False, description="Its share in physical progress"),
]
WeightOut = Annotated[Decimal, WithJsonSchema({"type": "number", "description": "Its share in physical progress"})]
Duration = Annotated[int, Field(ge=1, le=10_000, description="Chinese working days")]
Kind = Annotated[Code, Field(description="Of the dictionary `milestone_kind`", examples=["design"])]
Predecessors = Annotated[
    list[UUID], Field(max_length=1000, description="Milestones of the same project that must be finished first")
]
KEEPS = "Left out: today, when the status says so"


class Step(In):
    """工序: a step under a milestone."""

    name: Name
    done: bool = False
    done_on: PlainDate | None = Field(None, description="Not ahead; only of what is done")

    @model_validator(mode="after")
    def _done_first(self) -> Self:
        if self.done_on is not None and not self.done:
            raise PydanticCustomError("literal_error", "not done", {"expected": "done=true"})
        return self


Steps = Annotated[list[Step], Field(max_length=200, description="工序, in their order")]


class MilestoneIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "施工图设计",
                    "kind": "design",
                    "duration_days": 30,
                    "weight": 10,
                    "steps": [{"name": "初步设计批复", "done": True, "done_on": "2016-03-10"}, {"name": "施工图审查"}],
                }
            ]
        }
    )

    id: NewId | None = None
    name: Name
    kind: Kind = "other"
    position: Position | None = Field(None, description="Default: after the last")
    weight: Weight = Decimal(1)
    duration_days: Duration | None = Field(None, description="Chinese working days; scheduling needs it")
    predecessor_ids: Predecessors = Field([])
    planned_start: PlainDate | None = None
    planned_finish: PlainDate | None = None
    forecast_finish: PlainDate | None = Field(
        None, description="When it is expected to be finished, as known now: not before today, not of what is done"
    )
    status: MilestoneStatus = "planned"
    actual_start: PlainDate | None = Field(None, description=KEEPS)
    actual_finish: PlainDate | None = Field(None, description=KEEPS)
    steps: Steps = Field([])
    responsible_user_id: UUID | None = Field(None, description="An account of the project's county")
    responsible_name: Name | None = Field(None, description="A person without an account")
    note: LongText | None = None


class MilestonePatch(In):
    """What the field reports is open to departments and reporters of the project, the rest to the dispatch office."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "done", "actual_finish": "2016-05-20"}, {"duration_days": 45}]}
    )

    name: Name | None = None
    kind: Kind | None = None
    position: Position | None = None
    weight: Weight | None = None
    duration_days: Duration | None = None
    predecessor_ids: Predecessors | None = Field(None, description="All of them: what is left out is taken away")
    planned_start: PlainDate | None = None
    planned_finish: PlainDate | None = None
    forecast_finish: PlainDate | None = Field(
        None, description="Reported. A new one lies not before today; what is done has none to state"
    )
    status: MilestoneStatus | None = Field(None, description="Reported")
    actual_start: PlainDate | None = Field(None, description=f"Reported. {KEEPS}")
    actual_finish: PlainDate | None = Field(None, description=f"Reported; makes it done. {KEEPS}")
    steps: Steps | None = Field(None, description="Reported; all of them")
    responsible_user_id: UUID | None = None
    responsible_name: Name | None = None
    note: LongText | None = Field(None, description="Reported")


REPORTED = frozenset({"forecast_finish", "status", "actual_start", "actual_finish", "steps", "note"})
"""Fields of a patch that the field may set of its own projects."""


class MovingPermit(Out):
    id: UUID
    kind: str = Field(description="Of the dictionary `permit_kind`")
    name: str | None


class MilestoneOut(Stamped):
    id: UUID
    project_id: UUID
    project_name: str
    region_code: str
    position: int
    name: str
    kind: str = Field(description="Of the dictionary `milestone_kind`")
    weight: WeightOut
    duration_days: int | None
    predecessor_ids: list[UUID]
    status: MilestoneStatus
    planned_start: date | None = Field(
        description="As planned now: by the current baseline, or as entered where none names it"
    )
    planned_finish: date | None
    forecast_finish: date | None = Field(description="As stated, or later where a permit moves it")
    permit_ids: list[UUID] = Field(description="Permits it cannot begin without")
    moved_by_permit: MovingPermit | None = Field(description="The permit that `forecast_finish` follows")
    actual_start: date | None
    actual_finish: date | None = Field(description="Null of what is done: the day is not known")
    overdue: bool = Field(description="Planned to be finished before today, and not")
    provisional: bool = Field(
        description="A planned or forecast day lies in a year whose holidays are not announced: it may move"
    )
    done_before_ids: list[UUID] = Field(
        description="A warning, of what is done: predecessors that are not, or were finished on a later day"
    )
    steps: list[Step]
    responsible_user_id: UUID | None
    responsible_name: str | None
    responsible: str | None = Field(description="The responsible person's name, with or without an account")
    note: str | None


class MilestonePage(Out):
    items: list[MilestoneOut]
    next_cursor: str | None
    total: int | None = None


class ProjectMilestoneQuery(ListQuery):
    status: list[MilestoneStatus] | None = Field(None, max_length=3)
    kind: list[Code] | None = Field(None, max_length=50)
    due_from: PlainDate | None = Field(None, description="Planned to be finished on that day or later")
    due_before: PlainDate | None = Field(None, description="Planned to be finished before that day")
    overdue: bool | None = Field(None, description="Planned to be finished before today, and not")
    responsible_user_id: UUID | None = None
    sort: Literal[
        "position", "-position", "planned_finish", "-planned_finish", "updated_at", "-updated_at"
    ] = "position"  # fmt: skip


class MilestoneQuery(ProjectMilestoneQuery):
    region: RegionPrefix | None = None
    project_id: list[UUID] | None = Field(None, max_length=100)
    department_id: list[UUID] | None = Field(None, max_length=100, description="Responsible for the project now")
    leader_id: list[UUID] | None = Field(None, max_length=100, description="Sponsor of the project now")
    sort: Literal[
        "position", "-position", "planned_finish", "-planned_finish", "updated_at", "-updated_at"
    ] = "planned_finish"  # fmt: skip


class MilestoneProgress(Out):
    project_id: UUID
    milestones: int
    done: int
    in_progress: int
    overdue: int
    weight: WeightOut
    weight_done: WeightOut
    physical_percent: float | None = Field(
        description="Weighted share done, percent, two decimals half up; null without milestones or weights"
    )
    next: list[MilestoneOut] = Field(description="The next open ones by planned finish, at most five")
