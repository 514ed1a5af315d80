"""A leader's card (领导项目工作卡) to print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.paper import CENTER, HEITI, SMALL, TITLE, page, paragraph
from app.documents.tables import Columns, grid, heading

PROJECTS: Columns = (
    ("项目", 36), ("阶段", 13), ("灯", 13), ("负责时段", 26), ("完成率%", 19), ("差距", 20), ("听取", 13),
    ("迟/漏", 16),
)  # fmt: skip
DEPARTMENTS: Columns = (
    ("部门", 28), ("分管时段", 26), ("项目", 12), ("完成率%", 19), ("序时%", 17), ("差距", 18), ("迟/漏", 16),
    ("情形", 20),
)  # fmt: skip


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
        heading(document, f"{number}、{name}", indent=True)
        grid(document, columns, rows)
    if card.rankings:
        heading(document, f"{'一二三'[len(present)]}、名次依据", indent=True)
        for text in card.rankings:
            paragraph(document, text, indent=True)
    paragraph(document, card.rule, size=SMALL)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
