from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.progress import Figure, completion_rate, gap_points, half_up, time_progress, time_share

years = st.integers(1949, 2199)
days = st.dates(date(1949, 1, 1), date(2199, 12, 31))
amounts = st.decimals(0, Decimal(99999999999999), places=4, allow_nan=False, allow_infinity=False)


def _exact_share(year: int, day: date) -> Fraction:
    if day.year != year:
        return Fraction(int(day.year > year))
    return (day.month - 1 + Fraction(day.day, calendar.monthrange(day.year, day.month)[1])) / 12


def _exact_half_up(value: Fraction) -> Decimal:
    """Two decimals, ties away from zero, in whole numbers only."""
    doubled = abs(value) * 200
    cents = (doubled.numerator // doubled.denominator + 1) // 2
    return Decimal(cents if value >= 0 else -cents) / 100


@pytest.mark.parametrize(
    ("year", "day", "percent"),
    [
        (2016, "2016-02-29", "16.67"),  # county B's published figure
        (2016, "2016-01-31", "8.33"),
        (2016, "2016-06-30", "50.00"),
        (2016, "2016-12-31", "100.00"),
        (2016, "2016-01-01", "0.27"),
        (2016, "2016-02-28", "16.38"),  # a leap year's February has a day to go
        (2015, "2015-02-28", "16.67"),
        (2016, "2015-12-31", "0.00"),
        (2016, "2017-01-01", "100.00"),
    ],
)
def test_time_progress_on_known_days(year: int, day: str, percent: str) -> None:
    assert time_progress(year, date.fromisoformat(day)) == Decimal(percent)


def test_county_b_in_february_2016() -> None:
    planned, completed, day = Decimal(845900), Decimal(79600), date(2016, 2, 29)
    assert completion_rate(completed, planned) == Decimal("9.41")
    assert gap_points(completed, planned, 2016, day) == Decimal("-7.26")
    for sector, rate in {(100000, 16910): "16.91", (120000, 16836): "14.03", (150000, 26145): "17.43"}.items():
        assert completion_rate(Decimal(sector[1]), Decimal(sector[0])) == Decimal(rate)


@given(year=years, month=st.integers(1, 12))
def test_at_month_ends_it_is_months_elapsed(year: int, month: int) -> None:
    end = date(year, month, calendar.monthrange(year, month)[1])
    assert time_progress(year, end) == _exact_half_up(Fraction(month * 100, 12))


@given(year=years, day=days)
def test_time_progress_is_exact_and_never_beyond_the_year(year: int, day: date) -> None:
    assert time_progress(year, day) == _exact_half_up(_exact_share(year, day) * 100)
    assert 0 <= time_share(year, day) <= 1


@given(day=days)
def test_every_day_brings_the_year_forward(day: date) -> None:
    before = day - timedelta(days=1)
    if before.year == day.year:
        assert time_share(day.year, before) < time_share(day.year, day)
        assert time_progress(day.year, before) <= time_progress(day.year, day)


@given(completed=amounts, planned=amounts.filter(bool))
def test_completion_rate_is_exact(completed: Decimal, planned: Decimal) -> None:
    assert completion_rate(completed, planned) == _exact_half_up(Fraction(completed) * 100 / Fraction(planned))


@given(completed=amounts, planned=amounts.filter(bool), year=years, day=days)
def test_the_gap_is_rounded_once(completed: Decimal, planned: Decimal, year: int, day: date) -> None:
    exact = (Fraction(completed) / Fraction(planned) - _exact_share(year, day)) * 100
    assert gap_points(completed, planned, year, day) == _exact_half_up(exact)


def test_a_tie_is_seen_although_a_twelfth_has_no_decimal() -> None:
    # Exactly half a hundredth too much; two quotients of 28 digits, subtracted, fall just short of it.
    assert gap_points(Decimal("2951884.6"), Decimal(2604000), 2016, date(2016, 7, 13)) == Decimal("59.87")
    assert gap_points(Decimal("1705643.775"), Decimal(1534500), 2016, date(2016, 10, 27)) == Decimal("28.90")
    assert gap_points(Decimal(19988), Decimal(240000), 2016, date(2016, 1, 31)) == Decimal("-0.01")
    assert half_up(Decimal("0.125")) == Decimal("0.13")
    assert half_up(Decimal("-0.125")) == Decimal("-0.13")


def test_without_a_plan_there_is_nothing_to_compare_with() -> None:
    assert completion_rate(Decimal(1), Decimal(0)) is None
    assert gap_points(Decimal(1), Decimal(0), 2016, date(2016, 2, 29)) is None


def test_figures_that_cannot_be() -> None:
    today = date(2016, 3, 1)
    assert Figure(2016, today, Decimal(0)).faults(today) == []
    assert Figure(2015, today, physical_text="竣工").faults(today) == []
    assert Figure(2016, today).faults(today) == [("completed", "missing")]
    assert Figure(2016, date(2016, 3, 2), Decimal(1)).faults(today) == [("as_of", "in_the_future")]
    assert Figure(2017, today, Decimal(1)).faults(today) == [("year", "dates_out_of_order")]
