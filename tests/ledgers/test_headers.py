"""Headers are found and understood wherever they stand and however they are cut."""

from datetime import date
from decimal import Decimal

import pytest

from app.ledgers.errors import LedgerError
from app.ledgers.headers import field_of
from app.ledgers.model import CellValue, Grid, Merge
from app.ledgers.projects import parse_projects
from tests.ledgers.building import grid, ledger, only


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("序号", "seq"),
        ("工程名称", "name"),
        ("项 目\n名 称", "name"),
        ("项目（工程）名称", "name"),
        ("重点项目名称", "name"),
        ("项目编号", "own_code"),
        ("项目代码", "code"),
        ("投资项目统一代码", "code"),
        ("投资方", "investors"),
        ("业主单位", "owners"),
        ("建设单位", "owners"),
        ("项目业主", "owners"),
        ("建设地点", "location"),
        ("建设地址", "location"),
        ("总投资(亿元)", "total_investment"),
        ("计划总投资", "total_investment"),
        ("项目总投资额（万元）", "total_investment"),
        ("2016年计划投资", "annual_plan"),
        ("2016年度计划", "annual_plan"),
        ("年度计划投资", "annual_plan"),
        ("年度投资计划", "annual_plan"),
        ("1-2月完成投资", "completed"),
        ("1—12月份累计完成投资", "completed"),
        ("累计完成投资", "completed"),
        ("年初至今完成投资", "completed"),
        ("截至2月底完成投资", "completed"),
        ("占年度计划（%）", "completion_rate"),
        ("包扶领导", "leader"),
        ("县级联系领导", "leader"),
        ("包抓县领导", "leader"),
        ("责任领导", "leader"),
        ("责任部门", "departments"),
        ("牵头单位", "departments"),
        ("责任人", "contact"),
        ("项目联系人", "contact"),
        ("联系电话", "contact_phone"),
        ("建设性质", "category"),
        ("建设内容及规模", "content"),
        ("主要建设内容", "content"),
        ("建设规模及内容", "content"),
        ("建设起止年限", "period"),
        ("建设年限", "period"),
        ("计划开工时间", "start"),
        ("开工日期", "start"),
        ("竣工时间", "completion"),
        ("预计建成时间", "completion"),
        ("形象进度", "progress_text"),
        ("项目进展情况", "progress_text"),
        ("存在的主要问题", "problem"),
        ("主要问题", "problem"),
        ("需协调解决的问题", "problem"),
        ("备注", "remark"),
        ("所属行业", "sector"),
        ("入库时间", "enrolled_on"),
        ("项目阶段", "stage"),
        ("退回原因", "reason"),
        ("自开工累计完成投资", None),
        ("本月完成投资", None),
        ("2月完成投资", None),
        ("上年完成投资", None),
        ("责任单位/责任人", None),
        ("施工单位", None),
        ("面积", None),
        ("x" * 5000, None),
    ],
)
def test_wordings(heading: str, field: str | None) -> None:
    found = field_of((heading,))
    assert (found[0] if found else None) == field


@pytest.mark.parametrize(
    ("levels", "field"),
    [
        (("投资情况", "总投资"), "total_investment"),
        (("2016年", "计划投资"), "annual_plan"),
        (("投资", "2016年计划"), "annual_plan"),
        (("包抓领导", "姓名"), "leader"),
        (("包抓领导", "职务"), "leader_title"),
        (("包抓领导", "联系电话"), None),
        (("责任单位", "名称"), "departments"),
        (("责任人", "职务"), None),
        (("责任人", "电话"), "contact_phone"),
        (("责任落实", "联系电话"), "contact_phone"),
        (("建设起止年限", "开工时间"), "start"),
        (("节点计划完成时间", "开工"), "milestones.开工"),
        (("节点计划完成时间", "竣工时间"), "milestones.竣工"),
        (("投资情况/总投资",), "total_investment"),
    ],
)
def test_two_levels(levels: tuple[str, ...], field: str | None) -> None:
    found = field_of(levels)
    assert (found[0] if found else None) == field


