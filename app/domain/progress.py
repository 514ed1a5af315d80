"""Plan and progress arithmetic; percentages and points have two decimals, half up."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_CENT = Decimal("0.01")
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def half_up(value: Decimal) -> Decimal:
    """Two decimals, ties away from zero, as Excel's ROUND and PostgreSQL's round(numeric, 2)."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP) + 0  # never "-0.00"


@lru_cache(maxsize=2000)
def elapsed(year: int, as_of: date) -> tuple[int, int]:
    """How much of the year is over, as (part, whole): months count alike, days by the length of their month."""
    if as_of.year != year:
        return (0, 1) if as_of.year < year else (1, 1)
    days = 29 if as_of.month == 2 and calendar.isleap(year) else _MONTHS[as_of.month - 1]
    return (as_of.month - 1) * days + as_of.day, 12 * days


def day_of_share(year: int, share: float) -> date:
    """The day about which that share of the year is over: within a day, or two, of what exact amounts give."""
    month, part = divmod(min(max(share, 0.0), 0.9999) * 12, 1)
    days = 29 if month == 1 and calendar.isleap(year) else _MONTHS[int(month)]
    return date(year, int(month) + 1, min(int(part * days) + 1, days))


def time_share(year: int, as_of: date) -> Decimal:
    """序时进度 as a share of one, unrounded: months elapsed ÷ 12 at month ends, by day inside a month."""
    part, whole = elapsed(year, as_of)
    return Decimal(part) / whole


def time_progress(year: int, as_of: date) -> Decimal:
    """序时进度 in percent: 2016-02-29 gives 16.67."""
    part, whole = elapsed(year, as_of)
    return half_up(Decimal(part * 100) / whole)


def completion_rate(completed: Decimal, planned: Decimal) -> Decimal | None:
    """完成率 in percent; None without a plan to compare with."""
    return half_up(completed * 100 / planned) if planned > 0 else None


def gap_points(completed: Decimal, planned: Decimal, year: int, as_of: date) -> Decimal | None:
    """Completion rate minus time progress in percentage points, rounded once at the end."""
    if planned <= 0:
        return None
    part, whole = elapsed(year, as_of)
    # One division, the last step: twelfths have no exact decimal, and a tie must still be seen as one.
    return half_up((completed * whole - planned * part) * 100 / (planned * whole))


@dataclass(frozen=True, slots=True)
class Figure:
    """What is said of a project's year up to a day; `completed` in 万元, `physical_percent` 0 to 100."""

    year: int
    as_of: date
    completed: Decimal | None = None
    physical_text: str | None = None
    physical_percent: Decimal | None = None

    def faults(self, today: date) -> list[tuple[str, str]]:
        """(field, error code) of all that cannot be: nothing said, a day to come, a day before its year."""
        faults = []
        if self.completed is None and self.physical_text is None and self.physical_percent is None:
            faults.append(("completed", "missing"))
        if self.as_of > today:
            faults.append(("as_of", "in_the_future"))
        if self.as_of.year < self.year:
            faults.append(("year", "dates_out_of_order"))
        return faults
