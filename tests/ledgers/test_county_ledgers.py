"""The three county ledgers, and one of Excel 97, against what a person reads in them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.ledgers.model import LedgerRow
from tests.ledgers.building import DATA, read_file

CATEGORIES = {"续建": "continued", "新建": "new_start", "前期": "preliminary"}
FILES = ["county-a-pipeline", "county-b-2016-02", "county-c-urban-2013"]


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    return found


def as_listed(row: LedgerRow, listed: dict[str, Any]) -> dict[str, Any]:
    """The row in the words of the expected file, for the fields that file lists."""
    values = row.values
    words: dict[str, Any] = {
        "sheet": row.sheet,
        "row": row.row,
        "owners": list(values.owners),
        "departments": list(values.departments),
        "department": "、".join(values.departments),
        "start_year": values.start.year if values.start else None,
        "completion_year": values.completion.year if values.completion else None,
        "progress": values.progress_text,
        "milestones": [
            {"name": node.name, "status": node.status, "date": node.date.isoformat() if node.date else None}
            for node in values.milestones
        ],
        "nature": next((word for word, code in CATEGORIES.items() if code == values.category), None),
    }
    return {field: words[field] if field in words else getattr(values, field) for field in listed}


@pytest.mark.parametrize("name", FILES)
def test_every_project_is_read_as_listed(name: str) -> None:
    listed = expected(name)["projects"]
    ledger = read_file(f"{name}.xlsx")
    assert [as_listed(row, each) for row, each in zip(ledger.rows, listed, strict=True)] == listed
    assert [row for row in ledger.rows if row.errors or row.notes] == []


@pytest.mark.parametrize("name", FILES)
def test_year_day_and_unit(name: str) -> None:
    ledger, listed = read_file(f"{name}.xlsx"), expected(name)
    assert ledger.year == listed.get("year")
    assert (ledger.as_of.isoformat() if ledger.as_of else None) == listed.get("as_of")
    assert {sheet.unit for sheet in ledger.sheets} == {listed.get("unit", "万元")}
    assert [sheet.unit_stated for sheet in ledger.sheets] == [listed.get("unit") is not None] * len(ledger.sheets)


def test_county_a_sheets_are_stages() -> None:
    ledger = read_file("county-a-pipeline.xlsx")
    assert [(sheet.name, sheet.stage) for sheet in ledger.sheets] == [
        ("洽谈项目", "negotiating"),
        ("落地项目", "landed"),
        ("开工项目", "started"),
    ]
    assert {"stage", "major", "leader_title"} <= set(ledger.sheets[0].provides)


def test_county_b_is_understood_whole() -> None:
    ledger = read_file("county-b-2016-02.xlsx")
    (sheet,) = ledger.sheets
    assert sheet.header_rows == (3, 4)
    assert [(column.letter, column.header, column.field) for column in sheet.columns][5:11] == [
        ("F", "建设起止年限", "period"),
        ("G", "投资情况/总投资", "total_investment"),
        ("H", "投资情况/2016年计划投资", "annual_plan"),
        ("I", "投资情况/1-2月完成投资", "completed"),
        ("J", "投资情况/占年度计划", "completion_rate"),
        ("K", "形象进度", "progress_text"),
    ]
    assert all(column.field for column in sheet.columns)
    assert [(each.row, each.kind) for each in sheet.ignored] == [
        (1, "title"), (2, "title"), (5, "total"),
        *[(row, "section") for row in (6, 53, 96, 131, 190, 233)], (261, "note"),
    ]  # fmt: skip
    # Nothing in that ledger marks a project as major, so it says nothing of it.
    assert "major" not in sheet.provides


def test_county_b_totals_agree() -> None:
    totals = read_file("county-b-2016-02.xlsx").totals
    assert [total for total in totals if not total.agrees] == []
    whole = {total.field: total.stated for total in totals if total.row == 5}
    assert whole == {
        "count": Decimal(249),
        "total_investment": Decimal(3809600),
        "annual_plan": Decimal(1180000),
        "completed": Decimal(79600),
    }
    assert [(t.label, int(t.computed)) for t in totals if t.kind == "section" and t.field == "count"] == [
        ("工业项目(46个)", 46), ("城建项目(42个)", 42), ("交通项目(34个)", 34),
        ("农林水利项目(58个)", 58), ("社会事业项目(42个)", 42), ("商贸旅游项目(27个)", 27),
    ]  # fmt: skip


def test_county_c_is_understood_whole() -> None:
    (sheet,) = read_file("county-c-urban-2013.xlsx").sheets
    assert sheet.header_rows == (2, 3)
    assert [(column.letter, column.header, column.field) for column in sheet.columns[5:]] == [
        (letter, f"节点计划完成时间/{name}", f"milestones.{name}")
        for letter, name in zip("FGHIJKL", ["立项", "设计", "融资", "拆迁", "进场", "开工", "竣工"], strict=True)
    ]
    assert all(column.field for column in sheet.columns)
    assert "milestones" in sheet.provides


def test_excel_97() -> None:
    """Made with xlwt: merged title, shared strings over several records, a department merged over two rows, dates
    shown with and without their day, a hidden sheet, a cell error, and 30 000 rows that are formatted but empty."""
    ledger = read_file("landed-2016-03.xls")
    assert (ledger.year, ledger.as_of) == (2016, date(2016, 3, 31))
    assert [(sheet.name, sheet.stage, sheet.skipped) for sheet in ledger.sheets] == [
        ("落地项目", "landed", None),
        ("旧表", None, "hidden"),
    ]
    assert len(ledger.rows) == 21
    values = [row.values for row in ledger.rows]
    assert [each.departments for each in values[:3]] == [("土地局",), ("土地局",), ("发改委", "园区管委会")]
    assert [str(each.start) for each in values[:2]] == ["2016-03-01", "2016-03"]
    assert [each.total_investment for each in values[:2]] == [20000, 33700]
    assert values[3].location == "3号地块" + "柳城工业园区" * 70
    assert [(error.cell, error.code) for row in ledger.rows for error in row.errors] == [("D25", "formula_error")]
    assert [(total.stated, total.agrees) for total in ledger.totals] == [(Decimal(537000), True)]
