"""The pipeline as a funnel: light, how many came this far; dark, how many stand here now."""

from __future__ import annotations

from typing import Any

from app.plots.style import BLUE, FILLS, GREY, LIGHT, MARGIN, RULE, Canvas, em, shortened, widest

ROW = 58
_REACHED: dict[str, Any] = {"facecolor": LIGHT, "edgecolor": RULE}


def height(chart: dict[str, Any]) -> float:
    return ROW * max(len(chart["steps"]), 1) + (64 if chart["aside"] else 30)


def draw(chart: dict[str, Any]) -> bytes:
    canvas = Canvas(1200, 128 + 40 + height(chart))
    top = canvas.head(chart["title"], chart["note"])
    body(canvas, chart, MARGIN, top, canvas.width - 2 * MARGIN)
    return canvas.svg()


def body(canvas: Canvas, chart: dict[str, Any], left: float, top: float, width: float) -> None:
    steps = chart["steps"]
    labels = widest([s["label"] for s in steps], 20, width * 0.25)
    texts = widest([s["text"] for s in steps], 16, width * 0.4)
    counts = widest([str(s["count"]) for s in steps], 20, 90) + 16
    full = width - labels - texts - counts - 40
    middle = left + labels + 20 + full / 2
    most = max([s["reached"] for s in steps] + [s["count"] for s in steps] + [1])
    legend(canvas, left + labels + 20, top + 8, chart["legend"])
    top += 34
    for number, step in enumerate(steps):
        y = top + number * ROW
        half, now = full / 2 * step["reached"] / most, full / 2 * step["count"] / most
        after = steps[number + 1]["reached"] if number + 1 < len(steps) else step["reached"]
        below = full / 2 * after / most
        if half:
            # Straight beside the dark bar, so that it stays inside; narrower only below it.
            right_side = [(middle + half, y), (middle + half, y + ROW - 14), (middle + below, y + ROW)]
            left_side = [(2 * middle - x, corner) for x, corner in reversed(right_side)]
            canvas.shape(right_side + left_side, _REACHED)
        if now:
            canvas.bar(middle - now, y + 14, 2 * now, ROW - 28, FILLS[0])
        canvas.text(left + labels, y + ROW / 2, shortened(step["label"], labels + 2, 20), 20, align="right")
        right = left + labels + 20 + full + 16
        canvas.text(right + counts - 16, y + ROW / 2, str(step["count"]), 20, align="right", bold=True, color=BLUE)
        canvas.text(right + counts, y + ROW / 2, shortened(step["text"], texts + 2, 16), 16, color=GREY)
    if chart["aside"]:
        canvas.text(left, top + len(steps) * ROW + 24, chart["aside"], 16, color=GREY)


def legend(canvas: Canvas, x: float, y: float, names: list[str]) -> None:
    for name, fill in zip(names, (FILLS[0], _REACHED), strict=True):
        canvas.bar(x, y - 8, 26, 16, fill)
        canvas.text(x + 34, y, name, 15, color=GREY)
        x += 34 + em(name, 15) + 30
