"""Points by item: a column for each item, in it a bar and the figure for each row."""

from __future__ import annotations

from typing import Any

from app.plots.style import BEHIND, FILLS, GREY, INK, MARGIN, Canvas, em, shortened, widest

ROW = 34
MOST_ROWS, MOST_COLUMNS = 120, 16
_NAME = 15
_LINES = 3
"""Of a column's name."""


def draw(chart: dict[str, Any]) -> bytes:
    rows, columns = chart["rows"][:MOST_ROWS], chart["columns"][:MOST_COLUMNS]
    labels = widest([r["label"] for r in rows], 16, 380)
    figures = widest([text for r in rows for text in r["texts"]], 14, 90)
    cell = max(figures + 60, 118.0)
    canvas = Canvas(max(1200, 2 * MARGIN + labels + 20 + cell * len(columns)), 128 + 110 + ROW * max(len(rows), 1) + 50)
    top = canvas.head(chart["title"], chart["note"]) + 76
    start = MARGIN + labels + 20
    cell = (canvas.width - MARGIN - start) / max(len(columns), 1)
    bottom = top + ROW * len(rows)
    for place, name in enumerate(columns):
        x = start + place * cell
        for number, line in enumerate(reversed(_folded(name, cell - 14))):
            canvas.text(x, top - 22 - number * 20, line, _NAME, bold=True)
        canvas.line([(x, top - 6), (x, bottom)], width=1.2, color=INK)
        most = max([abs(r["values"][place] or 0) for r in rows] or [0]) or 1
        for number, row in enumerate(rows):
            value = row["values"][place]
            if value is None:
                continue
            length = (cell - figures - 22) * abs(value) / most
            y = top + number * ROW
            if length > 0:
                canvas.bar(x, y + 8, length, ROW - 16, FILLS[0] if value > 0 else BEHIND)
            canvas.text(x + length + 6, y + ROW / 2, row["texts"][place], 14)
    for number, row in enumerate(rows):
        canvas.text(start - 14, top + (number + 0.5) * ROW, shortened(row["label"], labels + 2, 16), 16, align="right")
        canvas.line([(MARGIN, top + (number + 1) * ROW), (canvas.width - MARGIN, top + (number + 1) * ROW)], width=0.5)
    if any(value < 0 for row in rows for value in row["values"] if value is not None):
        canvas.bar(MARGIN, bottom + 16, 30, 16, BEHIND)
        canvas.text(MARGIN + 38, bottom + 24, chart["legend"], 15, color=GREY)
    return canvas.svg()


def _folded(text: str, room: float) -> list[str]:
    """Over as many lines as there is room for."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < _LINES - 1 and em(rest, _NAME) > room:
        kept = rest
        while len(kept) > 1 and em(kept, _NAME) > room:
            kept = kept[:-1]
        lines.append(kept)
        rest = rest[len(kept) :]
    return [*lines, shortened(rest, room, _NAME)] if rest else lines
