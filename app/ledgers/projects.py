"""A whole workbook of projects: sheets understood, rows read, totals checked, duplicates found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.ledgers.caption import Caption, read_caption
from app.ledgers.cells import VALUE_FIELDS, RowContext, cell_error, read_values
from app.ledgers.errors import LedgerError
from app.ledgers.headers import Header, build_columns, find_header
from app.ledgers.model import Column, Grid, Ignored, Ledger, LedgerRow, LedgerSheet, TotalCheck
from app.ledgers.nodes import PREFIX
from app.ledgers.rows import AMOUNT_FIELDS, Row, RowReader, section_means
from app.ledgers.text import clipped, match_key, show
from app.ledgers.totals import TotalsBook
from app.ledgers.vocabulary import stage_of_sheet

_IGNORED_TEXT = 200


def parse_projects(
    grids: Sequence[Grid],
    year: int | None = None,
    as_of: date | None = None,
    *,
    sectors: Mapping[str, str] | None = None,
) -> Ledger:
    """The ledger. `year` and `as_of` stand over what the file says; `sectors` are further codes with their labels.

    LedgerError `no_header_found` when no visible sheet has a table of projects, `years_conflict` when the sheets
    are of different years and none was given.
    """
    headers = {index: header for index, grid in enumerate(grids) if not grid.hidden and (header := find_header(grid))}
    if not headers:
        raise LedgerError("no_header_found")
    captions = {index: read_caption(grids[index], header, year=year) for index, header in headers.items()}
    years = sorted({caption.year for caption in captions.values() if caption.year})
    if len(years) > 1:
        raise LedgerError("years_conflict", years="、".join(map(str, years)))
    year = years[0] if years else year or (as_of.year if as_of else None)
    as_of = as_of or max((found for caption in captions.values() if (found := caption.as_of)), default=None)
    sheets: list[LedgerSheet] = []
    rows: list[LedgerRow] = []
    totals: list[TotalCheck] = []
    for index, grid in enumerate(grids):
        if index not in headers:
            sheets.append(LedgerSheet(grid.name, skipped=_why_skipped(grid)))
            continue
        reader = _SheetReader(grid, headers[index], captions[index], year, sectors)
        rows += reader.read()
        sheets.append(reader.sheet())
        totals += reader.totals.checks()
    return Ledger(year, as_of, tuple(sheets), tuple(_with_duplicates(rows, sheets)), tuple(totals))


def _why_skipped(grid: Grid) -> str:
    if grid.hidden:
        return "hidden"
    return "no_header" if any(cell != "" for row in grid.rows for cell in row) else "empty"


class _SheetReader:
    def __init__(
        self, grid: Grid, header: Header, caption: Caption, year: int | None, sectors: Mapping[str, str] | None
    ) -> None:
        self._grid = grid
        self._header = header
        self._caption = caption
        self._year = year
        self._sectors = sectors
        self._columns = build_columns(header, year)
        self._by_field = {column.field: column for column in self._columns if column.field}
        self._unit = caption.unit or "万元"
        self._stage = None if "stage" in self._by_field else stage_of_sheet(grid.name, caption.title)
        self._levels: dict[int, dict[str, str]] = {}
        self._given: set[str] = {"stage"} if self._stage else set()
        self._seen: set[str] = set()
        self._ignored: list[Ignored] = []
        self._other_table = False
        self.totals = TotalsBook(grid.name, self._unit_of)

    def _unit_of(self, field: str) -> str:
        column = self._by_field.get(field)
        return (column.unit if column else None) or self._unit

    def sheet(self) -> LedgerSheet:
        provided = set(self._by_field) | self._given
        # A sheet that never writes a title beside a name, or never marks a project as major, says nothing of it.
        provided |= self._seen
        if any(field.startswith(PREFIX) for field in self._by_field):
            provided |= {"milestones"}
        if "period" in provided:
            provided |= {"start", "completion"}
        return LedgerSheet(
            self._grid.name,
            title=self._caption.title,
            header_rows=tuple(range(self._header.top + 1, self._header.bottom + 2)),
            unit=self._unit,
            unit_stated=self._caption.unit is not None or any(column.unit for column in self._columns),
            stage=self._stage,
            columns=self._columns,
            provides=tuple(field for field in VALUE_FIELDS if field in provided),
            ignored=tuple(self._ignored),
        )

    def read(self) -> Iterator[LedgerRow]:
        for index, row in enumerate(self._grid.rows[: self._header.top]):
            text = "  ".join(shown for cell in row if (shown := show(cell)))
            if text:
                self._ignore(index, "title", text)
        reader = RowReader(self._grid, self._header, self._columns, self._sectors)
        for found in reader:
            if found.kind == "data":
                yield self._data(found, reader.torn)
                continue
            if found.kind != "blank":
                self._ignore(found.index, found.kind, found.label or "  ".join(filter(None, found.shown)))
            self._take_in(found)

    def _ignore(self, index: int, kind: str, text: str) -> None:
        self._ignored.append(Ignored(index + 1, kind, text[:_IGNORED_TEXT]))

    def _take_in(self, row: Row) -> None:
        if row.kind == "other_header":
            self._other_table = True
        if row.kind in {"section", "subtotal", "total"}:
            self.totals.state(row)
        if row.kind == "section":
            means = section_means(row.label, self._sectors)
            self._levels = {level: kept for level, kept in self._levels.items() if level < row.level}
            self._levels[row.level] = means
            self._given |= set(means)

    def _data(self, row: Row, torn: frozenset[tuple[int, int]]) -> LedgerRow:
        given = {"stage": self._stage} if self._stage else {}
        for level in sorted(self._levels):
            given |= self._levels[level]
        context = RowContext(self._by_field, row.index + 1, self._year, self._unit, self._sectors, given)
        values, errors, notes = read_values(row.cells, context)
        self.totals.add(values)
        self._seen |= {field for field in ("leader_title", "major") if getattr(values, field)}
        for field in AMOUNT_FIELDS if torn else ():
            column = self._by_field.get(field)
            if column and (row.index, self._place(column)) in torn:
                errors += (cell_error(f"{column.letter}{row.index + 1}", "merged_amount", "", field),)
        if self._other_table:
            errors += (cell_error(f"A{row.index + 1}", "other_table", row.text, None),)
        return LedgerRow(self._grid.name, row.index + 1, values, tuple(map(clipped, row.shown)), errors, notes)

    def _place(self, column: Column) -> int:
        headed = [index for index, levels in enumerate(self._header.levels) if levels]
        return headed[self._columns.index(column)]


def _with_duplicates(rows: list[LedgerRow], sheets: Sequence[LedgerSheet]) -> Iterator[LedgerRow]:
    """Rows of one name, or of one code, all get an error that names the others; names may repeat where every row
    has a code of its own."""
    letters = {
        (sheet.name, column.field): column.letter for sheet in sheets for column in sheet.columns if column.field
    }
    groups: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(rows):
        for field in ("name", "own_code", "code"):
            value = getattr(row.values, field)
            if value:
                groups.setdefault((field, match_key(value)), []).append(index)
    extra: dict[int, list[tuple[str, str]]] = {}
    for (field, _), indexes in groups.items():
        if len(indexes) > 1 and not (field == "name" and _told_apart([rows[index] for index in indexes])):
            for index in indexes:
                others = [f"{rows[other].sheet}!{letters[rows[other].sheet, field]}{rows[other].row}"
                          for other in indexes[:20] if other != index]  # fmt: skip
                extra.setdefault(index, []).append((field, "、".join(others)))
    for index, row in enumerate(rows):
        errors = tuple(
            cell_error(
                f"{letters[row.sheet, field]}{row.row}",
                "duplicate_name" if field == "name" else "duplicate_code",
                getattr(row.values, field), field, where=where,
            )
            for field, where in extra.get(index, ())
        )  # fmt: skip
        yield replace(row, errors=row.errors + errors) if errors else row


def _told_apart(rows: Sequence[LedgerRow]) -> bool:
    codes = [row.values.own_code or row.values.code for row in rows]
    return None not in codes and len(set(codes)) == len(codes)
