from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, WithJsonSchema

from app.domain.dictionaries import FundingLevel, FundingStep
from app.schemas.base import (
    Code,
    In,
    LongText,
    Name,
    NewId,
    Out,
    PlainDate,
    Query,
    Reason,
    RegionCode,
    RegionPrefix,
    ShortText,
    Stamped,
    Year,
)
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

FenIn = Annotated[
    Decimal,
    Field(
        ge=0,
        max_digits=20,
        decimal_places=6,
        allow_inf_nan=False,
        description="万元 (10 000 CNY), exact to the fen: at most six decimals",
    ),
]
Fen = Annotated[
    Decimal,
    WithJsonSchema({"type": "number", "description": "万元 (10 000 CNY), exact to the fen: at most six decimals"}),
]
Batch = Annotated[int, Field(ge=1, le=9999, description="Batch number 批次", examples=[1])]


class FundingRecordIn(In):
    """Of a project or of a region, never both."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"region_code": "990102", "year": 2015, "channel": "special_construction_fund", "batch": 1},
            ]
        }
    )

    id: NewId | None = None
    project_id: UUID | None = Field(None, description="The project it is for")
    region_code: RegionCode | None = Field(None, description="The region it is for, to be allocated to projects")
    year: Year
    channel: Code = Field(description="Code of the dictionary `funding_channel`", examples=["fiscal"])
    batch: Batch | None = Field(None, description="Batch number; the special construction fund always has one")
    name: Name | None = Field(None, description="What tells it from others of this year, channel and batch")
    remark: LongText | None = None


class FundingRecordPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"remark": "分两次到位"}]})

    name: Name | None = None
    remark: LongText | None = None


class FundingRecordOut(Stamped):
    id: UUID
    level: FundingLevel
    project_id: UUID | None
    project_name: str | None
    region_code: str = Field(description="Its own, or the project's")
    region_name: str
    source_id: UUID | None = Field(description="The region's record it was allocated from; null: it came directly")
    year: int
    channel: str
    batch: int | None
    name: str | None
    remark: str | None
    applied: Fen
    approved: Fen = Field(description="0 where it was allocated: then it was approved at `source_id`")
    received: Fen = Field(description="到位; of money with a source: what was allocated to the project")
    paid: Fen
    allocated: Fen = Field(description="Of a region's money: what went to projects so far")
    available: Fen = Field(description="received − allocated − paid, not below 0")
    received_over_reason: str | None = Field(description="Why more was received than approved; null where it is not")
    paid_over_reason: str | None = Field(description="Why more was paid than received; null where it is not")


class FundingRecordPage(Out):
    items: list[FundingRecordOut]
    next_cursor: str | None
    total: int | None = None


class FundingFilters(Query):
    """Shared by list and export."""

    region: RegionPrefix | None = None
    project_id: UUID | None = None
    source_id: UUID | None = Field(None, description="What was allocated from this record")
    level: FundingLevel | None = None
    year: Year | None = None
    channel: list[Code] | None = Field(None, max_length=50)
    batch: list[Batch] | None = Field(None, max_length=50)
    sector: list[Code] | None = Field(None, max_length=50, description="Of the project")
    q: ShortText | None = Field(None, min_length=1, description="In the name of the money or its project")


class FundingRecordQuery(FundingFilters, ListQuery):
    sort: Literal["id", "-id", "year", "-year", "received", "-received", "updated_at", "-updated_at"] = "id"


class FundingEntryIn(In):
    """One step of the money, or the correction of an entry."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "received",
                    "happened_on": "2015-06-30",
                    "amount": 11080.5,
                    "document_number": "财建〔2015〕12号",
                }
            ]
        }
    )

    id: NewId | None = None
    step: FundingStep
    happened_on: PlainDate = Field(description="The day of the document or the transfer; not ahead")
    amount: FenIn = Field(description="Of this step, not the sum so far; a correction: what it should have been")
    document_number: ShortText | None = Field(None, description="文号", examples=["发改投资〔2015〕88号"])
    note: LongText | None = None
    corrects_id: UUID | None = Field(None, description="The entry (of the same step) whose place this one takes")
    reason: Reason | None = Field(None, description="Why it is corrected; with `corrects_id` only, and always then")
    excess_reason: Reason | None = Field(
        None, description="Why more is received than approved, or paid than received, where this entry makes it so"
    )


class FundingEntryOut(Out):
    id: UUID
    funding_record_id: UUID
    project_id: UUID | None
    step: FundingStep
    happened_on: date
    amount: Fen
    document_number: str | None
    note: str | None
    corrects_id: UUID | None
    reason: str | None
    corrected_by_id: UUID | None = Field(description="The entry that took its place; null: it is in force")
    excess_reason: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    source: str = Field(description="api, or import: a ledger", examples=["api"])
    version: Literal[1] = Field(description="Never changes: a correction is an entry of its own")


class FundingEntryPage(Out):
    items: list[FundingEntryOut]
    next_cursor: str | None
    total: int | None = None


class FundingEntryQuery(ListQuery):
    step: list[FundingStep] | None = None
    as_of: PlainDate | None = Field(None, description="Only what happened up to that day")
    in_force: bool | None = Field(None, description="true: without what was corrected; false: only that")
    sort: Literal["happened_on", "-happened_on", "recorded_at", "-recorded_at"] = "happened_on"


class AllocationIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "0199c1a0-7c00-7000-8000-000000000002",
                    "happened_on": "2015-07-20",
                    "amount": 500,
                    "document_number": "县财预〔2015〕31号",
                }
            ]
        }
    )

    id: NewId | None = None
    project_id: UUID
    happened_on: PlainDate
    amount: FenIn
    document_number: ShortText | None = None
    note: LongText | None = None
