"""The leader's card (领导工作卡): who answered on which days, what share that is, which months had to be heard.

A leader is told only what stood on days that were his: a project or department handed over is judged on his last day
with it, and whatever is said of a whole period carries his share of its days. So what is split between two leaders by a
transfer adds up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.domain import progress
from app.domain.assessment import rounded
from app.domain.calendar_months import month_end, month_start
from app.domain.held_days import Days, held
from app.domain.stages import STALE_DAYS


@dataclass(frozen=True, slots=True)
class State:
    """A project at the end of a day. `known_since`: the day of its first stage; amounts 万元."""

    stage: str
    since: date
    known_since: date
    light: str | None
    category: str | None
    annual_plan: Decimal | None
    completed: Decimal | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Completed against plan; `expected` is the part of the plan that was due by time progress."""

    annual_plan: Decimal
    completed: Decimal
    expected: Fraction

    @property
    def completion_rate(self) -> Decimal | None:
        return progress.completion_rate(self.completed, self.annual_plan)

    @property
    def time_progress(self) -> Decimal | None:
        return None if self.annual_plan <= 0 else rounded(self.expected * 100 / Fraction(self.annual_plan))

    @property
    def gap_points(self) -> Decimal | None:
        """Rounded once."""
        if self.annual_plan <= 0:
            return None
        return rounded((Fraction(self.completed) - self.expected) * 100 / Fraction(self.annual_plan))


def figures(states: Iterable[tuple[State, date]]) -> Figures:
    """Together, each by time progress of its own day: of one day this is what the statistics tell."""
    plan, completed, expected = Decimal(0), Decimal(0), Fraction(0)
    for state, day in states:
        own = state.annual_plan or Decimal(0)
        plan += own
        completed += state.completed or Decimal(0)
        expected += Fraction(own) * Fraction(*progress.elapsed(day.year, day))
    return Figures(plan, completed, expected)


def months_owed(tenures: Sequence[tuple[date, date | None]], period: Days, state: State) -> list[date]:
    """First days of the months of the period in which the leader has to hear the project.

    A month is owed by whoever sponsors the project on at least half of its days; two by halves both owe it. Not before
    the project was known, nor after it ended (terminated, at capacity) before the month began.
    """
    over = None if state.stage in STALE_DAYS else state.since
    found, month = [], month_start(period.first)
    while month <= period.last:
        whole = Days(month, month_end(month))
        part = held(tenures, whole)
        open_then = state.known_since <= whole.last and (over is None or over >= month)
        if part is not None and 2 * part.count >= whole.count and open_then:
            found.append(month)
        month = month_start(month, 1)
    return found
