from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import In, LongText, NewId, Out, Query, RegionCode, RegionPrefix, Stamped
from app.schemas.lists import ListQuery
from app.schemas.permits import KindCode, Limit

SAYS = "null: as the region above it, and above all the rules that ship with the product"


class _Said(In):
    time_limit_days: Limit | None = Field(None, description=f"Working days of the authority; {SAYS}")
    mandatory: bool | None = Field(
        None, description=f"true: no project of the region starts before it is issued; {SAYS}"
    )
    entry_required: bool | None = Field(
        None,
        description="Of a mandatory kind: does it also bar projects that have no permit of the kind entered at all?"
        f" false: only permits that are entered count; {SAYS}: true",
    )
    note: LongText | None = Field(None, description="Why, e.g. the document that says so")


class PermitRuleIn(_Said):
    """What a region asks of a kind of permit, where it differs. At least one of the three is said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"region_code": "990101", "kind": "construction_permit", "time_limit_days": 3}]}
    )

    id: NewId | None = None
    region_code: RegionCode
    kind: KindCode


class PermitRulePatch(_Said):
    model_config = ConfigDict(json_schema_extra={"examples": [{"time_limit_days": 5}]})


class PermitRuleOut(Stamped):
    id: UUID
    region_code: str
    kind: str
    time_limit_days: int | None
    mandatory: bool | None
    entry_required: bool | None
    note: str | None


class PermitRulePage(Out):
    items: list[PermitRuleOut]
    next_cursor: str | None
    total: int | None = None


class PermitRuleQuery(ListQuery):
    region: RegionPrefix | None = None
    kind: list[KindCode] | None = Field(None, max_length=50)
    sort: Literal["id", "-id", "region_code", "-region_code"] = "region_code"


class PermitKindsQuery(Query):
    region: RegionCode


class PermitKind(Out):
    kind: str
    label_zh: str
    label_en: str
    time_limit_days: int
    time_limit_from: str | None = Field(description="The region that says so; null: ships with the product")
    mandatory: bool = Field(description="Not issued, it keeps a project from `started`")
    mandatory_from: str | None = Field(description="The region that says so; null: ships with the product")
    entry_required: bool = Field(
        description="A mandatory kind keeps a project from `started` even when none is entered"
    )
    entry_required_from: str | None = Field(description="The region that says so; null: ships with the product")


class PermitKinds(Out):
    region_code: str
    kinds: list[PermitKind]
