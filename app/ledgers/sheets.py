"""Writing worksheets: text that stays text, exact numbers, one look for all ledgers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from app.ledgers.text import clean, clipped, number, plain

LOOKS_LIKE_FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What makes a spreadsheet take text for a formula, full-width twins included."""
_BAD_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_ESCAPES_IN_A_ROW = re.compile("(?<=_x[0-9A-Fa-f]{4})(?=_x[0-9A-Fa-f]{4}_)")
_BORDER = {"border": 1, "valign": "vcenter", "text_wrap": True}


class Book:
    """A workbook in memory; `close` gives its bytes, the same for the same content."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._out, {"in_memory": True, "strings_to_numbers": False})
        self._book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def sheet(self, name: str) -> Sheet:
        return Sheet(self, self._book.add_worksheet(self._free_name(name)))

    def style(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(key))
        return self._formats[key]

    def close(self) -> bytes:
        self._book.close()
        return self._out.getvalue()

    def _free_name(self, name: str) -> str:
        base = _BAD_IN_SHEET_NAME.sub("_", clean(name)).strip("'")[:28] or "Sheet"
        name, count = base, 1
        while name.lower() in self._names or name.lower() == "history":
            count += 1
            name = f"{base[:25]}({count})"
        self._names.add(name.lower())
        return name


class Sheet:
    """One worksheet, written from the top down."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book = book
        self._sheet = sheet

    def put(self, row: int, column: int, value: str | Decimal | None, **look: Any) -> None:
        """A bordered cell: text as text whatever it begins with, a number as a number if Excel can keep it exactly."""
        look = _BORDER | look
        if isinstance(value, Decimal):
            if number(float(value)) == value:
                self._sheet.write_number(row, column, float(value), self._book.style(**look))
                return
            value = plain(value)
        text = _as_text(value or "")
        if text.startswith(LOOKS_LIKE_FORMULA):
            look |= {"quote_prefix": True}
        style = self._book.style(**look)
        if text:
            self._sheet.write_string(row, column, text, style)
        else:
            self._sheet.write_blank(row, column, None, style)

    def put_error(self, row: int, column: int) -> None:
        """A cell in error, as it was: as text it would pass for one."""
        self._sheet.write_formula(row, column, "=NA()", self._book.style(**_BORDER), "#N/A")

    def band(self, row: int, width: int, text: str, **look: Any) -> None:
        """One text across the whole table."""
        text = _as_text(text)
        if text.startswith(LOOKS_LIKE_FORMULA):
            look |= {"quote_prefix": True}
        style = self._book.style(valign="vcenter", **look)
        if width > 1:
            self._sheet.merge_range(row, 0, row, width - 1, "", style)
        self._sheet.write_string(row, 0, text, style)

    def heading(self, row: int, levels: Iterable[tuple[str, ...]], depth: int) -> None:
        """Header cells of `depth` rows from (outer, …, inner) texts: equal neighbours share a merged cell."""
        columns = list(levels)
        style = self._book.style(bold=True, align="center", **_BORDER)
        column = 0
        while column < len(columns):
            texts = columns[column]
            end = column
            if len(texts) > 1:
                while end + 1 < len(columns) and len(columns[end + 1]) > 1 and columns[end + 1][0] == texts[0]:
                    end += 1
            self._merge(row, column, row if len(texts) > 1 else row + depth - 1, end, texts[0], style)
            for inner in range(column, end + 1) if len(texts) > 1 else ():
                self._merge(row + 1, inner, row + depth - 1, inner, columns[inner][1], style)
            column = end + 1

    def heading_cell(self, row: int, column: int, levels: tuple[str, ...], depth: int) -> None:
        """One heading, perhaps with its unit in the cell below, `depth` rows in all."""
        style = self._book.style(bold=True, align="center", **_BORDER)
        last = row + depth - 1
        self._merge(row, column, row if len(levels) > 1 else last, column, levels[0], style)
        if len(levels) > 1:
            self._merge(row + 1, column, last, column, levels[1], style)

    def _merge(self, top: int, left: int, bottom: int, right: int, text: str, style: Any) -> None:
        if (top, left) != (bottom, right):
            self._sheet.merge_range(top, left, bottom, right, "", style)
        self._sheet.write_string(top, left, _as_text(text), style)

    def finish(self, widths: Iterable[int], header_end: int, frozen_columns: int = 2) -> None:
        """Column widths in characters, header kept in view and on every printed page."""
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(header_end, frozen_columns)
        self._sheet.repeat_rows(0, header_end - 1)
        self._sheet.set_landscape()
        self._sheet.set_paper(8)
        self._sheet.fit_to_pages(1, 0)


def _as_text(value: str) -> str:
    """Text such that the writer changes nothing in it: it takes <r>…</r> for markup of its own and writes it raw,
    and misses the second of two _x000D_ that share an underscore. An invisible character, which our reader drops,
    keeps it from seeing either."""
    text = _ESCAPES_IN_A_ROW.sub("\u200b", clipped(clean(value)))
    return f"\u200b{text}" if text.startswith("<r>") else text
