"""Amounts of any unit become exact 万元."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledgers.amounts import UNITS, from_wan, parse_amount
from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, ErrorText
from app.ledgers.text import plain


@pytest.mark.parametrize(
    ("cell", "unit", "wan"),
    [
        (3.37, "亿元", "33700"),
        (0.52, "亿元", "5200"),
        (0.1 + 0.2, "亿元", "3000"),
        (23247.0, "万元", "23247"),
        (12345, "元", "1.2345"),
        (5, "百万元", "500"),
        (5, "千元", "0.5"),
        (0, "万元", "0"),
        ("1,200.5", "万元", "1200.5"),
        ("\uff11\uff0c\uff12\uff10\uff10\uff0e\uff15", "万元", "1200.5"),
        (" 1 200 ", "万元", "1200"),
        ("3.37亿元", "万元", "33700"),
        ("5000万", "亿元", "5000"),
        ("5000万元", "亿元", "5000"),
        ("120元", "亿元", "0.012"),
        ("99999999999999.9999", "万元", "99999999999999.9999"),
    ],
)
def test_exact(cell: CellValue, unit: str, wan: str) -> None:
    assert str(parse_amount(cell, unit)) == wan


@pytest.mark.parametrize("cell", ["", " ", "待定", "-", "/", "—", "——", "无", "\uff0d", "\uff0f", "未定", "\n"])
def test_undecided_is_nothing(cell: str) -> None:
    assert parse_amount(cell, "万元") is None


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [
        (-1, "万元", "negative_amount"),
        ("-3.5", "万元", "negative_amount"),
        (33333.333333333336, "万元", "too_many_decimals"),
        (1.23456, "元", "too_many_decimals"),
        ("0.00001", "万元", "too_many_decimals"),
        (1e20, "万元", "amount_too_large"),
        (10**10, "亿元", "amount_too_large"),
        ("12,34", "万元", "not_an_amount"),
        ("1.2.3", "万元", "not_an_amount"),
        ("约3000", "万元", "not_an_amount"),
        ("1e5", "万元", "not_an_amount"),
        ("NaN", "万元", "not_an_amount"),
        ("1" * 50, "万元", "not_an_amount"),
        (True, "万元", "not_an_amount"),
        ("三千万", "万元", "not_an_amount"),
        (ErrorText("#REF!"), "万元", "formula_error"),
        ("#REF!", "万元", "not_an_amount"),
    ],
)
def test_refused(cell: CellValue, unit: str, code: str) -> None:
    with pytest.raises(CellProblem) as caught:
        parse_amount(cell, unit)
    assert caught.value.code == code


AMOUNTS = st.decimals(0, 10**10, places=4)


@given(AMOUNTS, st.sampled_from(sorted(UNITS)))
def test_every_unit_and_back(amount: Decimal, unit: str) -> None:
    there = from_wan(amount, unit)
    assert parse_amount(plain(there), unit) == amount


@given(AMOUNTS)
def test_excel_number(amount: Decimal) -> None:
    assert parse_amount(float(amount), "万元") == amount


@given(st.text() | st.floats(allow_nan=True) | st.integers() | st.booleans())
def test_anything_is_an_amount_or_told(cell: CellValue) -> None:
    try:
        found = parse_amount(cell, "亿元")
    except CellProblem:
        return
    assert found is None or found >= 0
