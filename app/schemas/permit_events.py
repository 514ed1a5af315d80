from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.permit_clock import PermitEventKind
from app.schemas.base import In, LongText, NewId, Out, PlainDate, Reason, ShortText
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account


class PermitEventIn(In):
    """Something that happened to the permit, or the correction of an entry; what a correction leaves out stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "applied", "happened_on": "2016-03-01", "document_number": "甲住建收〔2016〕12号"},
                {
                    "kind": "annulled",
                    "corrects": "0199c1a0-7c00-7000-8000-000000000001",
                    "reason": "登记到了别的手续上",
                },
            ]
        }
    )

    id: NewId | None = None
    kind: PermitEventKind = Field(description="annulled: what it corrects never happened")
    happened_on: PlainDate | None = Field(None, description="Not ahead; default today, of a correction: as before")
    document_number: ShortText | None = Field(None, description="文号", examples=["520000202603020101"])
    note: LongText | None = None
    corrects: UUID | None = Field(None, description="The entry this one takes the place of")
    reason: Reason | None = Field(None, description="Asked for when correcting")


class PermitEventOut(Out):
    id: UUID
    permit_id: UUID
    kind: PermitEventKind
    happened_on: date
    document_number: str | None
    note: str | None
    corrects: UUID | None
    reason: str | None
    corrected_by: UUID | None = Field(description="The entry that took its place")
    in_force: bool = Field(description="Neither corrected nor annulling")
    recorded_at: AwareDatetime
    recorded_by: Account | None
    version: Literal[1] = Field(description="Never changes: it is corrected by another entry")


class PermitEventPage(Out):
    items: list[PermitEventOut]
    next_cursor: str | None
    total: int | None = None


class PermitEventQuery(ListQuery):
    in_force: bool | None = Field(None, description="Only entries that count, or only those that do not")
    sort: Literal["happened_on", "-happened_on", "recorded_at", "-recorded_at"] = "recorded_at"
