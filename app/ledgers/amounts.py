"""Amounts: any unit in, exact 万元 (10 000 CNY) out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue
from app.ledgers.text import UNDECIDED, fold, number, plain, text_cell

UNITS: dict[str, Decimal] = {
    "万元": Decimal(1),
    "亿元": Decimal(10_000),
    "百万元": Decimal(100),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
"""Each unit in 万元."""

MAX_AMOUNT = Decimal(10) ** 14
"""The database keeps numeric(18,4)."""

_AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?((?:百万|千|万|亿)?元|[万亿])?", re.ASCII)


def parse_amount(cell: CellValue, unit: str, decimals: int = 4) -> Decimal | None:
    """万元, exact, or None for a blank or undecided cell. A unit written in the cell wins over `unit`.

    CellProblem: not_an_amount, negative_amount, too_many_decimals, amount_too_large, formula_error.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _in_wan(number(cell), unit, decimals)
    if not isinstance(cell, str):
        raise CellProblem("not_an_amount")
    text = text_cell(cell, nothing=UNDECIDED)
    if text is None:
        return None
    folded = fold(text)
    if folded in UNDECIDED:
        return None
    match = _AMOUNT.fullmatch(folded) if len(folded) <= 40 else None
    if match is None:
        raise CellProblem("not_an_amount")
    sign, whole, behind, own_unit = match.groups()
    value = Decimal(sign + whole.replace(",", "") + (behind or ""))
    return _in_wan(value, {"万": "万元", "亿": "亿元"}.get(own_unit, own_unit) or unit, decimals)


def _in_wan(value: Decimal, unit: str, decimals: int) -> Decimal:
    if not value.is_finite():
        raise CellProblem("not_an_amount")
    if value < 0:
        raise CellProblem("negative_amount")
    wan = value * UNITS[unit]
    if wan >= MAX_AMOUNT:
        raise CellProblem("amount_too_large")
    wan = Decimal(plain(wan))
    if cast("int", wan.as_tuple().exponent) < -decimals:
        raise CellProblem("too_many_decimals", limit=decimals)
    return wan


def from_wan(value: Decimal, unit: str) -> Decimal:
    """An amount in 万元 in another unit, exact."""
    return Decimal(plain(value / UNITS[unit]))
