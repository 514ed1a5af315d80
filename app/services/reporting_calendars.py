"""Which projects of a region report, and by when: dated, so that past weeks keep their rule."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from app.domain.reporting_weeks import SHANGHAI, WEEK, ReportingRule, due_at, due_day, monday_of, opens_at, rule_for
from app.domain.workdays import Workdays
from app.errors import invalid
from app.models import Region, ReportingCalendar
from app.reading import prepared
from app.resources.reporting_calendars import REPORTING_CALENDAR, all_rules
from app.schemas.reporting_calendars import ReportingCalendarIn, ReportingWeeksQuery
from app.services import workdays
from app.services.sent_again import after_last, sent_again
from app.uow import UnitOfWork

WRITE = "reporting_calendars.write"
MOST_WEEKS = 60
_REGION = ("行政区划", "region")


async def create(uow: UnitOfWork, body: ReportingCalendarIn) -> tuple[ReportingCalendar, bool]:
    """The calendar, and whether it is new."""
    uow.actor.require_in_region(WRITE, body.region_code)
    c = ReportingCalendar
    known = await sent_again(uow, REPORTING_CALENDAR, c, body.id, body, due_time=body.due)
    if known is not None:
        return known, False
    if body.valid_from < uow.today:
        raise invalid("/valid_from", "in_the_past")
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=_REGION)
    await uow.lock_key(REPORTING_CALENDAR.name, body.region_code)
    row = c(
        id=body.id or uow.new_id(),
        **body.model_dump(exclude={"id", "due_time"}),
        due_time=body.due,
        entered_at=await after_last(uow, c.entered_at, c.region_code == body.region_code),
        entered_by=uow.actor.id,
    )
    uow.add(row)
    uow.record("reporting_calendar.created", row)
    return row, True


@lru_cache(maxsize=256)
def rules_from_json(text: str) -> tuple[ReportingRule, ...]:
    """As `resources.report_contexts.rules_of` writes them."""
    return tuple(
        ReportingRule(region, date.fromisoformat(day), weekday, time.fromisoformat(due), tuple(stages), moves)
        for region, day, weekday, due, stages, moves in json.loads(text)
    )


async def rules(uow: UnitOfWork) -> list[ReportingRule]:
    """Of every region, in the order they were entered. Reads outside any transaction."""
    rows = await uow.db.rows(prepared("reporting rules", all_rules), {})
    return [ReportingRule(**{**row, "stages": tuple(row["stages"])}) for row in rows]


async def weeks(uow: UnitOfWork, query: ReportingWeeksQuery) -> dict[str, Any]:
    """When the weeks asked for are due in a region."""
    if await uow.session.get(Region, query.region) is None:
        raise invalid("region", "unknown_reference", resource=_REGION)
    first = query.week_from or monday_of(uow.today) - WEEK
    known, calendar = await rules(uow), await workdays.load(uow)
    found = []
    for week in mondays(first, query.week_to or first + 5 * WEEK):
        rule = rule_for(known, query.region, week)
        day = due_day(rule, week, calendar)
        found.append(
            {
                "week": week,
                "due_at": due_at(rule, week, calendar),
                "opens_at": opens_at(rule, week, calendar),
                "moved": day != week + timedelta(days=rule.weekday - 1),
                "provisional": calendar.is_provisional(week + timedelta(days=rule.weekday - 1)),
                "stages": list(rule.stages),
                "region_code": rule.region_code or None,
            }
        )
    return {"region_code": query.region, "weeks": found}


def mondays(first: date, last: date) -> list[date]:
    """The weeks from one Monday to another; 422 for other days, for none, and for more than can be asked at once."""
    for name, day in (("week_from", first), ("week_to", last)):
        if day != monday_of(day):
            raise invalid(name, "invalid_value", expected=("应为星期一", "a Monday"))
    count = (last - first) // WEEK + 1
    if count < 1:
        raise invalid("week_to", "dates_out_of_order")
    if count > MOST_WEEKS:
        raise invalid("week_to", "out_of_range", expected=(f"最多 {MOST_WEEKS} 周", f"at most {MOST_WEEKS} weeks"))
    return [first + n * WEEK for n in range(count)]


def last_due(rule: ReportingRule, now: datetime, calendar: Workdays) -> date:
    """The last week that was due by now."""
    week = monday_of(now.astimezone(SHANGHAI).date()) + 2 * WEEK
    while due_at(rule, week, calendar) > now:
        week -= WEEK
    return week
