from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.workdays import CHINA, Workdays

DAY = timedelta(days=1)
days = st.dates(date(2003, 6, 1), date(2028, 6, 1))
NOTICES: dict[int, tuple[str, str]] = {
    # What the State Council's notices said: days off and days worked in exchange.
    # 国办发明电〔2012〕33号
    2013: (
        (
            "01-01 01-02 01-03 02-09 02-10 02-11 02-12 02-13 02-14 02-15 04-04 04-05 04-06 04-29 04-30 05-01"
            " 06-10 06-11 06-12 09-19 09-20 09-21 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
        ),
        "01-05 01-06 02-16 02-17 04-07 04-27 04-28 06-08 06-09 09-22 09-29 10-12",
    ),
    # 国办发明电〔2025〕7号
    2026: (
        (
            "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02"
            " 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
        ),
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def _days(year: int, text: str) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for day in text.split()]


@pytest.mark.parametrize("year", NOTICES)
def test_the_shipped_years_are_the_state_councils(year: int) -> None:
    off, worked = (_days(year, text) for text in NOTICES[year])
    day = date(year, 1, 1)
    while day.year == year:
        expected = day in worked or (day.weekday() < 5 and day not in off)
        assert CHINA.is_workday(day) is expected, day
        assert not CHINA.is_provisional(day)
        day += DAY


def test_the_exchange_around_a_new_year() -> None:
    assert CHINA.is_workday(date(2006, 12, 30))  # a Saturday worked for 2007's holiday
    assert CHINA.is_workday(date(2006, 12, 31))
    assert not CHINA.is_workday(date(2007, 1, 3))


def test_what_is_not_announced_counts_weekdays_and_is_provisional() -> None:
    for day in (date(2003, 10, 1), date(2027, 10, 1)):
        assert CHINA.is_workday(day)
        assert CHINA.is_provisional(day)
    assert CHINA.announced == frozenset(range(2004, 2027))


@pytest.mark.parametrize(
    ("start", "shift", "arrives"),
    [
        ("2013-09-30", 1, "2013-10-08"),
        ("2013-10-08", -1, "2013-09-30"),
        ("2013-10-11", 1, "2013-10-12"),  # the Saturday worked
        ("2013-10-05", 1, "2013-10-08"),  # from a day off
        ("2013-10-05", -1, "2013-09-30"),
        ("2013-10-05", 0, "2013-10-08"),
        ("2013-10-12", 0, "2013-10-12"),
        ("2026-09-30", 3, "2026-10-10"),
    ],
)
def test_shifting_over_the_national_day(start: str, shift: int, arrives: str) -> None:
    assert CHINA.shift(date.fromisoformat(start), shift) == date.fromisoformat(arrives)


def _walk(calendar: Workdays, day: date, days: int) -> date:
    """Day by day, the obvious way."""
    while days or not calendar.is_workday(day):
        forward = days >= 0
        day += DAY if forward else -DAY
        if calendar.is_workday(day) and days:
            days -= 1 if forward else -1
    return day


@given(days, st.integers(-300, 300))
def test_shifting_is_walking(day: date, shift: int) -> None:
    assert CHINA.shift(day, shift) == _walk(CHINA, day, shift)


@given(days, st.integers(0, 400))
def test_between_counts_what_walking_passes(day: date, span: int) -> None:
    end = day + span * DAY
    passed = sum(CHINA.is_workday(day + n * DAY) for n in range(1, span + 1))
    assert CHINA.between(day, end) == passed
    assert CHINA.between(end, day) == -passed


@given(days)
def test_the_nearest_workdays(day: date) -> None:
    before, after = CHINA.on_or_before(day), CHINA.on_or_after(day)
    assert before <= day <= after
    assert CHINA.is_workday(before)
    assert CHINA.is_workday(after)
    assert not any(CHINA.is_workday(before + n * DAY) for n in range(1, (after - before).days))


_around = st.dates(date(2030, 1, 1), date(2030, 3, 1))


@given(st.frozensets(_around, max_size=30), st.frozensets(_around, max_size=30), _around, st.integers(-40, 40))
def test_any_calendar_numbers_its_workdays_one_by_one(
    off: frozenset[date], worked: frozenset[date], day: date, shift: int
) -> None:
    calendar = Workdays(off, worked, frozenset())
    assert calendar.shift(day, shift) == _walk(calendar, day, shift)
    assert calendar.number(day) - calendar.number(day - DAY) == calendar.is_workday(day)


def test_a_notice_takes_the_place_of_what_was_known() -> None:
    entered = CHINA.with_years([(2027, [date(2027, 1, 1)], [date(2026, 12, 27)]), (2026, [date(2026, 3, 2)], [])])
    assert not entered.is_workday(date(2027, 1, 1))
    assert entered.is_workday(date(2026, 12, 27))  # 2027's notice about the December before stands
    assert not entered.is_workday(date(2026, 3, 2))
    assert entered.is_workday(date(2026, 10, 1))  # 2026 as entered knows no National Day
    assert not entered.is_provisional(date(2027, 5, 1))
    assert not entered.is_workday(date(2025, 10, 1))


def test_beyond_the_calendar() -> None:
    with pytest.raises(OverflowError):
        CHINA.shift(date(2026, 1, 5), -10_000_000)
    with pytest.raises(OverflowError):
        CHINA.shift(date(2026, 1, 5), 10_000_000)
