"""Ballots, cast by nobody in particular, sealed, kept under the hash of what entitled to them.

See docs/rating-secrecy.md before changing anything here: no person, time or number may come near a ballot.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.db import Database
from app.domain.rating_rules import BLANK, Rules, rules_from
from app.errors import AppError, FieldError, invalid, not_found
from app.resources.rating_campaigns import RATING_CAMPAIGN
from app.schemas.ballots import BallotIn, BallotToken
from app.security import blind_signatures
from app.security.base64url import decode_or_none
from app.security.urn import CannotOpen, Urn
from app.services.rating_rolls import code_digest, plain_code

SHOWN_FAULTS = 50
_UNKNOWN = 254
"""Stands in a slip that is being made for an option there is none of."""


@dataclass(frozen=True, slots=True)
class RaterClass:
    """What a ballot token says of its bearer, and all it says."""

    electorate: str
    excluded: frozenset[UUID]
    key: RSAPublicKey | None = None


class Marks(dict[str | None, int]):
    """Option → its byte; None, nothing said → BLANK."""

    def __missing__(self, option: str | None) -> int:
        return _UNKNOWN


@dataclass(slots=True)
class Book:
    """What casting needs of an open campaign; its rules no longer change, so it is kept."""

    campaign_id: UUID
    rules: Rules
    urn: Urn
    places: dict[UUID, int]
    indicators: tuple[str, ...]
    marks: Marks
    classes: dict[UUID, RaterClass] = field(default_factory=dict)


_books: OrderedDict[UUID, Book] = OrderedDict()
_KEPT_BOOKS = 16

_CAMPAIGN = """
SELECT c.status, c.groups, c.indicators, c.electorates, c.options, c.best_count, c.worst_count, c.minimum_ballots,
       c.below_minimum, c.tie_rule, c.smallest_count, s.salt
  FROM rating_campaigns c LEFT JOIN rating_secrets s ON s.campaign_id = c.id
 WHERE c.id = $1
"""
_KEY = "SELECT electorate, excluded_department_ids, modulus FROM rating_keys WHERE campaign_id = $1 AND id = $2"
_CODE = """
SELECT b.electorate, b.excluded_department_ids
  FROM rating_codes c JOIN rating_code_batches b ON b.id = c.batch_id
 WHERE c.digest = $1 AND b.campaign_id = $2
"""
# One statement, committed when it returns. The lock on the campaign makes closing wait for it, and makes it see that
# the campaign was closed while it waited.
_CAST = """
WITH taking AS (
  SELECT id FROM rating_campaigns
   WHERE id = $1 AND status = 'open' AND opens_at <= $6 AND closes_at > $6 FOR KEY SHARE
)
INSERT INTO rating_sealed_ballots AS b (campaign_id, ballot_key, electorate, revision, sealed)
SELECT id, $2, $3, $4, $5 FROM taking
ON CONFLICT (ballot_key) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed
 WHERE b.revision < excluded.revision
