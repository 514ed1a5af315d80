"""The rows that could not be taken in, handed back as a ledger with the reasons: mend it and send it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.funding import STEPS
from app.ledgers.columns import PROJECTS, Words
from app.ledgers.export import filler
from app.ledgers.headers import field_of
from app.ledgers.model import Column, LedgerSheet
from app.ledgers.nodes import GROUP, PREFIX
from app.ledgers.rows import AMOUNT_FIELDS
from app.ledgers.sheets import Book
from app.ledgers.text import number, plain
from app.ledgers.vocabulary import CATEGORY_LABELS, SECTOR_LABELS, STAGE_LABELS

REASON = "退回原因"
_NUMERIC = {*AMOUNT_FIELDS, *STEPS, "seq", "completion_rate", "period", "start", "completion", "enrolled_on"}
_UNUSABLE = {"formula_error", "formula_not_calculated"}
_FROM_CONTEXT = {
    "sector": ("所属行业", SECTOR_LABELS),
    "category": ("建设性质", CATEGORY_LABELS),
    "stage": ("阶段", STAGE_LABELS),
}
"""What a row may have from its section or sheet; outside of them it needs a column."""


def write_rejected(
    sheets: Sequence[LedgerSheet],
    rows: Sequence[Any],
    *,
    year: int | None,
    as_of: date | None,
    words: Words = PROJECTS,
) -> bytes:
    """An .xlsx with, for each sheet that has such rows, their cells as they were and a reason column, which the
    reader passes over. `rows` are those to hand back, with whatever errors they have by now."""
    book = Book()
    for sheet in sheets:
        own = [row for row in rows if row.sheet == sheet.name]
        if own:
            _write_sheet(book, sheet, own, filler(year, as_of, sheet.unit), words)
    if not rows:
        book.sheet("Sheet")
    return book.close()


def _write_sheet(book: Book, sheet: LedgerSheet, rows: Sequence[Any], line: str, words: Words) -> None:
    known = {column.field for column in sheet.columns}
    added = [
        (field, heading, labels)
        for field, (heading, labels) in _FROM_CONTEXT.items()
        if field not in known and any(getattr(row.values, field, None) for row in rows)
    ]
    headings = [heading_of(column, words) for column in sheet.columns] + [heading for _, heading, _ in added] + [REASON]
    out = book.sheet(sheet.name)
    out.band(0, len(headings), sheet.title or sheet.name, bold=True, align="center", font_size=16)
    out.band(1, len(headings), line)
    out.heading(2, [(heading,) for heading in headings], 1)
    for at, row in enumerate(rows, 3):
        for place, (column, text) in enumerate(zip(sheet.columns, row.raw, strict=True)):
            if any(error.code in _UNUSABLE and error.field == column.field for error in row.errors):
                out.put_error(at, place)
            else:
                out.put(at, place, _as_it_was(text) if _may_be_numeric(column) else text)
        for place, (field, _, labels) in enumerate(added, len(sheet.columns)):
            code = getattr(row.values, field, None)
            out.put(at, place, labels.get(code, code) if code else "")
        reasons = [f"{error.cell} {error.message_zh}" for error in row.errors]
        out.put(at, len(headings) - 1, "；".join(reasons), font_color="red")
    out.finish([14] * (len(headings) - 1) + [40], 3)


def heading_of(column: Column, words: Words = PROJECTS) -> str:
    """One heading for a column of perhaps several levels that means the same to the reader."""
    inner = column.header.rpartition("/")[2]
    tried = (inner, column.header) if column.field else (column.header, inner)
    if column.field and column.field.startswith(PREFIX):
        # What stands over a milestone says that it is one.
        tried = (column.header, f"{GROUP}/{column.field.removeprefix(PREFIX)}")
    for heading in tried:
        found = field_of((heading,), words)
        if (found[0] if found else None) == column.field:
            return heading if column.unit is None or column.unit in heading else f"{heading}({column.unit})"
    return column.header


def _may_be_numeric(column: Column) -> bool:
    return column.field is not None and (column.field in _NUMERIC or column.field.startswith(PREFIX))


def _as_it_was(text: str) -> str | Decimal:
    """A number cell as a number again, unless that would change how it reads: the text 2016.10 is October."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    same = value.is_finite() and plain(value) == text and number(float(value)) == value
    return value if same else text
