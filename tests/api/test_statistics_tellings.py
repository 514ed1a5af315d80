"""Every statistics answer in every form, with figures in it; and the figures of the JSON in each."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from app.contract import routes
from app.plots.model import Rates
from app.routers import STATISTICS
from app.services import target_tellings
from tests.funding import enter, project_money, region_money
from tests.world import COUNTY_A, Client, World

FORMS = (".csv", ".xlsx", ".svg")
PATHS = sorted(path.removeprefix("/api/v1") for path in STATISTICS)
GROUPED = {
    "/statistics/projects": [
        {"group_by": name}
        for name in ("stage", "sector", "region", "department", "leader", "category", "location", "light")
    ],
    "/statistics/funding": [
        {"group_by": name} for name in ("channel", "batch", "year", "sector", "department", "region", "project")
    ],
    "/statistics/permits": [{"group_by": name} for name in ("department", "kind", "region")],
    "/statistics/reporting": [
        {"group_by": name, "week": "2090-01-02"} for name in ("department", "reporter", "region", "week")
    ],
    "/statistics/targets": [{}, {"by": "quarter"}],
    "/statistics/indicators": [{}, {"indicator": "fixed_asset_investment", "year": "2016"}],
    "/statistics/funding-gaps": [{"unrecorded": "true"}],
    "/leader-cards": [{"region": COUNTY_A, "year": "2016"}],
}


def queries(path: str) -> list[dict[str, str]]:
    moment = {} if path.endswith(("permits", "reporting", "leader-cards")) else {"as_of": "2016-06-30"}
    return [{**query, **moment} for query in GROUPED.get(path, [{}])]


async def test_every_statistics_answer_is_known_and_has_its_forms(app: FastAPI) -> None:
    paths = {route.path_format for route in routes(app) if route.path_format.startswith("/api/v1/statistics/")}
    beside = {"/api/v1/leader-cards"}
    assert paths == {path + form for path in STATISTICS.keys() - beside for form in ("", ".{format}")}


@pytest.fixture
async def office(world: World) -> Client:
    """A county with something to tell of everything."""
    office = await world.user("dispatcher", COUNTY_A)
    department = await world.department(name="=住建局")
    project = await world.project(total_investment=5000, stage="started", stage_since="2016-01-05")
    address = f"/projects/{project['id']}"
    await office.created(f"{address}/assignments", {"role": "responsible", "department_id": department})
    leader = await office.created("/leaders", {"region_code": COUNTY_A, "name": "刘建国", "body": "government"})
    sponsor = {"role": "sponsor", "leader_id": leader["id"], "valid_from": "2016-01-01"}
    await office.created(f"{address}/assignments", sponsor)
    await office.put(f"{address}/annual-plans/2016", {"category": "continued", "planned_investment": 900})
    await office.created(f"{address}/progress-figures", {"as_of": "2016-05-31", "completed": 300.5})
    await enter(office, await region_money(office, channel="fiscal", year=2015), approved=800, received=800)
    await enter(office, await project_money(office, project["id"], year=2016), approved=2000, received=1000.25)
    permit = await office.created(f"{address}/permits", {"kind": "other", "name": "环评", "department_id": department})
    await office.created(f"/permits/{permit['id']}/events", {"kind": "accepted", "happened_on": "2016-03-01"})
    target = {"region_code": COUNTY_A, "year": 2016}
    await office.created("/targets", {**target, "indicator": "key_projects", "value": 4, "quarters": [1, 2, 3, 4]})
    await office.created("/targets", {**target, "indicator": "fixed_asset_investment_growth", "value": 20})
    for month, value in ((2, 100.5), (3, 180), (4, None)):
        figure = {"region_code": COUNTY_A, "indicator": "fixed_asset_investment", "year": 2016, "month": month}
        told = {"value": value, "growth_percent": -3.2, "rank": 2, "published_on": f"2016-0{month + 1}-20"}
        await office.created("/indicator-values", {**figure, **told})
    item = {"name": "开工", "value": 3, "unit": "个", "due_on": "2016-12-31", "weight": 100}
    letter = {"department_id": department, "year": 2016, "title": "责任状", "superior_name": "甲县", "items": [item]}
    made = await office.created("/responsibility-letters", letter)
    signature = f"/responsibility-letters/{made['id']}/signature"
    await office.created(signature, {"signed_on": "2016-02-15"}, headers={"If-Match": f'"{made["version"]}"'})
    return office


def rows_of(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))[1:]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
async def test_each_is_told_in_each_form(office: Client, path: str, language: str) -> None:
    """`promises` holds every one of these answers."""
    headers = {"Accept-Language": language}
    for query in queries(path):
        body = (await office.get(path, params=query, headers=headers)).json()
        told: dict[str, httpx.Response] = {}
        for form in FORMS:
            answer = told[form] = await office.get(path + form, params=query, headers=headers)
            assert answer.status_code == 200, (query, answer.text)
            assert answer.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[language]
            again = await office.get(
                path + form, params=query, headers={**headers, "If-None-Match": answer.headers["etag"]}
            )
            assert again.status_code == 304
        listed: list[Any] = body.get("items", body.get("groups", []))
        if not path.endswith("overview"):
            assert listed, query
            assert len(rows_of(told[".csv"])) == len(listed) + ("total" in body), query
        root = ElementTree.fromstring(told[".svg"].content)
        texts = [e.text or "" for e in root.iter() if e.tag.endswith("}text")]
        assert texts[0].startswith("甲县"), texts[0]
        assert len(texts) > 3


async def test_a_picture_of_nothing_says_so_and_years_beside_each_other_are_of_none(office: Client) -> None:
    async def note(path: str, language: str = "zh", **params: str) -> str:
        picture = await office.get(f"/statistics/{path}.svg", params=params, headers={"Accept-Language": language})
        texts = [e.text or "" for e in ElementTree.fromstring(picture.content).iter() if e.tag.endswith("}text")]
        return texts[1]

    past = {"year": "1999", "as_of": "1999-12-31"}
    assert await note("responsibility-letters", **past) == "1999年，截至1999-12-31；没有数据"
    assert await note("responsibility-letters", "en", **past) == "Year 1999, as of 1999-12-31; no data"
    assert await note("funding", group_by="channel", **past) == "1999年，截至1999-12-31；没有数据"
    assert (await note("funding", group_by="channel", year="2016", as_of="2016-06-30")).startswith(
        "2016年，截至2016-06-30"
    )
    assert await note("funding", group_by="year", year="2016", as_of="2016-06-30") == "截至2016-06-30"


async def shown(office: Client, path: str, **params: str) -> list[str]:
    picture = await office.get(f"/statistics/{path}.svg", params=params)
    return [e.text or "" for e in ElementTree.fromstring(picture.content).iter() if e.tag.endswith("}text")]


async def test_months_of_one_indicator_are_lines_of_two_years(office: Client) -> None:
    asked = {"indicator": "fixed_asset_investment", "as_of": "2016-06-30"}
    texts = await shown(office, "indicators", year="2016", **asked)
    assert texts[:2] == ["甲县固定资产投资", "2016年，截至2016-06-30；各月均为1月起累计"]
    assert {"2016年", "2015年同期", "2月", "3月", "4月", "100.5", "180"} <= set(texts)
    # The latest figure alone is no line, and says which months it is of.
    latest = await shown(office, "indicators", **asked)
    assert "-3.20% · — 万元 · 第2位 · 2016年1—4月" in latest


async def test_a_quarter_is_measured_by_itself_in_the_picture(office: Client) -> None:
    target = {"region_code": COUNTY_A, "year": 2016, "indicator": "fiscal_revenue", "value": 1000}
    made = await office.created("/targets", {**target, "quarters": [100, 500, 700, 1000]})
    for day, value in (("2016-03-31", 120), ("2016-06-30", 480)):
        await office.created(f"/targets/{made['id']}/actuals", {"as_of": day, "value": value})
    asked = {"by": "quarter", "as_of": "2016-06-30", "indicator": "fiscal_revenue"}
    assert {
        "已完成 · 120 / 1,000 万元（本季 100）",
        "未完成 · 480 / 1,000 万元（本季 500）",
        "未开始 · — / 1,000 万元（本季 700）",
        "未开始 · — / 1,000 万元",
    } <= set(await shown(office, "targets", **asked))
    assert {"一季度 一般公共预算收入", "四季度 一般公共预算收入"} <= set(await shown(office, "targets", **asked))
    # The first quarter reached what was asked of it, though it is far from half a year; the second did not.
    body = (await office.get("/statistics/targets", params=asked)).json()
    chart = target_tellings.targets_chart(body | {"region": None, "as_of": date(2016, 6, 30)}, english=False)
    assert isinstance(chart, Rates)
    assert [(row.percent, row.behind) for row in chart.rows[:2]] == [(12, False), (48, True)]


async def test_a_picture_of_money_tells_the_whole_too(office: Client) -> None:
    texts = await shown(office, "funding", group_by="region", year="2016", as_of="2016-06-30")
    both = await shown(office, "funding", group_by="channel", year="2016", as_of="2016-06-30")
    assert "合计" not in texts[1]
    batches = await shown(office, "funding", group_by="batch", year="2016", as_of="2016-06-30")
    assert "未分批次" in batches
    third = await region_money(office, channel="special_construction_fund", year=2016, batch=3)
    await enter(office, third, approved=5, received=5)
    assert "第3批" in await shown(office, "funding", group_by="batch", year="2016", as_of="2016-06-30")
    assert both[1] == "2016年，截至2016-06-30；合计 1,000 万元，比上年同期 +25.03%"


async def test_amounts_and_rates_are_those_of_the_json(office: Client) -> None:
    params = {"group_by": "channel", "as_of": "2016-06-30"}
    body = (await office.get("/statistics/funding", params=params)).json()
    total = rows_of(await office.get("/statistics/funding.csv", params=params))[-1]
    assert total[1:2] + [float(cell) if cell else None for cell in total[2:]] == [
        "合计", *(body["total"][name] for name in (
            "count", "applied", "approved", "received", "paid", "previous", "change_percent", "share")),
    ]  # fmt: skip
    rows = rows_of(await office.get("/statistics/targets.csv", params={"as_of": "2016-06-30"}))
    assert ["重点项目数", "个", "2016"] in [row[2:5] for row in rows]
    (gap,) = rows_of(await office.get("/statistics/funding-gaps.csv", params={"as_of": "2016-06-30"}))[:-1]
    assert gap[-1] == "资金缺口、支付慢"


async def test_entries_of_money_targets_and_permits_change_the_tags(office: Client) -> None:
    month = {"region_code": COUNTY_A, "indicator": "fixed_asset_investment", "year": 2016, "month": 5}
    writes: dict[str, tuple[str, dict[str, Any]]] = {
        "/statistics/funding": (
            "/funding-records", {"region_code": COUNTY_A, "channel": "fiscal", "year": 2016, "name": "又一笔"},
        ),
        "/statistics/targets": (
            "/targets", {"region_code": COUNTY_A, "year": 2016, "indicator": "starts", "value": 1},
        ),
        "/statistics/indicators": ("/indicator-values", {**month, "value": 7, "published_on": "2016-06-20"}),
    }  # fmt: skip
    for path, (where, body) in writes.items():
        params = queries(path)[0]
        known = (await office.get(path, params=params)).headers["etag"]
        answer = await office.post(where, body)
        assert answer.status_code == 201, answer.text
        again = await office.get(path, params=params, headers={"If-None-Match": known})
        assert again.status_code == 200, path
