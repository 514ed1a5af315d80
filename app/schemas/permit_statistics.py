from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Out, Query, RegionPrefix
from app.schemas.permits import KindCode
from app.schemas.statistics import Points


class PermitStatisticsQuery(Query):
    group_by: Literal["department", "kind", "region"] = "department"
    region: RegionPrefix | None = None
    department_id: list[UUID] | None = Field(None, max_length=100, description="Accepted by any of these")
    kind: list[KindCode] | None = Field(None, max_length=50)
    due_within: int = Field(5, ge=0, le=250, description="Working days that `due_soon` looks ahead")


class PermitCounts(Out):
    count: int
    not_applied: int
    applied: int
    accepted: int
    supplementing: int
    issued: int
    refused: int
    withdrawn: int
    overdue: int = Field(description="Accepted or being supplemented, and the authority's time is up")
    due_soon: int = Field(description="Accepted, in time, and due by `due_by`")
    decided: int = Field(description="Issued or refused with a due day on record: the base of the rate")
    decided_late: int = Field(description="Of these, those decided after their due day")
    on_time_rate: Points | None = Field(description="Percent decided in time; null without a decision")


class PermitGroup(PermitCounts):
    key: str | None = Field(description="Department id, kind or region code; null: permits without one")
    label: str = Field(description="In the language of Accept-Language", examples=["住建局"])


class PermitStatistics(Out):
    group_by: Literal["department", "kind", "region"]
    as_of: date
    due_by: date
    groups: list[PermitGroup]
    total: PermitCounts
