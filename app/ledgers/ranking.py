"""A ranking as a workbook: one sheet a group, every item's points in a column."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.ledgers.sheets import Book

Row = tuple[str | Decimal | None, ...]
Heading = tuple[str, ...]
"""From the top level down."""


def write_ranking(
    title: str, about: str, item_names: Sequence[str], groups: Sequence[tuple[str, Sequence[Row]]]
) -> bytes:
    """An .xlsx. Rows: rank, name, an item's points each, score, rank before, movement, consequences."""
    headings: list[Heading] = [
        ("名次",), ("考核对象",), *(("各项得分", name) for name in item_names), ("得分",), ("上期名次",), ("进退位",),
        ("结果运用",),
    ]  # fmt: skip
    book = Book()
    for name, rows in groups:
        _sheet(
            book, name, f"{title}（{name}）", about, headings, rows, [6, 26, *[12] * len(item_names), 10, 10, 10, 24]
        )
    return book.close()


def write_rating(
    title: str,
    about: str,
    parts: tuple[Sequence[str], Sequence[str]],
    groups: Sequence[tuple[str, Sequence[Row]]],
    turnout: Sequence[Row],
    note: str,
) -> bytes:
    """An .xlsx. Rows: rank, name, score, rank and score before, movement, change, named as, consequences, then the
    score of each electorate and of each indicator (`parts`). Last a sheet of who took part."""
    headings: list[Heading] = [
        ("名次",), ("部门",), ("得分",), ("上年名次",), ("上年得分",), ("进退位",), ("得分增减",), ("评定",),
        ("结果运用",),
        *(("各评议方评分", name) for name in parts[0]), *(("各项指标得分", name) for name in parts[1]),
    ]  # fmt: skip
    widths = [6, 30, 9, 9, 9, 9, 9, 8, 30, *[12] * (len(parts[0]) + len(parts[1]))]
    book = Book()
    for name, rows in groups:
        _sheet(book, name, f"{title}（{name}）", f"{about}    {note}", headings, rows, widths)
    people: list[Heading] = [("评议方",), ("权重(%)",), ("应评人数",), ("领票数",), ("投票数",)]
    _sheet(book, "参评情况", f"{title}（参评情况）", about, people, turnout, [26, 10, 10, 10, 10])
    return book.close()


def _sheet(
    book: Book, name: str, title: str, about: str, headings: Sequence[Heading], rows: Sequence[Row], widths: list[int]
) -> None:
    sheet = book.sheet(name)
    sheet.band(0, len(headings), title, bold=True, align="center", font_size=16)
    sheet.band(1, len(headings), about)
    sheet.heading(2, list(headings), 2)
    for n, row in enumerate(rows, 4):
        for column, value in enumerate(row):
            sheet.put(n, column, value)
    sheet.finish(widths, 4)
