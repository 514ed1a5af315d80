"""The result of a rating (评优选差) to print: best and worst, the ranking, then the parts of the scores."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.paper import CENTER, HEITI, SMALL, TITLE, page, paragraph
from app.documents.tables import grid, heading, parts

_RANKING = (("名次", 14), ("部门", 50), ("得分", 20), ("上年名次", 20), ("进退位", 18), ("结果运用", 34))
_TURNOUT = (("评议方", 56), ("权重", 25), ("应评人数", 25), ("领票数", 25), ("投票数", 25))
"""Headings and widths in millimetres."""
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
        heading(document, group.name)
        paragraph(document, f"评优：{'、'.join(group.best) or '无'}", indent=True)
        paragraph(document, f"评差：{'、'.join(group.worst) or '无'}", indent=True)
        rows = [(o.rank, o.name, o.score, o.previous_rank, o.moved, o.consequences) for o in group.departments]
        grid(document, _RANKING, rows, {1, 5})
    first = 0
    for title, names in zip(("各评议方评分", "各项指标得分"), rating.parts, strict=True):
        last = first + len(names)
        groups = [(g.name, [(o.rank, o.name, o.parts[first:last]) for o in g.departments]) for g in rating.groups]
        parts(document, title, names, groups, "部门")
        first = last
    heading(document, "参评情况")
    grid(document, _TURNOUT, rating.turnout)
    for note in rating.notes:
        paragraph(document, note, size=SMALL, indent=True)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
