"""The overview on one sheet, for the wall."""

from __future__ import annotations

from typing import Any

from app.plots import bars, funnel
from app.plots.style import BLUE, GREY, MARGIN, RULE, Canvas, shortened

WIDTH = 1920
_NUMBERS = 118


def draw(chart: dict[str, Any]) -> bytes:
    below = max(funnel.height(chart["funnel"]) + 40, bars.rates_height(chart["rates"])) + 60
    canvas = Canvas(WIDTH, 128 + _NUMBERS + below)
    top = canvas.head(chart["title"], chart["note"])
    _numbers(canvas, chart["numbers"], top)
    top += _NUMBERS
    half = (WIDTH - 2 * MARGIN - 60) / 2
    for left, part in ((MARGIN, chart["funnel"]), (MARGIN + half + 60, chart["rates"])):
        canvas.text(left, top + 18, part["title"], 22, bold=True)
    funnel.body(canvas, chart["funnel"], MARGIN, top + 56, half)
    bars.rates_body(canvas, chart["rates"], MARGIN + half + 60, top + 56, half)
    middle = WIDTH / 2
    canvas.line([(middle, top), (middle, canvas.height - 30)])
    return canvas.svg()


def _numbers(canvas: Canvas, numbers: list[dict[str, Any]], top: float) -> None:
    room = (WIDTH - 2 * MARGIN) / max(len(numbers), 1)
    for place, number in enumerate(numbers):
        x = MARGIN + place * room
        canvas.text(x + 8, top + 30, shortened(number["value"], room - 16, 27), 27, bold=True, color=BLUE)
        canvas.text(x + 8, top + 72, shortened(number["label"], room - 16, 16), 16, color=GREY)
        if place:
            canvas.line([(x - 8, top + 10), (x - 8, top + 82)])
    canvas.line([(MARGIN, top + 100), (WIDTH - MARGIN, top + 100)], color=RULE)
