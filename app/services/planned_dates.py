"""Planned dates of a project with a baseline: they are what the current one planned, until another is adopted.

The database holds to it whoever writes (`diaodu_keep_planned_dates`); here it is told with every milestone by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.errors import AppError, FieldError
from app.models import Baseline, BaselineMilestone
from app.uow import UnitOfWork


class Span(NamedTuple):
    start: date | None
    finish: date | None


class Current(NamedTuple):
    """The project's current baseline; `spans`: what it planned of each milestone it knows."""

    number: int | None
    spans: Mapping[UUID, Span]


class Wish(NamedTuple):
    """Planned dates that would be stored of a milestone, and where the request says so."""

    milestone_id: UUID
    name: str
    span: Span
    pointer: str


async def current(uow: UnitOfWork, project_id: UUID) -> Current:
    b, m = Baseline, BaselineMilestone
    number = await uow.session.scalar(select(func.max(b.number)).where(b.project_id == project_id))
    if number is None:
        return Current(None, {})
    rows = await uow.session.execute(
        select(m.milestone_id, m.planned_start, m.planned_finish)
        .join(b, b.id == m.baseline_id)
        .where(b.project_id == project_id, b.number == number)
    )
    return Current(number, {row.milestone_id: Span(row.planned_start, row.planned_finish) for row in rows})


def require_kept(baseline: Current, wishes: list[Wish]) -> None:
    """409 with every milestone that is to be planned otherwise than the current baseline has it."""
    other = [wish for wish in wishes if baseline.spans.get(wish.milestone_id, wish.span) != wish.span]
    if not other:
        return
    raise AppError(
        "planned_by_baseline",
        errors=[
            FieldError(wish.pointer, "baseline_plans", {"name": wish.name, "number": baseline.number}) for wish in other
        ],
        extra={
            "baseline": baseline.number,
            "milestones": [
                {
                    "id": wish.milestone_id,
                    "name": wish.name,
                    "planned_start": baseline.spans[wish.milestone_id].start,
                    "planned_finish": baseline.spans[wish.milestone_id].finish,
                }
                for wish in other
            ],
        },
    )
