"""Who has to report, who has, and who is late: the rules of each week put to the dated histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.access import visible
from app.domain.progress import half_up
from app.domain.reporting_weeks import SHIPPED, due_at, due_day, rule_for, rules_of_week
from app.listing import plan_filters
from app.reading import prepared
from app.resources.reporting import COUNTS, STATISTICS, counts
from app.schemas.reporting import ReportingDutyQuery, ReportingStatisticsQuery
from app.services import workdays
from app.services.reporting_calendars import last_due, mondays, rules
from app.services.statistics import REGION_LEVELS, UNASSIGNED, home
from app.uow import UnitOfWork


async def chosen(uow: UnitOfWork, query: ReportingDutyQuery) -> dict[str, Any]:
    """The filters of a list of duties, with what every region asks for in the week."""
    given = query.chosen()
    week = given.pop("week", None) or await _last_due(uow, query.region)
    return {**given, "due": {**await due_rows(uow, mondays(week, week), query.region), "now": uow.now}}


async def _last_due(uow: UnitOfWork, region: str | None) -> date:
    """The last week that was due: by what the region asked about says, else by what ships."""
    known, calendar = await rules(uow), await workdays.load(uow)
    newest = last_due(SHIPPED, uow.now, calendar)
    return newest if region is None else last_due(rule_for(known, region, newest), uow.now, calendar)


async def due_rows(uow: UnitOfWork, weeks: Sequence[date], region: str | None) -> dict[str, Any]:
    """What regions ask for in these weeks, as arrays: see `resources.reporting`."""
    known, calendar = await rules(uow), await workdays.load(uow)
    within = region or ""
    found = [
        (week, prefix, due_at(rule, week, calendar), due_day(rule, week, calendar), ",".join(rule.stages))
        for week in weeks
        for prefix, rule in rules_of_week(known, week).items()
        if prefix.startswith(within) or within.startswith(prefix)
    ]
    names = ("week", "prefix", "due_at", "due_day", "stages")
    return {f"due_{name}": [row[i] for row in found] for i, name in enumerate(names)}


async def by_group(uow: UnitOfWork, query: ReportingStatisticsQuery, *, english: bool) -> dict[str, Any]:
    """How the projects the actor sees were reported on, in total and by `query.group_by`."""
    scopes = uow.actor.scopes(STATISTICS.permission)
    first = query.week or query.week_from or query.week_to or await _last_due(uow, query.region)
    last = query.week or query.week_to or first
    plan = plan_filters(
        STATISTICS, {"region": query.region} if query.region else {}, visible(scopes, STATISTICS.scoping)
    )
    base = query.region if query.region is not None else home(scopes)
    values = {
        **plan.values,
        **await due_rows(uow, mondays(first, last), query.region),
        "now": uow.now,
        "level": next((level for level in REGION_LEVELS if level > len(base)), REGION_LEVELS[-1]),
    }

    async def read(group_by: str | None) -> list[Any]:
        shape = (STATISTICS.name, group_by, plan.shape)
        return await uow.db.rows(prepared(shape, lambda: counts(plan.conditions(), group_by)), values)

    [total] = await read(None)
    groups = [
        {"key": row["key"], "label": row["label"] or row["key"] or UNASSIGNED[english], **_told(row)}
        for row in sorted(await read(query.group_by), key=lambda row: _place(query.group_by, row))
    ]
    head = {"group_by": query.group_by, "week_from": first, "week_to": last}
    return {**head, "groups": groups, "total": _told(total)}


def _told(sums: Mapping[str, Any]) -> dict[str, Any]:
    due = sums["expected"] - sums["open"]

    def percent(count: int) -> Decimal | None:
        return half_up(Decimal(count * 100) / due) if due else None

    rates = {"rate": percent(sums["on_time"] + sums["late"]), "on_time_rate": percent(sums["on_time"])}
    return {**{name: sums[name] for name in COUNTS}, **rates}


def _place(group_by: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Regions and weeks in their order, others by what is missing; projects without a key last."""
    if group_by in ("region", "week"):
        return (row["key"] is None, row["key"])
    return (row["key"] is None, -row["missing"], -row["late"], -row["expected"], row["label"] or "", row["key"])
