"""A ledger we write is read again without any change, whatever the values are."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledgers.errors import LedgerError
from app.ledgers.export import chinese_numeral, write_projects
from app.ledgers.forms import canonical
from app.ledgers.limits import MAX_ROWS
from app.ledgers.model import Ledger, MilestoneValue, PartialDate, ProjectValues
from app.ledgers.projects import parse_projects
from app.ledgers.vocabulary import CATEGORY_LABELS, SECTOR_LABELS, STAGE_LABELS
from app.ledgers.workbook import read_workbook
from tests.ledgers.building import read_file
from tests.ledgers.test_dates import DATES, PARTIAL

NASTY = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "'=1", '=HYPERLINK("x")',
    "a\x0bb", "a\x00b", "a\r\nb", "a\nb", "\u3000a\u00a0", "\ud800x", "\ufffe", "R\u00b8", "e\u0301",
    "_x000D_", "_x005F_x000D_", "_x000D_x000D_x000D_", "<r>&</r>", "<r><t>x</t></r>", '<c t="e">', "&amp;",
    "合计", "小计", "一、工业项目(3个)", "工业项目", "注:甲", "填表人:甲", "项目名称", "无", "-", "待定", "#REF!",
    "1", "2016.10", "1,200.5", "TRUE", "https://example.test", "\U0001f600", "长" * 10_000, "ＡＢＣ１２３",
    "甲、乙", "甲,乙;丙/丁", "甲(乙、丙)", "甲(", "甲)", "(甲)", "甲 乙", "发改局 财政局", "大项目", "大项目、甲",
]  # fmt: skip
TEXT = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.text("甲乙局(),、;\n =-", max_size=10))
NAMES = st.lists(TEXT, max_size=3).map(tuple)
AMOUNT = st.none() | st.decimals(0, 10**13, places=4)


TEXT_FIELDS = [
    "location", "content", "progress_text", "problem", "contact", "contact_phone", "leader", "leader_title", "remark",
]  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> ProjectValues:
    start, completion = draw(st.none() | PARTIAL), draw(st.none() | PARTIAL)
    if start and completion and completion.last < start.first:
        start, completion = completion, start
    other: dict[str, Any] = {field: draw(st.none() | TEXT) for field in TEXT_FIELDS}
    other |= {field: draw(NAMES) for field in ("investors", "owners", "departments")}
    other |= {field: draw(AMOUNT) for field in ("total_investment", "annual_plan", "completed")}
    return ProjectValues(
        name=draw(TEXT),
        own_code=draw(st.none() | st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)),
        code=draw(st.none() | st.from_regex(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", fullmatch=True)),
        stage=draw(st.none() | st.sampled_from(sorted(STAGE_LABELS))),
        sector=draw(st.none() | st.sampled_from(sorted([*SECTOR_LABELS, "digital"]))),
        category=draw(st.none() | st.sampled_from(sorted(CATEGORY_LABELS))),
        start=start,
        completion=completion,
        enrolled_on=draw(st.none() | DATES),
        major=draw(st.booleans()),
        **other,
    )


SECTORS = {"digital": "数字经济"}

projects = drafts().filter(lambda row: canonical(row, sectors=SECTORS).name is not None)
"""A project has a name; "-" and "待定" are none."""


def read_again(data: bytes) -> Ledger:
    return parse_projects(read_workbook(data), sectors=SECTORS)


def in_order(rows: list[ProjectValues]) -> list[str]:
    return sorted(map(repr, rows))


@settings(max_examples=80, deadline=None)
@given(st.lists(projects, max_size=6), st.booleans(), st.sampled_from(["万元", "亿元", "元"]), TEXT)
def test_any_projects_come_back(rows: list[ProjectValues], sections: bool, unit: str, title: str) -> None:
    as_of = date(2016, 2, 29)
    options: dict[str, Any] = {"title": title, "unit": unit, "year": 2016, "as_of": as_of, "sections": sections}
    data = write_projects(rows, sectors=SECTORS, **options)
    ledger = read_again(data)
    expected = [canonical(row, sectors=SECTORS) for row in rows]
    got = [row.values for row in ledger.rows]
    assert in_order(got) == in_order(expected)
    assert (ledger.year, ledger.as_of) == (2016, as_of)
    assert [column for column in ledger.sheets[0].columns if column.field is None] == []
    assert [total for total in ledger.totals if not total.agrees] == []


@settings(max_examples=80, deadline=None)
@given(projects)
def test_the_canonical_form_is_a_fixed_point(row: ProjectValues) -> None:
    once = canonical(row, sectors=SECTORS)
    assert canonical(once, sectors=SECTORS) == once
    (again,) = read_again(write_projects([once], title="x", year=2016, sectors=SECTORS)).rows
    assert again.values == once


FULL = ProjectValues(
    name="甲项目(一期)",
    own_code="990102-0001",
    code="2016-522701-48-03-000123",
    stage="signed",
    sector="industry",
    category="new_start",
    investors=("甲公司", "乙公司"),
    owners=("建设局", "体育局"),
    location="城关镇",
    content="建设规模100亩，配套道路管网等设施\n二期另计",
    start=PartialDate(2016, 3),
    completion=PartialDate(2018, 6, 30),
    total_investment=Decimal("23247.5001"),
    annual_plan=Decimal(10266),
    completed=Decimal("99999999999999.9999"),
    progress_text="主体施工",
    problem="土地征用未完成",
    departments=("县工信局", "园区管委会"),
    contact="孙浩",
    contact_phone="0854-8212345",
    leader="王建国",
    leader_title="县委书记",
    major=True,
    remark="省重点",
    enrolled_on=date(2016, 2, 29),
    milestones=(MilestoneValue("立项", "done"), MilestoneValue("开工", "planned", date(2016, 6, 30))),
)


@pytest.mark.parametrize("sections", [True, False])
def test_every_field_comes_back_as_it_was(sections: bool) -> None:
    assert canonical(FULL) == FULL
    ledger = read_again(write_projects([FULL], title="x", year=2016, as_of=date(2016, 2, 29), sections=sections))
    assert [(row.values, row.errors, row.notes) for row in ledger.rows] == [(FULL, (), ())]
    assert set(ledger.sheets[0].provides) == set(ProjectValues.__dataclass_fields__)


@pytest.mark.parametrize("name", ["county-a-pipeline.xlsx", "county-b-2016-02.xlsx", "county-c-urban-2013.xlsx"])
def test_the_county_ledgers_come_back(name: str) -> None:
    ledger = read_file(name)
    rows = [row.values for row in ledger.rows]
    data = write_projects(rows, title="重点项目台账", unit="亿元", year=ledger.year, as_of=ledger.as_of)
    again = read_again(data)
    assert [row.values for row in again.rows] == [canonical(row) for row in rows]
    assert [row for row in again.rows if row.errors or row.notes] == []
    assert write_projects(rows, title="重点项目台账", unit="亿元", year=ledger.year, as_of=ledger.as_of) == data


def test_the_county_format() -> None:
    rows = [row.values for row in read_file("county-b-2016-02.xlsx").rows]
    data = write_projects(rows, title="某县重点项目", year=2016, as_of=date(2016, 2, 29))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    texts = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=7)]
    assert texts[0][0] == "某县重点项目"
    assert texts[1][0] == "年度:2016年      截止时间:2016年2月29日      单位:万元"
    heading = texts[2].index("投资情况")
    assert texts[3][heading : heading + 4] == ["总投资", "2016年计划投资", "1-2月完成投资", "占年度计划"]
    assert texts[4][1] == "合计(249个)"
    assert texts[4][heading : heading + 3] == [3809600, 1180000, 79600]
    assert texts[5][:2] == ["一", "工业项目(46个)"]
    rates = [row[heading + 3] for row in sheet.iter_rows(min_row=5)]
    assert {(cell.data_type, cell.number_format) for cell in rates} == {("n", "0.00%")}
    assert rates[0].value == pytest.approx(79600 / 1180000, rel=1e-14)
    assert {"A3:A4", "B3:B4"} <= {str(area) for area in sheet.merged_cells.ranges}
    assert sheet.freeze_panes == "C5"


def test_what_looks_like_a_formula_stays_text() -> None:
    rows = [ProjectValues(name=text) for text in ("=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠1", "\t=2", "\r=3")]
    sheet = openpyxl.load_workbook(io.BytesIO(write_projects(rows, title="=1+1"))).active
    assert sheet is not None
    cells = [sheet.cell(row, 2) for row in range(6, 16)]
    assert [cell.value for cell in cells] == ["=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠1", "=2", "=3"]
    assert {(cell.data_type == "f", cell.quotePrefix) for cell in [*cells, sheet["A1"]]} == {(False, True)}


def test_numbers_are_numbers_as_far_as_excel_keeps_them() -> None:
    rows = [ProjectValues(name="甲", total_investment=Decimal("1.5"), annual_plan=Decimal("99999999999999.9999"))]
    sheet = openpyxl.load_workbook(io.BytesIO(write_projects(rows, title="x", sections=False))).active
    assert sheet is not None
    values = [cell.value for cell in sheet[6]]
    assert 1.5 in values
    assert "99999999999999.9999" in values


def test_rows_without_sector_come_first_and_others_in_order() -> None:
    rows = [
        ProjectValues(name=str(sector), sector=sector) for sector in ("digital", "other", "urban", None, "industry")
    ]
    ledger = read_again(write_projects(rows, title="x", sectors=SECTORS))
    assert [row.values.sector for row in ledger.rows] == [None, "industry", "urban", "other", "digital"]


@pytest.mark.parametrize(
    ("year", "as_of", "heading"),
    [
        (2016, date(2016, 1, 31), "1月完成投资"),
        (2016, date(2016, 12, 31), "1-12月完成投资"),
        (2016, date(2017, 1, 31), "累计完成投资"),
        (2016, None, "累计完成投资"),
        (None, None, "累计完成投资"),
    ],
)
def test_heading_of_the_completed_investment(year: int | None, as_of: date | None, heading: str) -> None:
    ledger = read_again(write_projects([FULL], title="x", year=year, as_of=as_of))
    assert {column.field: column.header for column in ledger.sheets[0].columns}["completed"] == f"投资情况/{heading}"
    assert ledger.rows[0].values == FULL


def test_no_more_rows_than_can_be_read_again() -> None:
    with pytest.raises(LedgerError) as caught:
        write_projects([FULL] * MAX_ROWS, title="x")
    assert caught.value.code == "workbook_too_large"


def test_chinese_numerals() -> None:
    expected = {1: "一", 9: "九", 10: "十", 11: "十一", 20: "二十", 21: "二十一", 99: "九十九", 100: "九十九"}
    assert {number: chinese_numeral(number) for number in expected} == expected
