"""Figures of projects: sums from the database, rates and gaps by the rules of `domain.progress`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.access import Actor, Scope, visible
from app.db import Database
from app.domain import progress
from app.domain.labels import LABELS
from app.errors import invalid
from app.listing import plan_filters
from app.reading import Prepared, prepared
from app.resources.county_figures import GROUPS as SUMMED
from app.resources.county_figures import SUMS
from app.resources.county_figures import figures_by_group as summed_by_group
from app.resources.project_filters import FILTERS
from app.resources.statistics import PRESENT, figures_by_group, resource
from app.resources.statistics_overview import overview as overview_statement
from app.schemas.statistics import OverviewQuery, StatisticsQuery
from app.services import county_figures

UNASSIGNED = ("未指定", "Unassigned")
REGION_LEVELS = (2, 4, 6, 9, 12)
_CLOSED_LISTS = {"stage": LABELS["stage"], "category": LABELS["plan_category"], "light": LABELS["light"]}


@dataclass(frozen=True, slots=True)
class _Moment:
    """The year and the day figures are of, and the language of labels."""

    year: int
    day: date
    english: bool

    def figures(self, sums: Mapping[str, Any]) -> dict[str, Any]:
        planned, completed = Decimal(sums["annual_plan"]), Decimal(sums["completed"])
        return {
            "count": sums["count"],
            "lights": _lights(sums),
            "total_investment": Decimal(sums["total_investment"]),
            "annual_plan": planned,
            "completed": completed,
            **self.rates(completed, planned),
        }

    def rates(self, completed: Decimal, planned: Decimal) -> dict[str, Decimal | None]:
        return {
            "completion_rate": progress.completion_rate(completed, planned),
            "time_progress": progress.time_progress(self.year, self.day),
            "gap_points": progress.gap_points(completed, planned, self.year, self.day),
        }

    def label(self, group_by: str, key: str | None, row: Mapping[str, Any]) -> str:
        if key is None:
            return UNASSIGNED[self.english]
        if group_by in _CLOSED_LISTS:
            return _CLOSED_LISTS[group_by][key][self.english]
        named: str | None = row["label_en"] if self.english else row["label_zh"]
        return named or key


def home(scopes: Sequence[Scope]) -> str:
    """The region prefix that all scopes have in common."""
    first, last = min(s.region for s in scopes), max(s.region for s in scopes)
    return next(first[:n] for n in range(len(first), -1, -1) if last.startswith(first[:n]))


async def place(db: Database, region: str | None, within: str) -> dict[str, Any] | None:
    """Code and name of the region asked for, else of the deepest that all under `within` belong to."""
    row = await db.row(_PLACE, {"codes": [region] if region is not None else _codes_of(within)})
    return dict(row) if row else None


_PLACE = Prepared(
    "SELECT code, name FROM regions WHERE code = ANY($1) ORDER BY length(code) DESC LIMIT 1", ("codes",), {}
)


def _codes_of(prefix: str) -> list[str]:
    """The regions that all under a prefix belong to."""
    return [prefix[:n] for n in REGION_LEVELS]


async def by_group(db: Database, actor: Actor, query: StatisticsQuery, today: date, *, english: bool) -> dict[str, Any]:
    """The figures of the chosen projects in total and by `query.group_by`."""
    day = query.as_of or today
    moment = _Moment(query.year or day.year, day, english)
    scopes = actor.scopes(PRESENT.permission)
    base = query.region if query.region is not None else home(scopes)
    values = {
        "year": moment.year,
        "day": day,
        "at_least": query.annual_plan_at_least,
        "level": next((level for level in REGION_LEVELS if level > len(base)), REGION_LEVELS[-1]),
    }
    rows = await _figures(db, scopes, query, today, values)

    def told(row: Mapping[str, Any]) -> dict[str, Any]:
        sized = {} if query.annual_plan_at_least is None else _sized(row)
        return moment.figures(row) | sized

    (total,) = [row for row in rows if row["is_total"]]
    groups = [
        {"key": row["key"], "label": moment.label(query.group_by, row["key"], row), **told(row)}
        for row in _in_order(query.group_by, [row for row in rows if not row["is_total"]])
    ]
    region = await place(db, query.region, base)
    head = {"region": region, "group_by": query.group_by, "year": moment.year, "as_of": day}
    return {**head, "groups": groups, "total": told(total)}


def _lights(sums: Mapping[str, Any]) -> dict[str, int]:
    lit = {light: sums[f"{light}_count"] for light in LABELS["light"]}
    return {**lit, "none": sums["count"] - sum(lit.values())}


async def _figures(
    db: Database, scopes: tuple[Scope, ...], query: StatisticsQuery, today: date, values: dict[str, Any]
) -> list[Any]:
    """The rows of total and groups: from the sums of counties where that is much shorter, else from the projects."""
    given, year, day = query.filters(today), values["year"], values["day"]
    past = day != today
    prefixes = county_figures.wide(scopes, query.region) if _summed(query, given) else None
    if prefixes and (not past or await _kept(db, year, day, today)):
        await county_figures.refresh(db, prefixes, year, day, past=past)
        plan = plan_filters(SUMS, given, visible(scopes, SUMS.scoping))
        shape: tuple[Any, ...] = ("county_figures", query.group_by, plan.shape)
        statement = prepared(shape, lambda: summed_by_group(plan.conditions(), query.group_by))
    else:
        rows_of = resource(past)
        plan = plan_filters(rows_of, given, visible(scopes, rows_of.scoping))
        shape = ("statistics", query.group_by, past, plan.shape)
        statement = prepared(shape, lambda: figures_by_group(plan.conditions(), query.group_by, past=past))
    return await db.rows(statement, plan.values | values)


async def _kept(db: Database, year: int, day: date, today: date) -> bool:
    """Sums of a past day, as long as there is room; days to come are as many as one likes to ask for."""
    return day < today and await county_figures.room(db, year, day)


def _summed(query: StatisticsQuery, given: Mapping[str, Any]) -> bool:
    """Whether the sums of counties have what is asked for."""
    return query.annual_plan_at_least is None and query.group_by in SUMMED and given.keys() <= SUMS.filters.keys()


def _sized(row: Mapping[str, Any]) -> dict[str, Any]:
    reaching, count = row["at_least_count"], row["count"]
    share = progress.half_up(Decimal(reaching) * 100 / count) if count else None
    return {"at_least_count": reaching, "at_least_share": share}


def _in_order(group_by: str, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Closed lists and dictionaries in their own order, regions by code, others by size; the keyless group last."""

    def place(row: Mapping[str, Any]) -> tuple[Any, ...]:
        key = row["key"]
        if key is None:
            return (True,)
        if group_by in _CLOSED_LISTS:
            return (False, list(_CLOSED_LISTS[group_by]).index(key))
        if group_by == "sector":
            # A code the dictionary does not have comes after those it has.
            return (False, row["position"] is None, row["position"] or 0, key)
        return (False, key) if group_by == "region" else (False, -row["count"], row["label_zh"], key)

    return sorted(rows, key=place)


