from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import In, NewId, Out, PlainDate, Reason, Stamped
from app.schemas.lists import ListQuery


class SuspensionIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "资金未到位", "since": "2016-03-01"}]})

    id: NewId | None = None
    reason: Reason
    since: PlainDate | None = Field(None, description="First day; default today, not ahead")


class SuspensionPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2016-05-01"}]})

    until: PlainDate = Field(description="First day on which work goes on; not ahead")


class SuspensionOut(Stamped):
    id: UUID
    project_id: UUID
    reason: str
    since: date
    until: date | None = Field(description="First day on which work went on; null: still suspended")


class SuspensionPage(Out):
    items: list[SuspensionOut]
    next_cursor: str | None
    total: int | None = None


class SuspensionQuery(ListQuery):
    sort: Literal["since", "-since"] = "since"
