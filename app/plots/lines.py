"""Values over months, told apart by stroke and mark."""

from __future__ import annotations

import math
from typing import Any

from app.plots.style import BLUE, GREY, INK, MARGIN, Canvas, em

_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "width": 3, "marker": "o", "markersize": 8},
    {"color": GREY, "width": 2, "linestyle": (0, (6, 4)), "marker": "s", "markersize": 7, "markerfacecolor": "white"},
    {"color": INK, "width": 2, "linestyle": (0, (2, 3)), "marker": "^", "markersize": 8},
    {"color": GREY, "width": 2, "linestyle": (0, (8, 3, 2, 3)), "marker": "D", "markersize": 6},
)
_STEPS = (1, 2, 2.5, 5, 10)


def draw(chart: dict[str, Any]) -> bytes:
    canvas = Canvas(1200, 640)
    top = canvas.head(chart["title"], chart["note"])
    series = chart["series"][: len(_LOOKS)]
    x: float = MARGIN
    for name, look in zip([s["label"] for s in series], _LOOKS, strict=False):
        canvas.line([(x, top + 8), (x + 44, top + 8)], **look)
        canvas.text(x + 54, top + 8, name, 16, color=GREY)
        x += 54 + em(name, 16) + 30
    _plot(canvas, chart, series, top + 56)
    return canvas.svg()


def _plot(canvas: Canvas, chart: dict[str, Any], series: list[dict[str, Any]], top: float) -> None:
    given = [value for s in series for value in s["values"] if value is not None] or [0.0]
    marks = ticks(min(given), max(given))
    low, high = marks[0], marks[-1]
    left = MARGIN + max(em(_plain(mark), 15) for mark in marks) + 12
    right, bottom = canvas.width - MARGIN - 20, canvas.height - 60
    count = max(len(chart["ticks"]), 1)

    def at(number: int, value: float) -> tuple[float, float]:
        x = left + (right - left) * (number + 0.5) / count
        return x, bottom - (bottom - top) * (value - low) / (high - low)

    canvas.text(MARGIN, top - 22, chart["unit"], 15, color=GREY)
    for mark in marks:
        _, y = at(0, mark)
        canvas.line([(left, y), (right, y)], width=1.5 if mark == 0 else 0.6, color=INK if mark == 0 else "#bfbfbf")
        canvas.text(left - 10, y, _plain(mark), 15, align="right", color=GREY)
    for number, tick in enumerate(chart["ticks"]):
        canvas.text(at(number, low)[0], bottom + 24, tick, 16, align="center")
    for s, look in reversed(list(zip(series, _LOOKS, strict=False))):
        points = [at(n, v) if v is not None else (at(n, low)[0], float("nan")) for n, v in enumerate(s["values"])]
        if points:
            canvas.line(points, **look)
    values = series[0]["values"] if series else []
    for number, value in enumerate(values):
        if value is not None:
            x, y = at(number, value)
            between = [v for v in values[number - 1 : number + 2 : 2] if v is not None] if number else []
            # In a dip the line passes above; over the axis there is no room below.
            dip = len(between) == 2 and min(between) > value and y + 32 < bottom
            y += 22 if dip else -20
            canvas.text(x, y, series[0]["texts"][number], 15, align="center", bold=True, color=BLUE)


def ticks(low: float, high: float) -> list[float]:
    """Four to eight round marks from at or below the lowest to at or above the highest value; zero when it is near."""
    if 0 < low <= high / 2 or high - low <= 1e-6 * max(1.0, abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-6:
        low, high = 0.0, 1.0
    raw = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in _STEPS if s * power >= raw * (1 - 1e-12))
    return [round(n * step, 10) for n in range(math.floor(low / step), math.ceil(high / step) + 1)]


def _plain(value: float) -> str:
    return f"{value:,.10g}"
