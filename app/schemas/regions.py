from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from app.domain.dictionaries import RegionKind
from app.schemas.base import In, Name, Out, RegionCode, RegionPrefix, Stamped
from app.schemas.lists import ListQuery

KIND = "2 digits province, 4 prefecture, 6 county, 9 township or park, 12 village"


class RegionIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "990102002", "name": "大河镇", "kind": "township"}]}
    )

    code: RegionCode = Field(examples=["990102002"])
    name: Name = Field(examples=["大河镇"])
    kind: RegionKind | None = Field(None, description=f"{KIND}; default: by the digits, 9 being a township")


class RegionPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "大河工业园区", "kind": "park"}]})

    name: Name | None = None
    kind: RegionKind | None = Field(None, description=KIND)


class RegionOut(Stamped):
    code: str = Field(examples=["990102002"])
    name: str = Field(examples=["大河镇"])
    kind: RegionKind
    parent_code: str | None = Field(description="The nearest region above, null for provinces", examples=["990102"])


class RegionPage(Out):
    items: list[RegionOut]
    next_cursor: str | None
    total: int | None = None


class RegionQuery(ListQuery):
    under: RegionPrefix | None = Field(None, description="Prefix: that region and all below it")
    parent: RegionCode | None = Field(None, description="Only those right below it")
    kind: list[RegionKind] | None = Field(None, max_length=10)
    q: Name | None = Field(None, description="Part of the name")
    sort: Literal["code", "-code", "name", "-name"] = "code"
