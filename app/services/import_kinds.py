"""The kinds of ledgers that can be sent in: how each is read, held against the database, and written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.ledgers.columns import PROJECTS, Words
from app.ledgers.funding_columns import FUNDING
from app.services import import_compare, import_funding, import_funding_writes, import_writes
from app.services.funding_records import CHANNEL
from app.services.import_reading import dictionary_labels, read_funding, read_ledger, sector_labels
from app.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Kind:
    """Ledgers, rows and verdicts differ by kind; what imports do with them does not."""

    read: Callable[[UnitOfWork, bytes, int | None, date | None], Awaitable[Any]]
    compare: Callable[..., Awaitable[list[Any]]]
    write: Callable[[UnitOfWork, list[Any]], Awaitable[None]]
    words: Words
    makes_parties: bool
    """Whether departments and leaders that are not there may be made."""


async def _read_projects(uow: UnitOfWork, content: bytes, year: int | None, as_of: date | None) -> Any:
    return await read_ledger(content, year, as_of, await sector_labels(uow))


async def _read_funding(uow: UnitOfWork, content: bytes, year: int | None, as_of: date | None) -> Any:
    return await read_funding(content, year, as_of, await dictionary_labels(uow, CHANNEL, active=False))


KINDS: dict[str, Kind] = {
    "projects": Kind(_read_projects, import_compare.compare, import_writes.write, PROJECTS, makes_parties=True),
    "funding": Kind(_read_funding, import_funding.compare, import_funding_writes.write, FUNDING, makes_parties=False),
}
