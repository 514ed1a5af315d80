"""Whatever bytes come in: grids or a LedgerError, soon, and in bounded memory."""

import io
import random
import struct
import zipfile
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledgers import biff, compound
from app.ledgers.errors import LedgerError
from app.ledgers.limits import MAX_ROWS, MAX_SHEETS
from app.ledgers.model import Merge
from app.ledgers.projects import parse_projects
from app.ledgers.workbook import read_workbook
from tests.ledgers.building import DATA, grid, rewritten, workbook

XLSX = (DATA / "county-c-urban-2013.xlsx").read_bytes()
XLS = (DATA / "landed-2016-03.xls").read_bytes()
SMALL = workbook(("S", [["项目名称", "总投资"], ["甲", 1]]))
SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        read_workbook(data)
    assert caught.value.message_zh
    assert caught.value.message_en
    return caught.value


def with_cells(cells: str) -> bytes:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row>{cells}'
    return rewritten(
        SMALL, SHEET, lambda xml: xml[: xml.index(b"<sheetData>") + 11] + rows.encode() + b"</sheetData></worksheet>"
    )


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("ZZ60000", "ZZ60000"),
        ("zz60000", "ZZ60000"),
        ("XFD1048576", "XFD1048576"),
        ("A50001", "A50001"),
        ("IW1", "IW1"),
        ("IV50000", 12_800_000),
    ],
)
def test_one_far_cell(place: str, found: object) -> None:
    error = refusal(with_cells(f'<row r="2"><c r="{place}"><v>1</v></c></row>'))
    assert (error.code, error.params["found"]) == ("workbook_too_large", found)


def test_a_far_cell_that_is_only_formatted_is_no_content() -> None:
    (grid,) = read_workbook(with_cells('<row r="60000"><c r="ZZ60000" s="0"/></row>'))
    assert grid.rows == [[1.0]]


def test_cells_without_places_are_counted_on() -> None:
    (grid,) = read_workbook(with_cells("<row><c><v>2</v></c><c><v>3</v></c></row>"))
    assert grid.rows[1] == [2.0, 3.0]
    rows = "<row><c/></row>" * MAX_ROWS
    assert refusal(with_cells(rows + "<row><c><v>1</v></c></row>")).code == "workbook_too_large"


def test_a_cell_without_place_follows_one_with_a_far_place() -> None:
    cells = '<row r="2"><c r="D2"/><c/><c><v>2</v></c></row>'
    assert read_workbook(with_cells(cells))[0].rows[1] == ["", "", "", "", "", 2.0]
    far = cells.replace("D2", "ZZY2")
    assert refusal(with_cells(far)).params["found"] == "AAAA2"


def test_unzipped_size_is_counted_not_believed() -> None:
    bomb = rewritten(SMALL, "xl/styles.xml", lambda xml: xml + b" " * (130 << 20))
    assert len(bomb) < 1 << 20
    assert refusal(bomb).code == "workbook_too_large"
    # The same with directory and header saying that it is small.
    size, lie = struct.pack("<I", len(zipfile.ZipFile(io.BytesIO(bomb)).read("xl/styles.xml"))), struct.pack("<I", 500)
    assert bomb.count(size) == 2
    assert refusal(bomb.replace(size, lie)).code == "not_a_workbook"


def test_one_long_string_in_many_cells() -> None:
    def lengthen(xml: bytes) -> bytes:
        return xml.replace("甲".encode(), b"A" * 30_000)

    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>2</v></c></row>' for row in range(2, 3000))
    data = rewritten(with_cells(cells), "xl/sharedStrings.xml", lengthen)
    assert len(data) < 50_000
    assert (refusal(data).params["what"]) == "characters"


@pytest.mark.parametrize("count", [b"9999999999999", b"000000000000000099999999999", b"9" * 19, b"1" + b"0" * 19])
def test_announced_number_of_strings(count: bytes) -> None:
    announced = b'uniqueCount="%b"' % count
    data = rewritten(SMALL, "xl/sharedStrings.xml", lambda xml: xml.replace(b'uniqueCount="3"', announced))
    assert refusal(data).params["what"] == "shared strings"


def test_document_types_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
    assert refusal(rewritten(SMALL, SHEET, lambda _: bomb)).code == "not_a_workbook"


def test_many_sheets() -> None:
    data = workbook(*[(f"S{index}", [["x"]]) for index in range(MAX_SHEETS + 1)])
    assert refusal(data).params["what"] == "sheets"


def test_one_big_part_as_many_sheets() -> None:
    cells = "".join(f'<row r="{row}"><c r="CV{row}"><v>1</v></c></row>' for row in range(1, 1200, 50))
    data = workbook(*[(f"S{index}", [["x"]]) for index in range(20)])
    part = zipfile.ZipFile(io.BytesIO(with_cells(cells))).read(SHEET)
    data = rewritten(data, SHEET, lambda _: part)
    assert len(read_workbook(data)) == 20
    relations = "xl/_rels/workbook.xml.rels"

    def all_to_first(xml: bytes) -> bytes:
        for index in range(2, 21):
            xml = xml.replace(f"worksheets/sheet{index}.xml".encode(), b"worksheets/sheet1.xml")
        return xml

    assert refusal(rewritten(data, relations, all_to_first)).params["what"] == "cells"


