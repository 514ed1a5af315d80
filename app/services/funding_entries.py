"""The steps of money: only ever added to, corrected by further entries, allocated from regions to projects.

The database keeps the totals and refuses what goes beyond the step before; here the same rule is met first, under the
same lock, so that the answer can name the figures. Locks go region's money first, then the project's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.funding import Totals
from app.errors import AppError, FieldError, invalid
from app.models import FundingEntry, FundingRecord
from app.resources.funding_entries import FUNDING_ENTRY
from app.resources.funding_records import FUNDING_RECORD
from app.schemas.funding import AllocationIn, FundingEntryIn
from app.services.funding_records import note, project_in_body, require_same
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach

_TOTALS = tuple(Totals.__dataclass_fields__)


async def add(uow: UnitOfWork, record_id: UUID, body: FundingEntryIn) -> tuple[FundingEntry, bool]:
    """The entry, and whether it is new.

    422 for what contradicts itself, 409 `received_exceeds_approved`, `paid_exceeds_received`,
    `allocation_exceeds_received`, `entry_already_corrected`.
    """
    record, source = await _lock(uow, record_id)
    known = await _sent_before(uow, record, body)
    if known is not None:
        return known, False
    corrected = await _check(uow, record, body)
    if source is not None and body.step == "received":
        # More or less of it is the region's to say.
        await require_reach(uow, FUNDING_RECORD, source.id, "funding.write")
    return await _book(uow, record, source, corrected, body.model_dump()), True


async def allocate(uow: UnitOfWork, record_id: UUID, body: AllocationIn) -> tuple[FundingEntry, bool]:
    """Money of a region goes to a project: a record of its own there, and an entry that says how much came."""
    source = await get_visible(uow, FUNDING_RECORD, FundingRecord, record_id, lock=True)
    await require_reach(uow, FUNDING_RECORD, record_id, "funding.write")
    if source.region_code is None:
        raise AppError("not_a_regions_money")
    project = await project_in_body(uow, body.project_id)
    if not project.region_code.startswith(source.region_code):
        raise invalid("/project_id", "outside_region", region=source.region_code)
    record = await _allocated_to(uow, source, project.id)
    entry = FundingEntryIn(**body.model_dump(exclude={"project_id"}, exclude_unset=True), step="received")
    known = await _sent_before(uow, record, entry)
    if known is not None:
        return known, False
    await _check(uow, record, entry)
    return await _book(uow, record, source, None, entry.model_dump()), True


async def _allocated_to(uow: UnitOfWork, source: FundingRecord, project_id: UUID) -> FundingRecord:
    """The record of a project's share, made with the first allocation. The source is locked."""
    r = FundingRecord
    wanted = select(r).where(r.source_id == source.id, r.project_id == project_id).with_for_update()
    found: FundingRecord | None = await uow.session.scalar(wanted.execution_options(populate_existing=True))
    if found is not None:
        return found
    same = {name: getattr(source, name) for name in ("year", "channel", "batch", "name")}
    row = FundingRecord(id=uow.new_id(), project_id=project_id, source_id=source.id, **same)
    for name in _TOTALS:
        setattr(row, name, Decimal(0))
    uow.add(row)
    await note(uow, "funding_record.created", row)
    await uow.flush()
    return row


async def _lock(uow: UnitOfWork, record_id: UUID) -> tuple[FundingRecord, FundingRecord | None]:
    """The record (404, 403), and the region's it lives on, both locked."""
    record = await get_visible(uow, FUNDING_RECORD, FundingRecord, record_id)
    await require_reach(uow, FUNDING_RECORD, record_id, "funding.write")
    source = None
    if record.source_id is not None:
        source = await uow.session.get_one(FundingRecord, record.source_id, with_for_update={"key_share": True})
    return await get_visible(uow, FUNDING_RECORD, FundingRecord, record_id, lock=True), source


async def _sent_before(uow: UnitOfWork, record: FundingRecord, body: FundingEntryIn) -> FundingEntry | None:
    if body.id is None:
        return None
    await uow.lock_key("funding_entry", str(body.id))
    known = await uow.session.get(FundingEntry, body.id)
    if known is None:
        return None
    if known.funding_record_id != record.id:
        raise AppError("id_taken")
    await require_same(uow, FUNDING_ENTRY, known, body)
    return known


