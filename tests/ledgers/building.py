"""Small ledgers for tests: as grids, and as real workbooks."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from app.ledgers.model import CellValue, Grid, Ledger, Merge, ProjectValues
from app.ledgers.projects import parse_projects
from app.ledgers.workbook import read_workbook

DATA = Path(__file__).parent.parent / "data" / "ledgers"


def grid(*rows: Sequence[CellValue], merges: Sequence[Merge] = (), name: str = "Sheet1") -> Grid:
    """Rows of any length, filled up to the longest."""
    width = max(map(len, rows), default=0)
    return Grid(name, [[*row, *[""] * (width - len(row))] for row in rows], tuple(merges))


def ledger(*rows: Sequence[CellValue], merges: Sequence[Merge] = (), name: str = "Sheet1", **given: Any) -> Ledger:
    return parse_projects([grid(*rows, merges=merges, name=name)], **given)


def only(*rows: Sequence[CellValue], **given: Any) -> ProjectValues:
    """The values of the one project these rows hold, which must be without error."""
    (row,) = ledger(*rows, **given).rows
    assert row.errors == ()
    return row.values


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]]], formats: dict[Any, str] | None = None) -> bytes:
    """An .xlsx; a date cell is written with the number format that `formats` gives for it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    look = book.add_format({"num_format": (formats or {}).get(cell, "yyyy-mm-dd")})
                    sheet.write_datetime(at, column, cell, look)
                elif isinstance(cell, str) and cell.startswith("#"):
                    sheet.write_formula(at, column, "=NA()", None, cell)
                elif isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                else:
                    sheet.write_number(at, column, cell)
    book.close()
    return out.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def read_file(name: str) -> Ledger:
    return parse_projects(read_workbook((DATA / name).read_bytes()))
