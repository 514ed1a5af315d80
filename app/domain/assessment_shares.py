"""Who answered for how much of a project in a period: a transfer splits it, by days and by what was reported.

- Days nobody is on record for count for whoever comes next, or after the last one for that one: a project has always
  somebody answering for it, or in the whole period nobody.
- A party's *share* is its days ÷ days of the period.
- Completed investment: between two reports it is spread evenly over the days between them (from 1 January, where there
  is no earlier one), and each day's part is the party's of that day. So with a report of the day before a transfer the
  split is exactly what was reported, without one it goes by days.
- Several answering on the same day each count in full (`full`) or share the day equally (`equal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from app.domain.assessment_schemes import Joint

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A year, a quarter or a month; `number` is the quarter's or the month's."""

    kind: str
    year: int
    number: int = 1

    @property
    def _months(self) -> int:
        return {"year": 12, "quarter": 3, "month": 1}[self.kind]

    @property
    def starts_on(self) -> date:
        return date(self.year, 1 + (self.number - 1) * self._months, 1)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return _month_after(self.months[-1]) - DAY

    @property
    def months(self) -> tuple[date, ...]:
        """First days."""
        first = self.starts_on.month
        return tuple(date(self.year, month, 1) for month in range(first, first + self._months))

    @property
    def previous(self) -> Period:
        if self.number > 1:
            return Period(self.kind, self.year, self.number - 1)
        return Period(self.kind, self.year - 1, 12 // self._months)

    def planned(self, annual: Decimal | None, monthly: Sequence[Decimal] | None) -> Fraction | None:
        """What of the year's plan falls into it: by the monthly split, else by twelfths."""
        if annual is None:
            return None
        if monthly is not None:
            return sum((Fraction(monthly[month.month - 1]) for month in self.months), Fraction(0))
        return Fraction(annual) * self._months / 12


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Tenure:
    """`valid_to` is the first day without it; None: still."""

    party: UUID
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """A party's part of a project: share of the period, and completed 万元 in each of its months."""

    share: Fraction
    months: tuple[Fraction, ...]

    @property
    def completed(self) -> Fraction:
        return sum(self.months, Fraction(0))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days from `first` to `last` on which the same parties answer."""

    first: date
    last: date
    parties: frozenset[UUID]


def parts(
    period: Period, tenures: Sequence[Tenure], figures: Sequence[tuple[date, Decimal]], joint: Joint = "full"
) -> dict[UUID, Part]:
    """`figures`: completed of the year up to the end of a day, in the order of days, a day once."""
    course = _course(period, figures)
    days = (period.ends_on - period.starts_on).days + 1
    shares: dict[UUID, Fraction] = {}
    months: dict[UUID, list[Fraction]] = {}
    for stretch in _stretches(period, tenures):
        weight = Fraction(1, len(stretch.parties)) if joint == "equal" else Fraction(1)
        amounts = _monthly(period, course, stretch)
        for party in stretch.parties:
            length = (stretch.last - stretch.first).days + 1
            shares[party] = shares.get(party, Fraction(0)) + weight * length / days
            kept = months.setdefault(party, [Fraction(0)] * len(period.months))
            for n, amount in enumerate(amounts):
                kept[n] += weight * amount
    return {party: Part(share, tuple(months[party])) for party, share in shares.items()}


def _stretches(period: Period, tenures: Sequence[Tenure]) -> list[_Stretch]:
    start, end = period.starts_on, period.ends_on + DAY
    clipped = [
        (max(t.valid_from, start), end if t.valid_to is None else min(t.valid_to, end), t.party) for t in tenures
    ]
    held = [each for each in clipped if each[0] < each[1]]
    if not held:
        return []
    cuts = sorted({start, end, *(day for first, until, _ in held for day in (first, until))})
    found = [
        _Stretch(first, until - DAY, frozenset(party for since, to, party in held if since <= first and until <= to))
        for first, until in pairwise(cuts)
    ]
    return _filled(found)


def _filled(found: Sequence[_Stretch]) -> list[_Stretch]:
    filled = list(found)
    for n in range(len(filled) - 2, -1, -1):
        if not filled[n].parties:
            filled[n] = _Stretch(filled[n].first, filled[n].last, filled[n + 1].parties)
    for n in range(1, len(filled)):
        if not filled[n].parties:
            filled[n] = _Stretch(filled[n].first, filled[n].last, filled[n - 1].parties)
    return filled


def _course(period: Period, figures: Sequence[tuple[date, Decimal]]) -> list[tuple[date, Fraction]]:
    """Completed of the year at the end of days, from its first day on; reports after it stand for its end."""
    last = date(period.year, 12, 31)
    known: dict[date, Fraction] = {date(period.year, 1, 1) - DAY: Fraction(0)}
    for day, amount in figures:
        known[min(day, last)] = Fraction(amount)
    return sorted(known.items())


def _at(course: Sequence[tuple[date, Fraction]], day: date) -> Fraction:
    """Completed up to the end of the day: straight between two reports, level after the last."""
    before = max((point for point in course if point[0] <= day), key=lambda point: point[0])
    after = min((point for point in course if point[0] > day), key=lambda point: point[0], default=None)
    if after is None:
        return before[1]
    way = Fraction((day - before[0]).days, (after[0] - before[0]).days)
    return before[1] + (after[1] - before[1]) * way


def _monthly(period: Period, course: Sequence[tuple[date, Fraction]], stretch: _Stretch) -> list[Fraction]:
    amounts = []
    for month in period.months:
        first, last = max(month, stretch.first), min(_month_after(month) - DAY, stretch.last)
        amounts.append(Fraction(0) if first > last else _at(course, last) - _at(course, first - DAY))
    return amounts
