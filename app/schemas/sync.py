from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from app.schemas.base import In, NewId, Out, Problem
from app.schemas.reports import PhoneTime

MOST_OPERATIONS = 200
OperationType = Literal["report.put", "report.patch", "milestone.patch"]
OperationStatus = Literal["applied", "refused", "conflict", "held", "expired"]
_PUT: dict[str, JsonValue] = {
    "id": "0199c1a0-7c00-7000-8000-0000000000b1",
    "type": "report.put",
    "resource_id": "0199c1a0-7c00-7000-8000-0000000000c1",
    "body": {
        "project_id": "0199c1a0-7c00-7000-8000-000000000001",
        "week": "2016-05-16",
        "as_of": "2016-05-20",
        "completed": 1250.5,
    },
    "made_at": "2016-05-20T11:05:00+08:00",
}
_PATCH: dict[str, JsonValue] = {
    "id": "0199c1a0-7c00-7000-8000-0000000000b2",
    "type": "report.patch",
    "resource_id": "0199c1a0-7c00-7000-8000-0000000000c1",
    "after": "0199c1a0-7c00-7000-8000-0000000000b1",
    "body": {"completed": 1280},
    "made_at": "2016-05-20T15:40:00+08:00",
}
_MILESTONE: dict[str, JsonValue] = {
    "id": "0199c1a0-7c00-7000-8000-0000000000b3",
    "type": "milestone.patch",
    "resource_id": "0199c1a0-7c00-7000-8000-0000000000d1",
    "base_version": 3,
    "body": {"status": "done", "actual_finish": "2016-05-19"},
    "made_at": "2016-05-20T15:41:00+08:00",
}


class SyncOperation(In):
    """One thing done offline. What its `body` may say is what the route of its type takes."""

    id: NewId
    type: OperationType = Field(
        description="`report.put`: `PUT /reports/{id}`; `report.patch`: `PATCH /reports/{id}`; `milestone.patch`: "
        "`PATCH /milestones/{id}`"
    )
    resource_id: UUID = Field(description="The report or milestone; of a new report the id the phone made for it")
    after: UUID | None = Field(
        None, description="The operation it builds on, e.g. the one that made the report, or the edit before"
    )
    base_version: int | None = Field(
        None,
        ge=1,
        le=2_147_483_647,
        description="Of a patch: the version the phone last read. Left out: what the operation in `after` began with",
    )
    body: dict[str, Any] = Field(description="As the route takes it; a patch holds just the fields that were edited")
    made_at: PhoneTime | None = None


class SyncIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"device_time": "2016-05-20T18:02:11+08:00", "operations": [_PUT, _PATCH, _MILESTONE]}]
        }
    )

    device_time: PhoneTime | None = Field(
        None, description="What the phone's clock says as it sends this; tells whether it is wrong"
    )
    operations: Annotated[list[SyncOperation], Field(max_length=MOST_OPERATIONS)] = Field(
        description="In the order they were done"
    )


class OperationOutcome(Out):
    id: UUID
    type: OperationType
    resource_id: UUID
    status: OperationStatus = Field(
        description="applied; refused: see `problem`; conflict: `problem` has `current`, `sent` and `fields`; "
        "held: waits for the operation in `after`; expired: that one never came"
    )
    again: bool = Field(description="Known from before: nothing was done now")
    version: int | None = Field(description="Of the report or milestone after it; null unless applied")
    received_at: AwareDatetime = Field(description="When it first arrived, by the server's clock")
    settled_at: AwareDatetime | None = Field(description="Null while it is held")
    held_until: AwareDatetime | None = Field(description="When it expires, or would have")
    problem: Problem | None = Field(
        description="What a request of its own would have been answered; pointers are into `body`, and `base_version` "
        "and `resource_id` are of the operation"
    )


class Clock(Out):
    server_time: AwareDatetime
    skew_seconds: int | None = Field(description="The phone is ahead by so much; negative: behind; null: not told")
    wrong: bool = Field(
        description="By more than 5 minutes. The phone's times are kept beside the server's as they are"
    )


class SyncOut(Out):
    results: list[OperationOutcome] = Field(description="One for each operation sent, in their order")
    earlier: list[OperationOutcome] = Field(
        description="Operations sent before that had been held and were settled by this batch, or in the last 24 hours"
    )
    clock: Clock


class OperationOut(OperationOutcome):
    """With what was sent, so that nothing is lost when it was not applied."""

    after: UUID | None
    base_version: int | None
    body: dict[str, Any]
    made_at: AwareDatetime | None = Field(description="The phone's time")
    skew_seconds: int | None = Field(description="How far the phone's clock was ahead when it sent it; null: not told")
