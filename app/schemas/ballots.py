from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.config import JsonDict

from app.domain.dictionaries import RatingStatus
from app.schemas.base import In, Out
from app.schemas.rating_campaigns import RatingOptionOut, WeightedOut

# A ballot holds a thousand of these, and each must be one the campaign knows: of what form they are is only told.
PlainCode = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 64})]
DepartmentKey = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Answers = dict[DepartmentKey, dict[PlainCode, PlainCode]]
Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,400}$")]

MOST_DEPARTMENTS = 500
_EXAMPLE_ID = "0199c1a0-7c00-7000-8000-000000000001"
_ANSWERS: JsonDict = {_EXAMPLE_ID: {"efficiency": "satisfied", "integrity": "unknown"}}


class DepartmentOnBallot(Out):
    id: UUID
    name: str


class GroupOnBallot(Out):
    code: str
    name: str
    departments: list[DepartmentOnBallot]


class BallotKeyOut(Out):
    """One class of raters: same electorate, same departments not to be rated."""

    id: UUID
    electorate: str
    excluded_department_ids: list[UUID]
    algorithm: str = Field(examples=["RSABSSA-SHA384-PSS-Deterministic"])
    modulus: str = Field(description="RSA modulus, 256 bytes, base64url without padding")
    exponent: int = Field(examples=[65537])


class BallotForm(Out):
    id: UUID
    region_code: str
    year: int
    name: str
    status: RatingStatus
    opens_at: AwareDatetime | None
    closes_at: AwareDatetime | None
    groups: list[GroupOnBallot]
    indicators: list[WeightedOut]
    options: list[RatingOptionOut]
    keys: list[BallotKeyOut] = Field(description="All signing keys in use: the same for everyone who asks")


class BallotPaper(Out):
    electorate: str
    excluded_department_ids: list[UUID] = Field(description="Departments you may not rate")
    key: BallotKeyOut
    signed: bool = Field(description="Whether your one signature has been given")


class BallotPaperIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"key_id": _EXAMPLE_ID, "blinded": "A" * 342}]})

    key_id: UUID
    blinded: Base64Url = Field(description="The blinded message, 256 bytes, base64url without padding")


class SignedPaper(Out):
    key_id: UUID
    blind_signature: str = Field(description="256 bytes, base64url without padding")


class BallotToken(In):
    key_id: UUID
    serial: Base64Url = Field(description="The 32 random bytes that were signed")
    signature: Base64Url = Field(description="The unblinded signature, 256 bytes")


class BallotHead(In):
    """All of a ballot but its answers."""

    code: Annotated[str, Field(max_length=64)] | None = Field(None, description="A one-time code; or `token`")
    token: BallotToken | None = None
    revision: int = Field(
        1,
        ge=1,
        le=1000,
        description="With a token: grows by one each time the rater changes the ballot. With a code: 1",
    )


class BallotIn(BallotHead):
    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7QD-W2MX-9RTA-4HPC", "answers": _ANSWERS}]})

    answers: Answers = Field(
        min_length=1,
        max_length=MOST_DEPARTMENTS,
        description="department → indicator → option; what is left out is blank",
    )


class BallotTaken(Out):
    revision: int
    departments: int = Field(description="Departments with at least one answer")
    answers: int