ROW: list[CellValue] = ["", 1, "甲项目", "县城", 3.37, "王建国", "县委书记", "孙浩", "科长"]
HEAD = ["", "序号", "项目名称", "建设地点", "总投资(亿元)", "包抓领导", "职务", "责任人", "职务"]


def test_header_in_row_six_after_a_blank_column() -> None:
    found = ledger(
        [],
        ["", "关于2016年重点项目的通知"],
        ["", "各乡镇、各部门:现将项目名称和建设地点印发"],
        [],
        ["", "单位:万元"],
        HEAD,
        ROW,
    )
    (sheet,) = found.sheets
    assert sheet.header_rows == (6,)
    assert [column.letter for column in sheet.columns] == list("BCDEFGHI")
    (row,) = found.rows
    assert (row.row, row.values.name, row.values.total_investment) == (7, "甲项目", Decimal(33700))
    assert (row.values.leader, row.values.leader_title, row.values.contact) == ("王建国", "县委书记", "孙浩")
    assert [column.letter for column in sheet.columns if column.field is None] == ["I"]


TWO_LEVELS: list[list[CellValue]] = [
    ["2016年重点项目表"],
    ["序号", "项目名称", "投资情况", "", "", "责任落实", ""],
    ["", "", "总投资(亿元)", "计划投资", "1-3月完成投资", "责任单位", "包抓领导"],
    [1, "甲", 1.5, "", 12, "住建局", "王建国(县长)"],
]


@pytest.mark.parametrize(
    "merges",
    [
        [],
        [Merge(0, 0, 0, 6), Merge(1, 0, 2, 0), Merge(1, 1, 2, 1), Merge(1, 2, 1, 4), Merge(1, 5, 1, 6)],
    ],
)
def test_two_level_header_with_and_without_merged_cells(merges: list[Merge]) -> None:
    found = ledger(*TWO_LEVELS, merges=merges)
    (sheet,) = found.sheets
    assert sheet.header_rows == (2, 3)
    assert [column.header for column in sheet.columns][2:] == [
        "投资情况/总投资(亿元)",
        "投资情况/计划投资",
        "投资情况/1-3月完成投资",
        "责任落实/责任单位",
        "责任落实/包抓领导",
    ]
    values = found.rows[0].values
    assert (values.total_investment, values.completed, values.leader_title) == (Decimal(15000), Decimal(12), "县长")
    assert (found.year, found.as_of) == (2016, date(2016, 3, 31))


def test_plan_of_another_year_is_not_this_years() -> None:
    head = ["项目名称", "2015年计划投资", "2016年计划投资", "2015年完成投资", "1-2月完成投资", "累计完成投资"]
    found = ledger(["2016年重点项目"], head, ["甲", 1, 2, 3, 4, 5])
    values = found.rows[0].values
    assert (values.annual_plan, values.completed) == (Decimal(2), Decimal(4))
    assert [column.letter for column in found.sheets[0].columns if column.field is None] == ["B", "D", "F"]
    # Said to be 2015, the same file has no months that belong to it.
    assert ledger(head, ["甲", 1, 2, 3, 4, 5], year=2015).rows[0].values.annual_plan == 1


def test_the_better_wording_wins_then_the_left_one() -> None:
    head = ["项目名称", "分管领导", "包抓领导", "主管部门", "责任部门", "责任部门"]
    values = only(head, ["甲", "张三", "李四", "A局", "B局", "C局"])
    assert (values.leader, values.departments) == ("李四", ("B局",))


