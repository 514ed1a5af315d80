"""An uploaded workbook as grids of cells: .xlsx and .xls, judged by content, read under limits."""

from __future__ import annotations

import io

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.ledgers import biff, compound, ooxml
from app.ledgers.errors import LedgerError, too_large
from app.ledgers.limits import MAX_CELLS, MAX_MERGES, MAX_TEXT, Extent
from app.ledgers.model import CellValue, Grid, Merge


def read_workbook(data: bytes) -> list[Grid]:
    """All worksheets with their cells from A1 on.

    LedgerError (`not_a_workbook`, `workbook_encrypted`, `workbook_too_large`) and nothing else for bad bytes.
    """
    try:
        clean, extents = _prepared(data)
    except compound.DamagedError as exc:
        raise LedgerError("not_a_workbook") from exc
    try:
        return _read(clean, extents)
    except LedgerError:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:  # noqa: BLE001 - a panic of the Rust reader is no Exception
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
    clean, extents = biff.inspect(container.read(stream))
    return compound.wrap(clean), extents


def _read(clean: bytes, extents: list[Extent]) -> list[Grid]:
    grids: list[Grid] = []
    cells = text = 0
    with CalamineWorkbook.from_filelike(io.BytesIO(clean)) as book:
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            extent = extents[index]
            cells += extent.rows * extent.columns
            text += extent.text
            if cells > MAX_CELLS:
                raise too_large("cells", cells, MAX_CELLS)
            if text > MAX_TEXT:
                raise too_large("characters", text, MAX_TEXT)
            hidden = sheet.visible is not SheetVisibleEnum.Visible
            grids.append(_grid(sheet.name, book.get_sheet_by_index(index), extent, hidden=hidden))
    return grids


def _grid(name: str, sheet: CalamineSheet, extent: Extent, *, hidden: bool) -> Grid:
    rows: list[list[CellValue]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), shown in extent.shown.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown
    merges = sheet.merged_cell_ranges or []
    if len(merges) > MAX_MERGES:
        raise too_large("merged areas", len(merges), MAX_MERGES)
    height, width = len(rows), len(rows[0]) if rows else 0
    clipped = (
        Merge(top, left, min(bottom, height - 1), min(right, width - 1))
        for (top, left), (bottom, right) in merges
        if top < height and left < width
    )
    return Grid(name, rows, tuple(clipped), hidden)
