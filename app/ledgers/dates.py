"""Dates as ledgers write them: a year, a month, a day, "6月底前", "2014-2016", and Excel's own."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import NoReturn

from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, PartialDate
from app.ledgers.text import UNDECIDED, fold, number, plain, text_cell

_LONGEST = 60
_NO_DATE = UNDECIDED | {"已完成", "已开工", "已竣工", "已完工", "已建成", "已投产", "已投用", "在建", "长期", "未开工"}
_BEFORE = re.compile(r"(已于|计划|预计|预期|拟于|拟|力争|争取|约|于|至|自|从)+")
_AFTER = re.compile(r"(之前|以前|左右|前后|完成|完工|竣工|开工|动工|启动|建成|投产|投用|投入使用|前|[。、,;.])+$")
_BY_THEN = re.compile(r"(之前|以前|前|完成|完工|竣工|建成|投产|投用|投入使用)[。、,;.]*$")
"""The end of what is to be done by then: a completion, never a start."""
_CLOCK = re.compile(r"\s+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$")
_YEAR = re.compile(
    r"(?:((?:19|20|21)[0-9]{2})(?:年度?|[./-](?=[0-9])|(?=$|年?[底末初上下第]))|([0-9]{2})年度?|(今年|本年|当年))"
)
_COMPACT = re.compile(r"((?:19|20|21)[0-9]{2})(0[1-9]|1[0-2])([0-9]{2})?")
_MONTH = re.compile(r"([0-9]{1,2})(月份?)?(底|末|初|上旬|中旬|下旬)?")
_DAY = re.compile(r"([0-9]{1,2})[月./-]([0-9]{1,2})[日号]?")
_QUARTER = re.compile(r"第?([一二三四1-4])季度[底末]?")
_DASH = re.compile(r"[—–‐‑‒―−~〜－]+|-{2,}|至|到")
_DURATION = re.compile(r"[0-9一二三四五六七八九十两半]+(个?月|年|天|日历天|个工作日)半?")
_WORDS = {"": (None, None), "初": (1, None), "年初": (1, None), "上半年": (6, 30), "下半年": (12, 31)}
_WORDS |= dict.fromkeys(("底", "末", "年底", "年末"), (12, 31))

Period = tuple[PartialDate | None, PartialDate | None]


def parse_date(cell: CellValue, year: int | None = None) -> PartialDate | None:
    """A date with the precision it was written in, or None when there is none yet ("待定", "已完成").

    `year` is the ledger's, for "6月底前". "…底(前)" is the last day. CellProblem: not_a_date, date_needs_year,
    ambiguous_month (the number 2016.1 may have been typed as 2016.10), formula_error.
    """
    if isinstance(cell, date):
        return _made(cell.year, cell.month, cell.day)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(number(cell))
    if not isinstance(cell, str):
        raise CellProblem("not_a_date")
    text = _date_text(cell)
    if text is None:
        return None
    return _from_text(_DASH.sub("-", fold(_CLOCK.sub("", text))), year)


def parse_day(cell: CellValue, year: int | None = None) -> date | None:
    """A day; a month stands for its last day (statistics enrol by the month). CellProblem for a bare year."""
    found = parse_date(cell, year)
    if found is None:
        return None
    if found.precision == "year":
        raise CellProblem("date_needs_month")
    return found.last


def parse_period(cell: CellValue, year: int | None = None) -> Period:
    """Start and completion: "2014-2016", "2016.3-2017.10", "2016年3-10月". One year alone is both; one date alone
    is the start, or the completion where it says so ("2016年6月底前").

    CellProblem: dates_out_of_order, period_not_understood (a mere duration) and those of `parse_date`.
    """
    if not isinstance(cell, str):
        single = parse_date(cell, year)
        return single, single if single and single.precision == "year" else None
    text = _date_text(cell)
    if text is None:
        return None, None
    folded = _DASH.sub("-", fold(_CLOCK.sub("", text)))
    if _DURATION.fullmatch(folded) and not _YEAR.fullmatch(folded):
        raise CellProblem("period_not_understood")
    for cut in _cuts(folded):
        try:
            start, end = _halves(folded[:cut], folded[cut + 1 :], year)
        except CellProblem:
            continue
        if end.last < start.first:
            raise CellProblem("dates_out_of_order")
        return start, end
    single = _from_text(folded, year)
    if single.precision == "year":
        return single, single
    return (None, single) if _BY_THEN.search(folded) else (single, None)


def _date_text(cell: str) -> str | None:
    text = text_cell(cell, nothing=_NO_DATE)
    if text is None or fold(text) in _NO_DATE:
        return None
    if len(text) > _LONGEST:
        _refuse()
    return text


def _cuts(text: str) -> list[int]:
    """Where a range may be cut, nearest the middle first: 2016-3-1-2017-10-30 has five dashes and one middle."""
    dashes = [at for at, sign in enumerate(text) if sign == "-"]
    if len(dashes) == 1 and re.fullmatch(r"[0-9]{4}-(0?[1-9]|1[0-2])", text):
        return []
    return sorted(dashes, key=lambda at: abs(2 * at + 1 - len(text)))


def _halves(left: str, right: str, year: int | None) -> tuple[PartialDate, PartialDate]:
    if re.fullmatch(r"[0-9]{4}", left) and re.fullmatch(r"[0-9]{2}", right):
        return _made(int(left)), _made(int(left[:2] + right))
    unmarked = re.fullmatch(r"(.*[年.])([0-9]{1,2})", left)
    if unmarked and re.match(r"[0-9]{1,2}(月|$)", right):
        # "2016年3-10月", "2016.3-10": the right side borrows the year.
        start = _from_text(unmarked[1] + unmarked[2], year)
        return start, _from_text(right if "月" in right else right + "月", start.year)
    start = _from_text(left, year)
    return start, _from_text(right, start.year)


def _from_number(value: Decimal) -> PartialDate:
    text = plain(value)
    if value == value.to_integral_value():
        compact = _COMPACT.fullmatch(text)
        if compact:
            return _made(int(compact[1]), int(compact[2]), int(compact[3]) if compact[3] else None)
        if 20_000 <= value < 80_000:
            day = date(1899, 12, 30) + timedelta(days=int(value))
            return _made(day.year, day.month, day.day)
        if not 1900 < value < 2200:
            _refuse()
        return _made(int(value))
    whole, _, part = text.partition(".")
    if part == "1":
        raise CellProblem("ambiguous_month", year=whole)
    if len(whole) != 4 or len(part) > 2:
        _refuse()
    return _made(int(whole), int(part))


def _from_text(text: str, year: int | None) -> PartialDate:
    text = _AFTER.sub("", _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text)
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _made(int(compact[1]), int(compact[2]), int(compact[3]) if compact[3] else None)
    named = _YEAR.match(text)
    if named:
        rest = text[named.end() :]
        base = int(named[1]) if named[1] else 2000 + int(named[2]) if named[2] else year
    else:
        rest, base = text, year
    if not rest and not named:
        _refuse()
    month, day, marked = _rest(rest, base)
    if not named and not marked:
        _refuse()
    if base is None:
        raise CellProblem("date_needs_year")
    return _made(base, month, day)


def _rest(rest: str, year: int | None) -> tuple[int | None, int | None, bool]:
    """Month, day, and whether the text itself says that it is a month ("6月") or the like."""
    if rest in _WORDS:
        return *_WORDS[rest], True
    quarter = _QUARTER.fullmatch(rest)
    if quarter:
        month = 3 * ("一二三四".find(quarter[1]) + 1 or int(quarter[1]))
        return month, 30 if month in {6, 9} else 31, True
    both = _DAY.fullmatch(rest)
    if both:
        return int(both[1]), int(both[2]), "月" in rest
    single = _MONTH.fullmatch(rest)
    if single is None:
        _refuse()
    month, part = int(single[1]), single[3]
    last = calendar.monthrange(year or 2001, month)[1] if 1 <= month <= 12 else None
    day = {None: None, "初": None, "上旬": 10, "中旬": 20}.get(part, last)
    return month, day, bool(single[2])


def _made(year: int, month: int | None = None, day: int | None = None) -> PartialDate:
    try:
        return PartialDate(year, month, day)
    except ValueError:
        raise CellProblem("not_a_date") from None


def _refuse() -> NoReturn:
    raise CellProblem("not_a_date")


def chinese(value: PartialDate | date) -> str:
    """2016年, 2016年3月 or 2016年3月15日: read back as the very same."""
    if isinstance(value, date):
        value = PartialDate(value.year, value.month, value.day)
    month = f"{value.month}月" if value.month else ""
    return f"{value.year}年{month}" + (f"{value.day}日" if value.day else "")
