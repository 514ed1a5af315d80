"""A ledger of money: one row a sum of money, its steps as totals so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from app.ledgers.funding_cells import READERS, batch_within, channel_of
from app.ledgers.funding_columns import FUNDING
from app.ledgers.funding_rows import FundingRowReader
from app.ledgers.headers import Header, build_columns, find_header
from app.ledgers.model import CellError, CellValue, Grid, Ignored, LedgerSheet, TotalCheck
from app.ledgers.rows import Row
from app.ledgers.text import UNDECIDED, clipped, show, text_cell
from app.ledgers.totals import TotalsBook

DECIMALS = 6
"""Money is kept to the fen: 0.000001 万元."""


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
            if name in READERS or name in STEPS:
                try:
                    values[name] = self._value(name, cell)
                except CellProblem as problem:
                    fault(name, problem.code, show(cell), **problem.params)
        for (at, _), name in torn.items():
            if at == row.index:
                fault(name, "merged_amount", "")
        if values.get("channel") is None:
            values["channel"] = self._section
        if values.get("batch") is None:
            values["batch"] = batch_within(row.cells.get("channel", ""))
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
        return READERS[name](cell)
