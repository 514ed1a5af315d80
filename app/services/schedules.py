"""Backward schedules (倒排工期): computed for a deadline, kept as proposals, adopted as baselines."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from app.domain.scheduling import OutOfCalendar, Placed, schedule
from app.domain.scheduling import Schedule as Computed
from app.errors import AppError, FieldError, invalid
from app.listing import representation
from app.models import Baseline, BaselineMilestone, Milestone, Project, Schedule
from app.resources.milestones import graph_print
from app.resources.schedules import BASELINE, SCHEDULE
from app.schemas.schedules import AdoptionIn, ScheduleIn
from app.services import milestone_graph, permit_forecasts, workdays
from app.services.milestone_graph import Node
from app.services.project_log import departments_of, note_beside
from app.services.project_parts import lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import get_visible

WRITE = "schedules.write"


async def create(uow: UnitOfWork, project_id: UUID, body: ScheduleIn) -> tuple[Schedule, bool]:
    """The proposal, and whether it is new."""
    project = await lock_project(uow, project_id, WRITE)
    known: Schedule | None = await sent_before(uow, SCHEDULE, Schedule, project, body)
    if known is not None:
        return known, False
    nodes = await milestone_graph.load(uow, project.id)
    if not nodes:
        raise AppError("no_milestones")
    calendar = await workdays.load(uow)
    held = await permit_forecasts.held(uow, project, calendar)
    tasks = [node.task(held) for node in nodes]
    names = {node.id: node.name for node in nodes}
    milestone_graph.check(tasks, names, lambda fault: f"/milestones/{fault.keys[0]}", durations=True)
    try:
        computed = schedule(tasks, body.deadline, uow.today, calendar)
    except OutOfCalendar:
        raise invalid("/deadline", "beyond_calendar") from None
    row = Schedule(
        id=body.id or uow.new_id(),
        project_id=project.id,
        deadline=body.deadline,
        as_of=uow.today,
        note=body.note,
        graph=await _print(uow, project.id),
        created_at=uow.now,
        created_by=uow.actor.id,
        **_columns(computed, nodes),
    )
    uow.session.add(row)
    told = {"deadline": [None, str(body.deadline)], "late_by_days": [None, computed.late_by]}
    await note_beside(uow, "schedule.created", row, project, diff=told)
    await uow.flush()
    return row, True


async def _print(uow: UnitOfWork, project_id: UUID) -> str:
    return str(await uow.session.scalar(select(graph_print(project_id))))


def _columns(computed: Computed[UUID], nodes: list[Node]) -> dict[str, Any]:
    names = {node.id: node.name for node in nodes}
    return {
        "slack_days": computed.slack,
        "late_by_days": computed.late_by,
        "latest_start": computed.latest_start,
        "earliest_finish": computed.earliest_finish,
        "provisional": computed.provisional,
        "critical_chain": [{"id": key, "name": names[key]} for key in computed.critical_chain],
        "milestones": [_item(node, placed) for node, placed in zip(nodes, computed.placed, strict=True)],
    }


def _item(node: Node, placed: Placed[UUID]) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.name,
        "status": node.status,
        "duration_days": node.duration_days,
        "latest_start": placed.latest_start,
        "latest_finish": placed.latest_finish,
        "earliest_start": placed.earliest_start,
        "earliest_finish": placed.earliest_finish,
        "slack_days": placed.slack,
        "critical": placed.critical,
        "provisional": placed.provisional,
    }


async def adopt(uow: UnitOfWork, schedule_id: UUID, body: AdoptionIn) -> tuple[Baseline, bool]:
    """The baseline made of the schedule, and whether it is new. One at a time: the project is locked."""
    found = await get_visible(uow, SCHEDULE, Schedule, schedule_id)
    project = await lock_project(uow, found.project_id, WRITE)
    adopted = await uow.session.scalar(select(Baseline).where(Baseline.schedule_id == found.id))
    if adopted is not None:
        return await _adopted_before(uow, adopted, body), False
    if found.graph != await _print(uow, project.id):
        raise AppError("schedule_outdated")
    number = (
        await uow.session.scalar(select(func.max(Baseline.number)).where(Baseline.project_id == project.id)) or 0
    ) + 1
    _require_decision(number, body)
    row = Baseline(
        id=uow.new_id(),
        project_id=project.id,
        number=number,
        schedule_id=found.id,
        deadline=found.deadline,
        decision_reference=body.decision_reference,
        reason=body.reason,
        adopted_at=uow.now,
        adopted_by=uow.actor.id,
    )
    uow.session.add(row)
    await note_beside(uow, "baseline.created", row, project)
    await uow.flush()
    await _plan(uow, project, row, found)
    await permit_forecasts.recompute(uow, project)
    return row, True


async def _adopted_before(uow: UnitOfWork, row: Baseline, body: AdoptionIn) -> Baseline:
    """The baseline it became, when asked for in the same words; 409 otherwise."""
    if (row.decision_reference, row.reason) != (body.decision_reference, body.reason):
        shown, _ = await representation(uow, BASELINE, row.id)
        current = json.loads(shown, parse_float=Decimal)
        raise AppError("already_adopted", number=row.number, extra={"current": current})
    return row


def _require_decision(number: int, body: AdoptionIn) -> None:
    """Planned dates change by a decision only; the first baseline changes none."""
    missing = [name for name in ("decision_reference", "reason") if getattr(body, name) is None]
    if number > 1 and missing:
        raise AppError("invalid_content", errors=[FieldError(f"/{name}", "missing", {}) for name in missing])


async def _plan(uow: UnitOfWork, project: Project, baseline: Baseline, found: Schedule) -> None:
    """Open milestones get the latest dates as planned ones; what is done keeps what it had. The baseline has both."""
    computed = {item["id"]: item for item in found.milestones}
    readers = sorted(await departments_of(uow, project.id))
    remembered = []
    milestones = await uow.session.scalars(
        select(Milestone).where(Milestone.project_id == project.id).order_by(Milestone.position, Milestone.id)
    )
    for row in milestones.all():
        item = computed[str(row.id)]
        if item["latest_finish"] is not None:
            finish = date.fromisoformat(item["latest_finish"])
            # Begun after the day it should have been finished: that day is all there is to plan.
            _set_dates(uow, project, readers, row, min(date.fromisoformat(item["latest_start"]), finish), finish)
        remembered.append(
            {
                "baseline_id": baseline.id,
                "milestone_id": row.id,
                "position": row.position,
                "name": row.name,
                "planned_start": row.planned_start or row.actual_start,
                "planned_finish": row.planned_finish or row.actual_finish,
            }
        )
    await uow.flush()
    await uow.session.execute(insert(BaselineMilestone), remembered)


def _set_dates(
    uow: UnitOfWork, project: Project, readers: list[UUID], row: Milestone, start: date, finish: date
) -> None:
    if (row.planned_start, row.planned_finish) == (start, finish):
        return
    row.planned_start, row.planned_finish = start, finish
    uow.touch(row)
    uow.record("milestone.updated", row, region_code=project.region_code, department_ids=readers)
