"""How much of an uploaded workbook is looked at. Beyond a limit the file is refused, never cut."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.ledgers.errors import too_large
from app.ledgers.model import column_letter

MAX_SHEETS = 50
MAX_ROWS = 50_000
MAX_COLUMNS = 256
MAX_CELLS = 2_000_000
"""Area of all sheets together, from A1 to the last used cell of each."""

MAX_TEXT = 32 * 1024 * 1024
"""Characters of all cells together: one long string may be shared by a million cells."""

MAX_UNZIPPED = 128 * 1024 * 1024
MAX_PARTS = 5_000
MAX_ELEMENTS = 8_000_000
MAX_MERGES = 20_000


@dataclass(slots=True)
class Extent:
    """What a pre-scan learns of one sheet. `shown` are cells whose text must replace what the reader gives:
    formula errors, formulas without result, and dates shown without their day."""

    rows: int = 0
    columns: int = 0
    text: int = 0
    shown: dict[tuple[int, int], str] = field(default_factory=dict)

    def grow(self, row: int, column: int, text: int = 0) -> None:
        """Take in a used cell (zero-based) with so many characters; LedgerError once a limit is passed."""
        self.text += text
        if row >= self.rows or column >= self.columns:
            self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
            self._check_area(row, column)
        if self.text > MAX_TEXT:
            raise too_large("characters", self.text, MAX_TEXT)

    def _check_area(self, row: int, column: int) -> None:
        if self.rows > MAX_ROWS or self.columns > MAX_COLUMNS:
            raise too_large("cell", f"{column_letter(column)}{row + 1}", f"{column_letter(MAX_COLUMNS - 1)}{MAX_ROWS}")
        if self.rows * self.columns > MAX_CELLS:
            raise too_large("cells", self.rows * self.columns, MAX_CELLS)


_MONTH_FORMATS = {17, 27, 36, 50, 52, 57}
"""Built-in formats of a Chinese Excel that show year and month only, e.g. yyyy"年"m"月"."""

_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')


def date_detail(number: int, code: str | None) -> str | None:
    """ "month" or "year" when a date format shows no day (then the day was never meant), else None."""
    if code is None:
        return "month" if number in _MONTH_FORMATS else None
    tokens = _LITERAL.sub("", code.split(";")[0]).lower()
    if "yy" not in tokens or any(token in tokens for token in "dhs0#"):
        return None
    return "month" if "m" in tokens else "year"


def shown_date(serial: float, detail: str, *, mac_dates: bool) -> str | None:
    """2016年3月 or 2016年 for an Excel day number; None when it is no plausible date."""
    if not 1 <= serial < 100_000:
        return None
    day = date(1904, 1, 1) + timedelta(days=int(serial)) if mac_dates else date(1899, 12, 30) + timedelta(int(serial))
    return f"{day.year}年{day.month}月" if detail == "month" else f"{day.year}年"
