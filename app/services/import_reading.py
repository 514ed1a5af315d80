"""From the bytes of an uploaded workbook to a ledger, off the event loop."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import ParamSpec, TypeVar

from sqlalchemy import func, literal_column, select, true

from app.errors import AppError
from app.ledgers.errors import LedgerError
from app.ledgers.funding import FundingLedger, parse_funding
from app.ledgers.model import AnyLedger, Ledger
from app.ledgers.projects import parse_projects
from app.ledgers.workbook import read_workbook
from app.models import DictionaryEntry
from app.uow import UnitOfWork

_worker = ThreadPoolExecutor(1, thread_name_prefix="ledger")
"""One at a time: a large workbook takes much memory, and two would not be faster on one interpreter."""

_places = threading.BoundedSemaphore(6)
"""Each import under way holds a file of up to 20 MiB and a connection: fewer than the pool has."""

_KEPT_ROWS = 20_000
_last_read: dict[object, Ledger] = {}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Period:
    """The year of plan and figures and the day they hold for. `stated`: the sender or the ledger named the year."""

    year: int
    as_of: date
    stated: bool


@contextmanager
def a_place() -> Iterator[None]:
    """Work on a ledger, unless too many do already: 503, try again."""
    if not _places.acquire(blocking=False):
        raise AppError("unavailable", headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _places.release()


async def lift_limits(uow: UnitOfWork) -> None:
    """For this transaction: statements, locks and pauses may take as long as an import takes."""
    limit = str(uow.db.import_timeout_ms)
    settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    await uow.session.execute(select(*[func.set_config(name, limit, literal_column("true")) for name in settings]))


async def off_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run heavy work on a ledger in the worker thread. A ledger that cannot be used: 422 `unreadable_workbook`."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_worker, lambda: work(*args, **kwargs))
    except LedgerError as error:
        raise AppError(
            "unreadable_workbook", extra={"reason": error.code}, reason_zh=error.message_zh, reason_en=error.message_en
        ) from error


async def read_ledger(content: bytes, year: int | None, as_of: date | None, sectors: Mapping[str, str]) -> Ledger:
    return await off_loop(_read, content, year, as_of, sectors)


async def read_funding(
    content: bytes, year: int | None, as_of: date | None, channels: Mapping[str, str]
) -> FundingLedger:
    return await off_loop(lambda: parse_funding(read_workbook(content), year, as_of, channels=channels))


def _read(content: bytes, year: int | None, as_of: date | None, sectors: Mapping[str, str]) -> Ledger:
    """Runs in the worker thread alone. What was read last is kept: a preview is mostly applied right after."""
    key = (hashlib.sha256(content).digest(), year, as_of, tuple(sectors.items()))
    if key in _last_read:
        return _last_read[key]
    ledger = parse_projects(read_workbook(content), year, as_of, sectors=sectors)
    _last_read.clear()
    if len(ledger.rows) <= _KEPT_ROWS:
        _last_read[key] = ledger
    return ledger


def period_of(ledger: AnyLedger, today: date) -> Period:
    """Year and day: what the sender or the ledger says; else the end of the year, or today while it still runs.

    A day yet to come counts as today: nothing can have been done by then.
    """
    end = date(ledger.year, 12, 31) if ledger.year else today
    as_of = min(ledger.as_of or end, today)
    return Period(ledger.year or as_of.year, as_of, ledger.year is not None)


async def sector_labels(uow: UnitOfWork) -> dict[str, str]:
    """Code → Chinese label of the sectors in use."""
    return await dictionary_labels(uow, "sector")


async def dictionary_labels(uow: UnitOfWork, dictionary: str, *, active: bool = True) -> dict[str, str]:
    """Code → Chinese label of the entries in use; of all that ever were with `active=False`."""
    entry = DictionaryEntry
    rows = await uow.session.execute(
        select(entry.code, entry.label_zh)
        .where(entry.dictionary == dictionary, entry.active if active else true())
        .order_by(entry.position)
    )
    return {row.code: row.label_zh for row in rows}
