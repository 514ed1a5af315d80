"""Money in figures: by group with the year before, project by project against the investment."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from app.access import Actor, Visible, visible
from app.db import Database
from app.domain.funding import STEPS, change_percent, percent
from app.errors import not_found
from app.listing import plan_filters
from app.models import Project
from app.reading import AnySelect, prepared
from app.resources.funding_gaps import funding_gaps, funding_of_project
from app.resources.funding_records import FUNDING_RECORD, FUNDING_STATISTICS
from app.resources.funding_statistics import funding_by_group
from app.resources.projects import PROJECT
from app.resources.statistics import resource
from app.schemas.funding_statistics import FundingGapsQuery, FundingStatisticsQuery
from app.services.statistics import REGION_LEVELS, UNASSIGNED, home

_WITHOUT = {"project": ("区划资金（未分配）", "Of regions, not allocated"), "batch": ("未分批次", "Without a batch")}
_HELD_UP_STAGES = ["signed", "landed", "started"]
_GROUPED_BY_POSITION = {"channel", "sector", "batch", "year"}


def a_year_earlier(day: date) -> date:
    """29 February becomes the 28th."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, last))


async def by_group(
    db: Database, actor: Actor, query: FundingStatisticsQuery, today: date, *, english: bool
) -> dict[str, Any]:
    day = query.as_of or today
    year = query.year or day.year
    scopes = actor.scopes(FUNDING_STATISTICS.permission)
    names = query.model_fields_set & FUNDING_STATISTICS.filters.keys() - {"year"}
    given = {name: value for name in names if (value := getattr(query, name)) not in (None, [])}
    if "department_id" in given:
        given["department_id"] = (given["department_id"], day)
    plan = plan_filters(FUNDING_STATISTICS, given, visible(scopes, FUNDING_STATISTICS.scoping))
    base = query.region if query.region is not None else home(scopes)
    values = plan.values | {
        "year": year,
        "day": day,
        "day_before": a_year_earlier(day),
        "level": next((level for level in REGION_LEVELS if level > len(base)), REGION_LEVELS[-1]),
    }
    shape = (FUNDING_STATISTICS.name, query.group_by, query.measure, plan.shape)
    statement = prepared(shape, lambda: funding_by_group(plan.conditions(), query.group_by, query.measure))
    rows = await db.rows(statement, values)
    (total,) = [row for row in rows if row["is_total"]]
    groups = [row for row in rows if not row["is_total"] and _tells(query.group_by, row)]
    whole = total[query.measure]
    items = [
        {"key": row["key"], "label": _label(query.group_by, row, english=english), **_told(row, query.measure, whole)}
        for row in sorted(groups, key=lambda row: _place(query, row))
    ]
    head = {"group_by": query.group_by, "measure": query.measure, "year": year, "as_of": day}
    summed = _told(total, query.measure, whole)
    if query.group_by == "year":
        # All years together have no year before.
        summed |= {"previous": 0, "change_percent": None}
    return {**head, "previous_as_of": a_year_earlier(day), "items": items, "total": summed}


def _tells(group_by: str, row: Mapping[str, Any]) -> bool:
    """A group of nothing now and nothing before is left out; so is a year that only follows another."""
    steps = any(row[step] for step in STEPS)
    return steps if group_by == "year" else bool(steps or row["previous"])


def _told(row: Mapping[str, Any], measure: str, whole: Decimal) -> dict[str, Any]:
    return {
        "count": row["count"],
        **{step: row[step] for step in STEPS},
        "previous": row["previous"],
        "change_percent": change_percent(row[measure], row["previous"]),
        "share": percent(row[measure], whole),
    }


def _label(group_by: str, row: Mapping[str, Any], *, english: bool) -> str:
    if row["key"] is None:
        return _WITHOUT.get(group_by, UNASSIGNED)[english]
    named: str | None = row["label_en"] if english else row["label_zh"]
    return named or row["key"]


