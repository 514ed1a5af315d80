"""Shares of a project against counting day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessment_shares import Part, Period, Tenure, parts

ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))
DAY = timedelta(days=1)
PERIODS = st.one_of(
    st.just(Period("year", 2016)),
    st.integers(1, 4).map(lambda n: Period("quarter", 2016, n)),
    st.integers(1, 12).map(lambda n: Period("month", 2016, n)),
)
DAYS = st.integers(-40, 420).map(lambda n: date(2016, 1, 1) + n * DAY)
TENURES = st.lists(
    st.builds(Tenure, st.sampled_from([ONE, TWO, THREE]), DAYS, st.none() | DAYS).filter(
        lambda t: t.valid_to is None or t.valid_to >= t.valid_from
    ),
    max_size=5,
    unique_by=lambda t: t.party,
)
FIGURES = st.dictionaries(DAYS.filter(lambda d: d >= date(2016, 1, 1)), st.decimals(0, 1000, places=2), max_size=5)


def _slow(period: Period, tenures: list[Tenure], figures: dict[date, Decimal], joint: str) -> dict[UUID, Part]:
    first, days = period.starts_on, (period.ends_on - period.starts_on).days + 1
    each = [first + n * DAY for n in range(days)]
    holders = [
        {t.party for t in tenures if t.valid_from <= day and (t.valid_to is None or day < t.valid_to)} for day in each
    ]
    for n in reversed(range(days - 1)):
        holders[n] = holders[n] or holders[n + 1]
    for n in range(1, days):
        holders[n] = holders[n] or holders[n - 1]
    known = {date(2015, 12, 31): Fraction(0)}
    for day, amount in sorted(figures.items()):
        known[min(day, date(2016, 12, 31))] = Fraction(amount)
    daily = {}
    marks = sorted(known)
    for before, after in pairwise(marks):
        for n in range(1, (after - before).days + 1):
            daily[before + n * DAY] = (known[after] - known[before]) / (after - before).days
    found: dict[UUID, tuple[Fraction, dict[int, Fraction]]] = {}
    for day, parties in zip(each, holders, strict=True):
        for party in parties:
            weight = Fraction(1, len(parties)) if joint == "equal" else Fraction(1)
            share, months = found.get(party, (Fraction(0), {}))
            months[day.month] = months.get(day.month, Fraction(0)) + weight * daily.get(day, Fraction(0))
            found[party] = share + weight / days, months
    return {
        party: Part(share, tuple(months.get(m.month, Fraction(0)) for m in period.months))
        for party, (share, months) in found.items()
    }


@given(PERIODS, TENURES, FIGURES, st.sampled_from(["full", "equal"]))
def test_as_counted_day_by_day(period: Period, tenures: list[Tenure], figures: dict[date, Decimal], joint: str) -> None:
    found = parts(period, tenures, sorted(figures.items()), joint)  # type: ignore[arg-type]  # sampled
    assert found == _slow(period, tenures, figures, joint)
    if joint == "equal" and found:
        assert sum(part.share for part in found.values()) == 1


def test_a_transfer_with_a_figure_of_the_day_before_is_split_by_it() -> None:
    tenures = [Tenure(ONE, date(2016, 1, 1), date(2016, 7, 1)), Tenure(TWO, date(2016, 7, 1), None)]
    figures = [(date(2016, 6, 30), Decimal(80)), (date(2016, 12, 31), Decimal(100))]
    found = parts(Period("year", 2016), tenures, figures)
    assert [found[party].completed for party in (ONE, TWO)] == [80, 20]
    assert (found[ONE].share, found[TWO].share) == (Fraction(182, 366), Fraction(184, 366))


def test_without_one_it_is_split_by_days() -> None:
    tenures = [Tenure(ONE, date(2016, 1, 1), date(2016, 7, 1)), Tenure(TWO, date(2016, 7, 1), None)]
    found = parts(Period("year", 2016), tenures, [(date(2017, 1, 8), Decimal(366))])
    assert [found[party].completed for party in (ONE, TWO)] == [182, 184]


def test_who_came_late_stands_for_the_days_before_nobody_had() -> None:
    found = parts(Period("year", 2016), [Tenure(ONE, date(2016, 3, 1), None)], [(date(2016, 2, 29), Decimal(7))])
    assert found == {ONE: Part(Fraction(1), found[ONE].months)}
    assert found[ONE].completed == 7


def test_periods() -> None:
    assert (Period("quarter", 2016, 4).starts_on, Period("quarter", 2016, 4).ends_on) == (
        date(2016, 10, 1),
        date(2016, 12, 31),
    )
    assert Period("month", 2016, 2).ends_on == date(2016, 2, 29)
    assert Period("month", 2016, 1).previous == Period("month", 2015, 12)
    assert Period("quarter", 2016, 1).previous == Period("quarter", 2015, 4)
    assert Period("year", 2016).previous == Period("year", 2015)
    assert Period("quarter", 2016, 2).planned(Decimal(120), None) == 30
    assert Period("quarter", 2016, 1).planned(Decimal(6), [Decimal(n) for n in (1, 2, 3, *[0] * 9)]) == 6
    assert Period("year", 2016).planned(None, None) is None
