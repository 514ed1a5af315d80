"""Plan and progress arithmetic; percentages and points have two decimals, half up."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def half_up(value: Decimal) -> Decimal:
    """Two decimals, ties away from zero, as Excel's ROUND and PostgreSQL's round(numeric, 2)."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def time_share(year: int, as_of: date) -> Decimal:
    """序时进度 as a share of one, unrounded: months elapsed ÷ 12 at month ends, by day inside a month."""
    if as_of.year != year:
        return Decimal(0) if as_of.year < year else Decimal(1)
    days = calendar.monthrange(as_of.year, as_of.month)[1]
    return (Decimal(as_of.month - 1) + Decimal(as_of.day) / days) / 12


def time_progress(year: int, as_of: date) -> Decimal:
    """序时进度 in percent: 2016-02-29 gives 16.67."""
    return half_up(time_share(year, as_of) * 100)


def completion_rate(completed: Decimal, planned: Decimal) -> Decimal | None:
    """完成率 in percent; None without a plan to compare with."""
    return half_up(completed * 100 / planned) if planned > 0 else None


def gap_points(completed: Decimal, planned: Decimal, year: int, as_of: date) -> Decimal | None:
    """Completion rate minus time progress in percentage points, rounded once at the end."""
    if planned <= 0:
        return None
    return half_up((completed / planned - time_share(year, as_of)) * 100)