def _place(query: FundingStatisticsQuery, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Dictionaries, batches and years in their own order, regions by code, others by size; the keyless group last."""
    key = row["key"]
    if key is None:
        return (True,)
    if query.group_by in _GROUPED_BY_POSITION:
        return (False, row["position"] is None, row["position"] or 0, key)
    return (False, key) if query.group_by == "region" else (False, -row[query.measure], row["label_zh"], key)


async def gaps(db: Database, actor: Actor, query: FundingGapsQuery, today: date, *, english: bool) -> dict[str, Any]:
    """Projects whose gap or slow pay-out holds them up."""
    day = query.as_of or today
    past = day != today
    rows_of = resource(past)
    given = query.filters(today)
    if query.stage is None:
        given |= {"stage_as_of": (_HELD_UP_STAGES, day)} if past else {"stage": _HELD_UP_STAGES}
    plan = plan_filters(rows_of, given, visible(actor.scopes(rows_of.permission), rows_of.scoping))
    asked = {name: getattr(query, name) for name in ("gap_at_least", "gap_share_at_least", "pay_out_below")}
    values = plan.values | asked
    values |= {
        "year": query.year or day.year,
        "day": day,
        "came_by": day - timedelta(days=query.pay_out_days),
        "row_limit": query.limit,
    }
    statement = prepared(
        ("funding_gaps", past, query.unrecorded, plan.shape),
        lambda: funding_gaps(plan.conditions(), past=past, unrecorded=query.unrecorded),
    )
    row = await db.row(statement, values)
    assert row is not None
    total = dict(row)
    found = json.loads(total.pop("items"), parse_float=Decimal, parse_int=Decimal)
    items = [_held_up(item, english=english) for item in found]
    return {"as_of": day, **asked, "pay_out_days": query.pay_out_days, "items": items, "total": total}


def _held_up(row: dict[str, Any], *, english: bool) -> dict[str, Any]:
    plain = ("id", "code", "name", "region_code", "sector", "stage", "total_investment", "secured", "received", "paid")
    reasons = [name for name, holds in (("gap", row["short"]), ("slow_pay_out", row["slow"])) if holds]
    invested = row["total_investment"]
    return {
        **{name: row[name] for name in plain},
        "sector_label": row["sector_en" if english else "sector_zh"] or row["sector"],
        "gap": row["gap"],
        "secured_rate": None if invested is None else percent(row["secured"], invested),
        "pay_out_rate": percent(row["paid"], row["received"]),
        "held_up_by": ",".join(reasons),
    }


async def of_project(
    db: Database, actor: Actor, project_id: UUID, as_of: date | None, today: date, *, english: bool
) -> dict[str, Any]:
    """A project's money on a day, all years together. 404 for a project the actor does not see."""
    day = as_of or today
    seen = visible(actor.scopes(PROJECT.permission), PROJECT.scoping)
    project = await db.row(
        prepared((PROJECT.name, "invested", seen.shape), lambda: _invested(seen)), seen.values | {"key": project_id}
    )
    if project is None:
        raise not_found(PROJECT.label)
    money = visible(actor.scopes(FUNDING_RECORD.permission), FUNDING_RECORD.scoping)
    rows = await db.rows(
        prepared(("funding_of_project", money.shape), lambda: funding_of_project(money.condition())),
        money.values | {"key": project_id, "day": day, "came_by": day},
    )
    invested = project["total_investment"]
    sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in (*STEPS, "secured")}
    items = [
        {
            "key": row["key"],
            "label": (row["label_en"] if english else row["label_zh"]) or row["key"],
            **{name: row[name] for name in sums},
            "pay_out_rate": percent(row["paid"], row["received"]),
        }
        for row in rows
    ]
    total = {
        **sums,
        "total_investment": invested,
        "gap": None if invested is None else invested - sums["secured"],
        "secured_rate": None if invested is None else percent(sums["secured"], invested),
        "received_rate": percent(sums["received"], sums["secured"]),
        "pay_out_rate": percent(sums["paid"], sums["received"]),
    }
    return {"project_id": project_id, "as_of": day, "items": items, "total": total}


def _invested(seen: Visible) -> AnySelect:
    return select(Project.total_investment).where(Project.id == bindparam("key", None, Uuid), seen.condition())
