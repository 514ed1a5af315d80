from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import In, Out
from app.schemas.users import Password


class MyGrant(Out):
    role: str
    role_zh: str
    role_en: str
    region_code: str
    region_name: str
    department_id: UUID | None
    department_name: str | None


class Me(Out):
    id: UUID
    username: str
    display_name: str
    phone: str | None
    region_code: str
    region_name: str
    leader_id: UUID | None = Field(description="The leader whose own account it is")
    grants: list[MyGrant] = Field(description="In force today; cut down to the key's region for an API key")
    permissions: list[str] = Field(description="All held somewhere; `GET /roles` tells how far a role's reach")


class PasswordChange(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "Qinghe-2016-bridge", "new_password": "Longtan-2017-tunnel"}]
        }
    )

    current_password: str = Field(json_schema_extra={"format": "password"})
    new_password: Password
