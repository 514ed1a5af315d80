"""What is kept of open campaigns to take their ballots in, many at a time.

See docs/rating-secrecy.md before changing anything here: no person, time or number may come near a ballot.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.db import Database
from app.domain.rating_rules import rules_from
from app.errors import AppError, not_found
from app.gathering import Gathering
from app.resources.rating_campaigns import RATING_CAMPAIGN
from app.security import blind_signatures
from app.security.urn import Urn


@dataclass(frozen=True, slots=True)
class RaterClass:
    """What a ballot's credential says of its bearer, and all it says. `departments`: what may be rated."""

    electorate: str
    departments: dict[str, None]
    key: RSAPublicKey | None = None


class Sealed(NamedTuple):
    """A ballot on its way in; `at` says only whether it comes in time, and is stored nowhere."""

    electorate: str
    revision: int
    sealed: bytes
    at: datetime


_CAMPAIGN = """
SELECT c.status, c.groups, c.indicators, c.electorates, c.options, c.best_count, c.worst_count, c.minimum_ballots,
       c.below_minimum, c.tie_rule, c.smallest_count, s.salt
  FROM rating_campaigns c LEFT JOIN rating_secrets s ON s.campaign_id = c.id
 WHERE c.id = $1
"""
_KEY = "SELECT electorate, excluded_department_ids, modulus FROM rating_keys WHERE campaign_id = $1 AND id = $2"
_CODES = """
SELECT c.digest, b.electorate, b.excluded_department_ids
  FROM rating_codes c JOIN rating_code_batches b ON b.id = c.batch_id
 WHERE c.digest = ANY($2::bytea[]) AND b.campaign_id = $1
"""
_FIRST_CODES = """
SELECT c.digest, b.electorate, b.excluded_department_ids
  FROM rating_code_batches b JOIN rating_codes c ON c.batch_id = b.id
 WHERE b.campaign_id = $1 LIMIT 10000
"""
# One statement, committed when it returns. The lock on the campaign makes closing wait for it, and makes it see that
# the campaign was closed while it waited. Rows go in by their key, a hash: two processes that take the same ballots
# never wait for each other in a circle, and of what came in together the order tells nothing.
_TAKE = """
WITH taking AS (
  SELECT id, opens_at, closes_at FROM rating_campaigns WHERE id = $1 AND status = 'open' FOR KEY SHARE
)
INSERT INTO rating_sealed_ballots AS b (campaign_id, ballot_key, electorate, revision, sealed)
SELECT taking.id, one.ballot_key, one.electorate, one.revision, one.sealed
  FROM taking
  JOIN unnest($2::bytea[], $3::text[], $4::int[], $5::bytea[], $6::timestamptz[])
         AS one (ballot_key, electorate, revision, sealed, at)
    ON taking.opens_at <= one.at AND taking.closes_at > one.at
 ORDER BY one.ballot_key
ON CONFLICT (ballot_key) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed
 WHERE b.revision < excluded.revision
RETURNING ballot_key, xmax = 0 AS new
"""
_JSON = frozenset({"groups", "indicators", "electorates", "options"})


