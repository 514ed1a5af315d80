"""节点 in ledgers: which columns are milestones, and what their cells say."""

import calendar
import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledgers.errors import CellProblem
from app.ledgers.export import write_projects
from app.ledgers.forms import canonical
from app.ledgers.headers import field_of
from app.ledgers.model import CellValue, MilestoneStatus, MilestoneValue, ProjectValues
from app.ledgers.nodes import kind_of, node_text, parse_node
from app.ledgers.projects import parse_projects
from app.ledgers.rejected import write_rejected
from app.ledgers.workbook import read_workbook
from tests.ledgers.building import ledger

DAYS = st.dates(date(1990, 1, 1), date(2050, 12, 31))
NAMES = ["立项", "设计", "融资", "拆迁", "进场", "开工", "竣工", "施工图审查", "消防验收(二次)", "三通一平"]


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        (("节点计划完成时间", "立项"), "立项"),
        (("2013年节点安排", "图审"), "图审"),
        (("关键节点(倒排)", "竣工时间"), "竣工"),
        (("节点计划完成时间", "前期", "立项完成时间"), "立项"),
        (("里程碑节点", "消防验收(二次)"), "消防验收(二次)"),
        (("倒排工期安排", "设备调试"), "设备调试"),
        (("工程进度安排", "立项"), "立项"),
        (("节点计划完成时间/设备/调试",), "设备/调试"),
        # Not planned dates, no milestones, or no name.
        (("节点实际完成时间", "立项"), None),
        (("节点完成情况", "立项"), None),
        (("工程进度安排", "一季度"), None),
        (("节点计划完成时间", "3月"), None),
        (("节点计划完成时间", "2013年上半年"), None),
        (("节点计划完成时间", "责任单位"), None),
        (("节点计划完成时间", "完成时间"), None),
        (("节点计划完成时间",), None),
        (("时间节点",), None),
        (("月度节点", "立项"), None),
    ],
)
def test_columns_of_milestones(levels: tuple[str, ...], name: str | None) -> None:
    found = field_of(levels)
    assert (found[0] if found else None) == (f"milestones.{name}" if name else None)


@pytest.mark.parametrize(
    ("levels", "field"),
    [
        (("开工时间",), "start"),
        (("建设起止年限", "竣工时间"), "completion"),
        (("建设起止年限", "开工"), None),
        (("自开工以来", "竣工"), None),
    ],
)
def test_a_name_alone_does_not_make_a_milestone_of_another_column(levels: tuple[str, ...], field: str | None) -> None:
    found = field_of(levels)
    assert (found[0] if found else None) == field


def test_known_names_need_no_heading_above_but_company() -> None:
    two = ledger(["项目名称", "立项", "开工"], ["甲", "已完成", "2013.5.1"])
    assert two.rows[0].values.milestones == (
        MilestoneValue("立项", "done"), MilestoneValue("开工", "planned", date(2013, 5, 1)),
    )  # fmt: skip
    alone = ledger(["项目名称", "总投资", "设计"], ["甲", 5, "市设计院"])
    assert [column.field for column in alone.sheets[0].columns] == ["name", "total_investment", None]
    assert alone.rows[0].errors == ()


def test_a_row_of_stages_is_no_header() -> None:
    found = ledger(["项目", "责任单位", "立项", "开工"], ["甲", "建设局", "已立项", "6月底前"], year=2013)
    assert [row.values.name for row in found.rows] == ["甲"]


