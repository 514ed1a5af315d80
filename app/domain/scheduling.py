"""倒排工期: from a deadline back to when every milestone must start and finish, on working days.

All arithmetic is on the numbers of working days (see `workdays`); dates appear only at the ends. Work that is done
asks for nothing any more. Work in progress keeps its start; what is left of it waits for its predecessors still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Literal

from app.domain.graphs import Graph, K, cycles, order
from app.domain.workdays import Workdays

LONGEST = 10_000
"""Working days a milestone may take at most: forty years."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

FaultCode = Literal["milestone_repeated", "duration_needed", "duration_out_of_range", "unknown_predecessor", "cycle"]


@dataclass(frozen=True, slots=True)
class Task(Generic[K]):
    """A milestone as scheduling sees it. `started`: of one in progress; `expected`: a finish foretold, if later.

    `held_until`: a day on which a permit is to come; work begins after it.
    """

    key: K
    duration: int | None
    predecessors: tuple[K, ...] = ()
    done: bool = False
    started: date | None = None
    expected: date | None = None
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class Fault(Generic[K]):
    """What is wrong with which milestones; of an unknown predecessor the second key is the unknown one."""

    code: FaultCode
    keys: tuple[K, ...]


class OutOfCalendar(Exception):
    """The dates would lie before 1900 or after 2199."""


def faults(tasks: Sequence[Task[K]], *, durations: bool = True) -> list[Fault[K]]:
    """Everything that keeps the milestones from being scheduled; `durations=False`: they may still be missing."""
    found: list[Fault[K]] = []
    known: set[K] = set()
    for task in tasks:
        if task.key in known:
            found.append(Fault("milestone_repeated", (task.key,)))
        known.add(task.key)
        if task.duration is None:
            if durations and not task.done:
                found.append(Fault("duration_needed", (task.key,)))
        elif not 1 <= task.duration <= LONGEST:
            found.append(Fault("duration_out_of_range", (task.key,)))
    for task in tasks:
        unknown = dict.fromkeys(p for p in task.predecessors if p not in known)
        found += [Fault("unknown_predecessor", (task.key, p)) for p in unknown]
    return found + [Fault("cycle", keys) for keys in cycles(_graph(tasks))]


def _graph(tasks: Sequence[Task[K]]) -> Graph[K]:
    known = {task.key for task in tasks}
    return {task.key: [p for p in dict.fromkeys(task.predecessors) if p in known] for task in tasks}


@dataclass(frozen=True, slots=True)
class Placed(Generic[K]):
    """One milestone's place. All dates are null of what is done; `slack` in working days, negative: too late."""

    key: K
    latest_start: date | None = None
    latest_finish: date | None = None
    earliest_start: date | None = None
    earliest_finish: date | None = None
    slack: int | None = None
    critical: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Schedule(Generic[K]):
    """`late_by`: working days the deadline is missed by if work goes on today without a pause; the chain says why."""

    placed: list[Placed[K]]
    critical_chain: list[K]
    slack: int | None
    late_by: int
    latest_start: date | None
    earliest_finish: date | None
    provisional: bool


@dataclass(slots=True)
class _Span:
    """One open milestone in numbers of working days; `left` is what remains to be done of it."""

    left: int
    begin: int = 0
    """Earliest start of what is left."""
    early: int = 0
    late: int = 0
    """Earliest and latest finish."""

    @property
    def slack(self) -> int:
        return self.late - self.early


@dataclass(slots=True)
class _Plan(Generic[K]):
    calendar: Workdays
    today: date
    tasks: dict[K, Task[K]]
    """Open ones only, each after its predecessors."""
    spans: dict[K, _Span] = field(default_factory=dict)

    def waits_for(self, key: K) -> list[K]:
        return [p for p in self.tasks[key].predecessors if p in self.tasks]


