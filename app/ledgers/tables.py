"""Plain tables as CSV and as workbooks: numbers as numbers, and text that stays text whatever it begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.headings import Heading, heading
from app.ledgers.sheets import LOOKS_LIKE_FORMULA, Book
from app.ledgers.text import clean, plain

_WIDEST = 40
_TWO_DECIMALS = {"%", "百分点"}
"""Units of what is told with two decimals, to be shown with both: 25 is 25.00."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name; `headings` replace the common ones; `totals` rows stand last."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    headings: Mapping[str, Heading] = field(default_factory=dict)
    totals: int = 0

    def heading(self, column: str) -> Heading:
        return self.headings.get(column) or heading(column)


@dataclass(frozen=True, slots=True)
class Report:
    """Some tables under one title; `note` says of which year and day they are."""

    title: str
    note: str
    tables: tuple[Table, ...]
    english: bool = False


def write_csv(report: Report) -> bytes:
    """UTF-8 with BOM, so that Excel takes Chinese for what it is; one table, with units in its headings.

    Several tables stand in one, the first column telling them apart and each column once.
    """
    tables = report.tables
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    headings = {column: table.heading(column) for table in reversed(tables) for column in table.columns}
    several = len(tables) > 1
    names = (["section"] if several else []) + columns
    writer.writerow(
        _csv_text((headings.get(name) or heading(name)).with_unit(english=report.english)) for name in names
    )
    for table in tables:
        for row in table.rows:
            cells = {**row, "section": table.name} if several else row
            writer.writerow(_csv_cell(cells.get(name)) for name in names)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _csv_cell(value: Any) -> str:
    value = as_cell(value)
    return plain(value) if isinstance(value, Decimal) else _csv_text(value)


def _csv_text(text: str) -> str:
    """A spreadsheet would run what begins like a formula; an apostrophe keeps it text."""
    text = clean(text)
    return f"'{text}" if text.startswith(LOOKS_LIKE_FORMULA) else text


def as_cell(value: Any) -> str | Decimal:
    """Exact numbers; everything else as text; nothing as nothing."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return Decimal(str(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def write_xlsx(report: Report) -> bytes:
    """A sheet for each table: title, note, headings over their units, rows, totals in bold."""
    book = Book()
    for table in report.tables:
        _write_sheet(book, report, table)
    return book.close()


def _write_sheet(book: Book, report: Report, table: Table) -> None:
    english = report.english
    sheet = book.sheet(table.name)
    width = len(table.columns)
    several = len(report.tables) > 1
    sheet.band(0, width, f"{report.title} · {table.name}" if several else report.title, bold=True, font_size=16)
    sheet.band(1, width, report.note)
    headings = [table.heading(column) for column in table.columns]
    texts = [
        (h.text(english=english), u) if (u := h.unit(english=english)) else (h.text(english=english),) for h in headings
    ]
    # The unit below its heading, each in a cell of its own: equal neighbours stay apart.
    for column, levels in enumerate(texts):
        sheet.heading_cell(2, column, levels, 2)
    formats = [{"num_format": "0.00"} if h.unit(english=False) in _TWO_DECIMALS else {} for h in headings]
    first = 4
    total_from = len(table.rows) - table.totals
    for number, row in enumerate(table.rows):
        look = {"bold": True} if number >= total_from else {}
        for column, name in enumerate(table.columns):
            sheet.put(first + number, column, as_cell(row.get(name)), **look, **formats[column])
    widths = [_width(table, column, levels) for column, levels in zip(table.columns, texts, strict=True)]
    sheet.finish(widths, first, frozen_columns=1)


def _width(table: Table, column: str, levels: tuple[str, ...]) -> int:
    shown = [*levels, *[str(as_cell(row.get(column))) for row in table.rows[:200]]]
    return min(max(sum(2 if ord(c) > 0x2E7F else 1 for c in clean(text)) for text in shown) + 3, _WIDEST)
