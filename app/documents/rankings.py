"""The ranking of an assessment (考核排名) to print: one table a group."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from docx.document import Document as DocumentObject

from app.documents.paper import (
    CENTER,
    HEITI,
    LEFT,
    RIGHT,
    SMALL,
    TITLE,
    day_in_words,
    fill,
    page,
    paragraph,
    repeat_header,
    set_widths,
)

COLUMNS = (("名次", 16), ("考核对象", 56), ("得分", 24), ("上期名次", 22), ("进退位", 18), ("结果运用", 20))
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
        paragraph(document, group.name, font=HEITI)
        _table(document, group)
    if ranking.published_on:
        paragraph(document, "", size=SMALL)
        paragraph(document, day_in_words(ranking.published_on), align=RIGHT)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _table(document: DocumentObject, group: RankedGroup) -> None:
    table = document.add_table(rows=1, cols=len(COLUMNS), style="Table Grid")
    for cell, (heading, _) in zip(table.rows[0].cells, COLUMNS, strict=True):
        fill(cell, heading, HEITI, CENTER)
    repeat_header(table.rows[0]._tr)  # noqa: SLF001  # python-docx offers no other way
    for one in group.subjects:
        before = "—" if one.previous_rank is None else str(one.previous_rank)
        texts = (str(one.rank), one.name, one.score, before, one.moved, "、".join(one.consequences))
        for n, (cell, text) in enumerate(zip(table.add_row().cells, texts, strict=True)):
            fill(cell, text, align=LEFT if n in {1, 5} else CENTER)
    set_widths(table, [width for _, width in COLUMNS])
