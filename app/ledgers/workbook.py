"""An uploaded workbook as grids of cells: .xlsx and .xls, judged by content, read under limits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineWorkbook, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from app.ledgers import biff, compound, ooxml
from app.ledgers.errors import LedgerError, too_large
from app.ledgers.limits import MAX_CELLS, MAX_MERGES, MAX_TEXT, Extent
from app.ledgers.model import CellValue, Grid, Merge
from app.ledgers.text import clean


def read_workbook(data: bytes) -> list[Grid]:
    """All worksheets with their cells from A1 on.

    LedgerError (`not_a_workbook`, `workbook_encrypted`, `workbook_too_large`) and nothing else for bad bytes.
    """
    try:
        copy, extents = _prepared(data)
    except compound.DamagedError as exc:
        raise LedgerError("not_a_workbook") from exc
    with _reader():
        book = CalamineWorkbook.from_filelike(io.BytesIO(copy))
        sheets = [*enumerate(book.sheets_metadata)]
    if len(sheets) != len(extents):
        raise LedgerError("not_a_workbook")
    wanted = [(index, sheet) for index, sheet in sheets if sheet.typ is SheetTypeEnum.WorkSheet]
    _check_sizes([extents[index] for index, _ in wanted])
    grids: list[Grid] = []
    for index, sheet in wanted:
        name = clean(sheet.name)[:100] or f"Sheet{index + 1}"
        if any(name == grid.name for grid in grids):
            name += f"({index + 1})"
        grids.append(_grid(book, index, name, sheet, extents[index]))
    return grids


@contextmanager
def _reader() -> Iterator[None]:
    """Around calls of the reader, which may fail in any way on bad content."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:
        # A panic of the Rust reader is no Exception.
        raise LedgerError("not_a_workbook") from exc


def _prepared(data: bytes) -> tuple[bytes, list[Extent]]:
    if data.startswith(ooxml.SIGNATURE):
        return ooxml.prepare(data)
    container = compound.CompoundFile(data)
    names = {name.lower(): name for name in container.names}
    if "encryptedpackage" in names:
        raise LedgerError("workbook_encrypted")
    stream = names.get("workbook") or names.get("book")
    if stream is None:
        raise compound.DamagedError("no workbook stream")
    copy, extents = biff.inspect(container.read(stream))
    return compound.wrap(copy), extents


def _check_sizes(extents: list[Extent]) -> None:
    """All sheets together: two may share one part of the file."""
    cells = sum(extent.rows * extent.columns for extent in extents)
    if cells > MAX_CELLS:
        raise too_large("cells", cells, MAX_CELLS)
    text = sum(extent.text for extent in extents)
    if text > MAX_TEXT:
        raise too_large("characters", text, MAX_TEXT)


def _grid(book: CalamineWorkbook, index: int, name: str, sheet: SheetMetadata, extent: Extent) -> Grid:
    with _reader():
        content = book.get_sheet_by_index(index)
        rows: list[list[CellValue]] = [list(row) for row in content.to_python(skip_empty_area=False)]
        merges = content.merged_cell_ranges or []
    if len(merges) > MAX_MERGES:
        raise too_large("merged areas", len(merges), MAX_MERGES)
    _show(rows, extent)
    height, width = len(rows), len(rows[0]) if rows else 0
    clipped = (
        Merge(top, left, min(bottom, height - 1), min(right, width - 1))
        for (top, left), (bottom, right) in merges
        if top <= bottom and left <= right and top < height and left < width
    )
    return Grid(name, rows, tuple(clipped), sheet.visible is not SheetVisibleEnum.Visible)


def _show(rows: list[list[CellValue]], extent: Extent) -> None:
    """Put in what the pre-scan found. The reader leaves out formulas without result, so the grid may have to grow."""
    height = max([len(rows), *(row + 1 for row, _ in extent.shown)])
    width = max([len(rows[0]) if rows else 0, *(column + 1 for _, column in extent.shown)])
    if len(rows) < height or (rows and len(rows[0]) < width):
        rows.extend([] for _ in range(height - len(rows)))
        for cells in rows:
            cells.extend([""] * (width - len(cells)))
    for (row, column), shown in extent.shown.items():
        rows[row][column] = shown
