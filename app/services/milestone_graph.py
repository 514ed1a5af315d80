"""The milestones of one project as a graph: reading it for computing, and telling what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.domain.graphs import K
from app.domain.scheduling import Fault, Task, faults
from app.errors import AppError, FieldError
from app.models import Milestone, MilestoneDependency
from app.uow import UnitOfWork

_NAMES_SHOWN = 12


class Node(NamedTuple):
    """A milestone as far as computing needs it."""

    id: UUID
    name: str
    position: int
    duration_days: int | None
    status: str
    planned_start: date | None
    planned_finish: date | None
    forecast_finish: date | None
    actual_start: date | None
    actual_finish: date | None
    predecessor_ids: tuple[UUID, ...]

    def task(self, held: Mapping[UUID, date] = MappingProxyType({})) -> Task[UUID]:
        """`held`: when the permits that milestones wait for can be counted on; what has begun waits no more."""
        return Task(
            key=self.id,
            duration=self.duration_days,
            predecessors=self.predecessor_ids,
            done=self.status == "done",
            started=self.actual_start if self.status == "in_progress" else None,
            expected=self.forecast_finish,
            held_until=held.get(self.id) if self.status == "planned" else None,
        )


async def load(uow: UnitOfWork, project_id: UUID) -> list[Node]:
    """All milestones of the project, in their order, as stored: without what is yet to be flushed."""
    m, d = Milestone, MilestoneDependency
    before = await uow.session.execute(
        select(d.milestone_id, func.array_agg(d.predecessor_id))
        .where(d.project_id == project_id)
        .group_by(d.milestone_id)
    )
    predecessors = {milestone_id: tuple(sorted(ids)) for milestone_id, ids in before}
    columns: list[Any] = [
        m.id, m.name, m.position, m.duration_days, m.status, m.planned_start, m.planned_finish, m.forecast_finish,
        m.actual_start, m.actual_finish,
    ]  # fmt: skip
    rows = await uow.session.execute(select(*columns).where(m.project_id == project_id).order_by(m.position, m.id))
    return [Node(**row, predecessor_ids=predecessors.get(row["id"], ())) for row in rows.mappings()]


def check(
    tasks: Sequence[Task[UUID]],
    names: Mapping[UUID, str],
    pointer: Callable[[Fault[UUID]], str],
    *,
    durations: bool,
    about: UUID | None = None,
    also: Sequence[FieldError] = (),
) -> None:
    """422 with every fault of the graph and the milestones it lies with, by name in the wording and by id in `faults`.

    `about`: only those that one milestone has part in. `also` are errors found elsewhere, told along with them.
    """
    found = [fault for fault in faults(tasks, durations=durations) if about is None or about in fault.keys]
    if not found and not also:
        return
    errors = [FieldError(pointer(fault), fault.code, params(fault, names)) for fault in found]
    told = [
        {"code": fault.code, "milestones": [{"id": key, "name": names.get(key)} for key in fault.keys]}
        for fault in found
    ]
    raise AppError("invalid_content", errors=[*also, *errors], extra={"faults": told})


def params(fault: Fault[K], names: Mapping[K, str]) -> dict[str, Any]:
    """What fills the wording of a fault."""
    if fault.code == "cycle":
        return {"names": _ring([names[key] for key in fault.keys])}
    other = str(fault.keys[-1]) if fault.code == "unknown_predecessor" else ""
    return {"name": names[fault.keys[0]], "other": other}


def _ring(members: list[str]) -> tuple[str, str]:
    """ "甲 → 乙 → 甲" in both languages; of a long one only the beginning."""
    more = len(members) - _NAMES_SHOWN
    if more > 0:
        shown = " → ".join(members[:_NAMES_SHOWN])
        return f"{shown} → …(另有 {more} 个)", f"{shown} → … ({more} more)"
    ring = " → ".join([*members, members[0]])
    return ring, ring
