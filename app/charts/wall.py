"""挂图作战: the key projects of a county on sheets of A3, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from app.charts import course, marks
from app.charts.marks import BAND, GREY, HEAD, INK, RULE
from app.charts.model import Charted, Sheet, Work
from app.charts.svg import Drawing
from app.charts.text import lines, width
from app.charts.timeline import Axis, Bar, span, tracks
from app.charts.words import Words

_WIDTH, _HEIGHT, _MARGIN = 1680.0, 1188.0, 30.0
"""The shape of A3 across, four units to the millimetre: a text of 12 is 8.5 points on paper, 22 pixels on 4K."""
_HEADING_TOP, _HEADING, _FOOT = 128.0, 46.0, 1112.0
_TALLEST, _BAND_HEIGHT = 62.0, 24.0


class _Column(NamedTuple):
    key: str
    width: float


_COLUMNS = (
    _Column("number", 40), _Column("project", 206), _Column("light", 42), _Column("leader", 88),
    _Column("owner", 146), _Column("contact", 104),
)  # fmt: skip


def wall(sheet: Sheet, rows: Sequence[Charted], words: Words) -> bytes:
    """One sheet. `rows` come in order; those of one group stand together under its name."""
    title = sheet.title + words("wall")
    d = Drawing(_WIDTH, _HEIGHT, title=title, language=words.language)
    left = _MARGIN + sum(column.width for column in _COLUMNS)
    axis = Axis(date(sheet.year, 1, 1), date(sheet.year, 12, 31), left, _WIDTH - _MARGIN)
    _head(d, sheet, title, words)
    top = _HEADING_TOP + _HEADING
    _columns(d, words)
    marks.heading(d, axis, _HEADING_TOP, _HEADING, 1, words, 15)
    bottom = _rows(d, axis, sheet, rows, top, words) if rows else _nothing(d, sheet, top, words)
    marks.today(d, axis, sheet.as_of, _HEADING_TOP, _HEADING, bottom, words)
    d.rect(
        _MARGIN, _HEADING_TOP, _WIDTH - 2 * _MARGIN, bottom - _HEADING_TOP, fill="none", stroke=INK, stroke_width=1.6
    )
    _foot(d, axis, sheet, rows, words)
    return d.to_bytes()


def _head(d: Drawing, sheet: Sheet, title: str, words: Words) -> None:
    size = 38.0
    while size > 20 and width(title, size) > _WIDTH - 2 * _MARGIN:
        size -= 1
    d.text(_WIDTH / 2, 52, title, size, anchor="middle", room=_WIDTH - 2 * _MARGIN, fill=INK, bold=True)
    d.text(_MARGIN, 92, f"{words('as_of')} {words.day(sheet.as_of)}", 17, fill=INK)
    x = _MARGIN + 230
    for light, count in sheet.lights:
        marks.lamp(d, x, 92, 11, light, words)
        d.text(x + 18, 92, str(count), 17, fill=INK, bold=True)
        x += 34 + width(str(count), 17) + 12
    told = words("count", count=sheet.total)
    if sheet.pages > 1:
        told += f" · {words('sheet', page=sheet.page, pages=sheet.pages)}"
    d.text(_WIDTH - _MARGIN, 92, told, 17, anchor="end", fill=INK)


def _columns(d: Drawing, words: Words) -> None:
    x = _MARGIN
    for column in _COLUMNS:
        d.rect(x, _HEADING_TOP, column.width, _HEADING, fill=HEAD, stroke=RULE, stroke_width=1)
        label = words(column.key)
        d.text(x + column.width / 2, _HEADING_TOP + _HEADING / 2, label, 15, anchor="middle",
               room=column.width, fill=INK, bold=True)  # fmt: skip
        x += column.width


def _rows(d: Drawing, axis: Axis, sheet: Sheet, rows: Sequence[Charted], top: float, words: Words) -> float:
    """Draws all rows; returns where they end."""
    grouped = [(name, list(members)) for name, members in groupby(rows, key=lambda row: row.group)]
    bands = _BAND_HEIGHT * sum(name is not None for name, _ in grouped)
    height = min((_FOOT - top - bands) / len(rows), _TALLEST)
    places: list[tuple[float, Charted]] = []
    headings: list[tuple[float, str]] = []
    y = top
    for name, members in grouped:
        if name is not None:
            headings.append((y, name))
            y += _BAND_HEIGHT
        for member in members:
            places.append((y, member))
            y += height
    for place, (at, _) in enumerate(places):
        if place % 2:
            d.rect(_MARGIN, at, _WIDTH - 2 * _MARGIN, height, fill=BAND)
    marks.grid(d, axis, top, y, 1)
    for at, member in places:
        _row(d, axis, sheet, member, at, height, words)
        d.line(_MARGIN, at + height, _WIDTH - _MARGIN, at + height, stroke=RULE, stroke_width=1)
    _uprights(d, top, y)
    for at, name in headings:
        d.rect(_MARGIN, at, _WIDTH - 2 * _MARGIN, _BAND_HEIGHT, fill="#dbe4ee", stroke=RULE, stroke_width=1)
        d.text(_MARGIN + 12, at + _BAND_HEIGHT / 2, name, 15, room=1200, fill=INK, bold=True)
    return y


def _uprights(d: Drawing, top: float, bottom: float) -> None:
    x = _MARGIN
    for column in _COLUMNS:
        x += column.width
        d.line(x, top, x, bottom, stroke=RULE, stroke_width=1)


def _row(d: Drawing, axis: Axis, sheet: Sheet, member: Charted, top: float, height: float, words: Words) -> None:
    x, middle = _MARGIN, top + height / 2
    cells = {
        "project": [member.name],
        "leader": [words.people(member.leaders)],
        "owner": [words.people(names) for names in (member.departments, member.owners) if names],
        "contact": _contact(member),
    }
    for column in _COLUMNS:
        if column.key == "number":
            d.text(x + column.width / 2, middle, str(member.number), 14, anchor="middle", fill=INK)
        elif column.key == "light":
            _lamp(d, member, x + column.width / 2, middle, min(13, height * 0.32), words)
        else:
            _cell(d, cells[column.key], (x, top), (column.width, height), bold=column.key == "project")
        x += column.width
    if _shows_nodes(member, axis, sheet.as_of):
        course.row(d, axis, tracks(member.nodes, sheet.as_of), top, height, words)
    else:
        _period(d, axis, member, sheet.as_of, top, height, words)


def _shows_nodes(member: Charted, axis: Axis, as_of: date) -> bool:
    """Whether any milestone has something to show in the year."""
    found = tracks(member.nodes, as_of)
    bars = [each for track in found for each in ([track.plan] if track.plan else []) + list(track.course)]
    return any(track.undated for track in found) or any(marks.on_axis(axis, each) for each in bars)


def _elsewhere(member: Charted, words: Words) -> str:
    """The years in which the milestones lie, as "2027–2028年"; empty without days."""
    whole = span(member.nodes)
    if whole is None:
        return ""
    years = [str(year) for year in dict.fromkeys(day.year for day in whole)]
    return words("nodes_elsewhere", years="–".join(years) + ("" if words.english else "年"))


def _contact(member: Charted) -> list[str]:
    first = next(iter(member.contacts), None)
    return [part for part in first if part] if first else []


def _lamp(d: Drawing, member: Charted, x: float, y: float, radius: float, words: Words) -> None:
    marks.lamp(d.group(words(member.light or "no_light")), x, y, radius, member.light, words)


def _cell(
    d: Drawing, texts: Sequence[str], corner: tuple[float, float], room: tuple[float, float], *, bold: bool = False
) -> None:
    """Each text on lines of its own, as many as there is height for; what had to go is in the tooltip."""
    (x, top), (across, height) = corner, room
    size = min(15 if bold else 13, height * 0.36)
    most = max(int((height - 4) / (size * 1.2)), 1)
    share = max(most // max(len(texts), 1), 1)
    shown = [line for text in texts for line in lines(text, across - 10, size, share)][:most]
    whole = "\n".join(texts)
    inner = d.group(whole if "…" in "".join(shown) or len(shown) < len(texts) else "")
    y = top + height / 2 - (len(shown) - 1) * size * 0.6
    for line in shown:
        inner.text(x + 5, y, line, size, fill=INK, bold=bold)
        y += size * 1.2


def _period(d: Drawing, axis: Axis, member: Charted, as_of: date, top: float, height: float, words: Words) -> None:
    """A project without milestones in the year: its whole period, and what is reported of it."""
    work = member.work
    said = " · ".join(filter(None, [_progress(work, words), _elsewhere(member, words)]))
    size, middle = min(13.0, height * 0.34), top + height / 2
    if work.start is not None and work.finish is not None:
        drawn = marks.on_axis(axis, Bar("plan", work.start, work.finish))
        if drawn:
            tip = f"{words('period_bar')}: {words.day(work.start)} – {words.day(work.finish)}"
            marks.bar(d.group(tip), "period", *drawn, top + height * 0.2, height * 0.6)
            _ends(d, axis, work, middle)
    elif not said:
        said = words("no_nodes")
    start, line = axis.left + 16, (axis.morning(as_of) + axis.evening(as_of)) / 2
    if axis.holds(as_of) and start < line < start + width(said, size) and line + width(said, size) + 24 < axis.right:
        # Beside the line of today, not under it.
        start = line + 8
    d.text(start, middle, said, size, room=axis.right - 16 - start, fill=INK if said else GREY)


def _ends(d: Drawing, axis: Axis, work: Work, middle: float) -> None:
    """Arrows where the period goes on beyond the year."""
    if work.start is not None and work.start < axis.start:
        x = axis.left + 2
        d.polygon([(x, middle), (x + 8, middle - 6), (x + 8, middle + 6)], fill=GREY)
    if work.finish is not None and work.finish > axis.end:
        x = axis.right - 2
        d.polygon([(x, middle), (x - 8, middle - 6), (x - 8, middle + 6)], fill=GREY)


def _progress(work: Work, words: Words) -> str:
    parts = []
    if work.annual_plan is not None:
        parts.append(words("annual_plan", amount=words.amount(work.annual_plan)))
    if work.rate is not None:
        parts.append(words("rate", rate=work.rate))
    if work.progress:
        parts.append(work.progress)
    return " · ".join(parts)


def _nothing(d: Drawing, sheet: Sheet, top: float, words: Words) -> float:
    d.text(_WIDTH / 2, top + 180, words("no_projects"), 26, anchor="middle", fill=GREY)
    if sheet.hint:
        d.text(_WIDTH / 2, top + 226, sheet.hint, 18, anchor="middle", room=_WIDTH - 200, fill=GREY)
    return top + 400


def _foot(d: Drawing, axis: Axis, sheet: Sheet, rows: Sequence[Charted], words: Words) -> None:
    periods = any(not _shows_nodes(row, axis, sheet.as_of) for row in rows)
    undated = any(track.undated for row in rows for track in tracks(row.nodes, sheet.as_of))
    marks.legend(d, _MARGIN, 1138, words, periods=periods, undated=undated)
    told = f"{words('drawn')} {words.day(sheet.drawn_on)}"
    d.text(_WIDTH - _MARGIN, 1166, told, 13, anchor="end", fill=GREY)
    if not axis.holds(sheet.as_of):
        d.text(_MARGIN, 1166, words("not_on_chart", day=words.day(sheet.as_of)), 13, fill=GREY)