@pytest.mark.parametrize(
    ("cell", "status", "day"),
    [
        ("5月底前", "planned", date(2013, 5, 31)),
        ("2月底前", "planned", date(2013, 2, 28)),
        ("2013.6.15", "planned", date(2013, 6, 15)),
        ("2013年5月20日", "planned", date(2013, 5, 20)),
        ("2013年5月20日前完成", "planned", date(2013, 5, 20)),
        ("计划6月15日完成", "planned", date(2013, 6, 15)),
        ("２０１３．６．１５", "planned", date(2013, 6, 15)),
        ("6月", "planned", date(2013, 6, 30)),
        ("6月中旬", "planned", date(2013, 6, 20)),
        ("年底", "planned", date(2013, 12, 31)),
        ("二季度末", "planned", date(2013, 6, 30)),
        (date(2013, 6, 15), "planned", date(2013, 6, 15)),
        (datetime(2013, 6, 15, 8, 30), "planned", date(2013, 6, 15)),  # noqa: DTZ001  # a cell has no zone
        (41440, "planned", date(2013, 6, 15)),
        (20130615, "planned", date(2013, 6, 15)),
        ("待定", "planned", None),
        ("未开工", "planned", None),
        ("已完成", "done", None),
        (" 已 完 成 ", "done", None),
        ("完成", "done", None),
        ("√", "done", None),
        ("已办结", "done", None),
        ("已完成(2013.3.5)", "done", date(2013, 3, 5)),
        ("已于3月5日完成", "done", date(2013, 3, 5)),
        ("2013年3月5日已完成", "done", date(2013, 3, 5)),
        ("正在办理", "in_progress", None),
        ("进行中", "in_progress", None),
        ("在建", "in_progress", None),
    ],
)
def test_understood(cell: CellValue, status: Any, day: date | None) -> None:
    assert parse_node(cell, "融资", 2013) == MilestoneValue("融资", status, day)


@pytest.mark.parametrize("cell", ["", "-", "/", "无", "不涉及", "无需拆迁"])
def test_nothing_said(cell: str) -> None:
    assert parse_node(cell, "拆迁", 2013) is None


@pytest.mark.parametrize(
    ("cell", "year", "code"),
    [
        ("视资金情况而定", 2013, "not_a_milestone"),
        ("建设局", 2013, "not_a_milestone"),
        ("2月30日", 2013, "not_a_milestone"),
        ("13月底前", 2013, "not_a_milestone"),
        ("已开工", 2013, "not_a_milestone"),
        ("3月-5月", 2013, "not_a_milestone"),
        (True, 2013, "not_a_milestone"),
        (1, 2013, "not_a_milestone"),
        ("长" * 61, 2013, "not_a_milestone"),
        ("2013年", 2013, "date_needs_month"),
        ("5月底前", None, "date_needs_year"),
        (2013.1, 2013, "ambiguous_month"),
    ],
)
def test_never_guessed(cell: CellValue, year: int | None, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        parse_node(cell, "融资", year)
    assert problem.value.code == code


@pytest.mark.parametrize(("name", "status"), [("开工", "done"), ("动工", "done"), ("竣工", None), ("立项", None)])
def test_begun_is_the_start_done_and_nothing_else(name: str, status: str | None) -> None:
    try:
        found = parse_node("已开工", name, 2013)
    except CellProblem:
        found = None
    assert (found.status if found else None) == status


@given(DAYS, st.sampled_from(NAMES), st.data())
def test_a_day_however_it_is_written(day: date, name: str, data: st.DataObject) -> None:
    y, m, d = day.year, day.month, day.day
    texts = [
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}-{m:02}-{d:02}",
        f"{y}/{m}/{d}",
        f"{y}年{m}月{d}日前",
        f"{m}月{d}日",
    ]
    last = calendar.monthrange(y, m)[1]
    months = [f"{m}月底前", f"{y}年{m}月底", f"{m}月", f"{y}年{m}月份", f"{m}月末"]
    text = data.draw(st.sampled_from([*texts, *months]))
    expected = day if text in texts else date(y, m, last)
    assert parse_node(text, name, y) == MilestoneValue(name, "planned", expected)
    done = data.draw(st.sampled_from([f"已完成({text})", f"已于{text}完成", f"{text}已完成"]))
    assert parse_node(done, name, y) == MilestoneValue(name, "done", expected)


