"""Formulas that were saved without their results, as scripts write them: never taken for blanks."""

import io
import re
from typing import Any

import openpyxl
import pytest

from app.ledgers.model import Ledger
from app.ledgers.projects import parse_projects
from app.ledgers.rejected import write_rejected
from app.ledgers.workbook import read_workbook
from tests.ledgers.building import DATA, read_file, rewritten

SHEET = "xl/worksheets/sheet1.xml"
HEAD = ["序号", "项目名称", "总投资", "开工时间", "责任人", "占年度计划", "施工队"]


def saved(*rows: list[Any], merge: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> Ledger:
    return parse_projects(read_workbook(data), 2016)


def errors(ledger: Ledger) -> list[tuple[str, str, str | None]]:
    return [(error.cell, error.code, error.field) for row in ledger.rows for error in row.errors]


@pytest.mark.parametrize(("at", "field"), [(1, "name"), (2, "total_investment"), (3, "start"), (4, "contact")])
def test_an_error_where_a_value_is_asked_for(at: int, field: str) -> None:
    row: list[Any] = [1, "甲", 5, "2016年3月", "孙浩"]
    row[at] = "=10000+3569"
    ledger = read(saved(HEAD, row, [2, "乙", 6]))
    assert errors(ledger) == [(f"{'ABCDE'[at]}2", "formula_not_calculated", field)]
    assert "保存" in ledger.rows[0].errors[0].message_zh
    assert ledger.rows[1].values.total_investment == 6


def test_harmless_where_no_value_is_asked_for() -> None:
    ledger = read(saved(HEAD, ["=ROW()-1", "甲", 5, "", "", "=C2/9", "=B2"], [2, "", "", "", "", "=C3/9", "=B3"]))
    assert [(row.row, row.values.name, row.errors, row.notes) for row in ledger.rows] == [(2, "甲", (), ())]


def test_a_last_row_of_nothing_but_formulas() -> None:
    assert errors(read(saved(HEAD, [1, "甲", 5], ["=A2+1", "=B2", "=C2"]))) == [
        ("B3", "formula_not_calculated", "name"),
        ("C3", "formula_not_calculated", "total_investment"),
    ]


def test_a_merged_amount_is_of_no_single_row() -> None:
    ledger = read(saved(HEAD, [1, "甲", "=5+5"], [2, "乙", None], merge="C2:C3"))
    assert [row.errors != () for row in ledger.rows] == [True, True]


def test_totals_without_result_state_nothing() -> None:
    ledger = read(saved(HEAD, ["合计", "=A1", "=SUM(C3:C4)"], ["一", "工业项目(1个)", "=C4"], [1, "甲", 5]))
    assert errors(ledger) == []
    assert [(total.kind, total.field, total.agrees) for total in ledger.totals] == [("section", "count", True)]


def test_an_empty_text_is_a_result() -> None:
    data = saved(HEAD, [1, "甲", '=IF(A1="","",A1)'])
    cell = b'<c r="C2" t="str"><f>IF(1,"")</f><v></v></c>'
    excel = rewritten(data, SHEET, lambda xml: re.sub(rb'<c r="C2".*?</c>', cell, xml))
    assert (errors(read(data)), errors(read(excel))) == ([("C2", "formula_not_calculated", "total_investment")], [])


def test_a_sparkline_is_no_cell() -> None:
    data = saved(HEAD, [1, "甲", 5, "", "孙浩"])
    extra = b"</sheetData><extLst><ext><f>Sheet!A1</f></ext></extLst>"
    assert errors(read(rewritten(data, SHEET, lambda xml: xml.replace(b"</sheetData>", extra)))) == []


def test_sent_back_it_stays_an_error_until_mended() -> None:
    ledger = read(saved(HEAD, [1, "甲", 5, "", "=A1"]))
    data = write_rejected(ledger.sheets, ledger.rows, year=2016, as_of=None)
    assert errors(read(data)) == [("E4", "formula_error", "contact")]


def test_county_b_with_its_rates_not_calculated() -> None:
    data = (DATA / "county-b-2016-02.xlsx").read_bytes()
    bare = rewritten(data, SHEET, lambda xml: re.sub(rb"</f><v>[^<]*</v>", b"</f>", xml))
    again, ledger = parse_projects(read_workbook(bare)), read_file("county-b-2016-02.xlsx")
    assert [(row.row, row.values, row.errors, row.notes) for row in again.rows] == [
        (row.row, row.values, (), ()) for row in ledger.rows
    ]
    assert again.totals == ledger.totals