def test_many_merged_areas_over_one_another() -> None:
    rows = [["项目名称", "备注"], *[[f"{row}", "x"] for row in range(3000)]]
    with pytest.raises(LedgerError) as caught:
        parse_projects([grid(*rows, merges=[Merge(1, 1, 3000, 1)] * 20_000)])
    assert caught.value.code == "workbook_too_large"


def test_encrypted() -> None:
    assert refusal(compound.wrap(b"x" * 5000, "EncryptedPackage")).code == "workbook_encrypted"
    stream = compound.CompoundFile(XLS).read("Workbook")
    head = 4 + struct.unpack_from("<H", stream, 2)[0]
    password = stream[:head] + struct.pack("<HHH", 0x2F, 2, 1) + stream[head:]
    assert refusal(compound.wrap(password)).code == "workbook_encrypted"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "项目名称,总投资\n甲,1\n".encode(),
        b"<html><table><tr><td>1</td></tr></table></html>",
        b"%PDF-1.7",
        XLSX[: len(XLSX) // 2],
        XLS[: len(XLS) // 2],
        rewritten(SMALL, "xl/workbook.xml", lambda _: b"<workbook"),
    ],
)
def test_what_is_no_workbook(data: bytes) -> None:
    assert refusal(data).code == "not_a_workbook"


def test_other_zip_formats_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refusal(out.getvalue()).code == "not_a_workbook"


def test_an_endless_chain_of_sectors() -> None:
    data = bytearray(compound.wrap(b"\x09\x08" + bytes(9000)))
    table = 4096 * (1 + 1 + 3)
    struct.pack_into("<I", data, table + 4 * 2, 1)
    assert refusal(bytes(data)).code == "not_a_workbook"


def test_excel_97_far_cells_and_announced_sizes() -> None:
    stream = bytearray(compound.CompoundFile(XLS).read("Workbook"))
    at = stream.index(struct.pack("<HH", 0x0200, 14)) + 4
    struct.pack_into("<IIHH", stream, at, 0, 0xFFFFFFF0, 0, 0xFFF0)
    assert len(read_workbook(compound.wrap(bytes(stream)))[0].rows) == 25
    number = stream.index(struct.pack("<HH", 0x027E, 10)) + 4
    struct.pack_into("<HH", stream, number, 60_000, 200)
    assert refusal(compound.wrap(bytes(stream))).code == "workbook_too_large"


def test_excel_97_shared_strings_are_measured_across_records() -> None:
    stream = compound.CompoundFile(XLS).read("Workbook")
    _, extents = biff.inspect(stream)
    grids = read_workbook(XLS)
    shown = sum(map(len, extents[0].shown.values()))
    assert extents[0].text == sum(len(cell) for row in grids[0].rows for cell in row if isinstance(cell, str)) - shown


def test_formula_errors_and_dates_without_day_are_seen() -> None:
    when, other = date(2016, 3, 1), date(2016, 4, 1)
    formats = {when: 'yyyy"年"m"月"', other: "yyyy/m/d"}
    data = workbook(
        ("S", [["项目名称", "总投资", "开工时间"], ["甲", "#REF!", when], ["乙", 1, other]]), formats=formats
    )
    ledger = parse_projects(read_workbook(data))
    assert [(error.cell, error.code) for error in ledger.rows[0].errors] == [("B2", "formula_error")]
    assert [str(row.values.start) for row in ledger.rows] == ["2016-03", "2016-04-01"]


def test_sheets_of_one_name_are_told_apart() -> None:
    data = workbook(("A", [["x"]]), ("B", [["y"]]))
    twice = rewritten(data, "xl/workbook.xml", lambda xml: xml.replace(b'name="B"', b'name="A"'))
    assert [grid.name for grid in read_workbook(twice)] == ["A", "A(2)"]


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", compound.SIGNATURE]))
def test_random_bytes(data: bytes, magic: bytes) -> None:
    assert refusal(magic + data).code == "not_a_workbook"


def damaged(data: bytes, seed: int) -> bytes:
    """A few bytes changed, dropped or doubled."""
    chance = random.Random(seed)
    content = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 10])):
        at = chance.randrange(len(content))
        kind = chance.randrange(5)
        if kind == 0:
            content[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            content[at] = chance.choice([0, 1, 127, 128, 255])
        elif kind == 2:
            content[at : at + 4] = b"\xff\xff\xff\xff"
        elif kind == 3:
            del content[at : at + chance.randrange(1, 40)]
        else:
            content[at:at] = content[at : at + 40]
    return bytes(content)


def parts(data: bytes) -> list[str]:
    return [
        name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.startswith("xl/") and "theme" not in name
    ]


def read_or_refuse(data: bytes) -> None:
    """Any other exception than a LedgerError fails the test."""
    with suppress(LedgerError):
        parse_projects(read_workbook(data))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([XLSX, XLS]))
def test_damaged_files(seed: int, data: bytes) -> None:
    read_or_refuse(damaged(data, seed))


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(parts(XLSX)))
def test_damaged_parts(seed: int, part: str) -> None:
    read_or_refuse(rewritten(XLSX, part, lambda content: damaged(content, seed)))


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_excel_97_stream(seed: int) -> None:
    read_or_refuse(compound.wrap(damaged(compound.CompoundFile(XLS).read("Workbook"), seed)))
