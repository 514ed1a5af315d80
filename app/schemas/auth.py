from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.base import Out


def _as_oauth2_says(schema: dict[str, Any]) -> None:
    """What is missing is answered in OAuth2's words, so nothing is required of the parser; of the client it is."""
    for member in schema["properties"].values():
        member.pop("default", None)
    schema["properties"]["grant_type"]["enum"] = ["password", "refresh_token"]
    schema["required"] = ["grant_type"]
    schema["examples"] = [{"grant_type": "password", "username": "dispatcher_b", "password": "Qinghe-2016-bridge"}]


class TokenForm(BaseModel):
    """OAuth2 token request (RFC 6749 4.3 and 6). Other parameters, e.g. `scope` or `client_id`, are ignored."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_as_oauth2_says)

    grant_type: str = ""
    username: str = Field("", description="With grant_type=password; letter case and width do not matter")
    password: str = Field("", description="With grant_type=password", json_schema_extra={"format": "password"})
    refresh_token: str = Field("", description="With grant_type=refresh_token")


class Tokens(Out):
    """OAuth2 token answer (RFC 6749 5.1)."""

    access_token: str = Field(description="JWT, sent as `Authorization: Bearer …`")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # not a password: the kind of token RFC 6750 defines
    expires_in: int = Field(description="Seconds the access token lives")
    refresh_token: str = Field(description="Opaque, for one use; a new one comes with every refresh")
    refresh_expires_in: int = Field(description="Seconds until this sign-in ends unless refreshed")
