"""How permits stand, per department (or kind, or region): sums from the database, rates by `domain.progress`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.access import Scope, visible
from app.domain.progress import half_up
from app.listing import plan_filters
from app.reading import prepared
from app.resources.permit_statistics import PERMIT_STATISTICS, STATES, counts_by_group
from app.schemas.permit_statistics import PermitStatisticsQuery
from app.services import workdays
from app.services.statistics import REGION_LEVELS, UNASSIGNED
from app.uow import UnitOfWork

_SUMMED = ("count", *STATES, "overdue", "due_soon", "decided", "decided_late")


async def by_group(uow: UnitOfWork, query: PermitStatisticsQuery, *, english: bool) -> dict[str, Any]:
    """The permits the actor sees, in total and by `query.group_by`, as they stand today."""
    scopes = uow.actor.scopes(PERMIT_STATISTICS.permission)
    given = {name: value for name in ("region", "department_id", "kind") if (value := getattr(query, name))}
    plan = plan_filters(PERMIT_STATISTICS, given, visible(scopes, PERMIT_STATISTICS.scoping))
    due_by = (await workdays.load(uow)).shift(uow.today, query.due_within)
    base = query.region or _home(scopes)
    values = plan.values | {
        "day": uow.today,
        "due_by": due_by,
        "level": next((level for level in REGION_LEVELS if level >= max(len(base), 6)), REGION_LEVELS[-1]),
    }
    statement = prepared(
        ("permit_statistics", query.group_by, plan.shape), lambda: counts_by_group(plan.conditions(), query.group_by)
    )
    rows = await uow.db.rows(statement, values)
    groups = [
        {"key": row["key"], "label": _label(row, english=english), **_told(row)}
        for row in sorted(rows, key=lambda row: _place(query.group_by, row))
    ]
    total = {name: sum(row[name] for row in rows) for name in _SUMMED}
    head = {"group_by": query.group_by, "as_of": uow.today, "due_by": due_by}
    return {**head, "groups": groups, "total": _told(total)}


def _home(scopes: Sequence[Scope]) -> str:
    return max((scope.region for scope in scopes), key=len, default="")


def _told(sums: Mapping[str, Any]) -> dict[str, Any]:
    decided, late = sums["decided"], sums["decided_late"]
    rate = half_up(Decimal(decided - late) * 100 / decided) if decided else None
    return {**{name: sums[name] for name in _SUMMED}, "on_time_rate": rate}


def _label(row: Mapping[str, Any], *, english: bool) -> str:
    if row["key"] is None:
        return UNASSIGNED[english]
    return str(row["label_en" if english else "label_zh"] or row["key"])


def _place(group_by: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The keyless group last; regions by code, others by what is late, then by size."""
    if group_by == "region":
        return (row["key"] is None, row["key"])
    return (row["key"] is None, -row["overdue"], -row["count"], row["label_zh"] or "", row["key"])
