"""Months as offices count them: whole calendar months, and "a month later" on days that not every month has."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache

# The same few days are asked for again and again where the lights of many projects are drawn.


@lru_cache(maxsize=2000)
def month_start(day: date, months: int = 0) -> date:
    """The first of the month of `day`, or of one that many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


@lru_cache(maxsize=2000)
def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@lru_cache(maxsize=2000)
def add_months(day: date, months: int) -> date:
    """The same day that many months later; the month's last day where it has no such day (31 January → 29 February)."""
    first = month_start(day, months)
    return first.replace(day=min(day.day, calendar.monthrange(first.year, first.month)[1]))


def last_month_end(day: date) -> date:
    """The latest month end that is not after `day`: a month is over on its last day."""
    return day if day == month_end(day) else day.replace(day=1) - timedelta(days=1)


def next_month_end(day: date) -> date:
    """The earliest month end after `day`."""
    return month_end(day + timedelta(days=1))


@lru_cache(maxsize=2000)
def due_month(partial: str) -> date:
    """The first of the month a partial date means: "2016-03" and "2016-03-15" March, "2016" December of that year."""
    return date(int(partial[:4]), int(partial[5:7]) if len(partial) > 4 else 12, 1)
