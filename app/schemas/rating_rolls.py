from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import Code, In, NewId, Out, ShortText
from app.schemas.lists import ListQuery


class RaterIn(In):
    username: Annotated[str, Field(max_length=64)]
    electorate: Code
    excluded_department_ids: list[UUID] = Field(
        [],
        max_length=10,
        description="Departments the rater belongs to and may not rate; those of own department grants count anyway",
    )


class RatersIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"raters": [{"username": "rater", "electorate": "enterprises"}]}]}
    )

    raters: list[RaterIn] = Field(min_length=1, max_length=1000)


class RaterOut(Out):
    user_id: UUID
    username: str
    display_name: str
    electorate: str
    excluded_department_ids: list[UUID]
    version: int


class RaterPage(Out):
    items: list[RaterOut]
    next_cursor: str | None
    total: int | None = None


class RaterQuery(ListQuery):
    electorate: Code | None = None


class RatersDone(Out):
    added: int
    changed: int
    unchanged: int


class CodeBatchIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"electorate": "enterprises", "count": 20, "note": "园区企业座谈会"}]}
    )

    id: NewId | None = None
    electorate: Code
    count: int = Field(ge=1, le=5000)
    excluded_department_ids: list[UUID] = Field([], max_length=10)
    note: ShortText | None = None


class CodeBatchOut(Out):
    id: UUID
    campaign_id: UUID
    electorate: str
    excluded_department_ids: list[UUID]
    count: int
    note: str | None
    created_at: AwareDatetime
    version: int


class CodeBatchCreated(CodeBatchOut):
    codes: list[str] = Field(description="Shown in this answer and never again")


class CodeBatchPage(Out):
    items: list[CodeBatchOut]
    next_cursor: str | None
    total: int | None = None
