from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.dictionaries import DepartmentKind
from app.schemas.base import In, Name, NewId, Out, RegionCode, RegionPrefix, ShortText, Stamped
from app.schemas.lists import ListQuery


class DepartmentIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"region_code": "990102", "name": "县工信局", "kind": "bureau", "assessment_group": "综合管理"}
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode = Field(description="County, township or park it belongs to", examples=["990102001"])
    name: Name = Field(examples=["县工信局"])
    kind: DepartmentKind = "bureau"
    assessment_group: ShortText | None = Field(None, description="Rated and assessed among its like")


class DepartmentPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "县工业和信息化局", "active": True}]})

    name: Name | None = None
    kind: DepartmentKind | None = None
    assessment_group: ShortText | None = None
    active: bool | None = None


class DepartmentOut(Stamped):
    id: UUID
    region_code: str
    name: str
    kind: DepartmentKind
    assessment_group: str | None
    active: bool


class DepartmentPage(Out):
    items: list[DepartmentOut]
    next_cursor: str | None
    total: int | None = None


class DepartmentQuery(ListQuery):
    region: RegionPrefix | None = None
    kind: list[DepartmentKind] | None = Field(None, max_length=10)
    assessment_group: ShortText | None = Field(None, description="Exactly this group")
    active: bool | None = None
    name: Name | None = Field(None, description="Exactly this name")
    q: Name | None = Field(None, description="Part of the name")
    sort: Literal["id", "-id", "name", "-name"] = "id"
