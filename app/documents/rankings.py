"""The ranking of an assessment (考核排名) to print: one table a group, then what the scores are made of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.documents.paper import CENTER, HEITI, RIGHT, SMALL, TITLE, day_in_words, page, paragraph
from app.documents.tables import grid, heading, parts

COLUMNS = (("名次", 14), ("考核对象", 52), ("得分", 20), ("上期名次", 20), ("进退位", 18), ("结果运用", 32))
"""Headings and widths in millimetres."""


@dataclass(frozen=True, slots=True)
class Ranked:
    rank: int
    name: str
    score: str
    previous_rank: int | None
    movement: int | None
    consequences: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def moved(self) -> str:
        """进 or 退 so many places; a dash where there is nothing to compare with."""
        if self.movement is None:
            return "—"
        return "持平" if self.movement == 0 else f"{'进' if self.movement > 0 else '退'}{abs(self.movement)}"


@dataclass(frozen=True, slots=True)
class RankedGroup:
    name: str
    subjects: Sequence[Ranked]


@dataclass(frozen=True, slots=True)
class RankingPage:
    """`published_on` is None for a draft, which says so."""

    title: str
    scheme: str
    starts_on: date
    ends_on: date
    published_on: date | None
    item_names: tuple[str, ...]
    groups: Sequence[RankedGroup]


def about(ranking: RankingPage) -> str:
    state = f"{day_in_words(ranking.published_on)}公布" if ranking.published_on else "草稿，未公布"
    span = f"{day_in_words(ranking.starts_on)}至{day_in_words(ranking.ends_on)}"
    return f"考核期：{span}    考核办法：{ranking.scheme}    {state}"


def word_document(ranking: RankingPage) -> bytes:
    document = page(ranking.title)
    paragraph(document, ranking.title, font=HEITI, size=TITLE, align=CENTER)
    paragraph(document, about(ranking), size=SMALL)
    for group in ranking.groups:
        heading(document, group.name)
        grid(document, COLUMNS, [_row(one) for one in group.subjects], {1, 5})
    items = [(g.name, [(str(o.rank), o.name, o.items) for o in g.subjects]) for g in ranking.groups]
    parts(document, "各项得分", ranking.item_names, items, "考核对象")
    if ranking.published_on:
        paragraph(document, "", size=SMALL)
        paragraph(document, day_in_words(ranking.published_on), align=RIGHT)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _row(one: Ranked) -> tuple[str, ...]:
    before = "—" if one.previous_rank is None else str(one.previous_rank)
    return (str(one.rank), one.name, one.score, before, one.moved, "、".join(one.consequences))
