"""A letter of responsibility (责任状) to print and sign."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from docx.document import Document as DocumentObject

from app.documents.paper import (
    CENTER,
    HEITI,
    LEFT,
    SMALL,
    TITLE,
    day_in_words,
    fill,
    give_room,
    keep_rows_whole,
    keep_together,
    page,
    paragraph,
    repeat_header,
    set_widths,
)

TEMPLATE = 4
"""Grows with every change of the layout: kept documents are asked for again."""


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    value: Decimal | None
    unit: str | None
    due_on: date
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Supplement:
    number: int
    signed_on: date
    reason: str
    added: tuple[str, ...]
    changed: tuple[tuple[Item, Item], ...]
    """Before and after."""
    ended: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    year: int
    superior: str
    leader: str | None
    department: str
    signatory: str | None
    preamble: str | None
    weight_total: Decimal
    signed_on: date | None
    items: Sequence[Item]
    supplements: Sequence[Supplement]


COLUMNS = (("序号", 13), ("目标任务", 51), ("目标值", 32), ("完成时限", 45), ("权重", 15))
"""Headings and widths in millimetres."""


def word_document(letter: Letter) -> bytes:
    document = page(letter.title)
    paragraph(document, letter.title, font=HEITI, size=TITLE, align=CENTER)
    paragraph(document, "", size=SMALL)
    for text in (letter.preamble or _preamble(letter)).split("\n"):
        paragraph(document, text, indent=True)
    paragraph(document, f"一、{letter.year}年目标任务", font=HEITI, indent=True)
    _table(document, letter)
    if letter.supplements:
        heading = paragraph(document, "二、补充协议", font=HEITI, indent=True)
        heading.paragraph_format.space_before = SMALL
        for supplement in letter.supplements:
            paragraph(document, _supplement(supplement), indent=True)
    _signatures(document, letter)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _preamble(letter: Letter) -> str:
    return (
        f"为确保{letter.year}年各项目标任务全面完成，{letter.superior}（甲方）与{letter.department}（乙方）签订本责任状。"
        "乙方对所列目标任务负总责，甲方按权重对完成情况进行考核。"
    )


def plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _wanted(item: Item) -> str:
    return "按要求完成" if item.value is None else f"{plain(item.value)}{item.unit or ''}"


def _table(document: DocumentObject, letter: Letter) -> None:
    table = document.add_table(rows=1, cols=len(COLUMNS), style="Table Grid")
    rows = [
        (str(n), item.name, _wanted(item), day_in_words(item.due_on), plain(item.weight))
        for n, item in enumerate(letter.items, 1)
    ]
    rows.append(("合计", "", "", "", plain(sum((item.weight for item in letter.items), Decimal(0)))))
    for cell, (heading, _) in zip(table.rows[0].cells, COLUMNS, strict=True):
        fill(cell, heading, HEITI, CENTER)
    repeat_header(table.rows[0]._tr)  # noqa: SLF001  # python-docx offers no other way
    for texts in rows:
        for n, (cell, text) in enumerate(zip(table.add_row().cells, texts, strict=True)):
            fill(cell, text, align=LEFT if n == 1 else CENTER)
    set_widths(table, [width for _, width in COLUMNS])
    give_room(table, 12)
    keep_rows_whole(table)


def _supplement(supplement: Supplement) -> str:
    head = f"补充协议第{supplement.number}号（{day_in_words(supplement.signed_on)}）"
    parts = [f"{head}：{supplement.reason.rstrip('。')}。"]
    parts += [f"新增：{'、'.join(supplement.added)}。"] if supplement.added else []
    parts += [f"变更：{'；'.join(_change(*pair) for pair in supplement.changed)}。"] if supplement.changed else []
    parts += [f"终止：{'、'.join(supplement.ended)}。"] if supplement.ended else []
    return "".join(parts)


def _change(before: Item, after: Item) -> str:
    told = (
        ("名称", before.name, after.name),
        ("目标值", _wanted(before), _wanted(after)),
        ("完成时限", day_in_words(before.due_on), day_in_words(after.due_on)),
        ("权重", plain(before.weight), plain(after.weight)),
    )
    changes = [f"{what}由{old}调整为{new}" for what, old, new in told if old != new]
    return f"“{before.name}”{'，'.join(changes) or '维持不变'}"


_LINE = "＿" * 6


def _signatures(document: DocumentObject, letter: Letter) -> None:
    """Both sides next to each other, without a border; a line where nobody is named yet."""
    paragraph(document, "", size=SMALL)
    day = day_in_words(letter.signed_on) if letter.signed_on else "　　年　　月　　日"
    sides = (
        (f"甲方（盖章）：{letter.superior}", f"责任领导（签字）：{letter.leader or _LINE}", day),
        (f"乙方（盖章）：{letter.department}", f"责任人（签字）：{letter.signatory or _LINE}", day),
    )
    table = document.add_table(rows=3, cols=2)
    for n, texts in enumerate(sides):
        for row, text in zip(table.rows, texts, strict=True):
            fill(row.cells[n], text, size=SMALL)
    # Room for a hand, and never a signature on a page by itself.
    give_room(table, 13)
    keep_rows_whole(table)
    keep_together(table)
