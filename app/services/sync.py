"""What phones did offline, arriving later: in batches, again, out of order, after others changed the same thing.

One batch of an account at a time, so that the same batch sent twice at once, or two that overlap, do nothing twice,
and an operation never starts to wait while the one it waits for is being carried out. All of a batch commits together;
each operation in it is applied or refused by itself.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.domain.merging import skew
from app.errors import AppError
from app.schemas.sync import SyncIn, SyncOperation
from app.services import sync_operations
from app.services.sync_desk import Foreseen, refusal
from app.services.sync_operations import TOLD_AGAIN, Operation, arrived, is_same
from app.services.sync_work import Work
from app.uow import UnitOfWork


class Outcome(NamedTuple):
    operation: Operation
    again: bool


class Batch(NamedTuple):
    results: list[Outcome]
    earlier: list[Outcome]
    skew_seconds: int | None


async def run(uow: UnitOfWork, sent: SyncIn, foreseen: Foreseen) -> Batch:
    """Carry out what is new of the batch, and what had waited for it."""
    await uow.lock_key("sync", str(uow.actor.id))
    skew_seconds = None if sent.device_time is None else skew(sent.device_time, uow.now)
    try:
        async with uow.attempt():
            return await _run(uow, sent, skew_seconds, foreseen, one_by_one=False)
    except (DBAPIError, OverflowError) as error:
        refusal(foreseen, error)
        # The database refuses something of what was to be written together.
        return await _run(uow, sent, skew_seconds, foreseen, one_by_one=True)


async def _run(
    uow: UnitOfWork, sent: SyncIn, skew_seconds: int | None, foreseen: Foreseen, *, one_by_one: bool
) -> Batch:
    named = {each.id for each in sent.operations} | {each.after for each in sent.operations if each.after}
    known = await sync_operations.load(uow, named)
    before = set(known)
    work = Work(uow, known, foreseen, one_by_one=one_by_one)
    work.expire_overdue()
    fresh: list[Operation] = []
    results = [_take(uow, known, each, skew_seconds, fresh) for each in sent.operations]
    await work.carry_out(fresh)
    await sync_operations.save(uow, list(work.touched.values()))
    shown = {outcome.operation.id for outcome in results}
    earlier = [o for o in known.values() if o.id in before - shown and _lately_settled(uow, o)]
    return Batch(results, [Outcome(o, o.id not in work.touched) for o in earlier], skew_seconds)


def _take(
    uow: UnitOfWork,
    known: dict[UUID, Operation],
    sent: SyncOperation,
    skew_seconds: int | None,
    fresh: list[Operation],
) -> Outcome:
    """What is told of an operation: of one known already, what came of it then; a new one joins `fresh`."""
    operation = known.get(sent.id)
    if operation is None:
        operation = known[sent.id] = arrived(uow, sent, skew_seconds)
        fresh.append(operation)
        return Outcome(operation, again=False)
    if is_same(operation, sent):
        return Outcome(operation, again=True)
    other = arrived(uow, sent, skew_seconds)
    other.settle(uow.now, AppError("operation_id_reused"))
    return Outcome(other, again=False)


def _lately_settled(uow: UnitOfWork, operation: Operation) -> bool:
    held, settled = operation.held_until, operation.settled_at
    return held is not None and settled is not None and settled > uow.now - TOLD_AGAIN
