"""Statistics as CSV, workbook and picture: the figures of the JSON, in the reader's language, and nothing that runs."""

from __future__ import annotations

import csv
import io
from typing import Any
from xml.etree import ElementTree

import httpx
import openpyxl
import pytest

from tests.rows_of_ledgers import county_b
from tests.world import COUNTY_A, COUNTY_B, Client, World

FEBRUARY = {"year": "2016", "as_of": "2016-02-29"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv", "xlsx": XLSX, "svg": "image/svg+xml"}


def table(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def texts(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [e.text or "" for e in ElementTree.fromstring(answer.content).iter() if e.tag.endswith("}text")]


def sheets(answer: httpx.Response) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


@pytest.mark.parametrize("form", list(TYPES))
@pytest.mark.parametrize("path", ["/statistics/projects", "/statistics/overview"])
async def test_the_extension_and_accept_give_the_same(world: World, path: str, form: str) -> None:
    client = await world.user("viewer")
    params = {"group_by": "stage"} if path.endswith("projects") else {}
    by_extension = await client.get(f"{path}.{form}", params=params)
    by_accept = await client.get(path, params=params, headers={"Accept": f"text/html;q=0.9, {TYPES[form]}, */*;q=0.1"})
    for answer in (by_extension, by_accept):
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == TYPES[form]
        assert answer.headers["vary"] == "Authorization, X-API-Key, Accept, Accept-Language"
    if form != "xlsx":
        assert by_extension.content == by_accept.content


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8",
        "application/*",
        "nonsense;q=x",
        "x/y",
    ],
)
async def test_json_unless_another_form_is_asked_for(world: World, accept: str) -> None:
    client = await world.user("viewer")
    answer = await client.get("/statistics/overview", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


async def test_an_extension_there_is_not(world: World) -> None:
    client = await world.user("viewer")
    answer = await client.get("/statistics/overview.pdf")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "format"


async def test_a_table_has_the_meetings_figures_as_numbers(world: World) -> None:
    await county_b(world)
    office = await world.user("dispatcher", COUNTY_B)
    params = {"group_by": "sector", "category": "continued", **FEBRUARY}
    answer = await office.get("/statistics/projects.csv", params=params)
    rows = table(answer)
    assert rows[0] == [
        "代码", "行业", "项目数(个)", "总投资(万元)", "年度计划投资(万元)", "完成投资(万元)",
        "完成率(%)", "序时进度(%)", "与序时进度之差(百分点)", "绿灯(个)", "黄灯(个)", "红灯(个)", "无灯(个)",
    ]  # fmt: skip
    assert rows[-1][1:3] + rows[-1][4:9] == ["合计", "160", "845900", "79600", "9.41", "16.67", "-7.26"]
    assert sum(map(int, rows[-1][9:])) == 160
    assert rows[1][:2] == ["industry", "工业"]
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]

    english = await office.get("/statistics/projects.csv", params=params, headers={"Accept-Language": "en"})
    assert table(english)[0][1:4] == ["Sector", "Projects (projects)", "Total investment (10 000 CNY)"]

    (rows_of_book,) = sheets(await office.get("/statistics/projects.xlsx", params=params)).values()
    assert rows_of_book[0][0] == "乙县项目统计(按行业)"
    assert rows_of_book[1][0] == "2016年，截至2016-02-29。金额单位：万元"
    assert rows_of_book[2][2:4] == ("项目数", "总投资")
    assert rows_of_book[3][2:4] == ("个", "万元")
    assert rows_of_book[-1][1:3] + rows_of_book[-1][4:9] == ("合计", 160, 845900, 79600, 9.41, 16.67, -7.26)


async def test_the_overview_as_one_table_and_as_sheets(world: World) -> None:
    await county_b(world)
    office = await world.user("dispatcher", COUNTY_B)
    body = (await office.get("/statistics/overview", params=FEBRUARY)).json()
    head, *rows = table(await office.get("/statistics/overview.csv", params=FEBRUARY))
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert list(dict.fromkeys(row["表"] for row in found)) == [
        "总计",
        "按阶段",
        "按行业",
        "按建设性质",
        "需要关注",
        "进度落后",
    ]
    (total,) = [row for row in found if row["表"] == "总计"]
    assert (total["项目数(个)"], total["完成率(%)"]) == (
        str(body["total"]["count"]),
        str(body["total"]["completion_rate"]),
    )
    stale = next(row for row in found if row["代码"] == "stale")
    assert stale["项目数(个)"] == str(body["counts"]["stale"])
    book = sheets(await office.get("/statistics/overview.xlsx", params=FEBRUARY))
    assert list(book) == ["总计", "按阶段", "按行业", "按建设性质", "需要关注", "进度落后", "最近变动"]
    assert len(book["按阶段"]) == 4 + len(body["by_stage"])


EVIL = [
    '=HYPERLINK("http://evil")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\t=1",
    "=1\n=2",
    "$x^2$ <b>&",
]


async def test_nothing_in_a_cell_runs(world: World) -> None:
    """Names come from ledgers and from people; `promises` holds every answer, this one shows they arrive as text."""
    office = await world.user("dispatcher")
    for number, name in enumerate(EVIL):
        await world.pool.execute(
            "INSERT INTO projects (id, region_code, code, name, location, stage, stage_since, last_activity_on)"
            " VALUES (gen_random_uuid(), $1, $2, 'x', $3, 'started', '2016-01-01', '2016-01-01')",
            COUNTY_A, f"E-{number}", name + "\x0b\x01",
        )  # fmt: skip
    params = {"group_by": "location"}
    labels = {row[1] for row in table(await office.get("/statistics/projects.csv", params=params))}
    assert {'\'=HYPERLINK("http://evil")', "'-2+3", "'＝1+1", "'=1", "'=1\n=2"} <= labels
    (rows,) = sheets(await office.get("/statistics/projects.xlsx", params=params)).values()
    assert "-2+3" in {row[1] for row in rows}
    drawn = texts(await office.get("/statistics/projects.svg", params=params))
    assert "$x^2$ <b>&" in drawn


async def test_numbers_beyond_what_excel_keeps_stay_exact(world: World) -> None:
    office = await world.user("dispatcher")
    await world.project(total_investment="99999999999999.9999")
    rows = table(await office.get("/statistics/projects.csv", params={"group_by": "stage"}))
    assert rows[1][3] == "99999999999999.9999"


async def test_the_funnel_and_the_rates(world: World) -> None:
    await county_b(world)
    office = await world.user("dispatcher", COUNTY_B)
    funnel = await office.get("/statistics/projects.svg", params={"group_by": "stage", **FEBRUARY})
    words = texts(funnel)
    assert words[:2] == ["乙县项目漏斗", "2016年，截至2016-02-29"]
    assert {"储备", "洽谈", "签约", "落地", "开工", "竣工", "投产", "达产"} <= set(words)
    by_sector = texts(
        await office.get("/statistics/projects.svg", params={"group_by": "sector", "category": "continued", **FEBRUARY})
    )
    assert {"合计", "工业", "9.41%", "序时进度 16.67%", "低于序时进度"} <= set(by_sector)
    english = texts(await office.get("/statistics/overview.svg", params=FEBRUARY, headers={"Accept-Language": "en-GB"}))
    assert {"Started", "Time progress 16.67%", "Completion by sector"} <= set(english)
    again = await office.get("/statistics/projects.svg", params={"group_by": "stage", **FEBRUARY})
    assert again.content == funnel.content


async def test_a_picture_of_nothing(world: World) -> None:
    viewer = await world.user("viewer")
    for group_by in ("stage", "sector", "leader"):
        assert texts(await viewer.get("/statistics/projects.svg", params={"group_by": group_by}))
    assert texts(await viewer.get("/statistics/overview.svg"))


async def test_who_may_not_see_gets_no_picture_either(world: World) -> None:
    rater = await world.user("rater")
    assert (await rater.get("/statistics/overview.svg")).status_code == 403
    assert (await world.anonymous().get("/statistics/overview.csv")).status_code == 401
    viewer: Client = await world.user("viewer")
    refused = await viewer.get("/statistics/projects.xlsx", params={"group_by": "colour"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
