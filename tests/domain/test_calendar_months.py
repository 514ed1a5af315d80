"""Months later, and months that are over, at month ends and on 29 February."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar_months import add_months, due_month, last_month_end, month_start, next_month_end

DAYS = st.dates(date(2014, 12, 1), date(2018, 2, 1))


@given(DAYS, st.integers(0, 30))
def test_months_later(day: date, months: int) -> None:
    later = add_months(day, months)
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    assert (later.year, later.month) == (year, month)
    assert later.day == min(day.day, calendar.monthrange(year, month)[1])
    assert month_start(day, months) == date(year, month, 1)


@given(DAYS)
def test_month_ends(day: date) -> None:
    ends = [d for i in range(-40, 41) if (d := day + timedelta(days=i)) and (d + timedelta(days=1)).day == 1]
    assert last_month_end(day) == max(d for d in ends if d <= day)
    assert next_month_end(day) == min(d for d in ends if d > day)


def test_a_partial_date_means_a_month() -> None:
    assert [due_month(text) for text in ("2016", "2016-03", "2016-03-15")] == [
        date(2016, 12, 1), date(2016, 3, 1), date(2016, 3, 1),
    ]  # fmt: skip
