from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.permissions import ROLES, Reach
from app.schemas.base import In, NewId, Out, PlainDate, RegionCode, RegionPrefix, Stamped
from app.schemas.lists import ListQuery


def _known_role(code: str) -> str:
    if code not in ROLES:
        raise PydanticCustomError("literal_error", "no such role", {"expected": ", ".join(ROLES)})
    return code


RoleCode = Annotated[str, AfterValidator(_known_role), Field(json_schema_extra={"enum": list(ROLES)})]
ValidTo = Annotated[PlainDate, Field(description="First day on which it no longer counts (Asia/Shanghai)")]


class GrantIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "0199c1a0-7c00-7000-8000-000000000001",
                    "role": "dispatcher",
                    "region_code": "990102",
                    "valid_from": "2026-01-01",
                }
            ]
        }
    )

    id: NewId | None = None
    user_id: UUID
    role: RoleCode
    region_code: RegionCode = Field(description="Counts for everything under this prefix")
    department_id: UUID | None = Field(None, description="Needed by `department`, possible for `reporter`")
    valid_from: PlainDate | None = Field(None, description="First day on which it counts; default: today")
    valid_to: ValidTo | None = None


class GrantPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_to": "2026-12-31"}]})

    valid_to: ValidTo | None


class GrantOut(Stamped):
    id: UUID
    user_id: UUID
    username: str
    role: str
    region_code: str
    department_id: UUID | None
    valid_from: PlainDate
    valid_to: PlainDate | None
    granted_by: UUID | None


class GrantPage(Out):
    items: list[GrantOut]
    next_cursor: str | None
    total: int | None = None


class GrantQuery(ListQuery):
    user_id: UUID | None = None
    role: list[RoleCode] | None = None
    region: RegionPrefix | None = Field(None, description="Grants for regions under this prefix")
    department_id: UUID | None = None
    on: PlainDate | None = Field(None, description="In force on that day")
    sort: Literal["id", "-id"] = "id"


class RoleOut(Out):
    code: str
    label_zh: str
    label_en: str
    needs_department: bool
    administrator: bool = Field(description="One person never holds two of the three administrators' roles")
    permissions: dict[str, Reach] = Field(
        description="Permission → reach: `everywhere`; the grant's `region`; its `department`'s part of the region; "
        "what is `assigned` to the person or department; the person's `own`"
    )


class Roles(Out):
    items: list[RoleOut]
