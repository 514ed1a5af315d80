"""A ledger of money: one row a sum of money, its steps as totals so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.funding import STEPS
from app.ledgers.amounts import parse_amount
from app.ledgers.caption import Caption, read_caption
from app.ledgers.cells import cell_error
from app.ledgers.dates import parse_day
from app.ledgers.errors import CellProblem, LedgerError
from app.ledgers.funding_columns import FUNDING
from app.ledgers.funding_rows import FundingRowReader
from app.ledgers.headers import Header, build_columns, find_header
from app.ledgers.model import CellError, CellValue, Grid, Ignored, LedgerSheet, TotalCheck
from app.ledgers.projectcodes import parse_national_code, parse_own_code
from app.ledgers.rows import Row
from app.ledgers.text import UNDECIDED, clipped, fold, one_line, show, text_cell
from app.ledgers.totals import TotalsBook

DECIMALS = 6
"""Money is kept to the fen: 0.000001 万元."""

LEVELS = {"project": "项目", "region": "区划", "allocated": "分配"}
_BATCH = re.compile("第?([0-9]{1,4}|[一二三四五六七八九十]{1,3})批?次?")
_BATCH_WITHIN = re.compile("第([0-9]{1,4}|[一二三四五六七八九十]{1,3})批")
_YEAR = re.compile("((?:19|20|21)[0-9]{2})年?度?")
_NUMERALS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class FundingValues:
    """What one row says. Amounts in 万元, exact to the fen; `channel` is a code; None: nothing said."""

    record: UUID | None = None
    name: str | None = None
    own_code: str | None = None
    code: str | None = None
    level: str | None = None
    region: str | None = None
    channel: str | None = None
    batch: int | None = None
    year: int | None = None
    title: str | None = None
    applied: Decimal | None = None
    approved: Decimal | None = None
    received: Decimal | None = None
    paid: Decimal | None = None
    applied_on: date | None = None
    approved_on: date | None = None
    received_on: date | None = None
    paid_on: date | None = None
    applied_document: str | None = None
    approved_document: str | None = None
    received_document: str | None = None
    paid_document: str | None = None
    excess_reason: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class FundingRow:
    sheet: str
    row: int
    values: FundingValues
    raw: tuple[str, ...] = ()
    errors: tuple[CellError, ...] = ()
    notes: tuple[CellError, ...] = ()


@dataclass(frozen=True, slots=True)
class FundingLedger:
    year: int | None
    as_of: date | None
    sheets: tuple[LedgerSheet, ...]
    rows: tuple[FundingRow, ...]
    totals: tuple[TotalCheck, ...]


def parse_funding(
    grids: Sequence[Grid], year: int | None = None, as_of: date | None = None, *, channels: Mapping[str, str]
) -> FundingLedger:
    """The ledger; `channels` are codes with their labels. LedgerError `no_header_found`, `years_conflict`."""
    headers = {
        index: header
        for index, grid in enumerate(grids)
        if not grid.hidden and (header := find_header(grid, FUNDING)) is not None
    }
    if not headers:
        raise LedgerError("no_header_found")
    captions = {index: read_caption(grids[index], header, year=year) for index, header in headers.items()}
    years = sorted({caption.year for caption in captions.values() if caption.year})
    if len(years) > 1:
        raise LedgerError("years_conflict", years="、".join(map(str, years)))
    year = years[0] if years else year or (as_of.year if as_of else None)
    as_of = as_of or max((found for caption in captions.values() if (found := caption.as_of)), default=None)
    sheets: list[LedgerSheet] = []
    rows: list[FundingRow] = []
    totals: list[TotalCheck] = []
    for index, grid in enumerate(grids):
        if index not in headers:
            empty = not any(cell != "" for line in grid.rows for cell in line)
            why = "hidden" if grid.hidden else "empty" if empty else "no_header"
            sheets.append(LedgerSheet(grid.name, skipped=why))
            continue
        reader = _SheetReader(grid, headers[index], captions[index], year, channels)
        rows += reader.read()
        sheets.append(reader.sheet())
        totals += reader.totals.checks()
    return FundingLedger(year, as_of, tuple(sheets), tuple(rows), tuple(totals))


class _SheetReader:
    def __init__(
        self, grid: Grid, header: Header, caption: Caption, year: int | None, channels: Mapping[str, str]
    ) -> None:
        self._grid, self._header, self._caption, self._year = grid, header, caption, year
        self._channels = channels
        self._columns = build_columns(header, None, FUNDING)
        self._by_field = {column.field: column for column in self._columns if column.field}
        self._unit = caption.unit or "万元"
        self._section: str | None = None
        self._ignored: list[Ignored] = []
        self.totals = TotalsBook(grid.name, self._unit_of, STEPS, DECIMALS)

    def _unit_of(self, field: str) -> str:
        column = self._by_field.get(field)
        return (column.unit if column else None) or self._unit

    def sheet(self) -> LedgerSheet:
        provided = {*self._by_field, *(("channel",) if self._section else ())}
        return LedgerSheet(
            self._grid.name,
            title=self._caption.title,
            header_rows=tuple(range(self._header.top + 1, self._header.bottom + 2)),
            unit=self._unit,
            unit_stated=self._caption.unit is not None or any(column.unit for column in self._columns),
            columns=self._columns,
            provides=tuple(item.name for item in fields(FundingValues) if item.name in provided),
            ignored=tuple(self._ignored),
        )

    def read(self) -> Iterator[FundingRow]:
        for index, row in enumerate(self._grid.rows[: self._header.top]):
            text = "  ".join(shown for cell in row if (shown := show(cell)))
            if text:
                self._ignored.append(Ignored(index + 1, "title", text[:200]))
        reader = FundingRowReader(self._grid, self._header, self._columns)
        for found in reader:
            if found.kind == "data":
                yield self._data(found, reader.torn)
                continue
            if found.kind != "blank":
                text = found.label or "  ".join(filter(None, found.shown))
                self._ignored.append(Ignored(found.index + 1, found.kind, text[:200]))
            if found.kind in {"section", "subtotal", "total"}:
                self.totals.state(found)
            if found.kind == "section":
                self._section = channel_of(found.label, self._channels)

    def _data(self, row: Row, torn: Mapping[tuple[int, int], str]) -> FundingRow:
        values: dict[str, Any] = {}
        errors: list[CellError] = []

        def fault(name: str, code: str, value: str, **params: Any) -> None:
            column = self._by_field.get(name)
            place = f"{column.letter if column else 'A'}{row.index + 1}"
            errors.append(cell_error(place, code, value, name, **params))

        for name, cell in row.cells.items():
            if name in _READERS or name in STEPS:
                try:
                    values[name] = self._value(name, cell)
                except CellProblem as problem:
                    fault(name, problem.code, show(cell), **problem.params)
        for (at, _), name in torn.items():
            if at == row.index:
                fault(name, "merged_amount", "")
        if values.get("channel") is None:
            values["channel"] = self._section
        if values.get("batch") is None and (named := _BATCH_WITHIN.search(fold(show(row.cells.get("channel", ""))))):
            values["batch"] = _number(named[1]) or None
        if values["channel"] is None and not any(error.field == "channel" for error in errors):
            fault("channel", "missing_channel", "")
        found = FundingValues(**values)
        self.totals.add(found)
        return FundingRow(self._grid.name, row.index + 1, found, tuple(map(clipped, row.shown)), tuple(errors))

    def _value(self, name: str, cell: CellValue) -> Any:
        if name in STEPS:
            return parse_amount(cell, self._unit_of(name), DECIMALS)
        if name == "channel":
            text = text_cell(cell, nothing=UNDECIDED)
            found = channel_of(text, self._channels) if text else None
            if text and found is None:
                raise CellProblem("unknown_channel")
            return found
        if name.endswith("_on"):
            return parse_day(cell, self._year)
        return _READERS[name](cell)


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


_READERS: dict[str, Callable[[CellValue], Any]] = {
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
