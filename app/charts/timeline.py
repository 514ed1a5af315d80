"""Days on a line: the axis of a chart, and where the bars of milestones begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

from app.charts.model import Node

_STUB = 20
"""How many days long a bar is drawn whose beginning nobody has said."""

BarKind = Literal["plan", "done", "doing", "forecast", "overdue"]


@dataclass(frozen=True, slots=True)
class Axis:
    """From the morning of `start` to the evening of `end` between `left` and `right`."""

    start: date
    end: date
    left: float
    right: float

    def morning(self, day: date) -> float:
        """Where the day begins, held within the axis."""
        share = (day - self.start).days / ((self.end - self.start).days + 1)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def evening(self, day: date) -> float:
        return self.morning(day + timedelta(days=1)) if day < date.max else self.right

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    def periods(self, months: int) -> Iterator[tuple[date, float, float]]:
        """(first day, left, right) of each run of so many months (1, 3, 12), in calendar step."""
        begin = date(self.start.year, (self.start.month - 1) // months * months + 1, 1)
        while begin <= self.end:
            after = month_after(begin, months)
            yield begin, self.morning(begin), self.morning(after)
            if after == date.max:
                return
            begin = after


def month_after(day: date, months: int = 1) -> date:
    """The first of the month so many months later; the end of time beyond it."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1) if count // 12 <= date.max.year else date.max


def span(nodes: Iterable[Node], extra: Iterable[date | None] = ()) -> tuple[date, date] | None:
    """Whole months around every day of these milestones; None when they have none."""
    days = [day for node in nodes for day in _days(node)]
    days += [day for day in extra if day is not None]
    if not days:
        return None
    first, last = min(days), max(days)
    end = month_after(last)
    return first.replace(day=1), end if end == date.max else end - timedelta(days=1)


def _days(node: Node) -> list[date]:
    found = (
        node.planned_start, node.planned_finish, node.forecast_finish, node.actual_start, node.actual_finish,
        node.first_finish,
    )  # fmt: skip
    return [day for day in found if day is not None]


def seen_on(node: Node, day: date) -> Node:
    """The milestone as it was on that day: what happened later had not happened."""
    if node.actual_finish is not None and node.actual_finish > day:
        node = replace(node, actual_finish=None, status="in_progress")
    if node.actual_start is not None and node.actual_start > day:
        node = replace(node, actual_start=None, status="planned" if not node.done else node.status)
    return node


class Bar(NamedTuple):
    """Both days included. `open`: nobody has said when it begins. `days`: working days it is overdue."""

    kind: BarKind
    start: date
    end: date
    open: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """The bars of one milestone: what was planned, and what became of it."""

    node: Node
    plan: Bar | None
    course: tuple[Bar, ...]

    @property
    def undated(self) -> bool:
        """Done, and no day at all by which to draw it."""
        return self.plan is None and not self.course and self.node.done


def tracks(nodes: Sequence[Node], as_of: date) -> list[Track]:
    """Bars for every milestone as of a day. A beginning nobody has said is the end of the milestone before it."""
    found: list[Track] = []
    planned: date | None = None
    ended: date | None = None
    for each in nodes:
        node = seen_on(each, as_of)
        plan = _plan(node, planned)
        course = tuple(_course(node, plan, ended, as_of))
        found.append(Track(node, plan, course))
        if node.planned_finish is not None:
            planned = max(planned or node.planned_finish, node.planned_finish)
        if node.actual_finish is not None:
            ended = max(ended or node.actual_finish, node.actual_finish)
    return found


def _plan(node: Node, before: date | None) -> Bar | None:
    if node.planned_finish is None:
        return None
    start, is_open = _begin(node.planned_start, before, node.planned_finish)
    return Bar("plan", start, node.planned_finish, is_open)


def _begin(said: date | None, before: date | None, end: date) -> tuple[date, bool]:
    if said is not None and said <= end:
        return said, False
    if before is not None and before < end:
        return before + timedelta(days=1), False
    return date.fromordinal(max(end.toordinal() - _STUB, 1)), True


def _course(node: Node, plan: Bar | None, ended: date | None, as_of: date) -> Iterator[Bar]:
    """What happened, and what is still expected."""
    if node.done:
        end = node.actual_finish or node.planned_finish
        if end is not None:
            begun = node.actual_start or (plan.start if plan and plan.start <= end and not plan.open else None)
            start, is_open = _begin(begun, ended, end)
            yield Bar("done", start, end, is_open)
        return
    begun = node.actual_start or (plan.start if plan and node.status == "in_progress" else None)
    if begun is not None and begun <= as_of:
        yield Bar("doing", begun, as_of if plan is None else max(min(as_of, plan.end), begun))
    if plan is not None and plan.end < as_of:
        yield Bar("overdue", plan.end + timedelta(days=1), as_of, days=node.overdue_days)
    expected = node.forecast_finish
    if expected is not None and expected > as_of and (plan is None or expected != plan.end):
        start = max(as_of, plan.end if plan is not None and expected > plan.end else as_of) + timedelta(days=1)
        if begun is None and node.forecast_start is not None:
            # Not begun yet: where the work itself would lie, not only by how much it comes later.
            start = max(node.forecast_start, as_of + timedelta(days=1))
        yield Bar("forecast", min(start, expected), expected)
