"""Rankings with their movement (进退位): from an empty mark, the place before, to a full one, the place now."""

from __future__ import annotations

from typing import Any

from app.plots.style import BLUE, GREY, INK, LIGHT, MARGIN, Canvas, em, shortened, widest

ROW = 30
HEAD = 78
"""Above the rows of a section: its title and the numbers of the places."""
MOST_ROWS = 200
_BEFORE: dict[str, Any] = {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2}
_NOW: dict[str, Any] = {"marker": "o", "markersize": 9}
_BAND: dict[str, Any] = {"facecolor": LIGHT, "edgecolor": "none"}


def draw(chart: dict[str, Any]) -> bytes:
    sections = chart["sections"]
    canvas = Canvas(1200, 128 + 40 + sum(HEAD + ROW * max(len(s["rows"]), 1) + 20 for s in sections) + 20)
    top = canvas.head(chart["title"], chart["note"])
    _legend(canvas, top + 8, chart["legend"])
    top += 40
    for section in sections:
        _section(canvas, section, top)
        top += HEAD + ROW * max(len(section["rows"]), 1) + 20
    return canvas.svg()


def _legend(canvas: Canvas, y: float, names: list[str]) -> None:
    x: float = MARGIN
    for name, look in zip(names, (_BEFORE, _NOW), strict=True):
        canvas.line([(x + 8, y)], width=2, color=BLUE, **look)
        canvas.text(x + 24, y, name, 15, color=GREY)
        x += 24 + em(name, 15) + 30


def _section(canvas: Canvas, section: dict[str, Any], top: float) -> None:
    rows = section["rows"]
    width = canvas.width - 2 * MARGIN
    canvas.text(MARGIN, top + 18, section["title"], 20, bold=True)
    labels = widest([r["label"] for r in rows], 16, width * 0.32)
    texts = widest([r["text"] for r in rows], 15, width * 0.36)
    left, right = MARGIN + 44 + labels + 30, canvas.width - MARGIN - texts - 26
    top, bottom = top + HEAD, top + HEAD + ROW * len(rows)
    last = max([n for r in rows for n in (r["rank"], r["before"]) if n] or [1])
    scale = (right - left) / max(last - 1, 1)
    for place in _places(last):
        x = left + (place - 1) * scale
        canvas.line([(x, top - 4), (x, bottom)], width=0.6)
        canvas.text(x, top - 18, str(place), 14, align="center", color=GREY)
    for number, row in enumerate(rows):
        _row(canvas, row, top + number * ROW, (left, scale, labels, texts))


def _row(canvas: Canvas, row: dict[str, Any], y: float, room: tuple[float, float, float, float]) -> None:
    left, scale, labels, texts = room
    middle = y + ROW / 2
    if row["mark"] == "worst":
        canvas.bar(MARGIN, y + 1, canvas.width - 2 * MARGIN, ROW - 2, _BAND)
    bold = bool(row["mark"])
    canvas.text(MARGIN + 34, middle, str(row["rank"] or "—"), 15, align="right", bold=bold)
    canvas.text(MARGIN + 44, middle, shortened(row["label"], labels + 2, 16), 16, bold=bold)
    now, before = ((left + (n - 1) * scale) if n else None for n in (row["rank"], row["before"]))
    if now is not None and before is not None and now != before:
        canvas.line([(before, middle), (now, middle)], width=2.5, color=BLUE)
    if before is not None:
        canvas.line([(before, middle)], width=2, color=BLUE, **_BEFORE)
    if now is not None:
        canvas.line([(now, middle)], width=2, color=BLUE, **_NOW)
    canvas.text(canvas.width - MARGIN - texts - 4, middle, shortened(row["text"], texts + 2, 15), 15, color=INK)


def _places(last: int) -> list[int]:
    step = next(s for s in (1, 5, 10, 20, 50, 100, 200, 500, 1000) if last / s <= 12 or s == 1000)
    return [1, *[n for n in range(step, last + 1, step) if n > 1 and n - 1 >= step / 2]]
