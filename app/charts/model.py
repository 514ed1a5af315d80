"""What charts are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Light = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Node:
    """A milestone. `planned_*` is what stands now, `first_finish` what the first baseline said.

    `forecast_start`: when work not begun yet would begin, to be finished as foretold. Reckoned on the chart's day, in
    working days: `variance_days` how much later than planned it came or is to come, None when that cannot be said, or
    all that can be said is that it is overdue; `overdue_days` since it was due, of what is open; `forecast_passed`:
    the day foretold is over, and it is open still. `provisional`: a planned or foretold day lies in a year whose
    holidays are not announced.
    """

    id: str
    name: str
    kind: str = "other"
    status: str = "planned"
    planned_start: date | None = None
    planned_finish: date | None = None
    forecast_start: date | None = None
    forecast_finish: date | None = None
    actual_start: date | None = None
    actual_finish: date | None = None
    first_finish: date | None = None
    duration_days: int | None = None
    responsible: str | None = None
    predecessors: tuple[str, ...] = ()
    variance_days: int | None = None
    overdue_days: int = 0
    forecast_passed: bool = False
    provisional: bool = False

    @property
    def done(self) -> bool:
        return self.status == "done"


@dataclass(frozen=True, slots=True)
class Work:
    """The project as a whole: its period, and the year's plan and progress. Amounts in 万元."""

    start: date | None = None
    finish: date | None = None
    annual_plan: Decimal | None = None
    completed: Decimal | None = None
    rate: Decimal | None = None
    progress: str | None = None


@dataclass(frozen=True, slots=True)
class Charted:
    """One project of a chart. People and departments as they stood on the day of the chart."""

    number: int
    name: str
    stage: str
    suspended: bool = False
    leaders: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    contacts: tuple[tuple[str, str | None], ...] = ()
    light: Light | None = None
    total_investment: Decimal | None = None
    work: Work = Work()
    nodes: tuple[Node, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which milestones of a project a sheet shows: those after the first `before` ones of `total`."""

    page: int = 1
    pages: int = 1
    before: int = 0
    total: int = 0


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a wall chart says beside its rows. `lights` counts all projects, not only those of this sheet."""

    title: str
    year: int
    as_of: date
    drawn_on: date
    page: int
    pages: int
    total: int
    lights: tuple[tuple[Light, int], ...] = ()
    hint: str | None = None
    """Shown where there is no project."""
