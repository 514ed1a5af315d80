"""倒排工期: the milestones of one project, one line each, with what waits for what; many of them on several sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from app.charts import marks
from app.charts.course import on_hatching, overdue, tooltip, variance
from app.charts.marks import BAND, DONE, GREY, HEAD, INK, ON_BAR, RULE
from app.charts.model import WHOLE, Charted, Node, Part
from app.charts.svg import Drawing
from app.charts.text import width
from app.charts.timeline import Axis, Track, month_after, span, tracks
from app.charts.words import Words

_WIDTH, _MARGIN = 1680.0, 30.0
_TOP, _HEADING, _ROW = 178.0, 46.0, 46.0
_LEAST_HEIGHT = 640.0
_NEAR = 62
"""Today is drawn when it is no more days from the milestones than this, or than half of what they take together: else
it would press them together."""


class _Column(NamedTuple):
    key: str
    width: float


_COLUMNS = (
    _Column("number", 36), _Column("node", 170), _Column("responsible", 96), _Column("duration", 60),
    _Column("planned", 178), _Column("outcome", 124), _Column("variance", 116),
)  # fmt: skip


def gantt(project: Charted, as_of: date, drawn_on: date, words: Words, part: Part = WHOLE) -> bytes:
    """One sheet: as wide as A3, as high as its milestones need, over the months they take."""
    found = tracks(project.nodes, as_of)
    rows_end = _TOP + _HEADING + max(_ROW * len(found), 160)
    height = max(rows_end + 90, _LEAST_HEIGHT)
    d = Drawing(_WIDTH, height, title=f"{project.name} {words('gantt')}", language=words.language)
    axis = _axis(project, as_of)
    step = marks.step_for(axis)
    _head(d, project, as_of, words)
    if part.pages > 1:
        _sheet(d, part, words)
    _columns(d, words)
    marks.heading(d, axis, _TOP, _HEADING, step, words, 15)
    top = _TOP + _HEADING
    for place in range(1, len(found), 2):
        d.rect(_MARGIN, top + _ROW * place, _WIDTH - 2 * _MARGIN, _ROW, fill=BAND)
    marks.grid(d, axis, top, rows_end, step)
    _links(d, axis, found, top)
    for place, track in enumerate(found):
        _row(d, axis, track, part.before + place, top + _ROW * place, words)
    if not found:
        d.text((axis.left + axis.right) / 2, top + 80, words("no_nodes"), 24, anchor="middle", fill=GREY)
    shown = marks.today(d, axis, as_of, _TOP, _HEADING, rows_end, words)
    d.rect(_MARGIN, _TOP, _WIDTH - 2 * _MARGIN, rows_end - _TOP, fill="none", stroke=INK, stroke_width=1.6)
    marks.legend(d, _MARGIN, rows_end + 30, words)
    drawn = f"{words('drawn')} {words.day(drawn_on)}"
    d.text(_WIDTH - _MARGIN, rows_end + 62, drawn, 13, anchor="end", fill=GREY)
    notes = [words("not_on_chart", day=words.day(as_of))] if not shown else []
    notes += [words("provisional")] if any(node.provisional for node in project.nodes) else []
    d.text(_MARGIN, rows_end + 62, " · ".join(notes), 13, fill=GREY)
    return d.to_bytes()


def _axis(project: Charted, as_of: date) -> Axis:
    left = _MARGIN + sum(column.width for column in _COLUMNS)
    right = _WIDTH - _MARGIN
    whole = span(project.nodes) or span((), (as_of, project.work.start, project.work.finish))
    assert whole is not None  # the day itself is one
    start, end = whole
    near = max(_NEAR, (end - start).days // 2)
    if (start - as_of).days <= near and (as_of - end).days <= near:
        around = span(project.nodes, (as_of,))
        start, end = around or whole
    # The bar of a milestone nobody said the beginning of starts before its end.
    first = min((track.plan.start for track in tracks(project.nodes, as_of) if track.plan), default=start)
    start = min(start, first.replace(day=1))
    if month_after(start, 3) > end:
        end = month_after(start, 3) - timedelta(days=1)
    return Axis(start, end, left, right)


def _head(d: Drawing, project: Charted, as_of: date, words: Words) -> None:
    title = f"{project.name} {words('gantt')}"
    size = 34.0
    while size > 18 and width(title, size) > _WIDTH - 2 * _MARGIN - 90:
        size -= 1
    d.text(_WIDTH / 2, 52, title, size, anchor="middle", room=_WIDTH - 2 * _MARGIN - 90, fill=INK, bold=True)
    marks.lamp(d.group(words(project.light or "no_light")), _WIDTH - _MARGIN - 22, 52, 18, project.light, words)
    facts = [
        (words("leader"), words.people(project.leaders)),
        (words("departments"), words.people(project.departments)),
        (words("owners"), words.people(project.owners)),
        (words("contact"), words.people(tuple(" ".join(filter(None, each)) for each in project.contacts))),
        (words("stage"), project.stage + (f" ({words('suspended')})" if project.suspended else "")),
    ]
    given = [(label, text) for label, text in facts if text]
    share = (_WIDTH - 2 * _MARGIN) / max(len(given), 1)
    for place, (label, text) in enumerate(given):
        x = _MARGIN + share * place
        d.text(x, 108, f"{label}:", 15, fill=GREY)
        start = width(f"{label}: ", 15) + 4
        d.text(x + start, 108, text, 15, room=share - start - 12, fill=INK, bold=True)
    d.text(_MARGIN, 142, f"{words('as_of')} {words.day(as_of)}", 15, fill=INK)
    if project.total_investment is not None:
        told = words("investment", amount=words.amount(project.total_investment))
        d.text(_WIDTH - _MARGIN, 142, told, 15, anchor="end", fill=INK)


def _sheet(d: Drawing, part: Part, words: Words) -> None:
    told = f"{words('nodes', count=part.total)} · {words('sheet', page=part.page, pages=part.pages)}"
    d.text(_WIDTH / 2, 142, told, 15, anchor="middle", fill=INK)


def _columns(d: Drawing, words: Words) -> None:
    x = _MARGIN
    for column in _COLUMNS:
        d.rect(x, _TOP, column.width, _HEADING, fill=HEAD, stroke=RULE, stroke_width=1)
        d.text(x + column.width / 2, _TOP + _HEADING / 2, words(column.key), 14, anchor="middle",
               room=column.width - 2, fill=INK, bold=True)  # fmt: skip
        x += column.width


def _row(d: Drawing, axis: Axis, track: Track, place: int, top: float, words: Words) -> None:
    node, middle = track.node, top + _ROW / 2
    cells = _cells(node, place, words)
    x = _MARGIN
    for column in _COLUMNS:
        text, bold = cells[column.key], column.key == "node"
        if column.key in {"node", "responsible"}:
            d.text(x + 6, middle, text, 15 if bold else 13, room=column.width - 10, fill=INK, bold=bold)
        else:
            late = column.key == "variance" and any(each.kind == "overdue" for each in track.course)
            text = text or overdue(node.overdue_days, words) if late else text
            d.text(x + column.width / 2, middle, text, 13, anchor="middle", room=column.width - 6,
                   fill=ON_BAR["overdue"] if late else INK)  # fmt: skip
        x += column.width
        d.line(x, top, x, top + _ROW, stroke=RULE, stroke_width=1)
    d.line(_MARGIN, top + _ROW, _WIDTH - _MARGIN, top + _ROW, stroke=RULE, stroke_width=1)
    _bars(d.group(tooltip(node, words)), axis, track, top, words)


def _cells(node: Node, place: int, words: Words) -> dict[str, str]:
    days = [f"{day.year}.{day.month}.{day.day}" if day else "" for day in (node.planned_start, node.planned_finish)]
    planned = f"{days[0]} – {days[1]}" if all(days) else days[1] or words("undecided")
    end = node.actual_finish if node.done else node.forecast_finish
    outcome = f"{end.year}.{end.month}.{end.day}" if end else ""
    if node.done:
        outcome = f"✓ {outcome}" if outcome else words("done_bar")
    elif end:
        outcome = words("was_expected" if node.forecast_passed else "expected", day=outcome)
    return {
        "number": str(place + 1),
        "node": node.name,
        "responsible": node.responsible or "",
        "duration": str(node.duration_days or ""),
        "planned": (planned if node.planned_finish or not node.done else "") + ("*" if node.provisional else ""),
        "outcome": outcome,
        "variance": variance(node, words),
    }


def _bars(d: Drawing, axis: Axis, track: Track, top: float, words: Words) -> None:
    late = any(each.kind == "overdue" for each in track.course)
    drawn = marks.on_axis(axis, track.plan) if track.plan else None
    if drawn:
        marks.bar(d, "late" if late else "plan", *drawn, top + 6, 16)
    for each in sorted(track.course, key=lambda each: each.kind != "overdue"):
        place = marks.on_axis(axis, each)
        if place:
            marks.bar(d, each.kind, *place, top + 26, 13)
            label = overdue(each.days, words) if each.kind == "overdue" else ""
            if label:
                on_hatching(d, label, place, top + 32.5, 11)
    first = track.node.first_finish
    if first and first != track.node.planned_finish and axis.holds(first):
        marks.first_mark(d, axis.evening(first), top + 14, 6)
    if track.undated:
        d.text(axis.left + 10, top + _ROW / 2, f"✓ {words('undated')}", 13, fill=DONE)


def _links(d: Drawing, axis: Axis, found: Sequence[Track], top: float) -> None:
    """From the planned end of a milestone to the beginning of those that wait for it."""
    places = {track.node.id: place for place, track in enumerate(found)}
    for place, track in enumerate(found):
        for predecessor in track.node.predecessors:
            before = found[places[predecessor]] if predecessor in places else None
            if before is None or before.plan is None or track.plan is None:
                continue
            ends = marks.on_axis(axis, before.plan), marks.on_axis(axis, track.plan)
            if ends[0] and ends[1]:
                _link(d, ends[0][1], top + _ROW * places[predecessor] + 14, ends[1][0], top + _ROW * place + 14)


def _link(d: Drawing, x1: float, y1: float, x2: float, y2: float) -> None:
    """Out to the right, down (or up) and in: an elbow that ends in an arrow."""
    look: dict[str, Any] = {"stroke": GREY, "stroke_width": 1.2}
    down = 1 if y2 > y1 else -1
    if x2 >= x1 - 1:
        turn = x2 + 5
        d.path([(x1, y1), (turn, y1), (turn, y2 - 9 * down)], **look)
        d.polygon([(turn, y2 - 8 * down), (turn - 3.5, y2 - 14 * down), (turn + 3.5, y2 - 14 * down)], fill=GREY)
        return
    d.path([(x1, y1), (x1 + 6, y1), (x1 + 6, y1 + 19 * down), (x2 - 8, y1 + 19 * down), (x2 - 8, y2), (x2 - 1, y2)],
           **look)  # fmt: skip
    d.polygon([(x2, y2), (x2 - 6, y2 - 3.5), (x2 - 6, y2 + 3.5)], fill=GREY)
