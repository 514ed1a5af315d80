"""The milestones of one project on one line: planned bars above, what became of them below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.charts.marks import DONE, FAINT, GREY, ON_BAR, bar, first_mark, on_axis
from app.charts.model import Node
from app.charts.svg import Drawing
from app.charts.text import shorten, width
from app.charts.timeline import Axis, Bar, Track
from app.charts.words import Words

_MOST_LANES = 2
_PLAN, _COURSE_TOP, _COURSE = 0.52, 0.6, 0.36
"""Of a lane's height: the planned bar, then where what became of it begins, and its height."""


def lanes(found: Sequence[Track]) -> list[int]:
    """A lane for each milestone, so that plans that run side by side do not hide each other."""
    ends: list[date] = []
    places: list[int] = []
    for track in found:
        if track.plan is None:
            places.append(0)
            continue
        free = next((lane for lane, end in enumerate(ends) if end < track.plan.start), len(ends))
        free = min(free, _MOST_LANES - 1)
        if free == len(ends):
            ends.append(track.plan.end)
        else:
            ends[free] = max(ends[free], track.plan.end)
        places.append(free)
    return places


def row(d: Drawing, axis: Axis, found: Sequence[Track], top: float, height: float, words: Words) -> None:
    """All milestones between `top` and `top + height`."""
    places = lanes(found)
    count = max(places, default=0) + 1
    lane = (height - 6) / count
    tops = [top + 3 + lane * place for place in places]
    undated = [track.node.name for track in found if track.undated]
    if undated:
        _undated(d, axis, undated, top + 3, lane, words)
    for place in range(count):
        _overdue(d, axis, [t for t, own in zip(found, places, strict=True) if own == place], top + 3 + lane * place,
                 lane, words)  # fmt: skip
    for track, at in zip(found, tops, strict=True):
        _track(d, axis, track, at, lane, words)
    _planned_days(d, axis, found, tops, lane, words)


def _undated(d: Drawing, axis: Axis, names: Sequence[str], top: float, lane: float, words: Words) -> None:
    """Done, on a day nobody wrote down: a flag at the edge, in front of all that has a day."""
    text = "✓" + words.people(tuple(names))
    size = min(12.0, lane * 0.4)
    room = min(width(text, size) + 8, (axis.right - axis.left) / 4)
    inner = d.group(f"{words.people(tuple(names))}: {words('undated')}")
    inner.rect(axis.left + 2, top, room, lane * _PLAN, radius=3, fill=DONE)
    inner.text(axis.left + 6, top + lane * _PLAN / 2, shorten(text, room - 4, size), size, fill="#ffffff")


def _overdue(d: Drawing, axis: Axis, found: Sequence[Track], top: float, lane: float, words: Words) -> None:
    """One bar for all that should be done by now: since the first of them was due, until the day of the chart."""
    late = [each for track in found for each in track.course if each.kind == "overdue"]
    if not late:
        return
    whole = Bar("overdue", min(each.start for each in late), late[0].end, days=max(each.days for each in late))
    drawn = on_axis(axis, whole)
    if drawn is None:
        return
    top, height = top + lane * _COURSE_TOP, lane * _COURSE
    bar(d, "overdue", *drawn, top, height)
    # The others lie over it: the words go where it ends, which is the day of the chart.
    others = [end for track in found for each in track.course if each.kind in {"done", "doing"}
              for end in [(on_axis(axis, each) or drawn)[1]]]  # fmt: skip
    left = max([drawn[0], *(end for end in others if end <= drawn[1])])
    size = min(10.5, height * 0.8)
    label = words("overdue_many", count=len(late), days=whole.days)
    if len(late) == 1 or width(label, size) > drawn[1] - left - 8:
        label = overdue(whole.days, words)
    on_hatching(d, label, (left, drawn[1]), top + height / 2, size)


def _track(d: Drawing, axis: Axis, track: Track, top: float, lane: float, words: Words) -> None:
    inner = d.group(tooltip(track.node, words))
    course_top, course_height = top + lane * _COURSE_TOP, lane * _COURSE
    place = on_axis(axis, track.plan) if track.plan else None
    if track.plan and place:
        late = any(each.kind == "overdue" for each in track.course)
        bar(inner, "late" if late else "plan", *place, top, lane * _PLAN)
        _plan_label(inner, track, place, top + lane * _PLAN / 2, min(12.5, lane * 0.42), axis)
    elif track.plan:
        _outside(inner, axis, track.plan, top + lane * _PLAN / 2)
    for each in track.course:
        drawn = on_axis(axis, each)
        if drawn and each.kind != "overdue":
            bar(inner, each.kind, *drawn, course_top, course_height)
            # Its name stands on the planned bar, where there is one on this chart.
            name = "" if place else track.node.name
            _course_label(inner, each, drawn, course_top + course_height / 2, min(10.5, course_height * 0.8),
                          words, name)  # fmt: skip
    first = track.node.first_finish
    if first and first != track.node.planned_finish and axis.holds(first):
        first_mark(inner, axis.evening(first), top + lane * (_PLAN + _COURSE_TOP) / 2, min(5.5, lane * 0.14))


