from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.dictionaries import LeaderBody
from app.schemas.base import In, Name, NewId, Out, RegionCode, RegionPrefix, ShortText, Stamped
from app.schemas.lists import ListQuery

BODY = "Which of the four bodies 四大班子; default: read off the title (县委, 人大, 政协, else government)"


class LeaderIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"region_code": "990102", "name": "王建国", "title": "县委书记"}]}
    )

    id: NewId | None = None
    region_code: RegionCode
    name: Name = Field(examples=["王建国"])
    title: ShortText | None = Field(None, examples=["县委书记"])
    body: LeaderBody | None = Field(None, description=BODY)


class LeaderPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "县长", "body": "government"}]})

    name: Name | None = None
    title: ShortText | None = None
    body: LeaderBody | None = Field(None, description="A new title alone leaves it as it is")
    active: bool | None = None


class LeaderItem(Stamped):
    id: UUID
    region_code: str
    name: str
    title: str | None
    body: LeaderBody
    active: bool


class SupervisedDepartment(Out):
    id: UUID
    name: str = Field(examples=["县工信局"])
    since: date
    supervision_id: UUID


class LeaderOut(LeaderItem):
    supervised_departments: list[SupervisedDepartment] = Field(description="Supervised now 现分管部门")


class LeaderPage(Out):
    items: list[LeaderItem]
    next_cursor: str | None
    total: int | None = None


class LeaderQuery(ListQuery):
    region: RegionPrefix | None = None
    body: list[LeaderBody] | None = Field(None, max_length=10)
    active: bool | None = None
    name: Name | None = Field(None, description="Exactly this name")
    q: Name | None = Field(None, description="Part of the name")
    sort: Literal["id", "-id", "name", "-name"] = "id"
