from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.dictionaries import VisitKind
from app.schemas.base import In, LongText, NewId, Out, PlainDate, Reason, RegionPrefix, Stamped
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

KIND = "盯 watch, 跟 follow, 帮 help, 督 press"
_EXAMPLE: dict[str, Any] = {
    "project_id": "0199c1a0-7c00-7000-8000-000000000001",
    "leader_id": "0199c1a0-7c00-7000-8000-000000000002",
    "kind": "help",
    "happened_on": "2016-03-10",
    "finding": "征地尚余3户未签约，影响进场",
    "decision": "由国土局3月20日前完成签约",
}


class VisitIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: NewId | None = None
    project_id: UUID
    leader_id: UUID | None = Field(None, description="Left out: the leader whose account this is")
    kind: VisitKind = Field(description=KIND)
    happened_on: PlainDate = Field(description="Not after today")
    finding: Reason = Field(description="What was seen or heard")
    decision: LongText | None = Field(None, description="What was decided there")


class VisitPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "由住建局3月底前完成"}]})

    kind: VisitKind | None = None
    happened_on: PlainDate | None = None
    finding: Reason | None = None
    decision: LongText | None = None


class VisitOut(Stamped):
    id: UUID
    project_id: UUID
    project_name: str
    region_code: str
    leader_id: UUID
    leader_name: str
    kind: VisitKind
    happened_on: date
    finding: str
    decision: str | None
    entered_by: Account | None


class VisitPage(Out):
    items: list[VisitOut]
    next_cursor: str | None
    total: int | None = None


class VisitQuery(ListQuery):
    region: RegionPrefix | None = None
    project_id: list[UUID] | None = Field(None, max_length=100)
    leader_id: list[UUID] | None = Field(None, max_length=100)
    kind: list[VisitKind] | None = Field(None, max_length=4)
    happened_from: PlainDate | None = Field(None, description="On that day or later")
    happened_to: PlainDate | None = Field(None, description="On that day or earlier")
    sort: Literal["happened_on", "-happened_on", "id", "-id"] = "-happened_on"
