"""The edits of reports in a batch: carried out in memory in their order, written together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.errors import PASSING, AppError
from app.listing import representations
from app.resources.reports import REPORT
from app.services.report_desk import Desk
from app.services.sync_edits import Done, patch_report, show_current
from app.services.sync_operations import Operation
from app.uow import UnitOfWork

Foreseen = Callable[[BaseException], AppError | None]
"""The problem behind an error of the database; None: a defect of ours."""
Settle = Callable[[Operation, AppError], None]


def refusal(foreseen: Foreseen, error: Exception) -> AppError:
    """Of one operation alone; what is wrong with the database itself concerns the whole batch."""
    known = foreseen(error)
    if known is None or known.code in PASSING:
        raise error
    return known


class Edits:
    """With `one_by_one` each edit is written by itself, so that one the database refuses takes none along."""

    def __init__(
        self,
        uow: UnitOfWork,
        known: Mapping[UUID, Operation],
        foreseen: Foreseen,
        done: Callable[[Operation, Done], None],
        settle: Settle,
        *,
        one_by_one: bool,
    ) -> None:
        self.uow, self.known, self.foreseen = uow, known, foreseen
        self.done, self.settle, self.one_by_one = done, settle, one_by_one
        self._desk: Desk | None = None
        self._conflicts: list[tuple[Operation, AppError]] = []

    async def take(self, operation: Operation, first: Operation | None) -> None:
        if self._desk is None:
            self._desk = Desk(self.uow)
            await self._desk.read(self._wanted())
        try:
            if self.one_by_one:
                async with self.uow.attempt():
                    done = patch_report(self._desk, operation, first)
                    await self._desk.write()
            else:
                done = patch_report(self._desk, operation, first)
        except AppError as error:
            if error.code == "edit_conflict":
                self._conflicts.append((operation, error))
            self.settle(operation, error)
        except (DBAPIError, OverflowError) as error:
            self._desk = None  # it holds what was not written
            self.settle(operation, refusal(self.foreseen, error))
        else:
            self.done(operation, done)

    def _wanted(self) -> dict[UUID, int]:
        """Report → the oldest version that any of its edits builds on."""
        wanted: dict[UUID, int] = {}
        for operation in self.known.values():
            if operation.type == "report.patch" and operation.settled_at is None:
                base = operation.base_version or self._inherited(operation)
                wanted[operation.resource_id] = min(base, wanted.get(operation.resource_id, base))
        return wanted

    def _inherited(self, operation: Operation) -> int:
        first = self.known.get(operation.after) if operation.after is not None else None
        return (first and first.seen_version) or 1

    async def write(self) -> None:
        """All that was taken; what comes after it reads anew."""
        if self._desk is not None:
            await self._desk.write()
        if self._conflicts:
            ids = {operation.resource_id for operation, _ in self._conflicts}
            shown = await representations(self.uow, REPORT, sorted(ids))
            for operation, error in self._conflicts:
                show_current(error, json.loads(shown[operation.resource_id], parse_float=Decimal))
                self.settle(operation, error)
        self._desk, self._conflicts = None, []
