"""What is asked of the process that reads pictures, what it answers, and how both travel."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.domain.photos import PhotoRefusal


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may have before it is decoded."""

    pixels: int
    side: int = 30_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found in a file. Times are ISO texts in UTC; `dhash` is signed, as the database keeps it."""

    media_type: str
    sha256: str
    width: int | None = None
    height: int | None = None
    dhash: int | None = None
    taken_at: str | None = None
    longitude: float | None = None
    latitude: float | None = None

    @property
    def moment(self) -> datetime | None:
        return datetime.fromisoformat(self.taken_at) if self.taken_at else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was taken, with its renditions as JPEG; a document has none."""

    facts: Facts
    display: bytes = b""
    thumbnail: bytes = b""


class Refused(Exception):
    def __init__(self, code: PhotoRefusal) -> None:
        super().__init__(code)
        self.code = code


def question(limits: Limits, content: bytes) -> bytes:
    head = json.dumps(asdict(limits)).encode()
    return len(head).to_bytes(4, "big") + head + len(content).to_bytes(4, "big") + content


def answer(outcome: Reading | Refused) -> bytes:
    if isinstance(outcome, Refused):
        head, body = {"refused": outcome.code}, b""
    else:
        head = asdict(outcome.facts) | {"display": len(outcome.display)}
        body = outcome.display + outcome.thumbnail
    told = json.dumps(head).encode()
    whole = len(told).to_bytes(4, "big") + told + body
    return len(whole).to_bytes(4, "big") + whole


def understood(answered: bytes) -> Reading:
    """Errors: Refused."""
    length = int.from_bytes(answered[:4], "big")
    head, body = json.loads(answered[4 : 4 + length]), answered[4 + length :]
    if "refused" in head:
        raise Refused(head["refused"])
    display = head.pop("display")
    return Reading(Facts(**head), body[:display], body[display:])