@pytest.mark.parametrize(
    ("above", "year", "as_of"),
    [
        (["某县2016年重点项目(1-2月)"], 2016, date(2016, 2, 29)),
        (["某县2016年1-11月重点项目"], 2016, date(2016, 11, 30)),
        (["某县2016年2月份重点项目调度表"], 2016, date(2016, 2, 29)),
        (["2016年重点项目", "截止时间：2016年2月15日"], 2016, date(2016, 2, 15)),
        (["2016年重点项目", "截至6月底   单位：万元"], 2016, date(2016, 6, 30)),
        (["2016年重点项目", "截止日期:2016.6.20"], 2016, date(2016, 6, 20)),
        (["二〇一六年重点项目"], 2016, None),
        (["2015-2017年三年滚动计划"], None, None),
        (["某县2015年三年计划", "年度:2016年"], 2016, None),
        (["填报日期:2016年3月5日"], 2016, None),
        (["重点项目"], None, None),
    ],
)
def test_year_and_day_from_what_stands_above(above: list[str], year: int | None, as_of: date | None) -> None:
    found = ledger(*[[line] for line in above], ["项目名称", "备注"], ["甲", ""])
    assert (found.year, found.as_of) == (year, as_of)


def test_the_callers_year_and_day_stand_over_the_files() -> None:
    found = ledger(["2016年(1-2月)"], ["项目名称", "开工时间"], ["甲", "6月"], year=2017, as_of=date(2017, 5, 1))
    assert (found.year, found.as_of, str(found.rows[0].values.start)) == (2017, date(2017, 5, 1), "2017-06")


@pytest.mark.parametrize(
    ("above", "heading", "wan", "stated"),
    [
        ([], "总投资", 2, False),
        ([["单位：亿元"]], "总投资", 20000, True),
        ([["", "单位:", "亿元"]], "总投资", 20000, True),
        ([["（亿元）"]], "总投资", 20000, True),
        ([["填报单位:发改局  单位:元"]], "总投资(亿元)", 20000, True),
        ([["单位:元"], ["单位:亿元"]], "总投资", 20000, True),
        ([], "总投资（万元）", 2, True),
    ],
)
def test_units(above: list[list[str]], heading: str, wan: int, stated: bool) -> None:
    found = ledger(*above, ["项目名称", heading], ["甲", 2])
    assert found.rows[0].values.total_investment == wan
    assert found.sheets[0].unit_stated is stated


def test_sheets_without_a_table_are_passed_over() -> None:
    sheets = [
        grid(["说明"], ["项目名称 请如实填写"], name="说明"),
        Grid("空", []),
        grid(["项目名称", "备注"], ["旧", ""], name="旧"),
        grid(["项目名称", "备注"], ["甲", ""], name="在谈项目"),
    ]
    sheets[2] = Grid("旧", sheets[2].rows, (), hidden=True)
    found = parse_projects(sheets)
    assert [sheet.skipped for sheet in found.sheets] == ["no_header", "empty", "hidden", None]
    assert [(row.values.name, row.values.stage) for row in found.rows] == [("甲", "negotiating")]


def test_no_table_at_all() -> None:
    with pytest.raises(LedgerError) as caught:
        ledger(["通知"], ["序号", "姓名"], [1, "王建国"])
    assert caught.value.code == "no_header_found"


def test_sheets_of_different_years() -> None:
    sheets = [grid([f"{year}年项目"], ["项目名称", "备注"], [f"{year}号", ""], name=str(year)) for year in (2015, 2016)]
    with pytest.raises(LedgerError) as caught:
        parse_projects(sheets)
    assert (caught.value.code, caught.value.params) == ("years_conflict", {"years": "2015、2016"})
    assert len(parse_projects(sheets, 2016).rows) == 2


@pytest.mark.parametrize(
    ("name", "title", "stage"),
    [
        ("洽谈项目", "", "negotiating"),
        ("已开工", "", "started"),
        ("储备项目库台账", "", "reserve"),
        ("Sheet1", "全县落地项目包扶情况表", "landed"),
        ("Sheet1", "全县新开工项目表", None),
        ("Sheet1", "签约项目、落地项目情况表", None),
        ("重点项目", "", None),
        ("新开工项目", "", None),
    ],
)
def test_sheets_that_mean_stages(name: str, title: str, stage: str | None) -> None:
    found = ledger([title], ["项目名称", "备注"], ["甲", ""], name=name)
    assert (found.sheets[0].stage, found.rows[0].values.stage) == (stage, stage)
    assert ("stage" in found.sheets[0].provides) is (stage is not None)
