"""The operations of one batch carried out in their order, and what had waited for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.errors import AppError
from app.schemas.reports import ReportIn
from app.services import report_checks, reports
from app.services.sync_desk import Edits, Foreseen, refusal
from app.services.sync_edits import ALONE, Done, report_of
from app.services.sync_locks import lock_projects
from app.services.sync_operations import HOLD, MOST_HELD, Operation, expire
from app.uow import UnitOfWork

_FAILED = {"refused": ("未采用", "refused"), "expired": ("已过期", "expired"), "conflict": ("有冲突", "in conflict")}


def _is_plain(operation: Operation) -> bool:
    return operation.type == "report.put" and operation.after is None


def _first(fresh: Iterable[Operation]) -> list[Operation]:
    """The reports that may be stored before all else: nothing before them in the batch is of them or waits for them."""
    first, named = [], set[UUID | None]()
    for operation in fresh:
        if _is_plain(operation) and not {operation.id, operation.resource_id} & named:
            first.append(operation)
        else:
            named |= {operation.resource_id, operation.after}
    return first


class Work:
    def __init__(self, uow: UnitOfWork, known: dict[UUID, Operation], foreseen: Foreseen, *, one_by_one: bool) -> None:
        self.uow = uow
        self.known = known
        """Of the account: those of the batch, those they build on, and all that is held."""
        self.foreseen = foreseen
        self.touched: dict[UUID, Operation] = {}
        """To be saved."""
        self.edits = Edits(uow, known, foreseen, self._done, self._settle, one_by_one=one_by_one)

    def _held(self) -> list[Operation]:
        return [o for o in self.known.values() if o.held_until is not None and o.status == "held"]

    def expire_overdue(self) -> None:
        for operation in self._held():
            if operation.held_until is not None and operation.held_until <= self.uow.now:
                expire(operation, self.uow.now)
                self.touched[operation.id] = operation

    async def carry_out(self, fresh: Sequence[Operation]) -> None:
        # What is held may be let go by any of these, and edits then.
        if self._held() or not all(_is_plain(operation) for operation in fresh):
            await lock_projects(self.uow, [*fresh, *self._held()])
        await self._put_reports(_first(fresh))
        for operation in fresh:
            if operation.settled_at is None:
                await self._carry_out(operation)
            await self._release([operation])
        await self.edits.write()

    async def _release(self, settled: Iterable[Operation]) -> None:
        """What waited for these, and what waited for that in turn, in the order it came."""
        queue = [o for o in settled if o.status != "held"]
        while queue:
            first = queue.pop(0)
            for operation in [o for o in self._held() if o.after == first.id]:
                await self._carry_out(operation)
                queue.append(operation)

    async def _carry_out(self, operation: Operation) -> None:
        first = self.known.get(operation.after) if operation.after is not None else None
        if operation.after is not None and (first is None or first.status == "held"):
            self._hold(operation)
        elif first is not None and (first.status in {"refused", "expired"} or first.seen_version is None):
            outcome = _FAILED[first.status]
            self._settle(operation, AppError("earlier_operation_failed", after=str(first.id), outcome=outcome))
        else:
            await self._apply(operation, first)

    def _hold(self, operation: Operation) -> None:
        self.touched[operation.id] = operation
        if operation.held_until is not None:
            return
        if self._waits_for_itself(operation):
            self._settle(operation, AppError("operation_in_a_circle", after=str(operation.after)))
        elif len(self._held()) >= MOST_HELD:
            self._settle(operation, AppError("too_many_held", limit=MOST_HELD))
        else:
            operation.held_until = self.uow.now + HOLD

    def _waits_for_itself(self, operation: Operation) -> bool:
        """What it builds on, and what that builds on, and so on, come back to it: no arrival would ever let it go."""
        passed = {operation.id}
        first = self.known.get(operation.after) if operation.after is not None else None
        while first is not None and first.status == "held" and first.id not in passed:
            passed.add(first.id)
            first = self.known.get(first.after) if first.after is not None else None
        return first is operation

    async def _apply(self, operation: Operation, first: Operation | None = None) -> None:
        if first is not None and first.resource_id == operation.resource_id:
            operation.own_versions = list(first.own_versions)
        if operation.type == "report.patch":
            await self.edits.take(operation, first)
            return
        await self.edits.write()
        try:
            async with self.uow.attempt():
                done = await ALONE[operation.type](self.uow, operation, first)
        except AppError as error:
            self._settle(operation, error)
        except (DBAPIError, OverflowError) as error:
            self._settle(operation, refusal(self.foreseen, error))
        else:
            self._done(operation, done)

    def _done(self, operation: Operation, done: Done) -> None:
        operation.project_id = done.project_id
        operation.version, operation.seen_version = done.version, done.seen_version
        if done.made:
            operation.own_versions.append(done.version)
        self._settle(operation)

    def _settle(self, operation: Operation, error: AppError | None = None) -> None:
        operation.settle(self.uow.now, error)
        self.touched[operation.id] = operation

    async def _put_reports(self, group: Sequence[Operation]) -> None:
        """Reports, as many at once as are new and pass their checks; whatever is less plain is left."""
        bodies: dict[UUID, ReportIn] = {}
        for operation in group:
            try:
                bodies[operation.id] = report_of(operation)
            except AppError as error:
                self._settle(operation, error)
        readable = [operation for operation in group if operation.id in bodies]
        new = await self._checked(readable, bodies) if readable else {}
        stored = await self._store(list(new.values()))
        for operation in readable:
            arrival = new.get(operation.id)
            if arrival is not None and arrival.report_id in stored:
                self._done(operation, Done(arrival.body.project_id, 1, 1, made=True))

    async def _checked(
        self, readable: Sequence[Operation], bodies: dict[UUID, ReportIn]
    ) -> dict[UUID, reports.Arrival]:
        """Those that can be stored at once, each report id once; what is wrong with others is settled."""
        new: dict[UUID, reports.Arrival] = {}
        ids: set[UUID] = set()
        found = await report_checks.contexts(self.uow, [(o.resource_id, bodies[o.id]) for o in readable])
        for operation, context in zip(readable, found, strict=True):
            try:
                plain = report_checks.check(self.uow, bodies[operation.id], context)
            except AppError as error:
                self._settle(operation, error)
                continue
            if plain and context is not None and operation.resource_id not in ids:
                ids.add(operation.resource_id)
                new[operation.id] = reports.Arrival(operation.resource_id, bodies[operation.id], context)
        return new

    async def _store(self, arrivals: list[reports.Arrival]) -> set[UUID]:
        """The ids written; none when one of them cannot be: then each is tried by itself."""
        if not arrivals:
            return set()
        try:
            async with self.uow.attempt():
                return await reports.store(self.uow, arrivals)
        except AppError:
            return set()
        except (DBAPIError, OverflowError) as error:
            refusal(self.foreseen, error)
            return set()
