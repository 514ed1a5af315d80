"""Projects told apart from everything else that stands in a ledger, and bad rows from good ones."""

from decimal import Decimal

import pytest

from app.ledgers.model import CellValue, Ledger, LedgerRow, Merge
from tests.ledgers.building import ledger, only

HEAD = ["序号", "项目名称", "建设地点", "总投资", "2016年计划投资", "备注"]


def kinds(found: Ledger) -> list[tuple[int, str]]:
    return [(each.row, each.kind) for each in found.sheets[0].ignored]


def names(found: Ledger) -> list[tuple[str | None, str | None, str | None]]:
    return [(row.values.name, row.values.sector, row.values.category) for row in found.rows]


def codes(row: LedgerRow) -> list[tuple[str, str]]:
    return [(error.cell, error.code) for error in row.errors]


def test_sections_subtotals_totals_and_notes() -> None:
    found = ledger(
        HEAD,
        ["合计", "", "", 60, 6],
        ["一、工业项目(2个)"],
        [1, "甲", "县城", 10, 1],
        [2, "乙", "县城", 20, 2],
        ["", "小计", "", 30, 3],
        ["二", "农林水利项目", "", 30, 3],
        ["（一）续建", "", "", 10, 1],
        [1, "丙", "县城", 10, 1],
        ["（二）新建项目：1个"],
        [2, "丁", "县城", 20, 2],
        HEAD,
        ["三", "交通项目"],
        [3, "", "", "", ""],
        [],
        ["注:数据截至2月底"],
        ["填表人:张三", "", "审核人:李四"],
        merges=[Merge(2, 0, 2, 5)],
    )
    assert names(found) == [
        ("甲", "industry", None),
        ("乙", "industry", None),
        ("丙", "agriculture", "continued"),
        ("丁", "agriculture", "new_start"),
    ]
    assert kinds(found) == [
        (2, "total"), (3, "section"), (6, "subtotal"), (7, "section"), (8, "section"), (10, "section"),
        (12, "header"), (13, "section"), (16, "note"), (17, "note"),
    ]  # fmt: skip
    assert all(total.agrees for total in found.totals), found.totals
    assert [(total.row, total.field, int(total.stated or 0)) for total in found.totals] == [
        (2, "total_investment", 60), (2, "annual_plan", 6), (3, "count", 2),
        (6, "total_investment", 30), (6, "annual_plan", 3), (7, "total_investment", 30), (7, "annual_plan", 3),
        (8, "total_investment", 10), (8, "annual_plan", 1), (10, "count", 1),
    ]  # fmt: skip
    assert {"sector", "category"} <= set(found.sheets[0].provides)


def test_totals_that_do_not_agree_are_told_with_both_figures() -> None:
    found = ledger(
        ["单位:亿元"], HEAD, ["", "合计(3个)", "", "1.5", "待定"], [1, "甲", "", 1.2, 0.1], [2, "乙", "", 0.2, "x"]
    )
    assert [(t.field, t.stated, t.computed, t.agrees) for t in found.totals] == [
        ("count", Decimal(3), Decimal(2), False),
        ("total_investment", Decimal(15000), Decimal(14000), False),
        ("annual_plan", None, Decimal(1000), False),
    ]


@pytest.mark.parametrize("label", ["合计", "总 计", "全县合计(2个)", "合计：2个", "总计2个"])
def test_totals_by_any_name(label: str) -> None:
    assert kinds(ledger(HEAD, ["", label, "", 1], [1, "甲"])) == [(2, "total")]


def test_a_numbered_row_is_a_project_whatever_its_name() -> None:
    found = ledger(HEAD, [1, "合计大厦"], [2, "一、二级公路"], [3, "工业项目"], ["(4)", "小计"], ["５", "注:乙"])
    assert [row.values.name for row in found.rows] == ["合计大厦", "一、二级公路", "工业项目", "小计", "注:乙"]
    assert kinds(found) == []


