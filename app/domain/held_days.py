"""On which days of a period somebody answered for something, from dated and perhaps overlapping tenures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Held:
    """The days of a period on which a leader answered: stretches apart from each other, in order, at least one."""

    stretches: tuple[Days, ...]
    period: Days

    @property
    def first(self) -> date:
        return self.stretches[0].first

    @property
    def last(self) -> date:
        return self.stretches[-1].last

    @property
    def count(self) -> int:
        return sum(stretch.count for stretch in self.stretches)

    @property
    def share(self) -> Fraction:
        return Fraction(self.count, self.period.count)

    @property
    def day_before(self) -> date | None:
        """When it was taken over; None on 1 January, where the year's figures begin anew."""
        before = self.first - DAY
        return before if before.year == self.first.year else None


def held(tenures: Iterable[tuple[date, date | None]], period: Days) -> Held | None:
    """`tenures`: (first day, first day without or None); they may overlap. None: not a day of the period."""
    clipped = sorted(
        (max(first, period.first), period.last if until is None else min(until - DAY, period.last))
        for first, until in tenures
    )
    found: list[Days] = []
    for first, last in clipped:
        if last < first:
            continue
        if found and first <= found[-1].last + DAY:
            found[-1] = Days(found[-1].first, max(found[-1].last, last))
        else:
            found.append(Days(first, last))
    return Held(tuple(found), period) if found else None
