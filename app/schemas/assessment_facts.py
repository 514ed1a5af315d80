from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.assessment_schemes import Number
from app.schemas.base import Code, In, LongText, Name, NewId, Out, PlainDate, RegionCode, RegionPrefix
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

ValueIn = Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000, max_digits=18, decimal_places=4, allow_inf_nan=False)]
_EXAMPLE: dict[str, Any] = {
    "region_code": "990101",
    "kind": "criticism",
    "happened_on": "2016-06-30",
    "department_id": "0199c1a0-7c00-7000-8000-000000000001",
    "document": "县督查通报〔2016〕5号",
}


class FactIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: NewId | None = None
    region_code: RegionCode
    kind: Code = Field(description="Dictionary `assessment_fact_kind`", examples=["criticism"])
    happened_on: PlainDate = Field(description="The day that decides the period; not after today")
    department_id: UUID | None = Field(None, description="About it itself; or beside `project_id`, see there")
    leader_id: UUID | None = Field(None, description="Not beside a department")
    project_id: UUID | None = Field(
        None,
        description="Counts for whoever answered for the project on that day, or of them only for the department or "
        "leader named beside it. Needed for `provincial_assessment` and `operation`, which say something of the "
        "project: as a condition of an item (`entered`) they count by shares of the period",
    )
    value: ValueIn | None = Field(None, description="Where the scheme asks for a value, e.g. points")
    document: Name = Field(description="Reference of the document that says so", examples=["县督查通报〔2016〕5号"])
    note: LongText | None = None


class RetractionIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"document": "县督查通报〔2016〕7号", "note": "误报"}]})

    id: NewId | None = None
    document: Name = Field(description="Reference of the document that takes it back")
    note: LongText | None = None


class FactOut(Out):
    id: UUID
    region_code: str
    kind: str
    happened_on: date
    department_id: UUID | None
    leader_id: UUID | None
    project_id: UUID | None = Field(description="The project it is about")
    value: Number | None
    document: str
    note: str | None
    retracts_id: UUID | None = Field(description="The entry this one takes back; neither counts")
    retracted: bool
    entered_at: AwareDatetime
    entered_by: Account | None
    version: int


class FactPage(Out):
    items: list[FactOut]
    next_cursor: str | None
    total: int | None = None


class FactQuery(ListQuery):
    region: RegionPrefix | None = None
    kind: Code | None = None
    department_id: UUID | None = None
    leader_id: UUID | None = None
    project_id: UUID | None = None
    year: int | None = Field(None, ge=1949, le=2199, description="Of the day it happened")
    sort: Literal["happened_on", "-happened_on", "entered_at", "-entered_at"] = "-happened_on"
