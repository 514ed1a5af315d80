"""How a target stands: rate, time progress, the quarter's part of it. Quarters are cumulative (一季度开门红)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.progress import completion_rate, gap_points, time_progress

Status = Literal["achieved", "on_track", "behind", "missed", "running", "not_begun", "no_data"]
QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


def quarter_end(year: int, quarter: int) -> date:
    return date(year, *QUARTER_ENDS[quarter - 1])


def quarter_begin(year: int, quarter: int) -> date:
    return date(year, 3 * quarter - 2, 1)


def faults(value: Decimal, quarters: Sequence[Decimal] | None, *, cumulative: bool) -> list[tuple[str, str]]:
    """(field, error code): a cumulative target grows from quarter to quarter and ends at that of the year."""
    if quarters is None or not cumulative:
        return []
    found = [(f"quarters/{i}", "less_than_before") for i in range(1, len(quarters)) if quarters[i] < quarters[i - 1]]
    if quarters[-1] != value:
        found.append(("quarters", "last_quarter_differs"))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """One target at one moment: of the whole year, or of a quarter."""

    year: int
    as_of: date
    year_target: Decimal
    actual: Decimal | None
    cumulative: bool
    quarter: int | None = None
    quarter_target: Decimal | None = None

    @property
    def day(self) -> date:
        """The day the actual is of: a quarter that is over is told as it ended."""
        return self.as_of if self.quarter is None else min(self.as_of, quarter_end(self.year, self.quarter))

    @property
    def target(self) -> Decimal | None:
        return self.year_target if self.quarter is None else self.quarter_target

    def rates(self) -> dict[str, Decimal | None]:
        """Rates in percent; time progress and gap only where the actual grows over the year."""
        actual, target = self.actual, self.target
        return {
            "difference": None if actual is None or target is None else actual - target,
            "completion_rate": None if actual is None or target is None else completion_rate(actual, target),
            "year_rate": None if actual is None else completion_rate(actual, self.year_target),
            "time_progress": time_progress(self.year, self.day) if self.cumulative else None,
            "gap_points": self._gap(),
        }

    def _gap(self) -> Decimal | None:
        if self.actual is None or not self.cumulative:
            return None
        return gap_points(self.actual, self.year_target, self.year, self.day)

    def status(self) -> Status:
        begun = self.quarter is None or self.as_of >= quarter_begin(self.year, self.quarter)
        if not begun or self.as_of.year < self.year:
            return "not_begun"
        if self.actual is None:
            return "no_data"
        if self.target is not None and self.actual >= self.target:
            return "achieved"
        end = quarter_end(self.year, self.quarter or 4)
        if self.target is not None and self.as_of >= end:
            return "missed"
        if self.quarter is not None and self.target is not None:
            return "running"
        gap = self._gap()
        return "on_track" if gap is not None and gap >= 0 else "behind"
