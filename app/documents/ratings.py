"""The result of a rating (评优选差) to print: best and worst, the ranking, then the parts of the scores."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from docx.document import Document as DocumentObject
from docx.shared import Mm

from app.documents.paper import CENTER, HEITI, LEFT, SMALL, TITLE, fill, page, paragraph, repeat_header

_RANKING = (("名次", 14), ("部门", 50), ("得分", 20), ("上年名次", 20), ("进退位", 18), ("结果运用", 34))
_TURNOUT = (("评议方", 56), ("权重", 25), ("应评人数", 25), ("领票数", 25), ("投票数", 25))
"""Headings and widths in millimetres."""
_BESIDE = 5
"""Columns of parts in one table; more stand in a further one."""
NONE = "—"


@dataclass(frozen=True, slots=True)
class Rated:
    """Everything in words; `parts`: electorates, then indicators."""

    rank: str
    name: str
    score: str
    previous_rank: str
    moved: str
    consequences: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RatedSection:
    name: str
    best: Sequence[str]
    worst: Sequence[str]
    departments: Sequence[Rated]


@dataclass(frozen=True, slots=True)
class RatingPage:
    """`parts` names the columns: of electorates, of indicators. `notes`: rules, and corrections since publication."""

    title: str
    about: str
    turnout: Sequence[tuple[str, ...]]
    parts: tuple[Sequence[str], Sequence[str]]
    groups: Sequence[RatedSection]
    notes: Sequence[str]


def word_document(rating: RatingPage) -> bytes:
    document = page(rating.title)
    paragraph(document, rating.title, font=HEITI, size=TITLE, align=CENTER)
    paragraph(document, rating.about, size=SMALL)
    for group in rating.groups:
        _heading(document, group.name)
        paragraph(document, f"评优：{'、'.join(group.best) or '无'}", indent=True)
        paragraph(document, f"评差：{'、'.join(group.worst) or '无'}", indent=True)
        rows = [(o.rank, o.name, o.score, o.previous_rank, o.moved, o.consequences) for o in group.departments]
        _table(document, _RANKING, rows, {1, 5})
    _parts(document, rating)
    _heading(document, "参评情况")
    _table(document, _TURNOUT, rating.turnout, {0})
    for note in rating.notes:
        paragraph(document, note, size=SMALL, indent=True)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _heading(document: DocumentObject, text: str) -> None:
    paragraph(document, text, font=HEITI).paragraph_format.keep_with_next = True


def _parts(document: DocumentObject, rating: RatingPage) -> None:
    first = 0
    for title, names in zip(("各评议方评分", "各项指标得分"), rating.parts, strict=True):
        for start in range(0, len(names), _BESIDE):
            shown = names[start : start + _BESIDE]
            columns = [("名次", 14), ("部门", 42), *[(name, 20) for name in shown]]
            for group in rating.groups:
                _heading(document, f"{title}（{group.name}）")
                at = first + start
                rows = [(o.rank, o.name, *o.parts[at : at + len(shown)]) for o in group.departments]
                _table(document, columns, rows, {1})
        first += len(names)


def _table(
    document: DocumentObject, columns: Sequence[tuple[str, int]], rows: Sequence[tuple[str, ...]], left: set[int]
) -> None:
    table = document.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
    table.autofit = False
    # Asked for once: each look at a row's cells walks through the table.
    cells = table._cells  # noqa: SLF001  # python-docx offers no other way
    width = len(columns)
    for n, (heading, _) in enumerate(columns):
        fill(cells[n], heading, HEITI, CENTER)
    repeat_header(table.rows[0]._tr)  # noqa: SLF001  # python-docx offers no other way
    for number, row in enumerate(rows, 1):
        for n, text in enumerate(row):
            fill(cells[number * width + n], text, align=LEFT if n in left else CENTER)
    for n, cell in enumerate(cells):
        cell.width = Mm(columns[n % width][1])
    for column, (_, millimetres) in zip(table.columns, columns, strict=True):
        column.width = Mm(millimetres)
