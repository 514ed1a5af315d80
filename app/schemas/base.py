"""Types every shape on the wire is made of."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_CONTROLS = {chr(c) for c in range(32) if chr(c) not in "\t\n\r"} | {"\x7f"}


_INVISIBLE = dict.fromkeys((0x200B, 0x2060, 0xFEFF))
"""Zero-width characters that copying from the web leaves behind; they make names that look alike differ."""


def clean_text(value: str) -> str:
    """NFC-normalised and trimmed; NUL and control characters are refused (Word's \\x0b becomes a newline)."""
    value = unicodedata.normalize("NFC", value.replace("\x0b", "\n").translate(_INVISIBLE)).strip()
    if not _CONTROLS.isdisjoint(value):
        raise PydanticCustomError("invalid_text", "contains control characters")
    return value


def fold_width(value: Any) -> Any:
    """Full-width letters and digits become plain ones (codes, numbers)."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _plain_date(value: Any) -> Any:
    # Pydantic takes a bare number or a datetime for a date; the contract does not.
    if (isinstance(value, str) and _ISO_DATE.fullmatch(value) is None) or isinstance(value, (int, float, Decimal)):
        raise PydanticCustomError("date_form", "a date is YYYY-MM-DD")
    # Compared as text, so that no year/month/day keywords leak into the contract, where JSON Schema has none.
    if isinstance(value, str) and not "1900-01-01" <= value <= "2199-12-31":
        raise PydanticCustomError("date_range", "a date between 1900 and 2199")
    return value


PARTIAL_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


def _real_partial_date(value: str) -> str:
    if len(value) == 10:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("date_form", "no such day") from None
    return value


def _at_least(value: str, minimum: int) -> str:
    if len(value) < minimum:
        raise PydanticCustomError("string_too_short", "too short", {"min_length": minimum})
    return value


Name = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(clean_text), AfterValidator(lambda v: _at_least(v, 1))
]
ShortText = Annotated[str, Field(max_length=500), AfterValidator(clean_text)]
LongText = Annotated[str, Field(max_length=10_000), AfterValidator(clean_text)]
Reason = Annotated[
    str, Field(min_length=1, max_length=2000), AfterValidator(clean_text), AfterValidator(lambda v: _at_least(v, 1))
]
Code = Annotated[str, BeforeValidator(fold_width), StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
RegionCode = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$"),
    Field(description="Statistical code: 2, 4, 6, 9 or 12 digits", examples=["990102"]),
]
RegionPrefix = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=r"^[0-9]{2,12}$"),
    Field(description="A region code; everything under that prefix", examples=["990102"]),
]
AmountIn = Annotated[
    Decimal,
    Field(ge=0, max_digits=18, decimal_places=4, allow_inf_nan=False, description="万元 (10 000 CNY)"),
]
# Pydantic would say "string" of a Decimal it writes; PostgreSQL writes these, as numbers.
Amount = Annotated[Decimal, WithJsonSchema({"type": "number", "description": "万元 (10 000 CNY)"})]
PlainDate = Annotated[date, BeforeValidator(_plain_date)]
PartialDate = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=PARTIAL_DATE),
    AfterValidator(_real_partial_date),
    Field(description='"2016", "2016-03" or "2016-03-15"', examples=["2016-06"]),
]
Year = Annotated[int, Field(ge=1949, le=2199, examples=[2016])]


def _uuid7(value: UUID) -> UUID:
    if value.version != 7:
        raise PydanticCustomError("uuid_version", "a UUIDv7 is needed", {"expected_version": 7})
    return value


NewId = Annotated[
    UUID,
    AfterValidator(_uuid7),
    Field(description="UUIDv7 chosen by the client", examples=["0199c1a0-7c00-7000-8000-000000000001"]),
]


class In(BaseModel):
    """A body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Query(BaseModel):
    """Query parameters: unknown ones are refused, the known ones named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")


class Stamped(Out):
    version: int = Field(description="Also the ETag", ge=1)
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not_found"])
    errors: list[ProblemField] = []
    request_id: str


class ProblemField(BaseModel):
    pointer: str = Field(examples=["/name"])
    code: str = Field(examples=["missing"])
    message: str


Problem.model_rebuild()
