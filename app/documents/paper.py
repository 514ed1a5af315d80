"""A Chinese official page in Word: A4, margins and sizes of GB/T 9704, 黑体 for headings and 仿宋 for text.

Word takes the font of Chinese characters from the eastAsia attribute of a run alone; without it they would fall back to
whatever the reader's machine has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FANGSONG, HEITI = "仿宋", "黑体"
TITLE, BODY, TABLE, SMALL = Pt(22), Pt(16), Pt(12), Pt(14)
CENTER, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
WIDTH = Mm(210 - 28 - 26)
"""Of the text between the margins."""


def page(title: str) -> DocumentObject:
    document = Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.name, normal.font.size = FANGSONG, BODY
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANGSONG)
    normal.paragraph_format.space_after = Pt(0)
    _page_number(section.footer.paragraphs[0])
    return document


def write(paragraph: Paragraph, text: str, font: str = FANGSONG, size: Pt = BODY) -> Run:
    """Text in a font for Chinese and Latin characters alike."""
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, size
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001  # python-docx offers no other way
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), font)
    return run


def paragraph(
    document: DocumentObject,
    text: str,
    *,
    font: str = FANGSONG,
    size: Pt = BODY,
    align: WD_ALIGN_PARAGRAPH = LEFT,
    indent: bool = False,
) -> Paragraph:
    """A paragraph; `indent` sets the first line two characters in, as running text is."""
    made = document.add_paragraph()
    made.alignment = align
    made.paragraph_format.line_spacing = 1.5
    if indent:
        made.paragraph_format.first_line_indent = Pt(2 * size.pt)
    write(made, text, font, size)
    return made


def fill(cell: _Cell, text: str, font: str = FANGSONG, align: WD_ALIGN_PARAGRAPH = LEFT, size: Pt = TABLE) -> None:
    first = cell.paragraphs[0]
    first.alignment = align
    write(first, text, font, size)


def set_widths(table: Table, widths: Sequence[int]) -> None:
    """Millimetres, column by column: some programs go by the table's grid, others by its cells."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def keep_rows_whole(table: Table) -> None:
    """No row is broken over two pages."""
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001  # python-docx offers no other way
        properties.append(OxmlElement("w:cantSplit"))


def give_room(table: Table, least: int) -> None:
    """Every row at least so many millimetres high, its text half-way down."""
    for row in table.rows:
        row.height, row.height_rule = Mm(least), WD_ROW_HEIGHT_RULE.AT_LEAST
        for cell in row.cells:
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def keep_together(table: Table) -> None:
    """All rows on one page."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for each in cell.paragraphs:
                each.paragraph_format.keep_with_next = True


def repeat_header(row_element: object) -> None:
    """The row is printed again on every page the table runs over."""
    properties = row_element.get_or_add_trPr()  # type: ignore[attr-defined]  # an lxml element of python-docx
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    properties.append(mark)


def _page_number(footer: Paragraph) -> None:
    footer.alignment = CENTER
    write(footer, "— ", size=SMALL)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._element.append(field)  # noqa: SLF001  # fields have no interface
    write(footer, " —", size=SMALL)


def day_in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
