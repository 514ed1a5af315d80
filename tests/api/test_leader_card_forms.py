"""A county's cards as JSON, CSV, Excel and picture; one leader's as Word and Excel."""

from __future__ import annotations

import io

import openpyxl
import pytest
from docx import Document

from tests.leader_cards import assign, card, project, supervise
from tests.light_days import clock
from tests.world import COUNTY_A, Client, World


@pytest.fixture
async def office(world: World) -> Client:
    """On New Year's Day of 2016, when projects are entered; tests go on in 2017."""
    clock(world, "2016-01-01")
    return await world.user("dispatcher")


async def test_the_whole_countys_cards_in_every_form(world: World, office: Client) -> None:
    names = (("王建国", "government"), ("李四", "party_committee"), ("闲人", "cppcc"), ("赵六", "government"))
    wang, li, _, zhao = [await world.leader(name=name, body=body) for name, body in names]
    one = await project(office, "=1+1", {}, 1200)
    for leader in (wang, li):
        await assign(office, one, leader_id=leader)
    await supervise(office, zhao, await world.department(), "2016-01-01", "2016-02-01")
    clock(world, "2016-04-10")
    answer = await office.get("/leader-cards", params={"year": 2016})
    told = answer.json()
    assert told["region"] == {"code": COUNTY_A, "name": "甲县"}
    assert [item["leader"]["name"] for item in told["items"]] == ["李四", "王建国", "赵六"]
    assert [item["sponsored"]["count"] for item in told["items"]] == [1, 1, 0]
    assert [p["name"] for p in told["items"][0]["sponsored"]["not_heard"]] == ["=1+1"]
    own = await card(office, wang)
    assert told["items"][1]["sponsored"] == own["sponsored"]
    assert told["items"][1]["marks"]["lagging"] == {"departments": 0, "by_days": 0}
    text = (await office.get("/leader-cards.csv", params={"year": 2016})).text
    assert text.splitlines()[1].startswith("李四,,县委,1,")
    english = {"Accept-Language": "en"}
    assert "Not heard this month" in (await office.get("/leader-cards.csv", headers=english)).text
    book = await office.get("/leader-cards.xlsx", params={"year": 2016})
    assert openpyxl.load_workbook(io.BytesIO(book.content))["领导"].cell(5, 1).value == "李四"
    picture = await office.get("/leader-cards.svg", params={"year": 2016})
    assert "1 个项目 · 本月未听取 1 个" in picture.text
    # A poll costs nothing until something happened: a visit, for one.
    known = {"If-None-Match": answer.headers["etag"]}
    assert (await office.get("/leader-cards", params={"year": 2016}, headers=known)).status_code == 304
    body = {"project_id": one, "leader_id": wang, "kind": "press", "happened_on": "2016-04-02", "finding": "催"}
    await office.created("/visits", body)
    again = await office.get("/leader-cards", params={"year": 2016}, headers=known)
    assert [len(item["sponsored"]["not_heard"]) for item in again.json()["items"]] == [1, 0, 0]
    wide = await world.user("dispatcher", "9901")
    refused = await wide.get("/leader-cards")
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("region", "out_of_range")]
    assert len((await wide.get("/leader-cards", params={"region": COUNTY_A})).json()["items"]) == 3


async def test_printed_and_as_a_workbook(world: World, office: Client) -> None:
    wang = await world.leader()
    department = await world.department(name="住建局")
    slow = await project(office, "慢项目", {})
    await assign(office, slow, leader_id=wang)
    await assign(office, slow, department_id=department)
    await supervise(office, wang, department, "2016-01-01")
    clock(world, "2016-03-31")
    await office.created(f"/projects/{slow}/progress-figures", {"as_of": "2016-03-31", "completed": 120})
    answer = await office.get(f"/leaders/{wang}/card.docx", params={"year": 2016})
    document = Document(io.BytesIO(answer.content))
    texts = [p.text for p in document.paragraphs]
    assert texts[:2] == ["王建国同志项目工作卡", "王建国    2016年1月1日至2016年3月31日"]
    assert texts[2].endswith("年度计划1200万元，完成120万元，完成率10.00%，序时进度25.00%，差距-15.00个百分点。")
    assert texts[3:6] == [
        "2016年3月尚未听取1个：慢项目。", "项目周报应报12次，迟报0次，漏报12次；2016年3月漏报1个项目：慢项目。",
        "分管部门1个：评议末位0个，名次下降0个，项目滞后1个。",
    ]  # fmt: skip
    projects, departments = [[[c.text for c in row.cells] for row in table.rows] for table in document.tables]
    assert projects[1][3:] == ["1.1—3.31", "10.00", "-15.00", "未听", "0/12"]
    assert departments[1] == ["住建局", "1.1—3.31", "1", "10.00", "25.00", "-15.00", "0/12", "项目滞后"]
    book = openpyxl.load_workbook(io.BytesIO((await office.get(f"/leaders/{wang}/card.xlsx")).content))
    assert book.sheetnames == ["包扶项目", "分管部门", "情形依据"]
    assert [book["分管部门"].cell(5, n).value for n in (1, 2, 3)] == ["住建局", 1, "2016-01-01至2016-03-31"]
    idle = await world.leader(name="闲人")
    empty = Document(io.BytesIO((await office.get(f"/leaders/{idle}/card.docx")).content))
    assert empty.paragraphs[2].text == "本期没有包扶项目和分管部门。"
