from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import In, LongText, Name, NewId, Out, PlainDate
from app.schemas.milestones import Kind, MilestoneOut, Predecessors, Weight

LARGEST = 10_000


class SetItem(In):
    """What the dispatch office plans of a milestone: left out, it is cleared. What was reported stays as it is, and so
    do the planned dates of what the current baseline names."""

    id: NewId
    name: Name
    kind: Kind = "other"
    weight: Weight = Decimal(1)
    # Its bounds are checked with the graph, so that every wrong one is told together with cycles, by name.
    duration_days: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = Field(
        None, description="Chinese working days, 1 to 10 000; scheduling needs it"
    )
    predecessor_ids: Predecessors = Field([])
    planned_start: PlainDate | None = None
    planned_finish: PlainDate | None = None
    responsible_user_id: UUID | None = None
    responsible_name: Name | None = None
    note: LongText | None = None


class MilestoneSetIn(In):
    """All milestones of the project, in their order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "milestones": [
                        {"id": "0199c1a0-7c00-7000-8000-0000000000a1", "name": "立项", "duration_days": 20},
                        {
                            "id": "0199c1a0-7c00-7000-8000-0000000000a2",
                            "name": "设计",
                            "kind": "design",
                            "duration_days": 45,
                            "predecessor_ids": ["0199c1a0-7c00-7000-8000-0000000000a1"],
                        },
                    ]
                }
            ]
        }
    )

    milestones: list[SetItem] = Field(max_length=LARGEST)


class MilestoneSetOut(Out):
    project_id: UUID
    milestones: list[MilestoneOut] = Field(description="All of them, in their order")
