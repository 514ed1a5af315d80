"""Bars in rows: rates against time progress, and amounts side by side."""

from __future__ import annotations

from typing import Any, Literal

from app.plots.style import BEHIND, FILLS, GREY, INK, MARGIN, Canvas, em, shortened, widest

ROW = 46
MOST_ROWS = 60


def rates_height(chart: dict[str, Any]) -> float:
    return ROW * max(len(chart["rows"][:MOST_ROWS]), 1) + 120


def rates(chart: dict[str, Any]) -> bytes:
    canvas = Canvas(1200, 128 + rates_height(chart))
    top = canvas.head(chart["title"], chart["note"])
    rates_body(canvas, chart, MARGIN, top, canvas.width - 2 * MARGIN)
    return canvas.svg()


def rates_body(canvas: Canvas, chart: dict[str, Any], left: float, top: float, width: float) -> None:
    rows = chart["rows"][:MOST_ROWS]
    labels = widest([r["label"] for r in rows], 18, width * 0.28)
    values = widest([r["value"] for r in rows], 17, width * 0.2) + 12
    texts = widest([r["text"] for r in rows], 15, width * 0.4)
    start = left + labels + 14
    room = width - labels - values - texts - 34
    scale = room / _reach([r["percent"] or 0 for r in rows], chart["line"])
    rate_legend(canvas, left, top + 8, chart["legend"])
    top += 76
    bottom = top + ROW * len(rows)
    _ticks(canvas, start, top, bottom, room, scale)
    for number, row in enumerate(rows):
        y = top + number * ROW
        canvas.text(start - 14, y + ROW / 2, shortened(row["label"], labels + 2, 18), 18, align="right")
        if row["percent"] is not None:
            behind = row["percent"] < chart["line"] if row["behind"] is None else row["behind"]
            fill = BEHIND if behind else FILLS[0]
            canvas.bar(start, y + 10, max(min(row["percent"] * scale, room), 0), ROW - 20, fill)
        right = start + room + 8 + values
        canvas.text(right, y + ROW / 2, row["value"], 17, align="right", bold=True)
        canvas.text(right + 12, y + ROW / 2, shortened(row["text"], texts + 2, 15), 15, color=GREY)
    x = start + chart["line"] * scale
    canvas.line([(x, top - 8), (x, bottom + 4)], width=2.5, color=INK, linestyle=(0, (5, 3)))
    # Beside the line on the side with more room, so that it never runs out of the picture.
    align: Literal["left", "right"] = "left" if x < start + room / 2 else "right"
    canvas.text(x, top - 22, chart["line_text"], 16, align=align, bold=True)


def _reach(percents: list[float], line: float) -> float:
    """The axis shows all of the year, and more when something is ahead of it; twice the year is enough."""
    return min(max([*percents, line, 100.0]), 200.0)


def _ticks(canvas: Canvas, start: float, top: float, bottom: float, room: float, scale: float) -> None:
    canvas.line([(start, top), (start, bottom)], width=1.5, color=INK)
    for percent in range(0, 201, 25 if room / scale <= 120 else 50):
        x = start + percent * scale
        if x <= start + room + 1:
            canvas.line([(x, top), (x, bottom)], width=0.6)
            canvas.text(x, bottom + 18, f"{percent}%", 14, align="center", color=GREY)


def rate_legend(canvas: Canvas, x: float, y: float, names: list[str]) -> None:
    for name, fill in zip(names, (FILLS[0], BEHIND), strict=True):
        canvas.bar(x, y - 8, 30, 16, fill)
        canvas.text(x + 38, y, name, 15, color=GREY)
        x += 38 + em(name, 15) + 30


def bars(chart: dict[str, Any]) -> bytes:
    """Each row has a bar for each series, its text at its end."""
    rows, series = chart["rows"][:MOST_ROWS], chart["series"][: len(FILLS)]
    thick, gap = 22, 16
    block = thick * len(series) + gap
    canvas = Canvas(1200, 128 + 60 + block * max(len(rows), 1) + 30)
    top = canvas.head(chart["title"], chart["note"])
    x: float = MARGIN
    for name, fill in zip(series, FILLS, strict=False):
        canvas.bar(x, top, 30, 16, fill)
        canvas.text(x + 38, top + 8, name, 15, color=GREY)
        x += 38 + em(name, 15) + 30
    top += 40
    width = canvas.width - 2 * MARGIN
    labels = widest([r["label"] for r in rows], 18, width * 0.3)
    texts = widest([text for r in rows for text in r["texts"]], 15, width * 0.35)
    start, room = MARGIN + labels + 14, width - labels - texts - 30
    most = max([value for r in rows for value in r["values"] if value is not None] or [0]) or 1
    for number, row in enumerate(rows):
        y = top + number * block
        canvas.text(start - 14, y + (block - gap) / 2, shortened(row["label"], labels + 2, 18), 18, align="right")
        for place, (value, text) in enumerate(zip(row["values"], row["texts"], strict=True)):
            upper, length = y + place * thick, room * (value or 0) / most
            if length > 0:
                canvas.bar(start, upper + 2, length, thick - 4, FILLS[place])
            canvas.text(start + max(length, 0) + 8, upper + thick / 2, text, 15)
    canvas.line([(start, top - 6), (start, top + block * len(rows) - gap + 6)], width=1.5, color=INK)
    return canvas.svg()
