from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.schemas.base import In, Name, NewId, Out, RegionCode, Stamped
from app.schemas.lists import ListQuery

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _rfc3339(value: Any) -> Any:
    """Pydantic also takes numbers for Unix times; the contract does not."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and _RFC3339.fullmatch(value)):
        expected = "RFC 3339 date-time with offset"
        raise PydanticCustomError("timezone", "a time with its offset", {"expected": expected})
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


class ApiKeyIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "县大屏",
                    "permissions": ["projects.read", "statistics.read"],
                    "region_code": "990102",
                    "expires_at": "2026-12-31T00:00:00+08:00",
                }
            ]
        }
    )

    id: NewId | None = None
    name: Name = Field(examples=["县大屏"])
    permissions: list[str] = Field(
        min_length=1, max_length=100, description="What the key may do; each one held by its owner, see `GET /me`"
    )
    region_code: RegionCode | None = Field(None, description="Limits the key to this region; default: all its owner's")
    expires_at: Instant = Field(description="At most one year ahead")


class ApiKeyOut(Stamped):
    id: UUID
    name: str
    prefix: str = Field(description="The public part: the key starts with `ddk_<prefix>_`")
    permissions: list[str]
    region_code: str | None
    expires_at: AwareDatetime


class ApiKeyCreated(ApiKeyOut):
    key: str | None = Field(
        description="The key itself, sent as `X-API-Key`. Shown this once; null when an Idempotency-Key gives the "
        "answer again, because no copy is kept"
    )


class ApiKeyPage(Out):
    items: list[ApiKeyOut]
    next_cursor: str | None
    total: int | None = None


class ApiKeyQuery(ListQuery):
    sort: Literal["id", "-id"] = "id"
