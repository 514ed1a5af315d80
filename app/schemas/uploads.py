"""The headers of tus 1.0, read strictly; what is wrong with them is told by the header's name."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.errors import AppError, invalid
from app.schemas.base import In, Name, NewId

ALGORITHMS: dict[str, Callable[[], Any]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_METADATA = 4096
NAMELESS = "file"


class _Known(In):
    photo_id: NewId | None = None
    filename: Name = NAMELESS


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a client says of its file. `sent` is the header as it came, to be given back as it is."""

    sent: str
    photo_id: UUID | None
    filename: str


@dataclass(frozen=True, slots=True)
class Checksum:
    algorithm: str
    digest: bytes


def number(header: str, value: str | None) -> int:
    """A header that must be there and hold a whole number, not negative."""
    if value is None:
        raise invalid(header, "missing")
    if _NUMBER.fullmatch(value) is None:
        raise invalid(header, "invalid_value", expected=("0 至 15 位的非负整数", "a whole number, not negative"))
    return int(value)


def metadata(value: str | None) -> Metadata:
    """Upload-Metadata: pairs of a key and a Base64 value. `photo_id` and `filename` mean something here; others are
    kept and given back."""
    sent = value or ""
    if len(sent) > _LONGEST_METADATA:
        raise invalid(
            "Upload-Metadata",
            "too_long",
            expected=(f"最多 {_LONGEST_METADATA} 字节", f"at most {_LONGEST_METADATA} bytes"),
        )
    if not sent.isascii():
        raise _malformed()
    pairs: dict[str, str] = {}
    for each in sent.split(",") if sent.strip() else []:
        key, _, encoded = each.strip().partition(" ")
        if not key or not key.isascii() or key in pairs:
            raise _malformed()
        pairs[key] = _text(encoded) if key in _Known.model_fields else encoded
    known = {key: text for key, text in pairs.items() if key in _Known.model_fields and text}
    if "filename" in known:
        known["filename"] = plain_name(known["filename"])
    try:
        said = _Known.model_validate(known)
    except ValidationError as error:
        raise invalid(
            f"Upload-Metadata/{error.errors()[0]['loc'][0]}", "invalid_value", expected=_expected(error)
        ) from None
    return Metadata(sent, said.photo_id, said.filename)


def _text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _malformed() from None


def _malformed() -> AppError:
    expected = ("key Base64 值，以逗号分隔，键不重复", "pairs of a key and a Base64 value, no key twice")
    return invalid("Upload-Metadata", "invalid_value", expected=expected)


def _expected(error: ValidationError) -> tuple[str, str]:
    if error.errors()[0]["loc"][0] == "photo_id":
        return ("UUIDv7", "a UUIDv7")
    return ("1 至 200 个字符的文件名", "a file name of 1 to 200 characters")


def plain_name(name: str) -> str:
    """The last part of whatever path the client gave, on one line, its end kept when it is too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(sign if sign.isprintable() else " " for sign in last).strip()
    return printable[-200:].strip() or NAMELESS


def checksum(value: str | None) -> Checksum | None:
    """Upload-Checksum: the algorithm and the digest in Base64."""
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise AppError("checksum_algorithm_unknown", known=", ".join(ALGORITHMS))
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != ALGORITHMS[algorithm]().digest_size:
        raise invalid(
            "Upload-Checksum", "invalid_value", expected=("算法名与 Base64 摘要", "an algorithm and a Base64 digest")
        )
    return Checksum(algorithm, digest)