def _planned_days(
    d: Drawing, axis: Axis, found: Sequence[Track], tops: Sequence[float], lane: float, words: Words
) -> None:
    """Below a planned bar the day it ends, where nothing else stands."""
    size = min(10.5, lane * 0.34)
    taken: dict[float, list[tuple[float, float]]] = {}
    for track, top in zip(found, tops, strict=True):
        taken.setdefault(top, []).extend(drawn for each in track.course if (drawn := on_axis(axis, each)))
    for track, top in zip(found, tops, strict=True):
        place = on_axis(axis, track.plan) if track.plan else None
        if track.plan is None or place is None or track.course or track.plan.end > axis.end:
            continue
        label = words.short_day(track.plan.end, axis.start.year)
        left, right = place[1] - width(label, size) - 1, place[1] - 1
        if all(right + 2 < begin or end < left - 2 for begin, end in taken[top]):
            d.text(right, top + lane * (_COURSE_TOP + _COURSE / 2), label, size, anchor="end", fill=GREY)
            taken[top].append((left, right))


def _plan_label(d: Drawing, track: Track, place: tuple[float, float], middle: float, size: float, axis: Axis) -> None:
    """The name, and the day where both fit and the line below is taken."""
    left, right = place
    room = right - left - 4
    name = ("✓" if track.node.done else "") + track.node.name
    if track.course and track.plan and axis.holds(track.plan.end):
        both = f"{name} {track.plan.end.month}.{track.plan.end.day}"
        name = both if width(both, size) <= room else name
    while size > 9.5 and width(name, size) > room:
        size -= 0.5
    d.text((left + right) / 2, middle, shorten(name, room, size), size, anchor="middle", fill=ON_BAR["plan"])


def _course_label(
    d: Drawing, each: Bar, place: tuple[float, float], middle: float, size: float, words: Words, name: str
) -> None:
    left, right = place
    label = words("doing_bar") if each.kind == "doing" else words.short_day(each.end, each.end.year)
    told = [f"{name} {label}", name] if name else [label]
    fitting = next((each for each in told if width(each, size) <= right - left - 4), None)
    if fitting:
        d.text((left + right) / 2, middle, fitting, size, anchor="middle", fill=ON_BAR[each.kind])


def on_hatching(d: Drawing, label: str, place: tuple[float, float], middle: float, size: float) -> None:
    """On hatching a text needs ground of its own."""
    left, right = place
    half = width(label, size) / 2 + 2
    if half * 2 <= right - left:
        d.rect((left + right) / 2 - half, middle - size * 0.55, half * 2, size * 1.1, fill="#fdf1f0")
        d.text((left + right) / 2, middle, label, size, anchor="middle", fill=ON_BAR["overdue"])


def _outside(d: Drawing, axis: Axis, plan: Bar, middle: float) -> None:
    """A pointer at the edge to what is planned before or after this chart."""
    before = plan.end < axis.start
    x, tip = (axis.left + 2, 7) if before else (axis.right - 2, -7)
    d.polygon([(x, middle), (x + tip, middle - 5), (x + tip, middle + 5)], fill=FAINT)


def tooltip(node: Node, words: Words) -> str:
    """Everything there is to say of a milestone, line by line."""
    said = [node.name + (f" ({words('done_bar')})" if node.done else "")]
    if node.planned_finish:
        start = f"{words.day(node.planned_start)} – " if node.planned_start else ""
        said.append(f"{words('planned')}: {start}{words.day(node.planned_finish)}")
    if node.first_finish and node.first_finish != node.planned_finish:
        said.append(f"{words('first_mark')}: {words.day(node.first_finish)}")
    if node.forecast_finish and not node.done:
        said.append(f"{words('forecast')}: {words.day(node.forecast_finish)}")
    if node.actual_start or node.actual_finish:
        days = [words.day(day) if day else "" for day in (node.actual_start, node.actual_finish)]
        said.append(f"{words('actual')}: {' – '.join(days).strip()}")
    late = variance(node, words)
    if late:
        said.append(late)
    if node.provisional:
        said.append(words("provisional"))
    return "\n".join(said)


def variance(node: Node, words: Words) -> str:
    """推迟5个工作日, 提前2个工作日, 按期; empty when nothing can be said."""
    days = node.variance_days
    if days is None:
        return ""
    if days == 0:
        return words("on_time")
    return words("later", days=days) if days > 0 else words("earlier", days=-days)


def overdue(days: int, words: Words) -> str:
    """逾期29个工作日; due on a Friday and still open on Saturday, none of them has passed yet."""
    return words("overdue", days=days) if days else words("overdue_just")
