"""A ranking as a workbook: one sheet a group, every item's points in a column."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.ledgers.sheets import Book, Sheet

Row = tuple[str | Decimal | None, ...]
Heading = tuple[str, ...]
"""From the top level down."""
Column = tuple[int, str | None]
"""Its width in characters, and how it shows numbers, if it has any."""
_WHOLE, _POINTS, _CHANGE = "0", "0.00", "+0.00;-0.00;0.00"
MOVED = '"进"0;"退"0;"持平"'
"""Ranks gained, or lost: a number that can be sorted and added, in the words of a ranking."""
_TURNOUT: tuple[Column, ...] = ((26, None), (10, "General"), (10, "#,##0"), (10, "#,##0"), (10, "#,##0"))


def write_ranking(
    title: str, about: str, item_names: Sequence[str], groups: Sequence[tuple[str, Sequence[Row]]]
) -> bytes:
    """An .xlsx. Rows: rank, name, an item's points each, score, rank before, movement, consequences."""
    headings: list[Heading] = [
        ("名次",), ("考核对象",), *(("各项得分", name) for name in item_names), ("得分",), ("上期名次",), ("进退位",),
        ("结果运用",),
    ]  # fmt: skip
    columns: list[Column] = [
        (6, _WHOLE), (26, None), *[(12, _POINTS)] * len(item_names), (10, _POINTS), (10, _WHOLE), (10, MOVED),
        (30, None),
    ]  # fmt: skip
    book = Book()
    for name, rows in groups:
        _sheet(book, name, f"{title}（{name}）", about, headings, rows, columns)
    return book.close()


def write_rating(
    title: str,
    about: str,
    parts: tuple[Sequence[str], Sequence[str]],
    groups: Sequence[tuple[str, Sequence[Row]]],
    turnout: Sequence[Row],
    notes: Sequence[str],
) -> bytes:
    """An .xlsx. Rows: rank, name, score, rank and score before, movement, change, named as, consequences, then the
    score of each electorate and of each indicator (`parts`). Last a sheet of who took part. `notes` stand below the
    departments: what a dash means, and corrections since publication."""
    headings: list[Heading] = [
        ("名次",), ("部门",), ("得分",), ("上年名次",), ("上年得分",), ("进退位",), ("得分增减",), ("评定",),
        ("结果运用",),
        *(("各评议方评分", name) for name in parts[0]), *(("各项指标得分", name) for name in parts[1]),
    ]  # fmt: skip
    columns: list[Column] = [
        (6, _WHOLE), (30, None), (9, _POINTS), (9, _WHOLE), (9, _POINTS), (9, MOVED), (10, _CHANGE), (8, None),
        (30, None), *[(12, _POINTS)] * (len(parts[0]) + len(parts[1])),
    ]  # fmt: skip
    book = Book()
    for name, rows in groups:
        _sheet(book, name, f"{title}（{name}）", about, headings, rows, columns, notes)
    people: list[Heading] = [("评议方",), ("权重(%)",), ("应评人数",), ("领票数",), ("投票数",)]
    _sheet(book, "参评情况", f"{title}（参评情况）", about, people, turnout, _TURNOUT)
    return book.close()


def _sheet(
    book: Book, name: str, title: str, about: str, headings: Sequence[Heading], rows: Sequence[Row],
    columns: Sequence[Column], notes: Sequence[str] = (),
) -> None:  # fmt: skip
    sheet = book.sheet(name)
    sheet.band(0, len(headings), title, bold=True, align="center", font_size=16)
    sheet.band(1, len(headings), about)
    sheet.heading(2, list(headings), 2)
    for n, row in enumerate(rows, 4):
        for column, value in enumerate(row):
            _put(sheet, n, column, value, columns[column][1])
    for n, note in enumerate(notes, 5 + len(rows)):
        sheet.band(n, len(headings), note)
    sheet.finish([width for width, _ in columns], 4)


def _put(sheet: Sheet, row: int, column: int, value: str | Decimal | None, shown: str | None) -> None:
    """A number as its column shows numbers; a dash in its place stands where numbers do."""
    if shown is None:
        sheet.put(row, column, value)
    elif isinstance(value, Decimal):
        sheet.put(row, column, value, num_format=shown)
    else:
        sheet.put(row, column, value, align="right")
