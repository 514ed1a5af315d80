"""Ballots, cast by nobody in particular, sealed, kept under the hash of what entitled to them.

See docs/rating-secrecy.md before changing anything here: no person, time or number may come near a ballot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import orjson

from app.db import Database
from app.domain.rating_rules import BLANK
from app.errors import AppError, FieldError, invalid, unknown_code
from app.schemas.ballots import MOST_DEPARTMENTS, Answers, BallotHead, BallotIn, BallotToken
from app.security import blind_signatures
from app.security.base64url import decode_or_none
from app.security.urn import CannotOpen, Urn
from app.services.ballot_intake import Book, RaterClass, Sealed, book_of, kept_book
from app.services.rating_rolls import code_digest, plain_code

SHOWN_FAULTS = 50
_STORED = "SELECT revision, sealed FROM rating_sealed_ballots WHERE ballot_key = $1"


class Taken(NamedTuple):
    """What is told of a ballot that was taken. `new`: it was not there before."""

    new: bool
    revision: int
    departments: int
    """With at least one answer."""
    answers: int


async def cast(db: Database, secret: bytes, campaign_id: UUID, body: BallotIn, now: datetime) -> Taken:
    """Take a ballot. The same again is taken as the same.

    Errors: 404; 409 `rating_not_open`, `ballot_final`, `ballot_differs`, `ballot_superseded`; 422.
    """
    book = await book_of(db, secret, campaign_id)
    rater, ballot_key = await _credential(book, body)
    answers, given = _encode(book, rater, _spelt(book, body.answers))
    new = await _take(book, rater, ballot_key, body, answers, now)
    return Taken(new, body.revision, sum(1 for said in body.answers.values() if said), given)


async def cast_whole(db: Database, campaign_id: UUID, ballot: bytes, now: datetime) -> Taken | None:
    """As `cast`, of what may be anything yet. None unless it is plainly a whole ballot, see `_read`."""
    book = kept_book(db, campaign_id)
    whole = None if book is None else _read(book, ballot)
    if book is None or whole is None:
        return None
    rater, ballot_key = await _credential(book, whole.head)
    if not whole.departments.keys() <= rater.departments.keys():
        _check(book, rater, {department: {} for department in whole.departments})
    new = await _take(book, rater, ballot_key, whole.head, whole.answers, now)
    return Taken(new, whole.head.revision, len(whole.departments), len(whole.departments) * len(book.indicators))


class _Whole(NamedTuple):
    head: BallotHead
    departments: dict[str, None]
    answers: bytes


def _read(book: Book, ballot: bytes) -> _Whole | None:
    """A ballot that answers all it asks about a department, in the campaign's own words, as nearly every ballot does:
    that every word could be looked up shows that it is a word.

    The two thousand objects it is parsed into are gone when this returns. They must not wait for the database with the
    request: fifty requests' would have to be looked through by the garbage collection again and again.
    """
    try:
        body = orjson.loads(ballot)
        answers = body.pop("answers")
        if not 0 < len(answers) <= MOST_DEPARTMENTS or not answers.keys() <= book.departments.keys():
            return None
        slips = _complete(book, list(answers.values()))
        if slips is None:
            return None
        return _Whole(BallotHead.model_validate(body), dict.fromkeys(answers), _in_order(book, answers, slips))
    except (ValueError, LookupError, TypeError, AttributeError):  # no JSON, not of this form, or wrong in its head
        return None


async def _take(
    book: Book, rater: RaterClass, ballot_key: bytes, head: BallotHead, answers: bytes, now: datetime
) -> bool:
    """Seal and store; whether it is new.

    A code was in somebody's hands before it was in the rater's: what was cast with it stays as it is, whoever asks.
    """
    revision = head.revision
    if head.code is not None and revision != 1:
        raise AppError("ballot_final")
    place = _place(book.campaign_id, ballot_key, rater.electorate, revision)
    new = await book.taking.ask(ballot_key, Sealed(rater.electorate, revision, book.urn.seal(answers, place), now))
    if new is not None:
        return new
    stored = await book.pool.fetchrow(_STORED, ballot_key)
    if stored is None:
        raise AppError("rating_not_open")
    if stored["revision"] > revision:
        raise AppError("ballot_superseded", stored=stored["revision"])
    try:
        before = book.urn.open(stored["sealed"], place)
    except CannotOpen:  # pragma: no cover - the row was tampered with
        before = b""
    if before != answers:
        raise AppError("ballot_differs" if head.code is None else "ballot_final")
    return False


async def _credential(book: Book, body: BallotHead) -> tuple[RaterClass, bytes]:
    """What the code or token entitles to, and the key the ballot is kept under: the same for the same credential."""
    if (body.code is None) == (body.token is None):
        raise invalid("", "one_party", allowed="code, token")
    if body.token is not None:
        return await _by_token(book, body.token)
    assert body.code is not None
    rater = await book.of_code(code_digest(book.campaign_id, body.code))
    if rater is None:
        raise invalid("/code", "bad_ballot_credential")
    # Of the code itself, not of its stored digest: the two rows cannot be matched without the code.
    return rater, _ballot_key(book, b"code", plain_code(body.code))


async def _by_token(book: Book, token: BallotToken) -> tuple[RaterClass, bytes]:
    rater = await book.of_key(token.key_id)
    if rater is None:
        raise invalid("/token/key_id", "bad_ballot_credential")
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


def _spelt(book: Book, answers: Answers) -> Answers:
    """The answers with ids as they are stored, should the client write them in another way."""
    if answers.keys() <= book.departments.keys():
        return answers
    spelt: Answers = {}
    errors = []
    for department, said in answers.items():
        try:
            spelt[str(UUID(department))] = said
        except ValueError:
            expected = ("应为 UUIDv7", "a UUIDv7")
            errors.append(FieldError(_pointer(department, "[key]"), "wrong_type", {"expected": expected}))
    if errors:
        raise AppError("invalid_content", errors=errors[:SHOWN_FAULTS])
    return spelt


def _pointer(*steps: str) -> str:
    return "/answers" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _encode(book: Book, rater: RaterClass, answers: Answers) -> tuple[bytes, int]:
    """A byte per department and indicator, and how many were answered. 422 naming what is wrong."""
    if answers.keys() <= rater.departments.keys():
        slips = _complete(book, list(answers.values()))
        if slips is not None:
            return _in_order(book, answers, slips), len(slips)
    _check(book, rater, answers)
    by_department = {
        department: bytes(book.marks[said[one]] if one in said else BLANK for one in book.indicators)
        for department, said in answers.items()
    }
    return _placed(book, by_department), sum(map(len, answers.values()))


def _complete(book: Book, said: list[dict[str, str]]) -> bytes | None:
    """The slips one after another when each answers everything with what there is, as most do: a thousand answers,
    looked up without a loop of our own."""
    try:
        if any(map(len(book.indicators).__ne__, map(len, said))):
            return None
        return bytes(map(book.marks.__getitem__, chain.from_iterable(map(book.whole, said))))
    except (KeyError, TypeError):  # TypeError: no objects and texts at all
        return None


def _in_order(book: Book, answers: Answers, slips: bytes) -> bytes:
    """The slips of `answers` in the order of the ballot."""
    if list(answers) == book.order:
        return slips
    width = len(book.indicators)
    return _placed(book, {d: slips[n * width : (n + 1) * width] for n, d in enumerate(answers)})


def _placed(book: Book, slips: Mapping[str, bytes]) -> bytes:
    blank = bytes([BLANK]) * len(book.indicators)
    return b"".join([slips.get(department, blank) for department in book.order])


def _check(book: Book, rater: RaterClass, answers: Answers) -> None:
    errors: list[FieldError] = []
    for department, said in answers.items():
        if department not in rater.departments:
            code = "own_department" if department in book.departments else "not_rated_here"
            errors.append(FieldError(_pointer(department), code, {}))
        else:
            errors += _unknown(book, department, said)
    if not errors and not any(answers.values()):
        errors.append(FieldError("/answers", "nothing_there", {}))
    if errors:
        raise AppError("invalid_content", errors=errors[:SHOWN_FAULTS])


def _unknown(book: Book, department: str, said: Mapping[str, str]) -> list[FieldError]:
    errors = []
    for indicator, option in said.items():
        if indicator not in book.indicators:
            errors.append(unknown_code(_pointer(department, indicator), indicator, book.indicators))
        elif option not in book.marks:
            errors.append(unknown_code(_pointer(department, indicator), option, book.marks))
    return errors
