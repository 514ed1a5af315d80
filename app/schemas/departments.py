from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.domain.dictionaries import DepartmentKind
from app.listing import ListQuery
from app.schemas.base import In, Name, NewId, Out, RegionCode, RegionPrefix, ShortText, Stamped


class DepartmentIn(In):
    id: NewId | None = None
    region_code: RegionCode
    name: Name = Field(examples=["县工信局"])
    kind: DepartmentKind = "bureau"
    assessment_group: ShortText | None = Field(None, description="Rated and assessed among its like")


class DepartmentPatch(In):
    name: Name | None = None
    kind: DepartmentKind | None = None
    assessment_group: ShortText | None = None
    active: bool | None = None


class DepartmentOut(Stamped):
    id: UUID
    region_code: str
    name: str
    kind: str
    assessment_group: str | None
    active: bool


class DepartmentPage(Out):
    items: list[DepartmentOut]
    next_cursor: str | None
    total: int | None = None


class DepartmentQuery(ListQuery):
    region: RegionPrefix | None = None
    kind: list[DepartmentKind] | None = None
    active: bool | None = None
    name: Name | None = Field(None, description="Exactly this name")
    sort: Literal["id", "-id", "name", "-name"] = "id"
