"""Text as it stands in cells: cleaned, folded, shown."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, ErrorText, NotCalculated

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, lone surrogates, non-characters, and what is invisible and only keeps equal names apart.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SPACE_IN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff\uff00-\uff65])\s+(?=[\u3400-\u9fff\uff00-\uff65])")

NOTHING = frozenset({"", "-", "--", "—", "——", "–", "/", "//", "\\", "无", "暂无"})
"""What stands in a cell that says there is nothing."""

UNDECIDED = NOTHING | {"待定", "未定", "暂定", "待明确", "待确定", "未明确", "未确定", "不详", "待落实"}
"""What stands where an amount, a date, a person or a department is not known yet."""


def clean(value: str) -> str:
    """NFC, trimmed, line breaks as \\n (Word's \\x0b too), without controls and invisible characters."""
    if value.isascii() and value.isprintable():
        return value.strip()
    value = _UNWANTED.sub("", _BREAKS.sub("\n", value))
    return unicodedata.normalize("NFC", value).strip()


def fold(value: str) -> str:
    """For codes, numbers and comparison: NFKC (full-width digits and punctuation become plain), no blanks at all.

    Only the first 10 000 characters count: NFKC can make eighteen of one, and nothing that is folded is that long.
    """
    folded = "".join(unicodedata.normalize("NFKC", clean(value[:10_000])).split())
    # A blank that went may have kept a letter and its accent apart.
    return unicodedata.normalize("NFC", folded)


def clipped(text: str) -> str:
    """As much as Excel can hold in one cell: 32 767 UTF-16 units."""
    if len(text) <= 16_383:
        return text
    return text.encode("utf-16-le")[: 2 * 32_767].decode("utf-16-le", "ignore")


def match_key(name: str) -> str:
    """What two spellings of one name have in common: width, case and blanks aside."""
    return fold(name).casefold()


def one_line(value: str) -> str:
    """A name: blanks between Chinese characters go, other runs of blanks become one space."""
    return " ".join(_SPACE_IN_CHINESE.sub("", value).split())


def show(cell: CellValue) -> str:
    """What the cell shows, as one text; numbers plain with at most 15 digits, dates as 2016-03-01."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return plain(number(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def number(value: float) -> Decimal:
    """Excel keeps 15 digits; what a float shows beyond them is noise of binary arithmetic."""
    return Decimal(f"{value:.15g}")


def plain(value: Decimal) -> str:
    """Digits without exponent and without trailing zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def text_cell(cell: CellValue, limit: int = 10_000, nothing: frozenset[str] = NOTHING) -> str | None:
    """Free text of a cell or None; CellProblem when it is a formula in error or without result, or too long."""
    if isinstance(cell, NotCalculated):
        raise CellProblem("formula_not_calculated")
    if isinstance(cell, ErrorText):
        raise CellProblem("formula_error")
    text = show(cell)
    if text in nothing:
        return None
    if len(text) > limit:
        raise CellProblem("too_long", limit=limit)
    return text
