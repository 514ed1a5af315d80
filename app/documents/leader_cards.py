"""A leader's card (领导项目工作卡) to print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from docx.document import Document as DocumentObject

from app.documents.paper import (
    CENTER,
    HEITI,
    LEFT,
    SMALL,
    TITLE,
    fill,
    keep_rows_whole,
    page,
    paragraph,
    repeat_header,
    set_widths,
)

Columns = tuple[tuple[str, int], ...]
PROJECTS: Columns = (
    ("项目", 36), ("阶段", 14), ("灯", 10), ("负责时段", 26), ("完成率%", 20), ("差距", 20), ("听取", 14),
    ("迟/漏报", 16),
)  # fmt: skip
DEPARTMENTS: Columns = (
    ("部门", 26), ("分管时段", 26), ("项目", 12), ("完成率%", 20), ("序时%", 18), ("差距", 20), ("迟/漏报", 16),
    ("情形", 18),
)  # fmt: skip
"""Headings and widths in millimetres."""
_LEFT_ALIGNED = {0}


@dataclass(frozen=True, slots=True)
class CardPage:
    """What is printed, in words already. `rankings`: a line for each fact a mark stands on."""

    title: str
    about: str
    summary: Sequence[str]
    projects: Sequence[tuple[str, ...]]
    departments: Sequence[tuple[str, ...]]
    rankings: Sequence[str]
    rule: str


def word_document(card: CardPage) -> bytes:
    document = page(card.title)
    paragraph(document, card.title, font=HEITI, size=TITLE, align=CENTER)
    paragraph(document, card.about, size=SMALL, align=CENTER)
    for text in card.summary:
        paragraph(document, text, indent=True)
    sections = (("包扶项目", PROJECTS, card.projects), ("分管部门", DEPARTMENTS, card.departments))
    present = [section for section in sections if section[2]]
    for number, (name, columns, rows) in zip("一二", present, strict=False):
        paragraph(document, f"{number}、{name}", font=HEITI, indent=True)
        _table(document, columns, rows)
    if card.rankings:
        paragraph(document, f"{'一二三'[len(present)]}、名次依据", font=HEITI, indent=True)
        for text in card.rankings:
            paragraph(document, text, indent=True)
    paragraph(document, card.rule, size=SMALL)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _table(document: DocumentObject, columns: Columns, rows: Sequence[tuple[str, ...]]) -> None:
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, (heading, _) in zip(table.rows[0].cells, columns, strict=True):
        fill(cell, heading, HEITI, CENTER)
    repeat_header(table.rows[0]._tr)  # noqa: SLF001  # python-docx offers no other way
    for texts in rows:
        for n, (cell, text) in enumerate(zip(table.add_row().cells, texts, strict=True)):
            fill(cell, text, align=LEFT if n in _LEFT_ALIGNED else CENTER)
    set_widths(table, [width for _, width in columns])
    keep_rows_whole(table)
