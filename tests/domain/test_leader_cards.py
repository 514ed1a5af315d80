"""Days held, shares, months owed, and figures that agree with the statistics' arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import progress
from app.domain.held_days import Days, held
from app.domain.leader_cards import Figures, State, figures, months_owed

YEAR = Days(date(2016, 1, 1), date(2016, 12, 31))
dates = st.dates(date(2015, 6, 1), date(2017, 6, 30))
tenure = st.tuples(dates, st.one_of(st.none(), dates)).filter(lambda t: t[1] is None or t[1] >= t[0])


def state(**fields: object) -> State:
    known = {
        "stage": "started", "since": date(2016, 1, 1), "known_since": date(2015, 1, 1), "light": None,
        "category": None, "annual_plan": None, "completed": None, **fields,
    }  # fmt: skip
    return State(**known)  # type: ignore[arg-type]  # a test's shorthand


@given(st.lists(tenure, max_size=5))
def test_held_days_are_the_days_of_any_tenure(tenures: list[tuple[date, date | None]]) -> None:
    days = {YEAR.first + timedelta(n) for n in range(YEAR.count)}
    slow = {day for day in days if any(a <= day and (b is None or day < b) for a, b in tenures)}
    found = held(tenures, YEAR)
    if found is None:
        assert slow == set()
        return
    told = [s.first + timedelta(n) for s in found.stretches for n in range(s.count)]
    assert len(told) == len(set(told))
    assert set(told) == slow
    # Apart from each other: no stretch begins on the day after another one's last.
    assert all(b.first > a.last + timedelta(1) for a, b in pairwise(found.stretches))
    assert found.share == Fraction(len(slow), 366)


@given(st.lists(st.integers(1, 365), max_size=6, unique=True))
def test_shares_of_successors_add_up_to_the_whole(cuts: list[int]) -> None:
    days = [YEAR.first, *[YEAR.first + timedelta(n) for n in sorted(cuts)], date(2017, 1, 1)]
    parts = [held([(a, b)], YEAR) for a, b in pairwise(days)]
    assert sum(part.share for part in parts if part is not None) == 1


def test_what_was_taken_over_is_told_but_on_new_years_day() -> None:
    since_july = held([(date(2016, 7, 1), None)], YEAR)
    always = held([(date(2014, 7, 1), None)], YEAR)
    assert since_july is not None
    assert always is not None
    assert (since_july.day_before, always.day_before) == (date(2016, 6, 30), None)
    assert since_july.share == Fraction(184, 366)


@given(st.integers(1, 365))
def test_every_month_is_owed_by_one_of_two_successors(cut: int) -> None:
    day = YEAR.first + timedelta(cut)
    first, second = [(date(2015, 1, 1), day)], [(day, None)]
    owed = [set(months_owed(tenures, YEAR, state())) for tenures in (first, second)]
    assert len(owed[0] | owed[1]) == 12
    # Both only where a month is cut into halves.
    length = (date(2016 + day.month // 12, day.month % 12 + 1, 1) - day.replace(day=1)).days
    assert owed[0] & owed[1] == ({day.replace(day=1)} if 2 * (day.day - 1) == length else set())


@pytest.mark.parametrize(
    ("fields", "months"),
    [
        ({}, [1, 2, 3]),
        ({"known_since": date(2016, 2, 29)}, [2, 3]),
        ({"stage": "terminated", "since": date(2016, 2, 1)}, [1, 2]),
        ({"stage": "at_capacity", "since": date(2015, 2, 1)}, []),
        ({"stage": "completed", "since": date(2015, 2, 1)}, [1, 2, 3]),
    ],
)
def test_nothing_is_owed_before_or_after_the_project(fields: dict[str, object], months: list[int]) -> None:
    quarter = Days(date(2016, 1, 1), date(2016, 3, 31))
    assert [month.month for month in months_owed([(date(2015, 1, 1), None)], quarter, state(**fields))] == months


def test_the_running_month_is_owed_by_its_whole_length() -> None:
    running = Days(date(2016, 3, 1), date(2016, 3, 2))
    assert months_owed([(date(2016, 3, 2), None)], running, state()) == [date(2016, 3, 1)]
    assert months_owed([(date(2016, 1, 1), date(2016, 3, 3))], running, state()) == []


amounts = st.decimals(0, 1_000_000, places=4)


@given(st.lists(st.tuples(amounts, amounts), max_size=4), st.dates(YEAR.first, YEAR.last))
def test_of_one_day_the_figures_are_the_statistics(pairs: list[tuple[Decimal, Decimal]], day: date) -> None:
    found = figures((state(annual_plan=plan, completed=done), day) for plan, done in pairs)
    plan, done = sum(p for p, _ in pairs) or Decimal(0), sum(d for _, d in pairs) or Decimal(0)
    assert found.completion_rate == progress.completion_rate(done, plan)
    assert found.gap_points == progress.gap_points(done, plan, 2016, day)
    assert found.time_progress == (progress.time_progress(2016, day) if plan else None)


def test_figures_of_several_days_are_weighed_by_their_plans() -> None:
    half = (state(annual_plan=Decimal(100), completed=Decimal(40)), date(2016, 6, 30))
    whole = (state(annual_plan=Decimal(300), completed=Decimal(300)), date(2016, 12, 31))
    found = figures([half, whole])
    # Due: 50 of 100 and 300 of 300; done: 340.
    assert (found.completion_rate, found.time_progress, found.gap_points) == (
        Decimal("85.00"), Decimal("87.50"), Decimal("-2.50"),
    )  # fmt: skip
    assert figures([]) == Figures(Decimal(0), Decimal(0), Fraction(0))
    assert figures([]).gap_points is None
