"""A year by months: how much work milestones mean in each, and the planned investment spread over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.workdays import Workdays

MONTHS = range(1, 13)
Basis = Literal["annual_plan", "milestones", "calendar"]
_CENT, _YUAN = Decimal("0.01"), Decimal("0.0001")


def _last_numbers(calendar: Workdays, year: int) -> list[int]:
    """The number of the last workday before the year, then of each month's."""
    firsts = [date(year, month, 1) for month in MONTHS] + [date(year, 12, 31)]
    numbers = [calendar.number(day) - calendar.is_workday(day) for day in firsts[:12]]
    return [*numbers, calendar.number(firsts[12])]


def workdays_of(calendar: Workdays, year: int) -> list[int]:
    """Working days of each month."""
    ends = _last_numbers(calendar, year)
    return [ends[i + 1] - ends[i] for i in range(12)]


def work_of(calendar: Workdays, year: int, spans: Iterable[tuple[date, date]]) -> list[int]:
    """Working days of all spans (first and last day) that fall into each month; two at once count twice."""
    ends = _last_numbers(calendar, year)
    work = [0] * 12
    for start, finish in spans:
        before, last = calendar.number(start) - calendar.is_workday(start), calendar.number(finish)
        for i in range(12):
            work[i] += max(0, min(last, ends[i + 1]) - max(before, ends[i]))
    return work


def spread(total: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """`total` in the proportion of the weights, adding up to it exactly (largest remainder; the earlier of equals).

    Parts are whole cents of 万元 where the total is, else whole yuan. Without any weight all parts are alike.
    """
    shares = list(weights) if any(weights) else [1] * len(weights)
    unit = _CENT if total % _CENT == 0 else _YUAN
    units, whole = int(total / unit), sum(shares)
    parts = [units * share // whole for share in shares]
    remainders = [units * share % whole for share in shares]
    owed = units - sum(parts)
    for i in sorted(range(len(shares)), key=lambda i: -remainders[i])[:owed]:
        parts[i] += 1
    return [part * unit for part in parts]