@dataclass(slots=True)
class Book:
    """What casting needs of an open campaign; its rules no longer change, so it is kept."""

    pool: asyncpg.Pool
    campaign_id: UUID
    urn: Urn
    departments: dict[str, None]
    indicators: tuple[str, ...]
    marks: dict[str, int]
    """Option → its byte."""
    order: list[str] = field(init=False)
    whole: Callable[[dict[str, str]], tuple[str, ...]] = field(init=False)
    """All answers of a slip in the order of the indicators; KeyError where one is missing."""
    classes: dict[UUID | tuple[str, tuple[UUID, ...]], RaterClass] = field(default_factory=dict)
    holders: dict[bytes, RaterClass] = field(default_factory=dict)
    """Digest of a code → its class: the first ten thousand."""
    codes: Gathering[bytes, None, RaterClass] = field(init=False)
    taking: Gathering[bytes, Sealed, bool] = field(init=False)

    def __post_init__(self) -> None:
        self.order = list(self.departments)
        first, *others = self.indicators
        self.whole = itemgetter(first, *others) if others else lambda said: (said[first],)
        self.codes = Gathering(self._codes)
        self.taking = Gathering(self._take)

    def _class(self, excluded: Sequence[UUID]) -> dict[str, None]:
        beside = {str(department) for department in excluded}
        return {department: None for department in self.departments if department not in beside}

    async def of_key(self, key_id: UUID) -> RaterClass | None:
        """The class whose tokens are signed with this key."""
        known = self.classes.get(key_id)
        if known is None:
            row = await self.pool.fetchrow(_KEY, self.campaign_id, key_id)
            if row is None:
                return None
            rated = self._class(row["excluded_department_ids"])
            known = RaterClass(row["electorate"], rated, blind_signatures.public_key(row["modulus"]))
            self.classes[key_id] = known
        return known

    async def of_code(self, digest: bytes) -> RaterClass | None:
        """The class of whoever holds the code. Codes are never taken back, so most are known before they are used."""
        return self.holders.get(digest) or await self.codes.ask(digest, None)

    async def learn_codes(self) -> None:
        self.holders = self._holders(await self.pool.fetch(_FIRST_CODES, self.campaign_id))

    async def _codes(self, digests: Mapping[bytes, None]) -> dict[bytes, RaterClass]:
        return self._holders(await self.pool.fetch(_CODES, self.campaign_id, list(digests)))

    def _holders(self, rows: Sequence[asyncpg.Record]) -> dict[bytes, RaterClass]:
        found = {}
        for row in rows:
            name = (row["electorate"], tuple(row["excluded_department_ids"]))
            known = self.classes.get(name)
            if known is None:
                known = self.classes[name] = RaterClass(name[0], self._class(name[1]))
            found[row["digest"]] = known
        return found

    async def _take(self, ballots: Mapping[bytes, Sealed]) -> dict[bytes, bool]:
        """By key whether it is new; without those that were not taken."""
        columns = zip(*ballots.values(), strict=True)
        rows = await self.pool.fetch(_TAKE, self.campaign_id, list(ballots), *map(list, columns))
        return {row["ballot_key"]: row["new"] for row in rows}


_books: WeakKeyDictionary[Database, OrderedDict[UUID, Book]] = WeakKeyDictionary()
_KEPT_BOOKS = 16


def kept_book(db: Database, campaign_id: UUID) -> Book | None:
    """What `book_of` would give without asking the database."""
    return _books.get(db, OrderedDict()).get(campaign_id)


async def book_of(db: Database, secret: bytes, campaign_id: UUID) -> Book:
    """404; 409 `rating_not_open`."""
    books = _books.setdefault(db, OrderedDict())
    book = books.get(campaign_id)
    if book is not None:
        return book
    row = await db.pool.fetchrow(_CAMPAIGN, campaign_id)
    if row is None:
        raise not_found(RATING_CAMPAIGN.label)
    if row["status"] != "open":
        raise AppError("rating_not_open")
    rules = rules_from({k: orjson.loads(v) if k in _JSON else v for k, v in row.items()})
    book = Book(
        db.pool,
        campaign_id,
        Urn(secret, row["salt"], "ballots"),
        {str(department): None for department in rules.departments},
        tuple(indicator.code for indicator in rules.indicators),
        {option.code: n for n, option in enumerate(rules.options)},
    )
    # Of two that were read at once one stays: what is gathered is gathered there.
    kept = books.setdefault(campaign_id, book)
    if kept is book:
        await book.learn_codes()
    while len(books) > _KEPT_BOOKS:
        books.popitem(last=False)
    return kept


def forget(db: Database, campaign_id: UUID) -> None:
    """The campaign is closed: nothing of its keys stays in this process."""
    _books.get(db, OrderedDict()).pop(campaign_id, None)
