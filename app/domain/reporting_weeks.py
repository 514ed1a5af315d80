"""When a week's field report is due: a weekday and an hour of Asia/Shanghai, moved before holidays; data per region.

Reports are due Friday 18:00 unless a region says otherwise. A due day that is no working day (a Friday in a public
holiday, or a weekday at the weekend that is not worked) moves to the last working day before it, which may lie in the
week before: of the week of National Day, Friday is off and the report is due on the last day of September.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.workdays import Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ReportingRule:
    """What a region says; it holds for the weeks that begin on `valid_from` or later."""

    region_code: str = ""
    valid_from: date = date.min
    weekday: int = 5
    """1 is Monday, 7 is Sunday."""
    due_time: time = time(18)
    stages: tuple[str, ...] = ("landed", "started")
    """Projects in these stages have to report."""
    moves_before_holidays: bool = True


SHIPPED = ReportingRule()


def monday_of(day: date) -> date:
    """A week is named by its Monday."""
    return day - timedelta(days=day.weekday())


def due_day(rule: ReportingRule, week: date, workdays: Workdays) -> date:
    day = week + timedelta(days=rule.weekday - 1)
    return workdays.on_or_before(day) if rule.moves_before_holidays else day


def due_at(rule: ReportingRule, week: date, workdays: Workdays) -> datetime:
    """Who reports at this very moment is still in time."""
    return datetime.combine(due_day(rule, week, workdays), rule.due_time, SHANGHAI)


def opens_at(rule: ReportingRule, week: date, workdays: Workdays) -> datetime:
    """From when on the week can be reported: a week before it is due, which is always before it begins."""
    return due_at(rule, week, workdays) - WEEK


def rules_of_week(rules: Iterable[ReportingRule], week: date) -> dict[str, ReportingRule]:
    """Region → what it says of that week, of rules in the order they were entered; the shipped one is under ""."""
    found = {"": SHIPPED}
    for rule in rules:
        known = found.get(rule.region_code)
        if rule.valid_from <= week and (known is None or known.valid_from <= rule.valid_from):
            found[rule.region_code] = rule
    return found


def rule_for(rules: Iterable[ReportingRule], region_code: str, week: date) -> ReportingRule:
    """What the nearest region at or above `region_code` says of that week."""
    found = rules_of_week(rules, week)
    return found[max((prefix for prefix in found if region_code.startswith(prefix)), key=len)]