def test_without_a_number_column() -> None:
    head = ["项目名称", "建设地点", "总投资"]
    found = ledger(
        head,
        ["工业项目(1个)"],
        ["甲", "县城", 1],
        ["续建项目"],
        ["乙", "县城", 2],
        ["滨河公园改造项目"],
        ["合计", "", 3],
    )
    assert names(found) == [
        ("甲", "industry", None),
        ("乙", None, "continued"),
        ("滨河公园改造项目", None, "continued"),
    ]


@pytest.mark.parametrize(
    ("label", "sector"),
    [
        ("工业项目", "industry"),
        ("城镇建设", "urban"),
        ("基础设施项目", "urban"),
        ("交通基础设施项目", "transport"),
        ("农业项目", "agriculture"),
        ("社会民生事业", "social"),
        ("文化旅游项目", "service"),
        ("服务业项目", "service"),
        ("能源项目", "energy"),
        ("生态环保项目", "ecology"),
        ("其他项目", "other"),
        ("重大项目", None),
    ],
)
def test_sectors_of_sections(label: str, sector: str | None) -> None:
    found = ledger(HEAD, ["一", f"{label}(1个)"], [1, "甲"])
    assert found.rows[0].values.sector == sector


def test_further_sectors_of_the_dictionary() -> None:
    rows: list[list[CellValue]] = [[*HEAD], ["一", "数字工业项目(1个)"], [1, "甲"]]
    assert ledger(*rows).rows[0].values.sector == "industry"
    assert ledger(*rows, sectors={"digital": "数字工业"}).rows[0].values.sector == "digital"
    # A county may call a sector of ours by another name.
    assert ledger(*rows, sectors={"energy": "数字工业"}).rows[0].values.sector == "energy"


def test_cells_merged_over_rows_speak_for_each() -> None:
    head = ["序号", "项目名称", "总投资", "责任部门", "包抓领导"]
    rows: list[list[CellValue]] = [[1, "甲", 10, "住建局", "王建国"], [2, "乙", "", "", ""], [3, "丙", 5, "水务局", ""]]
    found = ledger(head, *rows, merges=[Merge(1, 2, 2, 2), Merge(1, 3, 2, 3), Merge(1, 4, 3, 4)])
    assert [(row.values.departments, row.values.leader) for row in found.rows] == [
        (("住建局",), "王建国"),
        (("住建局",), "王建国"),
        (("水务局",), "王建国"),
    ]
    assert [codes(row) for row in found.rows] == [[("C2", "merged_amount")], [("C3", "merged_amount")], []]
    assert found.rows[1].raw == ("2", "乙", "", "住建局", "王建国")


def test_bad_cells_are_named_and_good_rows_untouched() -> None:
    head = ["序号", "项目名称", "总投资", "开工时间", "竣工时间", "项目编号", "项目代码", "备注"]
    found = ledger(
        head,
        [1, "甲", "abc", "明年", "", "", "", ""],
        [2, "", 5, "", "", "", "", "有备注"],
        [3, "乙", -1, 2016.1, "", "", "", ""],
        [4, "丙", 5, "2016年", "2015年", "甲-1", "123", "x" * 10_001],
        [5, "丁", "1,200.5", "2016.3", "2016年6月底前", "A-1", "", ""],
        [6, "字" * 201, 5, "", "", "", "", ""],
    )
    assert [codes(row) for row in found.rows] == [
        [("C2", "not_an_amount"), ("D2", "not_a_date")],
        [("B3", "missing_name")],
        [("C4", "negative_amount"), ("D4", "ambiguous_month")],
        [("F5", "invalid_own_code"), ("G5", "invalid_code"), ("H5", "too_long"), ("E5", "dates_out_of_order")],
        [],
        [("B7", "too_long")],
    ]
    good = found.rows[4].values
    assert (good.total_investment, str(good.start), str(good.completion)) == (
        Decimal("1200.5"),
        "2016-03",
        "2016-06-30",
    )
    error = found.rows[2].errors[1]
    assert (error.value, error.field) == ("2016.1", "start")
    assert "2016年10月" in error.message_zh
    assert "October" in error.message_en


