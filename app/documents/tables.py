"""Tables of figures on a page: smaller than running text, so that a heading of four characters stays on one line."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docx.document import Document as DocumentObject
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.shared import Mm, Pt

from app.documents.paper import CENTER, FANGSONG, HEITI, LEFT, fill, keep_rows_whole, paragraph, repeat_header

Columns = Sequence[tuple[str, int]]
"""Headings and widths in millimetres; all of them together as wide as the text."""
BESIDE = 5
"""Columns of parts in one table; more stand in a further one."""
_SIZE = Pt(10.5)


def heading(document: DocumentObject, text: str, *, indent: bool = False) -> None:
    """On one page with what follows, and apart from a table above."""
    made = paragraph(document, text, font=HEITI, indent=indent)
    made.paragraph_format.keep_with_next = True
    made.paragraph_format.space_before = Pt(8)


def grid(
    document: DocumentObject, columns: Columns, rows: Sequence[tuple[str, ...]], left: Collection[int] = (0,)
) -> None:
    """A table with its headings on every page and no row broken over two; all centred but the columns in `left`."""
    table = document.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
    table.autofit = False
    # Asked for once: each look at a row's cells walks through the table.
    cells = table._cells  # noqa: SLF001  # python-docx offers no other way
    width = len(columns)
    for n, (title, _) in enumerate(columns):
        fill(cells[n], title, HEITI, CENTER, _SIZE)
    for number, row in enumerate(rows, 1):
        for n, text in enumerate(row):
            # An empty one would take the height of running text.
            fill(cells[number * width + n], text or "\u00a0", FANGSONG, LEFT if n in left else CENTER, _SIZE)
    for n, cell in enumerate(cells):
        cell.width = Mm(columns[n % width][1])
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for column, (_, millimetres) in zip(table.columns, columns, strict=True):
        column.width = Mm(millimetres)
    repeat_header(table.rows[0]._tr)  # noqa: SLF001  # python-docx offers no other way
    keep_rows_whole(table)


def parts(
    document: DocumentObject,
    title: str,
    names: Sequence[str],
    groups: Sequence[tuple[str, Sequence[tuple[str, str, tuple[str, ...]]]]],
    named: str,
) -> None:
    """What scores are made of: for each group (name, rows) tables of at most five of `names` beside each other. A row
    is its rank, its name and a text for each of `names`; `named`: what stands above the names."""
    for start in range(0, len(names), BESIDE):
        shown = names[start : start + BESIDE]
        columns = [("名次", 14), (named, 142 - 20 * len(shown)), *[(name, 20) for name in shown]]
        for group, rows in groups:
            heading(document, f"{title}（{group}）")
            texts = [(rank, name, *values[start : start + len(shown)]) for rank, name, values in rows]
            grid(document, columns, texts, {1})
