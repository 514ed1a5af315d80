"""Charts of stored projects: one query for what is drawn, one for the name of the place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Actor, visible
from app.charts.gantt import gantt
from app.charts.model import Charted, Light, Node, Part, Sheet, Work
from app.charts.timeline import seen_on
from app.charts.wall import wall
from app.charts.words import Words
from app.db import Database
from app.domain.labels import LABELS
from app.domain.progress import completion_rate
from app.domain.variances import expected
from app.domain.workdays import Workdays, first_day
from app.errors import AppError, invalid, not_found
from app.ledgers.model import PartialDate
from app.listing import plan_filters, seen_by
from app.models import Region
from app.reading import AnySelect, prepared
from app.resources.charts import one_chart, wall_page, years_with_projects
from app.resources.projects import PROJECT, PROJECT_AS_OF
from app.schemas.charts import ScheduleChartQuery, WallQuery
from app.services import workdays
from app.services.statistics import REGION_LEVELS, home

_OF_A_DAY = frozenset({"light", "category", "stage_as_of", "stale"})
"""Filters that hold on the chart's day or in its year only."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a chart, and the working days it reckons with."""

    day: date
    calendar: Workdays


@dataclass(frozen=True, slots=True)
class Chart:
    """One sheet of a chart."""

    content: bytes
    page: int
    pages: int
    title: str


async def schedule(
    db: Database, actor: Actor, project_id: UUID, query: ScheduleChartQuery, today: date, *, english: bool
) -> Chart:
    """One sheet; 404 for a project the actor does not see, 422 for a sheet beyond the last."""
    as_of = query.as_of or today
    seen = seen_by(actor, PROJECT)
    statement = prepared(("schedule_chart", seen.shape), lambda: one_chart(seen.condition()))
    row = await db.row(statement, seen.values | {"key": project_id, "day": as_of, "year": as_of.year, **_page(query)})
    if row is None:
        raise not_found(PROJECT.label)
    calendar = await workdays.read(db)
    day = Day(as_of, calendar)
    found = json.loads(row["j"], parse_float=Decimal)
    part = _part(query, found["milestone_count"])
    project = _charted(found, day, english=english)
    content = gantt(project, as_of, today, Words(english=english), part)
    return Chart(content, part.page, part.pages, f"{project.name}-{as_of}")


def _page(query: ScheduleChartQuery | WallQuery) -> dict[str, int]:
    return {"page_limit": query.limit, "page_offset": (query.page - 1) * query.limit}


def _part(query: ScheduleChartQuery, total: int) -> Part:
    part = Part(query.page, max(math.ceil(total / query.limit), 1), _page(query)["page_offset"], total)
    if part.page > part.pages:
        raise _beyond()
    return part


def _beyond() -> AppError:
    return invalid("page", "out_of_range", expected=("不超过最后一张", "no more than the last sheet"))


async def wall_chart(db: Database, actor: Actor, query: WallQuery, today: date, *, english: bool) -> Chart:
    """One sheet. 422 for a region that is not there, or a sheet beyond the last."""
    day = query.as_of or today
    year = query.year or day.year
    filters = query.filters(today)
    resource = PROJECT_AS_OF if "stage_as_of" in filters else PROJECT
    plan = plan_filters(resource, filters, visible(actor.scopes(PROJECT.permission), PROJECT.scoping))
    values = plan.values | {"year": year, "day": day, **_page(query)}
    statement = prepared(
        ("wall", query.group_by, resource.name, plan.shape), lambda: wall_page(plan.conditions(), query.group_by)
    )
    place = await _place(db, actor, query.region)
    found = [json.loads(row["j"], parse_float=Decimal) for row in await db.rows(statement, values)]
    if not found and query.page > 1:
        raise _beyond()
    totals: Mapping[str, int] = found[0]["totals"] if found else {"total": 0}
    lights = ("green", "yellow", "red")
    words = Words(english=english)
    sheet = Sheet(
        title=f"{place} {year} " if english else f"{place}{year}年",
        year=year,
        as_of=day,
        drawn_on=today,
        page=query.page,
        pages=max(math.ceil(totals["total"] / query.limit), 1),
        total=totals["total"],
        lights=tuple((cast("Light", light), totals[light]) for light in lights) if any(map(totals.get, lights)) else (),
        hint=None if found else await _hint(db, actor, filters, words),
    )
    grouped = query.group_by != "none"
    shown_on = Day(day, await workdays.read(db))
    rows = [_charted(each, shown_on, english=english, grouped=grouped, words=words) for each in found]
    return Chart(wall(sheet, rows, words), sheet.page, sheet.pages, sheet.title.strip() + words("wall"))