async def overview(db: Database, actor: Actor, query: OverviewQuery, today: date, *, english: bool) -> dict[str, Any]:
    """A dashboard's first screen. Errors: 422 `unknown_reference` when there is no such region."""
    day = query.as_of or today
    moment = _Moment(query.year or day.year, day, english)
    past = day != today
    rows_of = resource(past)
    scopes = actor.scopes(rows_of.permission)
    given: dict[str, Any] = {"region": query.region} if query.region is not None else {}
    if past:
        given["stage_as_of"] = (None, day)
    plan = plan_filters(rows_of, given, visible(scopes, rows_of.scoping))
    common = home(scopes)
    values = plan.values | {
        **({} if past else FILTERS["stale"].values((True, day, None))),
        "year": moment.year,
        "day": day,
        "year_start": date(moment.year, 1, 1),
        "year_end": date(moment.year, 12, 31),
        "time_share": progress.time_share(moment.year, day),
        "regions": [query.region] if query.region is not None else _codes_of(common),
    }
    statement = prepared(
        ("statistics_overview", past, plan.shape), lambda: overview_statement(plan.conditions(), past=past)
    )
    row = await db.row(statement, values)
    assert row is not None
    found = {name: json.loads(text or "null", parse_float=Decimal) for name, text in row.items()}
    if query.region is not None and found["region"] is None:
        raise invalid("region", "unknown_reference", resource=("行政区划", "region"))
    return {"region": found["region"], "year": moment.year, "as_of": day, **_screen(found, moment)}


_GROUPING = {"total": 7, "stage": 3, "sector": 5, "category": 6}
"""What PostgreSQL's GROUPING(stage, sector, category) gives for each set: a bit for every column left out."""


def _screen(found: dict[str, Any], moment: _Moment) -> dict[str, Any]:
    def groups(group_by: str) -> list[dict[str, Any]]:
        rows = [{**row, "key": row[group_by]} for row in found["groups"] if row["grouping"] == _GROUPING[group_by]]
        if group_by == "stage":
            rows += [{**_NOTHING, "key": stage} for stage in LABELS["stage"].keys() - {row["key"] for row in rows}]
        return [
            {"key": row["key"], "label": moment.label(group_by, row["key"], row), **moment.figures(row)}
            for row in _in_order(group_by, rows)
        ]

    (total,) = [row for row in found["groups"] if row["grouping"] == _GROUPING["total"]]
    return {
        "total": moment.figures(total),
        **{f"by_{group_by}": groups(group_by) for group_by in ("stage", "sector", "category")},
        "counts": found["counts"],
        "largest_gaps": [_gap(gap, moment) for gap in found["gaps"]],
        "recent_moves": found["moves"],
    }


_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("count", "total_investment", "annual_plan", "completed"), 0),
    **{f"{light}_count": 0 for light in LABELS["light"]},
}


def _gap(gap: dict[str, Any], moment: _Moment) -> dict[str, Any]:
    rates = moment.rates(Decimal(gap["completed"]), Decimal(gap["annual_plan"]))
    return {"id": gap["id"], "name": gap["name"], **{name: rates[name] for name in ("completion_rate", "gap_points")}}
