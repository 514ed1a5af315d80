"""A ranking as a workbook: one sheet a group, every item's points in a column."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.ledgers.sheets import Book

Row = tuple[str | Decimal | None, ...]


def write_ranking(
    title: str, about: str, item_names: Sequence[str], groups: Sequence[tuple[str, Sequence[Row]]]
) -> bytes:
    """An .xlsx. Rows: rank, name, an item's points each, score, rank before, movement, consequences."""
    book = Book()
    headings = [
        ("名次",), ("考核对象",), *(("各项得分", name) for name in item_names), ("得分",), ("上期名次",), ("进退位",),
        ("结果运用",),
    ]  # fmt: skip
    for name, rows in groups:
        sheet = book.sheet(name)
        sheet.band(0, len(headings), f"{title}（{name}）", bold=True, align="center", font_size=16)
        sheet.band(1, len(headings), about)
        sheet.heading(2, headings, 2)
        for n, row in enumerate(rows, 4):
            for column, value in enumerate(row):
                sheet.put(n, column, value)
        sheet.finish([6, 26, *[12] * len(item_names), 10, 10, 10, 24], 4)
    return book.close()
