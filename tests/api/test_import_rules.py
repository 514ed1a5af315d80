"""What a ledger row does to a project: matching, fields, people, stage, plan, figures."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from app.main import system_clock
from app.uow import SHANGHAI
from tests.ledger_files import (
    COUNTY_C_LEDGER,
    HEADER,
    apply_ledger,
    previewed,
    project_named,
    workbook,
)
from tests.world import COUNTY_A, COUNTY_B, Client, World

GOOD = (1, "甲厂", "城关镇", "续建", 100, 50, 10)


@pytest.fixture
async def office(world: World) -> Client:
    return await world.user("dispatcher", COUNTY_B)


async def test_projects_of_other_regions_are_never_matched(world: World, office: Client) -> None:
    theirs = await world.project(COUNTY_A, name="甲厂", code="X-1")
    header = (*HEADER, "项目编号")
    done = await apply_ledger(office, workbook([(*GOOD, "X-1")], header))
    assert done["counts"]["created"] == 1
    seen = await (await world.user("dispatcher", COUNTY_A)).get(f"/projects/{theirs['id']}")
    assert seen.json()["version"] == 1
    town = await world.user("dispatcher", "990102")
    row = (1, "甲厂", "城关镇", "续建", 100, 50, 10, "X-1")
    elsewhere = await world.project(COUNTY_B, name="县里的", code="X-2")
    made = await previewed(town, workbook([row, (*GOOD[:1], "别名", *GOOD[2:], "X-2")], header), "990102001")
    assert [r["outcome"] for r in made["rows"]] == ["unchanged", "rejected"]
    assert made["rows"][1]["errors"][0]["code"] == "code_taken"
    assert elsewhere["id"] not in str(made)


async def _outcomes(office: Client, rows: list[tuple[Any, ...]]) -> list[tuple[str, Any, list[str]]]:
    made = await previewed(office, workbook(rows, ("项目名称", "项目编号", "项目代码", "总投资")))
    return [(r["outcome"], r["project_id"], [f["code"] for f in r["errors"] + r["notes"]]) for r in made["rows"]]


async def test_matching_goes_by_number_then_national_code_then_name(world: World, office: Client) -> None:
    rows: list[tuple[Any, ...]]
    national = "2016-522701-48-03-000123"
    one = await world.project(COUNTY_B, name="甲", code="A-1", national_code=national)
    two = await world.project(COUNTY_B, name="乙", code="A-2")
    await world.project(COUNTY_B, name="同名", code="A-3")
    await world.project(COUNTY_B, name="同名", code="A-4")
    rows = [("新名", "A-1", None, 1), ("乙", None, None, 1), ("同名", None, None, 1)]
    assert await _outcomes(office, rows) == [
        ("changed", one["id"], []), ("changed", two["id"], []), ("rejected", None, ["ambiguous_name"]),
    ]  # fmt: skip
    rows = [("戊", None, "201652270148030001230001", 1), ("乙", "A-9", None, 1)]
    assert await _outcomes(office, rows) == [("created", None, []), ("changed", two["id"], ["own_code_kept"])]
    assert await _outcomes(office, [("改名", None, national, 1)]) == [("changed", one["id"], [])]
    assert await _outcomes(office, [("改名", "A-2", national, 1)]) == [("rejected", None, ["codes_disagree"])]
    rows = [("甲", None, None, 1), ("丙", "A-1", None, 1), ("丁", None, None, 1)]
    assert [(o, codes) for o, _, codes in await _outcomes(office, rows)] == [
        ("rejected", ["same_project"]), ("rejected", ["same_project"]), ("created", []),
    ]  # fmt: skip


async def test_columns_the_sheet_does_not_have_stay_and_blank_cells_clear_only_plain_values(
    world: World, office: Client
) -> None:
    leader = await world.leader(COUNTY_B, "王建国")
    full = (*HEADER, "建设内容", "备注", "包抓领导", "责任单位", "项目代码", "所属行业", "形象进度")
    code = "201652270148030001230001"
    await apply_ledger(office, workbook([(*GOOD, "内容", "备注一", "王建国", "县工信局", code, "工业", "封顶")], full))
    before = await project_named(office, "甲厂")
    assert before["sponsors"][0]["id"] == leader
    unchanged = await apply_ledger(office, workbook([("甲厂", 100)], ("项目名称", "总投资")))
    assert unchanged["counts"]["unchanged"] == 1
    blank = await apply_ledger(office, workbook([(1, "甲厂", *[None] * 12)], full))
    assert blank["rows"][0]["changes"] == {
        "location": ["城关镇", None],
        "region_code": ["990102001", COUNTY_B],
        "total_investment": [100, None],
        "content": ["内容", None],
        "remark": ["备注一", None],
        "annual_plan.planned_investment": [50, None],
    }
    after = await project_named(office, "甲厂")
    for kept in ("sponsors", "responsible_departments", "national_code", "sector", "stage", "latest_progress"):
        assert after[kept] == before[kept], kept


STAGED = ("项目名称", "阶段", "投资方", "建设地点", "存在问题")


async def test_only_a_named_stage_moves_a_project(world: World, office: Client) -> None:
    async def load(*row: Any, day: str) -> dict[str, Any]:
        done = await apply_ledger(office, workbook([("甲厂", *row)], STAGED), as_of=day)
        return done["rows"][0]  # type: ignore[no-any-return]  # JSON

    await load("洽谈", "丙集团", "城关镇", None, day="2016-01-31")
    assert (await load("", "丙集团", "城关镇", None, day="2016-02-29"))["outcome"] == "unchanged"
    moved = await load("开工", "丙集团", "城关镇", "土地征用", day="2016-02-29")
    assert moved["changes"]["stage"] == ["negotiating", "started"]
    assert moved["notes"][0]["code"] == "stage_overridden"
    assert "用地须已落实" in moved["notes"][0]["message"]
    back = await load("洽谈", "丙集团", "城关镇", "土地征用", day="2016-02-28")
    assert (back["outcome"], back["notes"][0]["code"]) == ("unchanged", "later_stage_kept")
    refused = await previewed(
        office, workbook([("甲厂", "洽谈", "丙集团", "城关镇", None)], STAGED), as_of="2016-03-31"
    )
    assert (refused["rows"][0]["outcome"], refused["rows"][0]["errors"][0]["code"]) == ("rejected", "no_such_move")
    assert "开工" in refused["rows"][0]["errors"][0]["message"]
    back_one = await load("落地", "丙集团", "城关镇", "土地征用", day="2016-03-31")
    assert back_one["outcome"] == "changed"
    history = await world.pool.fetch(
        "SELECT to_stage, happened_on, overridden, reason, unmet, source FROM stage_transitions ORDER BY happened_on"
    )
    reason = "台账导入：台账.xlsx"
    assert [tuple(h) for h in history] == [
        ("negotiating", date(2016, 1, 31), False, None, "[]", "import"),
        ("started", date(2016, 2, 29), True, reason, '["land_settled"]', "import"),
        ("landed", date(2016, 3, 31), False, reason, "[]", "import"),
    ]
    # The category alone never moves what is known already.
    await apply_ledger(office, workbook([(1, "甲厂", "城关镇", "前期", 1, 1, None)]))
    assert (await project_named(office, "甲厂"))["stage"] == "landed"


async def test_a_move_of_the_ledgers_day_comes_after_one_just_entered_for_that_day(
    world: World, office: Client
) -> None:
    # As if that entry had been made while this import waited for the project.
    world.app.state.clock = lambda: system_clock() + timedelta(minutes=5)
    await apply_ledger(office, workbook([("甲厂", "洽谈", "丙", "某处", None)], STAGED))
    world.app.state.clock = system_clock
    await apply_ledger(office, workbook([("甲厂", "签约", "丙", "某处", None)], STAGED))
    then = await office.get("/projects", params={"as_of": "2016-02-29"})
    assert [p["stage"] for p in then.json()["items"]] == ["signed"]


@pytest.mark.parametrize(
    ("category", "stage"), [("续建", "started"), ("新建", "landed"), ("前期", "reserve"), (None, "reserve")]
)
async def test_the_first_stage_follows_the_category(office: Client, category: str | None, stage: str) -> None:
    await apply_ledger(office, workbook([(1, "甲厂", "某处", category, 1, None, None)]))
    assert (await project_named(office, "甲厂"))["stage"] == stage


async def test_land_status_follows_the_problem(office: Client) -> None:
    async def load(problem: str | None) -> str:
        await apply_ledger(office, workbook([("甲厂", problem)], ("项目名称", "存在问题")))
        return (await project_named(office, "甲厂"))["land_status"]  # type: ignore[no-any-return]  # JSON

    assert await load("电力增容") == "unknown"
    assert await load("征地未完成") == "pending"
    assert await load("电力增容") == "unknown"
    assert await load("项目用地手续") == "pending"
    project = await project_named(office, "甲厂")
    settled = {"land_status": "settled"}
    assert (
        await office.patch(f"/projects/{project['id']}", settled, etag=f'"{project["version"]}"')
    ).status_code == 200
    assert await load("项目用地手续") == "settled"


async def test_a_monthly_split_stays_only_while_it_adds_up(world: World, office: Client) -> None:
    await apply_ledger(office, workbook([GOOD]))
    await world.pool.execute("UPDATE annual_plans SET monthly = ARRAY[25, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]::numeric[]")
    done = await apply_ledger(office, workbook([(1, "甲厂", "城关镇", "新建", 100, 50, 10)]))
    assert done["rows"][0]["changes"] == {"annual_plan.category": ["continued", "new_start"]}
    assert await world.pool.fetchval("SELECT monthly IS NOT NULL FROM annual_plans")
    done = await apply_ledger(office, workbook([(1, "甲厂", "城关镇", "新建", 100, 60, 10)]))
    assert [n["code"] for n in done["rows"][0]["notes"]] == ["monthly_split_dropped"]
    assert tuple(await world.pool.fetchrow("SELECT monthly, planned_investment FROM annual_plans")) == (None, 60)


async def test_figures_are_added_and_never_overwritten(world: World, office: Client) -> None:
    header = ("项目名称", "年度计划投资", "累计完成投资", "形象进度")

    async def load(day: str, *row: Any) -> str:
        done = await apply_ledger(office, workbook([("甲厂", *row)], header), as_of=day)
        return done["rows"][0]["outcome"]  # type: ignore[no-any-return]  # JSON

    assert await load("2016-02-29", 50, 10, "基础") == "created"
    assert await load("2016-03-31", 50, 10, "基础") == "unchanged"
    assert await load("2016-03-31", 50, None, None) == "unchanged"
    assert await load("2016-03-31", 50, 20, None) == "changed"
    assert await load("2016-02-29", 50, 11, "基础") == "changed"
    assert await load("2016-04-30", 60, 20, None) == "changed"  # the plan alone
    figures = await world.pool.fetch("SELECT as_of, completed, physical_text, source FROM progress_figures ORDER BY id")
    feb, march = date(2016, 2, 29), date(2016, 3, 31)
    assert [tuple(f) for f in figures] == [
        (feb, 10, "基础", "import"), (march, 20, "基础", "import"), (feb, 11, "基础", "import"),
    ]  # fmt: skip
    assert (await project_named(office, "甲厂"))["latest_progress"]["completed"] == 20


async def test_key_years_grow_with_the_years_a_project_is_planned_in(office: Client) -> None:
    await apply_ledger(office, workbook([GOOD]))
    header = ("项目名称", "建设性质", "年度计划投资")
    plan = workbook([("甲厂", "续建", 70)], header, title="2015年重点项目")
    await apply_ledger(office, plan, as_of="2015-12-31")
    assert (await project_named(office, "甲厂"))["key_years"] == [2015, 2016]
    await apply_ledger(office, workbook([("甲厂", 100)], ("项目名称", "总投资"), title="2014年重点项目"), year="2014")
    project = await project_named(office, "甲厂")
    assert project["key_years"] == [2014, 2015, 2016]
    assert [(p["year"], p["planned_investment"]) for p in project["annual_plans"]] == [(2015, 70), (2016, 50)]


async def test_year_and_day_come_from_the_sender_else_the_ledger_else_today(office: Client) -> None:
    async def period(title: str, line: str, **form: str) -> tuple[int, str]:
        book = openpyxl.load_workbook(io.BytesIO(workbook([("甲厂", 1)], ("项目名称", "总投资"), title=title)))
        book.worksheets[0]["A2"] = line
        out = io.BytesIO()
        book.save(out)
        made = await previewed(office, out.getvalue(), **form)
        return made["year"], made["as_of"]

    today = datetime.now(SHANGHAI).date()
    assert await period("重点项目", "单位:万元") == (today.year, today.isoformat())
    assert await period("2016年重点项目", "单位:万元") == (2016, "2016-12-31")
    assert await period("2016年重点项目", "截止时间:2016年2月29日") == (2016, "2016-02-29")
    assert await period("2016年重点项目", "截止时间:2016年2月29日", year="2015") == (2015, "2016-02-29")
    assert await period("2016年重点项目", "截止时间:2016年2月29日", as_of="2016-03-31") == (2016, "2016-03-31")
    assert await period("重点项目", "单位:万元", as_of="2014-03-31") == (2014, "2014-03-31")
    assert await period(f"{today.year + 1}年重点项目", "单位:万元") == (today.year + 1, today.isoformat())


async def test_a_terminated_project_is_no_longer_suspended(world: World, office: Client) -> None:
    await apply_ledger(office, workbook([("甲厂", "洽谈")], ("项目名称", "阶段")))
    project = await project_named(office, "甲厂")
    since = {"reason": "资金", "since": "2016-03-01"}
    await office.created(f"/projects/{project['id']}/suspensions", since)
    await apply_ledger(office, workbook([("甲厂", "终止")], ("项目名称", "阶段")), as_of="2016-03-31")
    project = await project_named(office, "甲厂")
    assert (project["stage"], project["stage_since"], project["suspended_since"]) == ("terminated", "2016-03-31", None)
    assert await world.pool.fetchval("SELECT until FROM suspensions") == date(2016, 3, 31)


async def test_nothing_is_recorded_as_done_in_a_year_yet_to_come(office: Client) -> None:
    header = ("项目名称", "年度计划投资", "累计完成投资")
    content = workbook([("甲厂", 50, 10), ("乙厂", 50, None)], header, title="重点项目")
    done = await apply_ledger(office, content, year="2017")
    assert [[n["code"] for n in r["notes"] if n["field"] == "completed"] for r in done["rows"]] == [
        ["figure_before_year"], [],
    ]  # fmt: skip
    project = await project_named(office, "甲厂")
    assert (project["annual_plans"][0]["year"], project["latest_progress"]) == (2017, None)


async def test_county_c_ledger(world: World) -> None:
    await world.pool.execute(
        "INSERT INTO regions (code, name, kind, parent_code) VALUES ('990103', '丙县', 'county', '9901')"
    )
    office = await world.user("dispatcher", "990103")
    done = await apply_ledger(office, COUNTY_C_LEDGER, "990103", year="2013", as_of="2013-03-01")
    assert done["counts"] == {"created": 15, "changed": 0, "unchanged": 0, "rejected": 0}
    pool = await project_named(office, "游泳馆")
    assert [d["name"] for d in pool["owners"]] == ["建设局", "体育局"]
    bureau = pool["owners"][0]["id"]
    owned = await office.get("/projects", params={"owner_id": bureau})
    assert {p["name"] for p in owned.json()["items"]} == {"2万吨净水厂", "大道绿化工程", "游泳馆", "专业市场建设"}
