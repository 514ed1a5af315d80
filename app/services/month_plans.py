"""The month view of a project's year: work of its milestones and planned investment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.domain.month_plans import MONTHS, Basis, spread, work_of, workdays_of
from app.domain.workdays import Workdays, first_day
from app.errors import invalid
from app.models import AnnualPlan, Schedule
from app.resources.schedules import SCHEDULE
from app.services import milestone_graph, workdays
from app.services.milestone_graph import Node
from app.services.project_parts import require_visible
from app.uow import UnitOfWork


class _Span(NamedTuple):
    """A milestone's days: `start` to `finish` when work is, or was, going on; `planned_finish` when it is due."""

    id: UUID
    name: str
    status: str
    planned_finish: date | None
    start: date | None
    finish: date | None

    @property
    def done(self) -> bool:
        return self.status == "done"


async def of_project(uow: UnitOfWork, project_id: UUID, year: int | None, schedule_id: UUID | None) -> dict[str, Any]:
    await require_visible(uow, project_id)
    year = year or uow.today.year
    calendar = await workdays.load(uow)
    spans = await _spans(uow, project_id, schedule_id, calendar)
    work, done = (work_of(calendar, year, _placed(chosen)) for chosen in (spans, [s for s in spans if s.done]))
    plan = await uow.session.scalar(
        select(AnnualPlan).where(AnnualPlan.project_id == project_id, AnnualPlan.year == year)
    )
    days = workdays_of(calendar, year)
    amounts, basis = _amounts(plan, work, days)
    return {
        "project_id": project_id,
        "year": year,
        "schedule_id": schedule_id,
        "annual_plan": plan.planned_investment if plan is not None else None,
        "basis": basis,
        "provisional": year not in calendar.announced,
        "months": [
            {
                "month": month,
                "workdays": days[month - 1],
                "work_days": work[month - 1],
                "done_days": done[month - 1],
                "planned_investment": amounts[month - 1],
                "due": _due(spans, year, month),
            }
            for month in MONTHS
        ],
    }


def _placed(spans: Sequence[_Span]) -> list[tuple[date, date]]:
    """What has only its last day is that day's work; what has only its first cannot be placed."""
    return [(span.start or span.finish, span.finish) for span in spans if span.finish is not None]


async def _spans(uow: UnitOfWork, project_id: UUID, schedule_id: UUID | None, calendar: Workdays) -> list[_Span]:
    """Every milestone's first and last day: of what is done when it was, else as planned, or as a schedule has it."""
    nodes = await milestone_graph.load(uow, project_id)
    computed: dict[str, Any] = {}
    if schedule_id is not None:
        found = await uow.session.scalar(
            select(Schedule.milestones).where(Schedule.id == schedule_id, Schedule.project_id == project_id)
        )
        if found is None:
            raise invalid("schedule_id", "unknown_reference", resource=SCHEDULE.label)
        computed = {item["id"]: item for item in found if item["latest_finish"] is not None}
    spans = []
    for node in nodes:
        start, finish = node.planned_start, node.planned_finish
        item = computed.get(str(node.id))
        if item is not None:
            start, finish = date.fromisoformat(item["latest_start"]), date.fromisoformat(item["latest_finish"])
        due = finish
        if node.status == "done" and node.actual_finish is not None:
            start, finish = _was_at_work(node, node.actual_finish, calendar), node.actual_finish
        spans.append(_Span(node.id, node.name, node.status, due, start, finish))
    return spans


def _was_at_work(node: Node, finish: date, calendar: Workdays) -> date | None:
    """The first day of what is done: said, planned, or so many workdays before its last as it takes."""
    if node.actual_start is not None:
        return node.actual_start
    if node.planned_start is not None and node.planned_start <= finish:
        return node.planned_start
    return first_day(calendar, finish, node.duration_days)


def _amounts(
    plan: AnnualPlan | None, work: Sequence[int], days: Sequence[int]
) -> tuple[Sequence[Decimal | None], Basis | None]:
    if plan is None or plan.planned_investment is None:
        return [None] * 12, None
    if plan.monthly is not None:
        return plan.monthly, "annual_plan"
    if any(work):
        return spread(plan.planned_investment, work), "milestones"
    return spread(plan.planned_investment, days), "calendar"


def _due(spans: Sequence[_Span], year: int, month: int) -> list[dict[str, Any]]:
    return [
        {"id": span.id, "name": span.name, "status": span.status, "planned_finish": span.planned_finish}
        for span in spans
        if span.planned_finish is not None and (span.planned_finish.year, span.planned_finish.month) == (year, month)
    ]
