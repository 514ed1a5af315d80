"""From the cells of a ledger of money to typed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.domain.funding import STEPS
from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue
from app.ledgers.projectcodes import parse_national_code, parse_own_code
from app.ledgers.text import UNDECIDED, fold, one_line, show, text_cell

LEVELS = {"project": "项目", "region": "区划", "allocated": "分配"}
_BATCH = re.compile("第?([0-9]{1,4}|[一二三四五六七八九十]{1,3})批?次?")
_BATCH_WITHIN = re.compile("第([0-9]{1,4}|[一二三四五六七八九十]{1,3})批")
_YEAR = re.compile("((?:19|20|21)[0-9]{2})年?度?")
_NUMERALS = "一二三四五六七八九"


def channel_of(text: str, channels: Mapping[str, str]) -> str | None:
    """The channel a cell or a section means: code or label, or the longest label that stands in it."""
    folded = fold(text).lower()
    labels = {fold(label).lower(): code for code, label in channels.items()} | {code.lower(): code for code in channels}
    if folded in labels:
        return labels[folded]
    within = [label for label in (*labels, *_ALIASES) if label in folded and len(label) > 1]
    if not within:
        return None
    longest = max(within, key=len)
    code = labels.get(longest) or _ALIASES[longest]
    return code if code in channels else None


_ALIASES = {
    word: code
    for code, words in {
        "fiscal": "财政资金 财政 县级财政 省级财政 财政预算",
        "central_budget_investment": "中央预算内投资 中央预算 中央投资",
        "special_construction_fund": "专项建设 建设基金 专项基金",
        "vehicle_purchase_tax": "车辆购置税 车购",
        "special_bond": "专项债券 政府专项债 地方债",
        "self_raised": "自筹资金 企业自筹 业主自筹",
        "bank_loan": "银行贷款 贷款 银行融资",
        "private_capital": "社会资本 社会投资 民间资本 招商引资",
    }.items()
    for word in words.split()
}


def _text(limit: int) -> Callable[[CellValue], str | None]:
    def read(cell: CellValue) -> str | None:
        text = text_cell(cell, nothing=UNDECIDED)
        line = one_line(text) if text else None
        if line and len(line) > limit:
            raise CellProblem("too_long", limit=limit)
        return line

    return read


def _batch(cell: CellValue) -> int | None:
    text = text_cell(cell, nothing=UNDECIDED)
    if text is None:
        return None
    match = _BATCH.fullmatch(fold(text))
    number = _number(match[1]) if match else 0
    if not number:
        raise CellProblem("not_a_batch")
    return number


def batch_within(cell: CellValue) -> int | None:
    """The batch a channel's cell names beside it: 专项建设基金（第一批）."""
    named = _BATCH_WITHIN.search(fold(show(cell)))
    return (_number(named[1]) or None) if named else None


def _number(text: str) -> int:
    """12, 十二, 二十: 0 when it is none."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if any(len(part) > 1 for part in (tens, ones)) or (not ten and len(ones) != 1):
        return 0
    return (10 * ((_NUMERALS.find(tens) + 1) if tens else 1) if ten else 0) + (_NUMERALS.find(ones) + 1 if ones else 0)


def _year(cell: CellValue) -> int | None:
    text = text_cell(cell, nothing=UNDECIDED)
    match = _YEAR.fullmatch(fold(text)) if text else None
    if text and not match:
        raise CellProblem("not_a_year")
    return int(match[1]) if match else None


def _level(cell: CellValue) -> str | None:
    text = text_cell(cell, nothing=UNDECIDED)
    if text is None:
        return None
    for code, label in LEVELS.items():
        if fold(text) in {code, label, f"{label}资金", f"{label}级"}:
            return code
    raise CellProblem("unknown_level")


def _record(cell: CellValue) -> UUID | None:
    text = text_cell(cell, nothing=UNDECIDED)
    try:
        return UUID(fold(text)) if text else None
    except ValueError:
        raise CellProblem("invalid_record") from None


READERS: dict[str, Callable[[CellValue], Any]] = {
    "record": _record,
    "name": _text(200),
    "own_code": parse_own_code,
    "code": parse_national_code,
    "level": _level,
    "region": _text(200),
    "channel": _text(200),
    "batch": _batch,
    "year": _year,
    "title": _text(200),
    "excess_reason": _text(2000),
    "remark": _text(10_000),
    **{f"{step}_document": _text(500) for step in STEPS},
    **{f"{step}_on": _text(100) for step in STEPS},
}