def test_rows_of_one_name_name_each_other() -> None:
    head = ["序号", "项目名称", "项目编号"]
    found = ledger(head, [1, "甲项目", ""], [2, "乙", ""], [3, "甲 项目", ""])
    assert [codes(row) for row in found.rows] == [[("B2", "duplicate_name")], [], [("B4", "duplicate_name")]]
    assert "Sheet1!B4" in found.rows[0].errors[0].message_zh
    apart = ledger(head, [1, "甲", "A-1"], [2, "甲", "A-2"])
    assert [row.errors for row in apart.rows] == [(), ()]
    same = ledger(head, [1, "甲", "A-1"], [2, "乙", "a-1"])
    assert [codes(row) for row in same.rows] == [[("C2", "duplicate_code")], [("C3", "duplicate_code")]]


def test_rows_below_another_tables_header_are_rejected() -> None:
    found = ledger(HEAD, [1, "甲", "县城", 1], ["编号", "工程名称", "总投资", "业主单位"], [1, "乙", 5, "丙公司"])
    assert [codes(row)[-1:] for row in found.rows] == [[], [("A4", "other_table")]]


@pytest.mark.parametrize(
    ("head", "cell", "field", "value"),
    [
        ("建设性质", "续建", "category", "continued"),
        ("建设性质", "新开工", "category", "new_start"),
        ("建设性质", "前期工作", "category", "preliminary"),
        ("建设性质", "改扩建", "category", None),
        ("阶段", "已开工", "stage", "started"),
        ("阶段", "在谈", "stage", "negotiating"),
        ("阶段", "投产投用", "stage", "in_production"),
        ("所属行业", "交通运输", "sector", "transport"),
        ("责任人", "张三\n李四", "contact", "张三、李四"),
        ("责任人", "张三\n(13812345678)", "contact", "张三(13812345678)"),
        ("联系电话", 13812345678.0, "contact_phone", "13812345678"),
        ("联系电话", "１３８ 1234", "contact_phone", "1381234"),
        ("存在问题", "无", "problem", None),
        ("业主单位", "建设局、体育局", "owners", ("建设局", "体育局")),
        ("投资方", "甲公司;乙公司", "investors", ("甲公司", "乙公司")),
        ("包扶领导", "唐敏(县长)、许强(副县长)", "leader", "唐敏"),
        ("备注", "大项目", "remark", None),
        ("备注", "大项目", "major", True),
        ("备注", "大项目、省重点", "remark", "省重点"),
        ("备注", "省重点大项目", "major", False),
    ],
)
def test_single_cells(head: str, cell: CellValue, field: str, value: object) -> None:
    assert getattr(only(["项目名称", head], ["甲", cell]), field) == value


@pytest.mark.parametrize(
    ("head", "cell", "code"),
    [
        ("建设性质", "续建/新建", "unknown_category"),
        ("阶段", "可研批复", "unknown_stage"),
        ("所属行业", "黑色金属冶炼", "unknown_sector"),
        ("建设起止年限", "24个月", "period_not_understood"),
        ("建设起止年限", "2016年3月", "period_open"),
        ("建设起止年限", "2016年6月底前", "period_end_only"),
        ("包扶领导", "唐敏、许强", "several_leaders"),
    ],
)
def test_what_is_left_out_is_noted(head: str, cell: str, code: str) -> None:
    (row,) = ledger(["项目名称", head], ["甲", cell]).rows
    assert row.errors == ()
    assert [(note.cell, note.code, note.value) for note in row.notes] == [("B2", code, cell)]


def test_a_title_beside_the_name_or_in_its_own_column() -> None:
    head = ["项目名称", "包扶领导", "职务"]
    assert only(head, ["甲", "唐敏(县长)", ""]).leader_title == "县长"
    assert only(head, ["甲", "唐敏(女)", "副县长"]).leader_title == "副县长"
    assert only(head, ["甲", "", "副县长"]).leader_title is None


def test_text_beside_the_table_and_prepared_rows() -> None:
    found = ledger(HEAD, [1, "甲", "", 1, 1, "", "批注"], [2, "", "", "", 0], [3], ["", "", "", "", "", "", "页脚"])
    assert [row.values.name for row in found.rows] == ["甲"]
    assert kinds(found) == [(5, "note")]
