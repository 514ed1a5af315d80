"""How milestones stand against the first and the current baseline: moved by decision, or late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
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


class Planned(NamedTuple):
    """What a baseline has of a milestone."""

    position: int
    name: str
    start: date | None
    finish: date | None


async def of_project(uow: UnitOfWork, project_id: UUID) -> dict[str, Any]:
    """Every milestone against both baselines. Reads outside any transaction but for the milestones."""
    await require_visible(uow, project_id)
    calendar = await workdays.load(uow)
    ends = await uow.db.row(prepared("baselines.ends", _ends), {"project_id": project_id})
    first, current = (ends["first"], ends["current"]) if ends else (None, None)
    planned = {
        number: await _baseline(uow, project_id, number) for number in {first, current} if number is not None
    }  # fmt: skip
    before, now = planned.get(first, {}), planned.get(current, {})
    nodes = await milestone_graph.load(uow, project_id)
    rows = [_row(node, before.get(node.id), now.get(node.id), uow.today, calendar) for node in nodes]
    # Taken away since: what was planned of them is not forgotten.
    gone = (now | before).keys() - {node.id for node in nodes}
    rows += [_removed(key, before.get(key), now.get(key), calendar) for key in _in_order(gone, before | now)]
    return {
        "project_id": project_id,
        "as_of": uow.today,
        "first_baseline": first,
        "current_baseline": current,
        "rescheduled": sum(bool(row["rescheduled_days"]) for row in rows),
        "late": sum(row["late"] for row in rows),
        "removed": len(gone),
        "milestones": rows,
    }


def _ends() -> AnySelect:
    b = Baseline
    columns: list[Any] = [func.min(b.number).label("first"), func.max(b.number).label("current")]
    return select(*columns).where(b.project_id == bindparam("project_id", None, Uuid))


def _in_order(ids: Iterable[UUID], planned: Mapping[UUID, Planned]) -> list[UUID]:
    return sorted(ids, key=lambda key: (planned[key].position, key))


async def _baseline(uow: UnitOfWork, project_id: UUID, number: int) -> dict[UUID, Planned]:
    values = {"project_id": project_id, "number": number}
    rows = await uow.db.rows(prepared("baselines.milestones", _milestones_of), values)
    return {
        row["milestone_id"]: Planned(row["position"], row["name"], row["planned_start"], row["planned_finish"])
        for row in rows
    }


def _milestones_of() -> AnySelect:
    b, m = Baseline, BaselineMilestone
    columns: list[Any] = [m.milestone_id, m.position, m.name, m.planned_start, m.planned_finish]
    return (
        select(*columns)
        .join_from(m, b, b.id == m.baseline_id)
        .where(b.project_id == bindparam("project_id", None, Uuid), b.number == bindparam("number", None, Integer))
    )


def _row(node: Node, first: Planned | None, current: Planned | None, today: date, calendar: Workdays) -> dict[str, Any]:
    finish, finish_is = expected(
        status=node.status,
        planned=current.finish if current else node.planned_finish,
        forecast=node.forecast_finish,
        actual=node.actual_finish,
        today=today,
    )
    now = _against(current, finish, calendar)
    return {
        "id": node.id,
        "name": node.name,
        "status": node.status,
        "removed": False,
        "finish": finish,
        "finish_is": finish_is,
        "first": _against(first, finish, calendar),
        "current": now,
        "rescheduled_days": _rescheduled(first, current, calendar),
        "late": bool(now and now["variance_days"] and now["variance_days"] > 0),
        "provisional": _provisional(calendar, finish, first, current),
    }


def _removed(key: UUID, first: Planned | None, current: Planned | None, calendar: Workdays) -> dict[str, Any]:
    """A milestone that is no more, under the name it last had in a baseline: nothing is expected of it."""
    last = current or first
    return {
        "id": key,
        "name": last.name if last else "",
        "status": None,
        "removed": True,
        "finish": None,
        "finish_is": None,
        "first": _against(first, None, calendar),
        "current": _against(current, None, calendar),
        "rescheduled_days": _rescheduled(first, current, calendar),
        "late": False,
        "provisional": _provisional(calendar, None, first, current),
    }


def _provisional(calendar: Workdays, finish: date | None, *planned: Planned | None) -> bool:
    days = [finish, *(day for plan in planned if plan is not None for day in (plan.start, plan.finish))]
    return any(day is not None and calendar.is_provisional(day) for day in days)


def _against(planned: Planned | None, finish: date | None, calendar: Workdays) -> dict[str, Any] | None:
    if planned is None:
        return None
    variance = _between(planned.finish, finish, calendar)
    return {"planned_start": planned.start, "planned_finish": planned.finish, "variance_days": variance}


def _rescheduled(first: Planned | None, current: Planned | None, calendar: Workdays) -> int | None:
    return _between(first.finish, current.finish, calendar) if first and current else None


def _between(start: date | None, end: date | None, calendar: Workdays) -> int | None:
    return None if start is None or end is None else calendar.between(start, end)