RETURNING revision, xmax = 0 AS new
"""
_STORED = "SELECT revision, sealed FROM rating_sealed_ballots WHERE ballot_key = $1"


async def cast(db: Database, secret: bytes, campaign_id: UUID, body: BallotIn, now: datetime) -> tuple[int, bool]:
    """Take a ballot; (answers counted in, whether it is new). The same again is taken as the same.

    Errors: 404; 409 `rating_not_open`, `ballot_differs`, `ballot_superseded`; 422.
    """
    async with db.turns:
        return await _cast(db, secret, campaign_id, body, now)


async def _cast(db: Database, secret: bytes, campaign_id: UUID, body: BallotIn, now: datetime) -> tuple[int, bool]:
    book = await _book(db, secret, campaign_id)
    rater, ballot_key = await _credential(db, book, body)
    answers, given = _encode(book, rater, body.answers)
    place = _place(campaign_id, ballot_key, rater.electorate, body.revision)
    sealed = book.urn.seal(answers, place)
    values = (campaign_id, ballot_key, rater.electorate, body.revision, sealed, now)
    taken = await db.pool.fetchrow(_CAST, *values)
    if taken is not None:
        return given, taken["new"]
    stored = await db.pool.fetchrow(_STORED, ballot_key)
    if stored is None:
        raise AppError("rating_not_open")
    if stored["revision"] > body.revision:
        raise AppError("ballot_superseded", stored=stored["revision"])
    try:
        before = book.urn.open(stored["sealed"], place)
    except CannotOpen:  # pragma: no cover - the row was tampered with
        before = b""
    if before != answers:
        raise AppError("ballot_differs")
    return given, False


async def _book(db: Database, secret: bytes, campaign_id: UUID) -> Book:
    book = _books.get(campaign_id)
    if book is not None:
        return book
    row = await db.pool.fetchrow(_CAMPAIGN, campaign_id)
    if row is None:
        raise not_found(RATING_CAMPAIGN.label)
    if row["status"] != "open":
        raise AppError("rating_not_open")
    rules = rules_from({k: orjson.loads(v) if k in _JSON else v for k, v in row.items()})
    book = Book(
        campaign_id,
        rules,
        Urn(secret, row["salt"], "ballots"),
        {department: n for n, department in enumerate(rules.departments)},
        tuple(indicator.code for indicator in rules.indicators),
        Marks({None: BLANK} | {option.code: n for n, option in enumerate(rules.options)}),
    )
    _books[campaign_id] = book
    while len(_books) > _KEPT_BOOKS:
        _books.popitem(last=False)
    return book


_JSON = frozenset({"groups", "indicators", "electorates", "options"})


def forget(campaign_id: UUID) -> None:
    """The campaign is closed: nothing of its keys stays in this process."""
    _books.pop(campaign_id, None)


async def _credential(db: Database, book: Book, body: BallotIn) -> tuple[RaterClass, bytes]:
    """What the code or token entitles to, and the key the ballot is kept under: the same for the same credential."""
    if (body.code is None) == (body.token is None):
        raise invalid("", "one_party", allowed="code, token")
    if body.token is not None:
        return await _by_token(db, book, body.token)
    assert body.code is not None
    digest = code_digest(book.campaign_id, body.code)
    row = await db.pool.fetchrow(_CODE, digest, book.campaign_id)
    if row is None:
        raise invalid("/code", "bad_ballot_credential")
    rater = RaterClass(row["electorate"], frozenset(row["excluded_department_ids"]))
    # Of the code itself, not of its stored digest: the two rows cannot be matched without the code.
    return rater, _ballot_key(book, b"code", plain_code(body.code))


async def _by_token(db: Database, book: Book, token: BallotToken) -> tuple[RaterClass, bytes]:
    rater = book.classes.get(token.key_id)
    if rater is None:
        row = await db.pool.fetchrow(_KEY, book.campaign_id, token.key_id)
        if row is None:
            raise invalid("/token/key_id", "bad_ballot_credential")
        key = blind_signatures.public_key(row["modulus"])
        rater = RaterClass(row["electorate"], frozenset(row["excluded_department_ids"]), key)
        book.classes[token.key_id] = rater
    serial, signature = decode_or_none(token.serial), decode_or_none(token.signature)
    assert rater.key is not None
    if serial is None or signature is None or len(serial) != 32:
        raise invalid("/token/serial", "bad_ballot_credential")
    if not blind_signatures.verifies(rater.key, serial, signature):
        raise invalid("/token/signature", "bad_ballot_credential")
    return rater, _ballot_key(book, b"token", serial)


def _ballot_key(book: Book, kind: bytes, credential: bytes) -> bytes:
    return hashlib.sha256(b"diaodu ballot " + kind + book.campaign_id.bytes + credential).digest()


def _place(campaign_id: UUID, ballot_key: bytes, electorate: str, revision: int) -> bytes:
    return campaign_id.bytes + ballot_key + revision.to_bytes(2, "big") + electorate.encode()


def opened(urn: Urn, campaign_id: UUID, ballot_key: bytes, electorate: str, revision: int, sealed: bytes) -> bytes:
    """The answers of a sealed ballot. CannotOpen."""
    return urn.open(sealed, _place(campaign_id, ballot_key, electorate, revision))


def _encode(book: Book, rater: RaterClass, answers: Mapping[UUID, Mapping[str, str]]) -> tuple[bytes, int]:
    """A byte per department and indicator, and how many were answered. 422 naming what is wrong."""
    width = len(book.indicators)
    marks = bytearray([BLANK]) * (len(book.places) * width)
    errors: list[FieldError] = []
    given = 0
    for department, said in answers.items():
        place = book.places.get(department)
        if place is None or department in rater.excluded:
            code = "not_rated_here" if place is None else "own_department"
            errors.append(FieldError(f"/answers/{department}", code, {}))
            continue
        # A thousand answers a ballot: looked up without a loop of our own, and looked over only if one is unknown.
        slip = bytes(map(book.marks.__getitem__, map(said.get, book.indicators)))
        if slip.count(_UNKNOWN) or width - slip.count(BLANK) != len(said):
            errors += _unknown(book, department, said)
        marks[place * width : (place + 1) * width] = slip
        given += len(said)
    if not errors and not given:
        errors.append(FieldError("/answers", "nothing_there", {}))
    if errors:
        raise AppError("invalid_content", errors=errors[:SHOWN_FAULTS])
    return bytes(marks), given


def _unknown(book: Book, department: UUID, said: Mapping[str, str]) -> list[FieldError]:
    return [
        FieldError(f"/answers/{department}/{indicator}", "unknown_code", {"value": wrong})
        for indicator, option in said.items()
        for wrong in [indicator if indicator not in book.indicators else option]
        if indicator not in book.indicators or option not in book.marks
    ]
