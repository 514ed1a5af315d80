from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from app.schemas.base import In, Name, NewId, Out, RegionCode, RegionPrefix, Stamped, fold_width
from app.schemas.lists import ListQuery

_LONGEST_USERNAME = 64


def fold_username(value: Any) -> Any:
    """The stored spelling: plain-width small letters. What is too long for a user name is left alone."""
    if not isinstance(value, str) or len(value) > 4 * _LONGEST_USERNAME:
        return value
    return unicodedata.normalize("NFKC", value).strip().lower()


USERNAME_FORM = r"^[a-z0-9][a-z0-9._-]{1,63}$"
Username = Annotated[
    str,
    BeforeValidator(fold_username),
    StringConstraints(pattern=USERNAME_FORM),
    Field(description="2 to 64 of a-z 0-9 . _ -, never changed", examples=["zhang.san"]),
]
Phone = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=r"^[0-9+() -]{3,32}$"),
    Field(examples=["13800000000"]),
]
Password = Annotated[
    str,
    Field(
        description="10 to 256 characters, three kinds of them (or 16 and more), no common word, not the user name",
        examples=["Qinghe-2016-bridge"],
        json_schema_extra={"format": "password"},
    ),
]
LEADER = "The leader whose own account it is: visits are entered in that name"


class UserIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "zhang.san",
                    "display_name": "张三",
                    "region_code": "990102",
                    "phone": "13800000000",
                    "password": "Qinghe-2016-bridge",
                }
            ]
        }
    )

    id: NewId | None = None
    username: Username
    display_name: Name = Field(examples=["张三"])
    region_code: RegionCode = Field(description="Where the account is administered; grants say what it may see")
    phone: Phone | None = None
    leader_id: UUID | None = Field(None, description=LEADER)
    password: Password


class UserPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "13900000000", "disabled": True}]})

    display_name: Name | None = None
    region_code: RegionCode | None = None
    phone: Phone | None = None
    leader_id: UUID | None = Field(None, description=LEADER)
    disabled: bool | None = Field(None, description="A disabled account cannot sign in; its sessions end at once")


class PasswordReset(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "Qinghe-2016-bridge"}]})

    password: Password


class UserOut(Stamped):
    id: UUID
    username: str
    display_name: str
    region_code: str
    phone: str | None
    leader_id: UUID | None
    disabled: bool
    demo: bool
    password_changed_at: AwareDatetime | None
    locked_until: AwareDatetime | None = Field(description="Refused until then, after too many wrong passwords")


class UserPage(Out):
    items: list[UserOut]
    next_cursor: str | None
    total: int | None = None


class UserQuery(ListQuery):
    region: RegionPrefix | None = None
    username: Username | None = Field(None, description="Exactly this user name")
    disabled: bool | None = None
    sort: Literal["id", "-id", "username", "-username"] = "id"
