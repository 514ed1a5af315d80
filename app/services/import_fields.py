"""The project's own columns: what a ledger row sets, clears or leaves alone.

A column that the sheet does not have is left alone. A blank cell clears a plain text, amount or date; it leaves alone
what identifies the project (name, codes) and what comes from a closed list (sector, stage).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from app.ledgers.model import PartialDate, ProjectValues
from app.services.import_stored import Stored, Was
from app.services.import_verdict import Verdict

_LAND = re.compile("土地|征地|用地|征用")
"""Problems that mean the project waits for land."""

_CLEARED_BY_BLANK = {
    "investors": "investors",
    "location": "location",
    "content": "content",
    "start": "planned_start",
    "completion": "planned_completion",
    "total_investment": "total_investment",
    "problem": "problem",
    "remark": "remark",
    "enrolled_on": "enrolled_on",
}
_KEPT_OVER_BLANK = {"name": "name", "code": "national_code", "sector": "sector", "major": "major"}


def compare_columns(verdict: Verdict, was: Was, stored: Stored) -> None:
    """An existing project; `was` is what a ledger would say of it now."""
    values, columns = verdict.row.values, stored.columns
    for name, column in (_CLEARED_BY_BLANK | _KEPT_OVER_BLANK).items():
        if not verdict.says(name):
            continue
        after = _column_value(values, name)
        if was.agrees(partial(_column_value, name=name), after):
            continue
        if after is None and name in _KEPT_OVER_BLANK:
            continue
        verdict.set(column, columns[column], after)
    if "location" in verdict.changes:
        _move(verdict, stored)
    if "problem" in verdict.changes:
        _land_after_problem(verdict, stored)


def fill_columns(verdict: Verdict) -> None:
    """A new project."""
    values, context = verdict.row.values, verdict.context
    for name, column in _CLEARED_BY_BLANK.items():
        verdict.writes.project[column] = value = _column_value(values, name)
        if value not in (None, []):
            verdict.change(column, None, value)
    verdict.set("name", None, values.name)
    verdict.set("code", None, values.own_code)
    verdict.set("national_code", None, values.code)
    verdict.set("sector", None, values.sector or "other")
    verdict.set("major", None, bool(values.major))
    verdict.set("region_code", None, context.directory.place(values.location) or context.directory.region.code)
    verdict.set("land_status", None, "pending" if _waits_for_land(values.problem) else "unknown")
    verdict.set("key_years", None, [context.period.year])


def add_key_year(verdict: Verdict, stored: Stored) -> None:
    """A project in a year's ledger is a key project of that year: where the row makes the year's plan, or where the
    ledger names the year and has no plans at all. (An export names any year, but has columns for plans.)"""
    year = verdict.context.period.year
    years = stored.columns["key_years"]
    makes_plan = bool(verdict.writes.plan) and verdict.writes.plan_id is None
    without_plans = verdict.context.period.stated and not (verdict.says("annual_plan") or verdict.says("category"))
    if year not in years and (makes_plan or without_plans):
        verdict.set("key_years", list(years), sorted([*years, year]))


def _column_value(values: ProjectValues, name: str) -> Any:
    value = getattr(values, name)
    if name == "investors":
        return list(value)
    return str(value) if isinstance(value, PartialDate) else value


def _move(verdict: Verdict, stored: Stored) -> None:
    """The region follows a location that names one; it goes back to the import's when the old location had named it."""
    directory, before = verdict.context.directory, stored.columns["region_code"]
    after = directory.place(verdict.row.values.location)
    if after is None:
        named = directory.place(stored.columns["location"])
        after = directory.region.code if named == before else before
    if after != before:
        verdict.set("region_code", before, after)


def _land_after_problem(verdict: Verdict, stored: Stored) -> None:
    """The problem says land: it waits for land. It no longer does: what had been read off it is no longer stated."""
    before = stored.columns["land_status"]
    if _waits_for_land(verdict.row.values.problem):
        verdict.set("land_status", before, "pending")
    elif before == "pending" and _waits_for_land(stored.columns["problem"]):
        verdict.set("land_status", before, "unknown")


def _waits_for_land(problem: str | None) -> bool:
    return problem is not None and _LAND.search(problem) is not None
