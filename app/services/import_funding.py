"""A ledger of money held against what is recorded: each row is one record, its amounts are totals so far.

More than is recorded makes an entry of the difference; less corrects the one entry there is, and is refused where
there are several: only the office knows which of them was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.domain.funding import STEPS, Totals
from app.ledgers.funding import FundingLedger
from app.models import Region
from app.services.funding_entries import plain, totals_of
from app.services.funding_records import WITH_BATCH
from app.services.import_funding_matching import FundingVerdict, find_owners, find_records
from app.services.import_messages import Places
from app.services.import_reading import Period
from app.uow import UnitOfWork


async def compare(
    uow: UnitOfWork, ledger: FundingLedger, region: Region, period: Period, filename: str, *, lock: bool = False
) -> list[FundingVerdict]:
    """One verdict a row, in ledger order. With `lock`, the records stay locked until the transaction ends."""
    uow.actor.require_in_region("funding.write", region.code)
    places = Places.of(ledger.sheets)
    provides = {sheet.name: frozenset(sheet.provides) for sheet in ledger.sheets}
    verdicts = [
        FundingVerdict(position, row, places, period, uow.today, provides[row.sheet], filename, errors=list(row.errors))
        for position, row in enumerate(ledger.rows, 1)
    ]
    await find_owners(uow, verdicts, region, places)
    await find_records(uow, verdicts, region, lock=lock)
    _refuse_same(verdicts, places)
    for verdict in verdicts:
        if not verdict.errors:
            _judge(verdict)
        if verdict.errors:
            verdict.changes, verdict.entries = {}, []
    return verdicts


def _refuse_same(verdicts: Iterable[FundingVerdict], places: Places) -> None:
    """Two rows about one sum of money: neither is taken, each names the others."""
    groups: dict[tuple[Any, ...], list[FundingVerdict]] = {}
    for verdict in verdicts:
        if not verdict.errors:
            groups.setdefault(verdict.key, []).append(verdict)
    for group in groups.values():
        for verdict in group if len(group) > 1 else ():
            others = [places.where(other.row, "channel") for other in group[:20] if other is not verdict]
            verdict.refuse("channel", "same_record", where="、".join(others))


def _judge(verdict: FundingVerdict) -> None:
    v, stored = verdict.row.values, verdict.stored
    if stored is None:
        if v.channel == WITH_BATCH and v.batch is None:
            verdict.refuse("batch", "missing_batch")
        if not any(getattr(v, step) for step in STEPS):
            verdict.refuse("received", "missing_amount")
        named = {"year": verdict.year, "channel": v.channel, "batch": v.batch, "name": v.title}
        for name, value in named.items():
            if value is not None:
                verdict.changes[name] = [None, value]
    if v.remark is not None and v.remark != (stored.remark if stored else None):
        verdict.changes["remark"] = [stored.remark if stored else None, v.remark]
    before = totals_of(stored) if stored else Totals()
    after = _wanted(verdict, before)
    for step in STEPS:
        if after[step] != getattr(before, step):
            verdict.changes[step] = [getattr(before, step), after[step]]
    _plan_entries(verdict, before, after)


def _wanted(verdict: FundingVerdict, before: Totals) -> dict[str, Decimal]:
    """The totals the row wants; a blank cell says nothing."""
    v = verdict.row.values
    said = {step: getattr(v, step) for step in STEPS}
    after = {step: getattr(before, step) if value is None else value for step, value in said.items()}
    allocated = verdict.stored is not None and verdict.stored.source_id is not None
    if allocated:
        for step in ("applied", "approved", "received"):
            if after[step] != getattr(before, step):
                verdict.refuse(step, "allocated_elsewhere", kept=plain(before.received))
    elif "approved" not in verdict.provides and after["received"] > after["approved"] + before.received_over:
        after["approved"] = after["received"]
        verdict.note("received", "approved_as_received")
    return after


def _plan_entries(verdict: FundingVerdict, before: Totals, after: Mapping[str, Decimal]) -> None:
    """The entries, in an order in which no step gets ahead: what becomes less from the last step back, then the rest.

    Each is tried by the rule the database will hold it to.
    """
    allocation = verdict.stored is not None and verdict.stored.source_id is not None
    explained = verdict.row.values.excess_reason is not None
    less = [step for step in reversed(STEPS) if after[step] < getattr(before, step)]
    more = [step for step in STEPS if after[step] > getattr(before, step)]
    totals = before
    for step in [*less, *more]:
        change = after[step] - getattr(before, step)
        if not _plan_entry(verdict, step, change, getattr(before, step)):
            return
        totals = totals.booked(step, change, explained=explained, allocation=allocation)
        broken = totals.refusal(allocation=allocation)
        if broken:
            figures = {name: plain(getattr(totals, name)) for name in ("approved", "received", "paid", "allocated")}
            verdict.refuse(step, broken, **figures)
            return


def _plan_entry(verdict: FundingVerdict, step: str, change: Decimal, kept: Decimal) -> bool:
    v = verdict.row.values
    happened_on = getattr(v, f"{step}_on") or verdict.period.as_of
    if happened_on > verdict.today:
        verdict.refuse(f"{step}_on", "date_ahead")
        return False
    entry: dict[str, Any] = {
        "step": step,
        "happened_on": happened_on,
        "amount": change,
        "document_number": getattr(v, f"{step}_document"),
        "excess_reason": v.excess_reason,
        "corrects_id": None,
        "reason": None,
    }
    if change < 0:
        standing = verdict.in_force.get(step, [])
        if len(standing) != 1:
            verdict.refuse(step, "less_than_recorded", kept=plain(kept), count=len(standing))
            return False
        [(identity, amount)] = standing
        entry |= {"amount": amount + change, "corrects_id": identity, "reason": f"台账导入：{verdict.filename}"}
    verdict.entries.append(entry)
    return True