def schedule(tasks: Sequence[Task[K]], deadline: date, today: date, calendar: Workdays) -> Schedule[K]:
    """The schedule of faultless tasks; in their order. `OutOfCalendar` when it leaves 1900 to 2199."""
    by_key = {task.key: task for task in tasks}
    ordered = order(_graph(tasks))
    plan = _Plan(calendar, today, {key: by_key[key] for key in ordered if not by_key[key].done})
    _forward(plan)
    _backward(plan, deadline)
    _check_range(plan)
    smallest = min((span.slack for span in plan.spans.values()), default=None)
    placed = [_place(plan, task, smallest, deadline) for task in tasks]
    starts = [p.latest_start for p in placed if p.latest_start is not None]
    finish = max((p.earliest_finish for p in placed if p.earliest_finish is not None), default=None)
    return Schedule(
        placed=placed,
        critical_chain=_chain(plan, smallest),
        slack=smallest,
        late_by=max(0, -(smallest or 0)),
        latest_start=min(starts, default=None),
        earliest_finish=finish,
        provisional=_guessed(calendar, min([today, *starts]), max([deadline, today, *([finish] if finish else [])])),
    )


def _forward(plan: _Plan[K]) -> None:
    calendar = plan.calendar
    first = calendar.number(calendar.on_or_after(plan.today))
    for key, task in plan.tasks.items():
        done_of_it = 0 if task.started is None else first - calendar.number(calendar.on_or_after(task.started))
        span = _Span(left=max(1, (task.duration or 1) - max(0, done_of_it)))
        span.begin = max([first, *(plan.spans[p].early + 1 for p in plan.waits_for(key))])
        if task.held_until is not None:
            span.begin = max(span.begin, calendar.number(task.held_until) + 1)
        span.early = span.begin + span.left - 1
        if task.expected is not None:
            span.early = max(span.early, calendar.number(task.expected))
        plan.spans[key] = span


def _backward(plan: _Plan[K], deadline: date) -> None:
    end = plan.calendar.number(deadline)
    for span in plan.spans.values():
        span.late = end
    for key in reversed(plan.tasks):
        span = plan.spans[key]
        for p in plan.waits_for(key):
            plan.spans[p].late = min(plan.spans[p].late, span.late - span.left)


def _check_range(plan: _Plan[K]) -> None:
    low, high = plan.calendar.number(FIRST_DAY), plan.calendar.number(LAST_DAY)
    if any(span.late - span.left < low or max(span.early, span.late) > high for span in plan.spans.values()):
        raise OutOfCalendar


def _place(plan: _Plan[K], task: Task[K], smallest: int | None, deadline: date) -> Placed[K]:
    span = plan.spans.get(task.key)
    if span is None:
        return Placed(task.key)
    day = plan.calendar.numbered
    start = task.started or day(span.late - span.left + 1)
    return Placed(
        key=task.key,
        latest_start=start,
        latest_finish=day(span.late),
        earliest_start=task.started or day(span.begin),
        earliest_finish=day(span.early),
        slack=span.slack,
        critical=span.slack == smallest,
        provisional=_guessed(plan.calendar, day(span.late - span.left + 1), deadline),
    )


def _guessed(calendar: Workdays, start: date, end: date) -> bool:
    """Whether counting between the two days passed a year whose holidays are not announced."""
    years = sorted((start.year, end.year))
    return any(year not in calendar.announced for year in range(years[0], years[1] + 1))


def _chain(plan: _Plan[K], smallest: int | None) -> list[K]:
    """One chain of the smallest slack, each link held back by the one before it, down to the deadline.

    A milestone of the smallest slack always has a successor of the same slack, or none: so the walk starts at an end.
    """
    if smallest is None:
        return []
    awaited = {p for key in plan.tasks for p in plan.waits_for(key)}
    here: K | None = next(key for key in plan.tasks if key not in awaited and plan.spans[key].slack == smallest)
    chain: list[K] = []
    while here is not None:
        chain.append(here)
        begin = plan.spans[here].begin
        held_by = (p for p in plan.waits_for(here) if plan.spans[p].early + 1 == begin)
        here = next((p for p in held_by if plan.spans[p].slack == smallest), None)
    return chain[::-1]
