"""What stands above the table: title, year, day of the figures, unit."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from app.ledgers.dates import parse_date
from app.ledgers.errors import CellProblem
from app.ledgers.headers import Header, months_in_header, year_in_header
from app.ledgers.model import Grid
from app.ledgers.text import fold, show

_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_STATED_YEAR = re.compile(r"(?:年度|年份):((?:19|20|21)[0-9]{2})年?")
_YEAR = re.compile(
    r"(?<![0-9\-—–~至])((?:19|20|21)[0-9]{2})年(?!-)|(?<![〇○零一二三四五六七八九])([二一][〇○零一二三四五六七八九]{3})年"
)
_AS_OF = re.compile(
    r"截[止至](?:时间|日期)?[为到至:]*"
    r"((?:[0-9]{4}年)?[0-9]{1,2}月(?:[0-9]{1,2}[日号]|底|末)?|[0-9]{4}[./-][0-9]{1,2}(?:[./-][0-9]{1,2})?)"
)
_MONTHS = re.compile(r"(?<![0-9])1[-—–~至]([0-9]{1,2})月")
_MONTH = re.compile(r"年([0-9]{1,2})月份?(?![0-9日至底]|[-—–~])")
_UNIT = re.compile(r"单位:?(?:人民币)?\(?(百万元|千元|万元|亿元|元)|^\((百万元|千元|万元|亿元)\)$")


@dataclass(frozen=True, slots=True)
class Caption:
    title: str | None
    year: int | None
    as_of: date | None
    unit: str | None


def read_caption(grid: Grid, header: Header, *, year: int | None = None) -> Caption:
    """What title, filler and headings say; `year`, when given, stands over what they say of the year."""
    lines = ["  ".join(shown for cell in row if (shown := show(cell))) for row in grid.rows[: header.top]]
    folded = [fold(line) for line in lines]
    year = year or _year(folded) or year_in_header(header) or _year([fold(grid.name)])
    title = next((line for line in lines if line), None)
    as_of = _as_of(folded, year) or _month_end(year, months_in_header(header))
    title = title[:200] if title else None
    return Caption(title, year or (as_of.year if as_of else None), as_of, _unit(grid, header))


def _year(lines: list[str]) -> int | None:
    for line in reversed(lines):
        stated = _STATED_YEAR.search(line)
        if stated:
            return int(stated[1])
    for line in lines:
        for plain, chinese in _YEAR.findall(line):
            year = int(plain or chinese.translate(_CHINESE_DIGITS))
            if 1949 <= year <= 2199:
                return year
    return None


def _as_of(lines: list[str], year: int | None) -> date | None:
    """From "截止时间:2016年2月29日", nearest the table first; else from "1-2月" or "2016年2月" in a title."""
    for line in reversed(lines):
        stated = _AS_OF.search(line)
        if stated:
            try:
                found = parse_date(stated[1], year)
            except CellProblem:
                continue
            return found.last if found else None
    title = [line for line in lines if line][:1]
    for pattern, where in ((_MONTHS, lines), (_MONTH, title)):
        for line in where:
            months = pattern.search(line)
            if months:
                return _month_end(year, int(months[1]))
    return None


def _month_end(year: int | None, month: int | None) -> date | None:
    if year is None or month is None or not 1 <= month <= 12:
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def _unit(grid: Grid, header: Header) -> str | None:
    for row in reversed(grid.rows[: header.top]):
        cells = [fold(show(cell)) for cell in row if cell != ""]
        for text in ("".join(cells), *cells):
            match = _UNIT.search(text)
            if match:
                return match[1] or match[2]
    return None
