"""Rejected rows go back as a ledger that can be mended and sent again."""

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from app.ledgers.model import Ledger, LedgerRow, Merge
from app.ledgers.projects import parse_projects
from app.ledgers.rejected import write_rejected
from app.ledgers.workbook import read_workbook
from tests.ledgers.building import ledger, read_file


def sent_back(found: Ledger, rows: list[LedgerRow]) -> bytes:
    return write_rejected(found.sheets, rows, year=found.year, as_of=found.as_of)


def test_cells_as_they_were_and_why() -> None:
    found = ledger(
        ["2016年重点项目(1-2月)"],
        ["单位:亿元"],
        ["序号", "项目名称", "投资情况", "", "开工时间", "节点", "包抓领导"],
        ["", "", "总投资", "2016年计划投资(万元)", "", "竣工", ""],
        ["一", "工业项目(3个)"],
        [1, "甲", "约5", 100, 2016.1, "3月", "=王建国"],
        [2, "乙", 1.5, 100, "2016.10", "", ""],
        [3, "丙", -2, 100, "2016.3", "", "李四(县长)"],
        merges=[Merge(2, 2, 2, 3)],
        name="洽谈项目",
    )
    bad = [row for row in found.rows if row.errors]
    data = sent_back(found, bad)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "2016年重点项目(1-2月)"
    assert rows[1][0] == "年度:2016年      截止时间:2016年2月29日      单位:亿元"
    assert rows[2] == [
        "序号", "项目名称", "总投资", "2016年计划投资(万元)", "开工时间", "节点/竣工", "包抓领导",
        "所属行业", "阶段", "退回原因",
    ]  # fmt: skip
    assert rows[3] == [
        1, "甲", "约5", 100, 2016.1, "3月", "=王建国", "工业", "洽谈",
        "C6 不是金额；E6 数字 2016.1 分不清是 1 月还是 10 月，请写成“2016年1月”或“2016年10月”",
    ]  # fmt: skip
    assert rows[4][:7] == [3, "丙", -2, 100, 2016.3, None, "李四(县长)"]
    assert sheet.title == "洽谈项目"


def test_mended_rows_are_read_as_if_nothing_had_been() -> None:
    found = ledger(
        ["单位:亿元"],
        ["序号", "项目名称", "总投资", "责任部门"],
        ["一", "工业项目"],
        ["", "（一）续建"],
        [1, "甲", "约5", "住建局"],
        [2, "乙", "6", ""],
        merges=[Merge(4, 3, 5, 3)],
    )
    book = openpyxl.load_workbook(io.BytesIO(sent_back(found, list(found.rows))))
    assert book.active is not None
    book.active["C4"] = 5
    out = io.BytesIO()
    book.save(out)
    again = parse_projects(read_workbook(out.getvalue()))
    assert [row.errors for row in again.rows] == [(), ()]
    assert [row.values for row in again.rows] == [
        replace(found.rows[0].values, total_investment=again.rows[0].values.total_investment),
        found.rows[1].values,
    ]
    assert again.rows[0].values.total_investment == 50000
    assert again.rows[1].values.departments == ("住建局",)
    assert {column.field for column in again.sheets[0].columns} >= {"reason", "sector", "category"}


@pytest.mark.parametrize(
    "name", ["county-a-pipeline.xlsx", "county-b-2016-02.xlsx", "county-c-urban-2013.xlsx", "landed-2016-03.xls"]
)
def test_whole_ledgers_there_and_back(name: str) -> None:
    found = read_file(name)
    good = [row for row in found.rows if not row.errors]
    again = parse_projects(read_workbook(sent_back(found, good)))
    assert (again.year, again.as_of) == (found.year, found.as_of)
    assert [(row.sheet, row.values, row.errors) for row in again.rows] == [(row.sheet, row.values, ()) for row in good]


def test_a_text_that_only_looks_like_a_number_stays_text() -> None:
    found = ledger(["项目名称", "开工时间", "项目编号"], ["", "2016.10", "0012"])
    again = parse_projects(read_workbook(sent_back(found, list(found.rows))))
    assert [(str(row.values.start), row.values.own_code) for row in again.rows] == [("2016-10", "0012")]


def test_a_formula_error_is_still_one_until_mended() -> None:
    found = read_file("landed-2016-03.xls")
    again = parse_projects(read_workbook(sent_back(found, [row for row in found.rows if row.errors])))
    assert [(row.values.name, error.code) for row in again.rows for error in row.errors] == [
        ("公式出错的项目", "formula_error")
    ]


def test_odd_sheet_names_and_no_rows() -> None:
    found = ledger(["项目名称", "备注"], ["甲", ""], name="a/b:[c]*?" + "长" * 40)
    book = openpyxl.load_workbook(io.BytesIO(sent_back(found, list(found.rows))))
    assert len(book.sheetnames[0]) <= 31
    empty = write_rejected(found.sheets, [], year=2016, as_of=date(2016, 2, 29))
    assert openpyxl.load_workbook(io.BytesIO(empty)).sheetnames == ["Sheet"]