async def _check(uow: UnitOfWork, record: FundingRecord, body: FundingEntryIn) -> FundingEntry | None:
    """What the entry corrects. 422 with all that is wrong with it by itself."""
    faults: list[FieldError] = []
    if body.happened_on > uow.today:
        faults.append(FieldError("/happened_on", "in_the_future", {}))
    if body.amount == 0 and body.corrects_id is None:
        faults.append(FieldError("/amount", "out_of_range", {"expected": ("大于 0", "more than 0")}))
    if (body.corrects_id is None) != (body.reason is None):
        missing = "/reason" if body.reason is None else "/corrects_id"
        faults.append(FieldError(missing, "reason_required" if body.reason is None else "missing", {}))
    if record.source_id is not None and body.step in {"applied", "approved"}:
        expected = ("申请和批复记在来源资金上", "applications and approvals stand with its source")
        faults.append(FieldError("/step", "not_for_allocated", {"expected": expected}))
    corrected = await _corrected(uow, record, body, faults)
    if faults:
        raise AppError("invalid_content", errors=faults)
    return corrected


async def _corrected(
    uow: UnitOfWork, record: FundingRecord, body: FundingEntryIn, faults: list[FieldError]
) -> FundingEntry | None:
    if body.corrects_id is None:
        return None
    found = await uow.session.get(FundingEntry, body.corrects_id)
    if found is None or found.funding_record_id != record.id:
        faults.append(
            FieldError("/corrects_id", "unknown_reference", {"resource": ("本资金的明细", "entry of this record")})
        )
        return None
    if found.step != body.step:
        faults.append(FieldError("/step", "invalid_value", {"expected": (found.step, found.step)}))
    later = await uow.session.scalar(select(FundingEntry.id).where(FundingEntry.corrects_id == found.id))
    if later is not None:
        raise AppError("entry_already_corrected", extra={"corrected_by_id": later})
    return found


def totals_of(record: FundingRecord) -> Totals:
    return Totals(**{name: getattr(record, name) for name in _TOTALS})


async def _book(
    uow: UnitOfWork,
    record: FundingRecord,
    source: FundingRecord | None,
    corrected: FundingEntry | None,
    fields: dict[str, Any],
) -> FundingEntry:
    change = fields["amount"] - (corrected.amount if corrected else 0)
    allocation, explained = source is not None, fields["excess_reason"] is not None
    after = totals_of(record).booked(fields["step"], change, explained=explained, allocation=allocation)
    _refuse(after, after.refusal(allocation=allocation))
    if source is not None and fields["step"] == "received":
        above = totals_of(source).booked("allocated", change)
        broken = above.refusal()
        # Direct payments of the region are no longer there to allocate either.
        _refuse(above, "allocation_exceeds_received" if broken == "paid_exceeds_received" else broken)
    fields["id"] = fields["id"] or uow.new_id()
    row = FundingEntry(
        funding_record_id=record.id, recorded_at=uow.now, recorded_by=uow.actor.id, source="api", **fields
    )
    uow.add(row)
    await note(uow, "funding_entry.created", row, record=record)
    await settle(uow, record, source if fields["step"] == "received" else None)
    return row


async def settle(uow: UnitOfWork, *records: FundingRecord | None) -> None:
    """After entries: what the database has booked, read again and told in the log."""
    await uow.session.flush()
    for record in records:
        if record is not None:
            before = totals_of(record)
            await uow.session.refresh(record)
            after = totals_of(record)
            diff = {
                name: [getattr(before, name), getattr(after, name)]
                for name in _TOTALS
                if getattr(before, name) != getattr(after, name)
            }
            await note(uow, "funding_record.updated", record, diff=diff)
    await uow.flush()


def _refuse(totals: Totals, code: str | None) -> None:
    if code is None:
        return
    figures: dict[str, Any] = {
        name: plain(getattr(totals, name)) for name in ("approved", "received", "paid", "allocated")
    }
    raise AppError(code, extra={"totals": {k: Decimal(v) for k, v in figures.items()}}, **figures)


def plain(amount: Decimal) -> str:
    return format(amount.normalize() + 0, "f")