async def _place(db: Database, actor: Actor, region: str | None) -> str:
    """The name of the region asked for, else of the smallest that all the actor sees lies in."""
    common = home(actor.scopes(PROJECT.permission))
    codes = [region] if region is not None else [common[:n] for n in REGION_LEVELS if n <= len(common)]
    row = await db.row(prepared(("region_named",), _named), {"codes": codes})
    if row is None and region is not None:
        raise invalid("region", "unknown_reference", resource=("行政区划", "region"))
    return row["name"] if row else ""


def _named() -> AnySelect:
    among = Region.code == func.any(bindparam("codes", None, ARRAY(Text)))
    return select(Region.name).where(among).order_by(func.length(Region.code).desc()).limit(1)


async def _hint(db: Database, actor: Actor, filters: Mapping[str, Any], words: Words) -> str | None:
    """Whoever asks for a year without projects is told which have some; what is said of a day or year is left out."""
    lasting = {name: value for name, value in filters.items() if name not in _OF_A_DAY}
    plan = plan_filters(PROJECT, lasting, visible(actor.scopes(PROJECT.permission), PROJECT.scoping))
    statement = prepared(("wall_years", plan.shape), lambda: years_with_projects(plan.conditions()))
    years = [str(row["year"]) for row in await db.rows(statement, plan.values)]
    return words("years", years=words.people(tuple(sorted(years)))) if years else None


def _charted(
    row: Mapping[str, Any], day: Day, *, english: bool, grouped: bool = False, words: Words | None = None
) -> Charted:
    stage = row["stage_then"] or row["stage"]
    group = row.get("group_name") or (words("ungrouped") if words else None)
    return Charted(
        number=row.get("number", 1),
        name=row["name"],
        stage=LABELS["stage"][stage][english],
        suspended=row["suspended_since"] is not None,
        leaders=_names(row["leaders"]),
        departments=_names(row["departments"]),
        owners=_names(row["owners"]),
        contacts=tuple((each["name"] or "", each["phone"]) for each in row["contacts"]),
        light=row["light"],
        total_investment=_decimal(row["total_investment"]),
        work=_work(row),
        nodes=tuple(_node(each, day) for each in row["milestones"] or ()),
        group=group if grouped else None,
    )


def _names(parties: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(party["name"] for party in parties)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _work(row: Mapping[str, Any]) -> Work:
    figure = row["figure"] or {"completed": None, "text": None}
    plan, completed = _decimal(row["annual_plan"]), _decimal(figure["completed"])
    start, finish = _partial(row["planned_start"]), _partial(row["planned_completion"])
    return Work(
        start=start.first if start else None,
        finish=finish.last if finish else None,
        annual_plan=plan,
        completed=completed,
        rate=None if plan is None or completed is None else completion_rate(completed, plan),
        progress=figure["text"],
    )


def _partial(text: str | None) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except ValueError:
        return None  # before 1949


def _node(each: Mapping[str, Any], on: Day) -> Node:
    days = (
        "planned_start", "planned_finish", "forecast_finish", "actual_start", "actual_finish", "first_finish",
    )  # fmt: skip
    known: dict[str, Any] = {name: _day(each[name]) for name in days}
    node = Node(
        id=each["id"],
        name=each["name"],
        kind=each["kind"],
        status=each["status"],
        duration_days=each["duration_days"],
        responsible=each["responsible"],
        predecessors=tuple(each["predecessors"] or ()),
        **known,
    )
    return replace(node, **_reckoned(seen_on(node, on.day), on))


def _reckoned(node: Node, on: Day) -> dict[str, Any]:
    """What follows from a milestone's days on the chart's day, as `GET /projects/{id}/variance` has it."""
    calendar, planned, forecast = on.calendar, node.planned_finish, node.forecast_finish
    finish, finish_is = expected(
        status=node.status, planned=planned, forecast=forecast, actual=node.actual_finish, today=on.day
    )
    said = planned is not None and finish is not None and finish_is in {"actual", "forecast"}
    open_days = [] if node.done else [day for day in (node.planned_start, planned, forecast) if day is not None]
    return {
        "forecast_start": first_day(calendar, forecast, node.duration_days) if forecast else None,
        "variance_days": calendar.between(planned, finish) if said and planned and finish else None,
        "overdue_days": 0 if node.done or planned is None else max(0, calendar.between(planned, on.day)),
        "forecast_passed": not node.done and forecast is not None and forecast < on.day,
        "provisional": any(map(calendar.is_provisional, open_days)),
    }
