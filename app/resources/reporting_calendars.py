from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.access import Scoping
from app.listing import Resource, Sort, region_prefix
from app.models import ReportingCalendar
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account


def _select() -> AnySelect:
    c = ReportingCalendar
    columns: list[Any] = [
        c.id, c.region_code, c.valid_from, c.weekday, func.to_char(c.due_time, "HH24:MI").label("due_time"), c.stages,
        c.moves_before_holidays, c.reason, c.entered_at, account(c.entered_by).label("entered_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


def all_rules() -> AnySelect:
    """Every region's rules in the order they were entered."""
    c = ReportingCalendar
    columns: list[Any] = [c.region_code, c.valid_from, c.weekday, c.due_time, c.stages, c.moves_before_holidays]
    return select(*columns).order_by(c.entered_at, c.id)


SCOPING = Scoping(region=ReportingCalendar.region_code)

REPORTING_CALENDAR = Resource(
    name="reporting_calendar",
    label=("填报日历", "reporting calendar"),
    permission="reporting_calendars.read",
    key=ReportingCalendar.id,
    conditional=False,
    scoping=SCOPING,
    full=_select,
    filters={"region": region_prefix(SCOPING)},
    sorts={"valid_from": Sort(ReportingCalendar.valid_from), "entered_at": Sort(ReportingCalendar.entered_at)},
)
