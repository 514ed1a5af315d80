"""How milestones stand against the first and the current baseline: moved by decision, or late."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, select

from app.domain.variances import expected
from app.domain.workdays import Workdays
from app.models import Baseline, BaselineMilestone
from app.reading import AnySelect, prepared
from app.services import milestone_graph, workdays
from app.services.milestone_graph import Node
from app.services.project_parts import require_visible
from app.uow import UnitOfWork

_Dates = tuple[date | None, date | None]


async def of_project(uow: UnitOfWork, project_id: UUID) -> dict[str, Any]:
    """Every milestone against both baselines. Reads outside any transaction but for the milestones."""
    await require_visible(uow, project_id)
    calendar = await workdays.load(uow)
    ends = await uow.db.row(prepared("baselines.ends", _ends), {"project_id": project_id})
    first, current = (ends["first"], ends["current"]) if ends else (None, None)
    planned = {
        number: await _baseline(uow, project_id, number) for number in {first, current} if number is not None
    }  # fmt: skip
    rows = [
        _row(node, planned.get(first, {}).get(node.id), planned.get(current, {}).get(node.id), uow.today, calendar)
        for node in await milestone_graph.load(uow, project_id)
    ]
    return {
        "project_id": project_id,
        "as_of": uow.today,
        "first_baseline": first,
        "current_baseline": current,
        "rescheduled": sum(bool(row["rescheduled_days"]) for row in rows),
        "late": sum(row["late"] for row in rows),
        "milestones": rows,
    }


def _ends() -> AnySelect:
    b = Baseline
    columns: list[Any] = [func.min(b.number).label("first"), func.max(b.number).label("current")]
    return select(*columns).where(b.project_id == bindparam("project_id", None, Uuid))


async def _baseline(uow: UnitOfWork, project_id: UUID, number: int) -> dict[UUID, _Dates]:
    values = {"project_id": project_id, "number": number}
    rows = await uow.db.rows(prepared("baselines.milestones", _milestones_of), values)
    return {row["milestone_id"]: (row["planned_start"], row["planned_finish"]) for row in rows}


def _milestones_of() -> AnySelect:
    b, m = Baseline, BaselineMilestone
    columns: list[Any] = [m.milestone_id, m.planned_start, m.planned_finish]
    return (
        select(*columns)
        .join_from(m, b, b.id == m.baseline_id)
        .where(b.project_id == bindparam("project_id", None, Uuid), b.number == bindparam("number", None, Integer))
    )


def _row(node: Node, first: _Dates | None, current: _Dates | None, today: date, calendar: Workdays) -> dict[str, Any]:
    finish, finish_is = expected(
        status=node.status,
        planned=current[1] if current else node.planned_finish,
        forecast=node.forecast_finish,
        actual=node.actual_finish,
        today=today,
    )

    def between(start: date | None, end: date | None) -> int | None:
        return None if start is None or end is None else calendar.between(start, end)

    def against(dates: _Dates | None) -> dict[str, Any] | None:
        if dates is None:
            return None
        return {"planned_start": dates[0], "planned_finish": dates[1], "variance_days": between(dates[1], finish)}

    now = against(current)
    return {
        "id": node.id,
        "name": node.name,
        "status": node.status,
        "finish": finish,
        "finish_is": finish_is,
        "first": against(first),
        "current": now,
        "rescheduled_days": between(first[1], current[1]) if first and current else None,
        "late": bool(now and now["variance_days"] and now["variance_days"] > 0),
    }
