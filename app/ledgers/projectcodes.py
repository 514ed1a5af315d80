"""Project codes: the national one of 24 characters, and the office's own."""

from __future__ import annotations

import re

from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue
from app.ledgers.text import UNDECIDED, fold, text_cell

_NATIONAL = re.compile(r"([0-9]{4})-?([0-9]{6})-?([0-9]{2})-?([0-9]{2})-?([0-9]{6})")
_OWN = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def parse_national_code(cell: CellValue) -> str | None:
    """2016-522701-48-03-000123 (24 characters), or else 24 digits without dashes; None for a blank cell.

    CellProblem `invalid_code`.

    A number is refused: Excel keeps only 15 digits of it.
    """
    text = text_cell(cell, nothing=UNDECIDED)
    if text is None:
        return None
    folded = re.sub("[—–‐‑−]", "-", fold(text))
    match = _NATIONAL.fullmatch(folded)
    if isinstance(cell, str) and match:
        return "-".join(match.groups())
    digits = folded.replace("-", "")
    if not isinstance(cell, str) or not re.fullmatch("[0-9]{24}", digits):
        raise CellProblem("invalid_code")
    return digits


def parse_own_code(cell: CellValue) -> str | None:
    """The office's own project number; None for a blank cell, CellProblem `invalid_own_code`."""
    text = text_cell(cell, nothing=UNDECIDED)
    if text is None:
        return None
    folded = fold(text)
    if not _OWN.fullmatch(folded):
        raise CellProblem("invalid_own_code")
    return folded
