"""What all charts share: lights, bars, the grid of months, the line of today, the legend.

Every meaning has a shape or a word beside its colour: most offices print in black and white.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from app.charts.model import Light
from app.charts.svg import Drawing
from app.charts.text import width
from app.charts.timeline import Axis, Bar, BarKind
from app.charts.words import Words

INK, GREY, FAINT, RULE, BAND = "#1b2733", "#5b6875", "#8996a3", "#c9d1d9", "#f4f6f8"
HEAD, ACCENT, DONE = "#e6ebf1", "#b3261e", "#2f7d4a"
_LIGHTS: dict[str, str] = {"green": "#2e9e4f", "yellow": "#f2b705", "red": "#d32f2f"}
Look = BarKind | Literal["late", "period"]
_BARS: dict[Look, dict[str, Any]] = {
    "period": {"fill": "#f6f3e8", "stroke": "#8b8263", "stroke_width": 1},
    "late": {"fill": "#fdeceb", "stroke": "#b3261e", "stroke_width": 1.6},
    "plan": {"fill": "#dfe7f1", "stroke": "#5f7896", "stroke_width": 1},
    "done": {"fill": DONE, "stroke": "#1f5c35", "stroke_width": 1},
    "doing": {"fill": "#4f8fd6", "stroke": "#1f5fa8", "stroke_width": 1},
    "forecast": {"fill": "#fff4df", "stroke": "#c77700", "stroke_width": 1.6, "stroke_dasharray": "5 3"},
    "overdue": {"fill": "#f8d7d5", "stroke": "#b3261e", "stroke_width": 1.6},
}
ON_BAR: dict[BarKind, str] = {
    "plan": INK,
    "done": "#ffffff",
    "doing": "#ffffff",
    "forecast": "#7a4a00",
    "overdue": "#8c1d18",
}


def lamp(d: Drawing, x: float, y: float, radius: float, light: Light | None, words: Words) -> None:
    """A circle is green, a triangle yellow, a square red; the letter in it says so again."""
    if light is None:
        d.circle(x, y, radius * 0.8, fill="none", stroke=FAINT, stroke_width=1.4, stroke_dasharray="3 2")
        return
    look: dict[str, Any] = {"fill": _LIGHTS[light], "stroke": INK, "stroke_width": 1.2}
    lift = 0.0
    if light == "green":
        d.circle(x, y, radius, **look)
    elif light == "yellow":
        top, low, half = y - radius * 1.15, y + radius * 0.85, radius * 1.2
        d.polygon([(x, top), (x + half, low), (x - half, low)], **look)
        lift = radius * 0.22
    else:
        d.rect(x - radius * 0.95, y - radius * 0.95, radius * 1.9, radius * 1.9, **look)
    ink = INK if light == "yellow" else "#ffffff"
    size = radius * (0.85 if light == "yellow" else 1.15)
    d.text(x, y + lift, words(f"{light}_sign"), size, anchor="middle", fill=ink, bold=True)


def bar(d: Drawing, kind: Look, left: float, right: float, top: float, height: float) -> None:
    """At least a visible stroke wide."""
    right = max(right, left + 2.5)
    d.rect(left, top, right - left, height, radius=2, **_BARS[kind])
    if kind == "doing" and height > 7:
        # A white line through it: in black and white it is no longer the bar of what is done.
        d.line(left + 2, top + height / 2, right - 2, top + height / 2, stroke="#ffffff", stroke_width=1.2)
    if kind == "overdue" and height > 7:
        _hatch(d, left, right, top, height)


def _hatch(d: Drawing, left: float, right: float, top: float, height: float) -> None:
    x = left + height
    while x < right:
        d.line(x - height, top + height, x, top, stroke="#d98a86", stroke_width=1)
        x += 9


def on_axis(axis: Axis, given: Bar) -> tuple[float, float] | None:
    """Where a bar begins and ends on the chart; None when it lies outside."""
    if given.end < axis.start or given.start > axis.end or given.end < given.start:
        return None
    return axis.morning(given.start), axis.evening(given.end)


def grid(d: Drawing, axis: Axis, top: float, bottom: float, step: int) -> None:
    """A line at every month (or quarter, or year), a stronger one at every year."""
    for begin, left, _ in axis.periods(step):
        if left > axis.left:
            strong = begin.month == 1
            d.line(left, top, left, bottom, stroke=RULE if not strong else FAINT, stroke_width=1 if not strong else 1.4)


def heading(d: Drawing, axis: Axis, top: float, height: float, step: int, words: Words, size: float) -> None:
    """Years over months, quarters or nothing, as room allows."""
    upper = height / 2 if step < 12 else height
    for _, left, right, label in _years(axis, words):
        d.rect(left, top, right - left, upper, fill=HEAD, stroke=RULE, stroke_width=1)
        d.text((left + right) / 2, top + upper / 2, label, size, anchor="middle", room=right - left, fill=INK,
               bold=True)  # fmt: skip
    if step == 12:
        return
    for begin, left, right in axis.periods(step):
        label = words.month(begin.month) if step == 1 else words.quarter(begin.month // 3 + 1)
        if right - left < width(label, size):
            label = str(begin.month) if step == 1 else f"Q{begin.month // 3 + 1}"
        d.rect(left, top + upper, right - left, height - upper, fill=HEAD, stroke=RULE, stroke_width=1)
        d.text((left + right) / 2, top + upper + (height - upper) / 2, label, size, anchor="middle", fill=INK)


def _years(axis: Axis, words: Words) -> Sequence[tuple[date, float, float, str]]:
    return [(begin, left, right, words.year(begin.year)) for begin, left, right in axis.periods(12)]


def step_for(axis: Axis) -> int:
    """Months between grid lines, so that they stand apart."""
    months = ((axis.end - axis.start).days + 1) / 30.4
    for step in (1, 3):
        if (axis.right - axis.left) / months * step >= 24:
            return step
    return 12


def today(d: Drawing, axis: Axis, day: date, top: float, heading: float, bottom: float, words: Words) -> bool:
    """The line through the middle of the day with a flag above; False when the day is not on the chart.

    `heading` is the height of the months above: through them the line is faint, so that they can be read.
    """
    if not axis.holds(day):
        return False
    x = (axis.morning(day) + axis.evening(day)) / 2
    d.line(x, top, x, top + heading, stroke=ACCENT, stroke_width=1.2, stroke_opacity=0.3)
    d.line(x, top + heading, x, bottom, stroke=ACCENT, stroke_width=2, stroke_opacity=0.8)
    label = f"{words('today')} {words.short_day(day, day.year)}"
    half = width(label, 13) / 2 + 7
    middle = min(max(x, axis.left + half), axis.right - half)
    d.rect(middle - half, top - 21, half * 2, 20, radius=3, fill=ACCENT)
    d.text(middle, top - 11, label, 13, anchor="middle", fill="#ffffff", bold=True)
    return True


def legend(d: Drawing, x: float, y: float, words: Words, *, periods: bool = False, undated: bool = False) -> None:
    """One line, its middle at height `y`. `periods`: bars of whole projects are among those to be explained; `undated`:
    flags of what is done on a day nobody stated."""
    kinds: list[tuple[Look, str]] = [
        ("plan", "plan_bar"), ("done", "done_bar"), ("doing", "doing_bar"), ("forecast", "forecast_bar"),
        ("overdue", "overdue_bar"),
    ]  # fmt: skip
    if periods:
        kinds.append(("period", "period_bar"))
    d.text(x, y, words("legend"), 13, fill=INK, bold=True)
    x += width(words("legend"), 13) + 14
    for kind, key in kinds:
        bar(d, kind, x, x + 34, y - 7, 14)
        d.text(x + 40, y, words(key), 13, fill=INK)
        x += 40 + width(words(key), 13) + 18
    first_mark(d, x + 6, y, 5.5)
    d.text(x + 18, y, words("first_mark"), 13, fill=INK)
    x += 18 + width(words("first_mark"), 13) + 18
    if undated:
        d.rect(x, y - 7, 22, 14, radius=3, fill=DONE)
        d.text(x + 11, y, "✓", 11, anchor="middle", fill="#ffffff")
        d.text(x + 28, y, words("undated"), 13, fill=INK)
        x += 28 + width(words("undated"), 13) + 18
    d.line(x + 5, y - 9, x + 5, y + 9, stroke=ACCENT, stroke_width=2.2)
    d.text(x + 14, y, words("today"), 13, fill=INK)
    x += 14 + width(words("today"), 13) + 18
    shown: tuple[Light | None, ...] = ("green", "yellow", "red", None)
    for light in shown:
        lamp(d, x + 9, y, 9, light, words)
        label = words(light or "no_light")
        d.text(x + 24, y, label, 13, fill=INK)
        x += 24 + width(label, 13) + 16


def first_mark(d: Drawing, x: float, middle: float, half: float) -> None:
    """A hollow diamond: where the first baseline had put the end."""
    points = [(x, middle - half), (x + half, middle), (x, middle + half), (x - half, middle)]
    d.polygon(points, fill="#ffffff", stroke=INK, stroke_width=1.3)