@given(
    st.one_of(
        st.text(max_size=20), st.text("已完成于月日年.前底待定0123456789()", max_size=12), st.integers(), st.floats()
    )
)
def test_any_cell_is_understood_or_told(cell: CellValue) -> None:
    try:
        found = parse_node(cell, "设计", 2013)
    except CellProblem as problem:
        told, found = problem.code, None
    else:
        told = ""
    assert told in {"", "not_a_milestone", "date_needs_month", "date_needs_year", "ambiguous_month", "too_long"}
    if found is not None:
        assert parse_node(node_text(found), "设计") == found


def test_a_bad_cell_is_named_with_its_place_and_good_rows_are_untouched() -> None:
    found = ledger(
        ["2013年安排表", "", "", ""],
        ["项目名称", "责任单位", "节点计划完成时间", ""],
        ["", "", "立项", "开工"],
        ["甲", "建设局", "已完成", "等钱"],
        ["乙", "建设局", "已完成", "6月底前"],
    )
    bad, good = found.rows
    assert [(e.cell, e.field, e.code) for e in bad.errors] == [("D4", "milestones.开工", "not_a_milestone")]
    assert good.errors == ()
    assert good.values.milestones == (
        MilestoneValue("立项", "done"), MilestoneValue("开工", "planned", date(2013, 6, 30)),
    )  # fmt: skip
    (again,) = parse_projects(
        read_workbook(write_rejected(found.sheets, [bad], year=found.year, as_of=found.as_of))
    ).rows
    assert again.values.milestones == (MilestoneValue("立项", "done"),)
    assert [e.code for e in again.errors] == ["not_a_milestone"]


def test_kinds() -> None:
    assert [kind_of(name) for name in NAMES] == [
        "project_approval", "design", "financing", "demolition", "site_entry", "construction_start", "completion",
        "other", "acceptance", "site_entry",
    ]  # fmt: skip


@st.composite
def _rows(draw: st.DrawFn) -> list[ProjectValues]:
    status: st.SearchStrategy[MilestoneStatus] = st.sampled_from(["planned", "in_progress", "done"])
    rows = []
    for number in range(draw(st.integers(1, 4))):
        names = [name for name in NAMES if draw(st.booleans())]
        nodes = [MilestoneValue(name, draw(status), draw(st.none() | DAYS)) for name in names]
        rows.append(ProjectValues(name=f"项目{number}", milestones=tuple(nodes)))
    return rows


@given(_rows())
def test_milestones_come_back_from_our_own_ledgers(rows: list[ProjectValues]) -> None:
    again = parse_projects(read_workbook(write_projects(rows, title="x", year=2013)))
    assert [(row.values, row.errors) for row in again.rows] == [(canonical(row), ()) for row in rows]
    assert [column for column in again.sheets[0].columns if column.field is None] == []
    for row in rows:
        kept = [node for node in row.milestones if node.status != "in_progress"]
        assert [node for node in canonical(row).milestones if node.status != "in_progress"] == kept


def test_columns_are_in_the_order_of_the_rows_and_spelled_as_first_seen() -> None:
    def row(name: str, *nodes: str) -> ProjectValues:
        return ProjectValues(name=name, milestones=tuple(MilestoneValue(node, "done") for node in nodes))

    rows = [row("甲", "立项", "Phase 1", "竣工"), row("乙", "立项", "设计", "phase1", "竣工", "3月"), row("丙")]
    sheet = openpyxl.load_workbook(io.BytesIO(write_projects(rows, title="x"))).active
    assert sheet is not None
    headings = [cell.value for cell in sheet[4]]
    start = headings.index("立项")
    assert headings[start : start + 4] == ["立项", "设计", "Phase 1", "竣工"]
    assert [[cell.value for cell in sheet[at][start : start + 4]] for at in (6, 7, 8)] == [
        ["已完成", None, "已完成", "已完成"], ["已完成"] * 4, [None] * 4,
    ]  # fmt: skip


def test_without_milestones_there_are_no_columns_for_them() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_projects([ProjectValues(name="甲")], title="x"))).active
    assert sheet is not None
    assert "节点计划完成时间" not in [cell.value for cell in sheet[3]]
