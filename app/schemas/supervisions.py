from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import In, NewId, Out, PlainDate, Stamped
from app.schemas.lists import ListQuery

UNTIL = "First day on which it no longer holds; null: no end"


class SupervisionIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"department_id": "0199c1a0-7c00-7000-8000-000000000001", "valid_from": "2016-01-01"}]
        }
    )

    id: NewId | None = None
    department_id: UUID
    valid_from: PlainDate = Field(description="First day", examples=["2016-01-01"])
    valid_to: PlainDate | None = Field(None, description=UNTIL)


class SupervisionPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_to": "2016-07-01"}]})

    valid_to: PlainDate | None = Field(None, description=UNTIL, examples=["2016-07-01"])


class SupervisionOut(Stamped):
    id: UUID
    leader_id: UUID
    department_id: UUID
    department_name: str = Field(examples=["县工信局"])
    valid_from: date
    valid_to: date | None = Field(description=UNTIL)


class SupervisionPage(Out):
    items: list[SupervisionOut]
    next_cursor: str | None
    total: int | None = None


class SupervisionQuery(ListQuery):
    as_of: PlainDate | None = Field(None, description="Only those that held on that day")
    department_id: UUID | None = None
    sort: Literal["valid_from", "-valid_from", "id", "-id"] = "valid_from"
