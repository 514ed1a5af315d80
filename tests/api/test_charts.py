"""Schedules and wall charts as SVG: who sees them, what stands in them, and that they are safe to show."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime

import httpx
import pytest

from tests.drawings import NS, draw, drawing, inside, texts, tips
from tests.ledger_files import COUNTY_C_LEDGER, apply_ledger, load_county_b, project_named
from tests.milestones import chain, project_of
from tests.rows_of_ledgers import LEDGERS
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

COUNTY_C = "990103"
EXPECTED_B = json.loads((LEDGERS / "county-b-2016-02.expected.json").read_text("utf-8"))["projects"]
NASTY = "<script>alert(1)</script>&\"'&#x0;]]>😀" + "很长的项目名称" * 20


@pytest.fixture
async def county_c(world: World) -> Client:
    await world.pool.execute(
        "INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, '丙县', 'county', '9901')", COUNTY_C
    )
    office = await world.user("dispatcher", COUNTY_C)
    await apply_ledger(office, COUNTY_C_LEDGER, COUNTY_C, year="2013", as_of="2013-03-01")
    return office


async def test_the_wall_chart_of_county_c(county_c: Client) -> None:
    root = await draw(county_c, "/wall.svg", region=COUNTY_C, year=2013, as_of="2013-06-18")
    shown = texts(root)
    for text in ("丙县2013年重点项目挂图作战图", "截至 2013年6月18日", "共 15 个项目", "今日 6.18", "游泳馆",
                 "建设局、体育局", "局领导3", "责任人3", "1月", "12月", "图例", "✓立项", "竣工"):  # fmt: skip
        assert text in shown, text
    assert sum(text.startswith("制图日期 ") for text in shown) == 1
    # 设计 of the first project was due on 31 March.
    assert any(tip.startswith("设计\n计划: 2013年3月31日") for tip in tips(root))
    assert any("节点逾期" in text for text in shown)
    assert inside(root)
    viewbox = root.attrib["viewBox"].split()
    assert float(viewbox[2]) / float(viewbox[3]) == pytest.approx(420 / 297, abs=0.001)


async def test_groups_stand_under_headings(county_c: Client) -> None:
    root = await draw(county_c, "/wall.svg", region=COUNTY_C, year=2013, as_of="2013-06-18", group_by="leader")
    shown = texts(root)
    places = [shown.index(f"局领导{n}") for n in range(1, 6)]
    # All rows first, then the headings over them: each leader's name stands there once more than in rows.
    assert [shown.count(f"局领导{n}") for n in range(1, 6)] == [4, 4, 4, 4, 4]
    assert places == sorted(places)
    by_department = await draw(
        county_c, "/wall.svg", region=COUNTY_C, year=2013, as_of="2013-06-18", group_by="department"
    )
    assert texts(by_department).count("建设局") == 3
    by_sector = await draw(county_c, "/wall.svg", region=COUNTY_C, year=2013, as_of="2013-06-18", group_by="sector")
    assert "其他" in "".join(texts(by_sector))


async def test_sheets_of_county_b(world: World) -> None:
    office = await load_county_b(world)
    answer: httpx.Response | None = None
    where = {"region": COUNTY_B, "year": 2016, "as_of": "2016-02-29"}
    planned = 0
    link = f"/wall.svg?region={COUNTY_B}&year=2016&as_of=2016-02-29"
    pages = 0
    while link:
        answer = await office.get(link)
        root = drawing(answer)
        pages += 1
        shown = texts(root)
        assert f"共 249 个项目 · 第 {pages} / 13 张" in shown
        numbers = [int(text) for text in shown if re.fullmatch("[0-9]+", text)]
        assert set(range((pages - 1) * 20 + 1, min(pages * 20, 249) + 1)) <= set(numbers)
        assert inside(root)
        planned += sum(text.startswith("年度计划 ") for text in shown)
        found = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        link = found[1].removeprefix("/api/v1") if found else ""
    assert pages == 13
    assert planned == sum(each["annual_plan"] is not None for each in EXPECTED_B)
    assert answer is not None
    assert 'rel="prev"' in answer.headers["link"]
    refused = await office.get("/wall.svg", params={**where, "page": 14})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "page")
    one = await draw(office, "/wall.svg", **where, sector="transport", limit=30)
    assert "共 34 个项目 · 第 1 / 2 张" in texts(one)


async def test_a_drawing_is_sent_once(county_c: Client) -> None:
    project = await project_named(county_c, "游泳馆")
    for path in (f"/projects/{project['id']}/schedule.svg", f"/wall.svg?region={COUNTY_C}&year=2013"):
        first = await county_c.get(path)
        again = await county_c.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        english = await county_c.get(path, headers={"Accept-Language": "en", "If-None-Match": first.headers["etag"]})
        assert (english.status_code, english.headers["content-language"]) == (200, "en")
        assert english.headers["vary"] == "Accept-Language"
        assert "filename*=UTF-8''" in first.headers["content-disposition"]


async def test_the_schedule_of_a_project(world: World, county_c: Client) -> None:
    project = await project_named(county_c, "2万吨净水厂")
    await world.pool.execute(
        "UPDATE milestones SET status = 'done', actual_start = '2013-03-01', actual_finish = '2013-04-05'"
        " WHERE project_id = $1 AND name = '设计'", project["id"],
    )  # fmt: skip
    await world.pool.execute(
        "UPDATE milestones SET forecast_finish = '2013-07-01', status = 'in_progress', actual_start = '2013-05-01'"
        " WHERE project_id = $1 AND name = '拆迁'", project["id"],
    )  # fmt: skip
    path = f"/projects/{project['id']}/schedule.svg"
    root = await draw(county_c, path, as_of="2013-06-18")
    shown = texts(root)
    for text in ("2万吨净水厂 倒排工期图", "局领导1", "建设局", "责任人1", "推迟3个工作日", "✓ 2013.4.5",
                 "预计 2013.7.1", "实际 / 预计完成", "预计完成", "推迟29个工作日", "逾期20个工作日",
                 "逾期44个工作日", "今日 6.18", "✓ 已完成、未注明日期"):  # fmt: skip
        assert text in shown, text
    # As of a day before the design was done it was not.
    before = texts(await draw(county_c, path, as_of="2013-04-02"))
    assert "✓ 2013.4.5" not in before
    assert "逾期2个工作日" in before
    # Far from all of it, today is told, not drawn.
    assert any("不在本图时段内" in text for text in texts(await draw(county_c, path, as_of="2020-01-01")))


async def test_the_schedule_tells_the_variances_that_the_api_tells(world: World) -> None:
    world.app.state.clock = lambda: datetime(2026, 9, 1, 1, tzinfo=UTC)
    office = await world.user("dispatcher", COUNTY_A)
    project = await project_of(office)
    late, early, due, later, coming = [each["id"] for each in await chain(office, project, *"甲乙丙丁戊")]
    proposed = await office.created(f"{project}/schedules", {"deadline": "2026-10-30"})
    await office.created(f"/schedules/{proposed['id']}/adoption", {})
    world.app.state.clock = lambda: datetime(2026, 10, 20, 1, tzinfo=UTC)
    for milestone, body in (
        (late, {"actual_finish": "2026-10-09"}), (early, {"actual_finish": "2026-09-21"}),
        (later, {"forecast_finish": "2026-11-11"}),
    ):  # fmt: skip
        assert (await office.patch(f"/milestones/{milestone}", body, etag="*")).status_code == 200
    rows = {
        row["id"]: row["current"]["variance_days"]
        for row in (await office.get(f"{project}/variance")).json()["milestones"]
    }
    assert rows[coming] == 0
    assert rows[early] < 0 < min(rows[late], rows[due], rows[later])
    shown = texts(await draw(office, f"{project}/schedule.svg"))
    for text in (f"推迟{rows[late]}个工作日", f"提前{-rows[early]}个工作日", f"逾期{rows[due]}个工作日",
                 f"推迟{rows[later]}个工作日", "预计 2026.11.11"):  # fmt: skip
        assert text in shown, text
    later_on = texts(await draw(office, f"{project}/schedule.svg", as_of="2026-11-12"))
    assert "原预计 2026.11.11" in later_on


async def test_days_in_years_not_announced_are_provisional_on_the_chart(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_A)
    project = await project_of(office)
    await office.created(f"{project}/milestones", {"name": "甲", "planned_finish": "2026-06-30"})
    assert not any("暂定" in text for text in texts(await draw(office, f"{project}/schedule.svg")))
    await office.created(f"{project}/milestones", {"name": "乙", "planned_finish": "2031-06-30"})
    shown = texts(await draw(office, f"{project}/schedule.svg"))
    assert "2031.6.30*" in shown
    assert any("暂定：所在年份节假日安排尚未公布" in text for text in shown)


async def test_predecessors_are_linked(world: World, county_c: Client) -> None:
    project = await project_named(county_c, "游泳馆")
    path = f"/projects/{project['id']}/schedule.svg"
    before = len(list((await draw(county_c, path)).iter(f"{NS}polyline")))
    ids = await world.pool.fetch("SELECT id FROM milestones WHERE project_id = $1 ORDER BY position", project["id"])
    for one, other in itertools.pairwise(ids):
        await world.pool.execute(
            "INSERT INTO milestone_dependencies (project_id, milestone_id, predecessor_id) VALUES ($1, $2, $3)",
            project["id"], other["id"], one["id"],
        )  # fmt: skip
    assert len(list((await draw(county_c, path)).iter(f"{NS}polyline"))) == before + 6


async def test_many_milestones_come_a_sheet_at_a_time(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_A)
    project = await project_of(office)
    ids = [new_id() for _ in range(83)]
    whole = [
        {"id": str(each), "name": f"第{n}段", "predecessor_ids": [str(ids[n - 2])] if n > 1 else [],
         "planned_finish": f"20{20 + n // 10}-05-20"}
        for n, each in enumerate(ids, 1)
    ]  # fmt: skip
    put = await office.put(f"{project}/milestone-set", {"milestones": whole})
    assert put.status_code == 200, put.text
    shown: list[str] = []
    links = [f"{project}/schedule.svg?as_of=2021-03-01"]
    before: list[str] = []
    while links:
        answer = await office.get(links[0])
        root = drawing(answer)
        assert inside(root)
        assert f"共 83 个节点 · 第 {len(shown) // 40 + 1} / 3 张" in texts(root)
        named = [text for text in texts(root) if re.fullmatch("第[0-9]+段", text)]
        # What waits for what is linked within the sheet.
        assert len(list(root.iter(f"{NS}polyline"))) == len(named) - 1
        shown += named
        beside = answer.headers["link"]
        before, links = (re.findall(rf'</api/v1([^>,]+)>; rel="{rel}"', beside) for rel in ("prev", "next"))
    assert shown == [each["name"] for each in whole]
    assert before == [f"{project}/schedule.svg?as_of=2021-03-01&page=2"]
    last = await draw(office, f"{project}/schedule.svg", page=9, limit=10)
    assert {"81", "82", "83", "第81段"} <= set(texts(last)), "numbered on"
    for query in ({"page": 4}, {"page": 0}, {"limit": 61}):
        refused = await office.get(f"{project}/schedule.svg", params=query)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, next(iter(query))), query


async def test_the_first_baseline_stays_visible(world: World, county_c: Client) -> None:
    project = await project_named(county_c, "游泳馆")
    baseline = new_id()
    await world.pool.execute(
        "INSERT INTO schedules (id, project_id, deadline, as_of, graph, late_by_days, provisional, critical_chain,"
        " milestones, created_at) VALUES ($1, $2, '2013-12-20', '2013-03-01', 'x', 0, false, '[]', '[]', now())",
        new_id(), project["id"],
    )  # fmt: skip
    await world.pool.execute(
        "INSERT INTO baselines (id, project_id, number, schedule_id, deadline, adopted_at)"
        " SELECT $1, project_id, 1, id, deadline, now() FROM schedules", baseline,
    )  # fmt: skip
    await world.pool.execute(
        "INSERT INTO baseline_milestones (baseline_id, milestone_id, position, name, planned_finish)"
        " SELECT $1, id, position, name, CASE name WHEN '开工' THEN '2013-08-20' ELSE planned_finish END"
        " FROM milestones WHERE project_id = $2", baseline, project["id"],
    )  # fmt: skip
    for path in (f"/projects/{project['id']}/schedule.svg", f"/wall.svg?region={COUNTY_C}&year=2013"):
        root = drawing(await county_c.get(path))
        told = [tip for tip in tips(root) if "首版基线" in tip]
        assert told == ["开工\n计划: 2013年9月15日\n首版基线: 2013年8月20日"]


async def test_nothing_to_draw_is_a_clear_empty_chart(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_A)
    project = await office.created(
        "/projects", {"name": "空", "region_code": COUNTY_A, "key_years": [2016, 2014], "planned_start": "1900"}
    )
    assert "尚无节点计划" in texts(await draw(office, f"/projects/{project['id']}/schedule.svg"))
    wall = await draw(office, "/wall.svg", region=COUNTY_A, year=2015)
    assert "没有可列入本图的项目" in texts(wall)
    assert "有重点项目的年度：2014、2016" in texts(wall)
    assert "共 0 个项目" in texts(wall)
    # Neither a filter of the day nor a year that is only planned hides them; without a year it is this year's chart.
    planned = await office.put(f"/projects/{project['id']}/annual-plans/2017", {"category": "continued"})
    assert planned.status_code == 201, planned.text
    for query in ({"year": 2015}, {"light": "red"}, {"category": "new_start"}, {"region": COUNTY_A}, {}):
        assert "有重点项目的年度：2014、2016、2017" in texts(await draw(office, "/wall.svg", **query)), query
    assert "尚无节点计划" in texts(await draw(office, "/wall.svg", year=2016))
    assert "甲县2016年重点项目挂图作战图" in texts(await draw(office, "/wall.svg", year=2016))


async def test_text_is_only_ever_text(world: World) -> None:
    leader, department = await world.leader(name=NASTY[:150]), await world.department(name=NASTY[:150])
    project = await world.project(name=NASTY[:200], key_years=[2016])
    office = await world.user("dispatcher", COUNTY_A)
    for role, party in (("sponsor", {"leader_id": leader}), ("owner", {"department_id": department}),
                        ("contact", {"person_name": NASTY[:200], "phone": "<b>1</b>"})):  # fmt: skip
        await office.created(f"/projects/{project['id']}/assignments", {"role": role, **party})
    await world.pool.execute(
        "INSERT INTO milestones (id, project_id, name, planned_finish, note) VALUES ($1, $2, $3, '2016-05-05', $3)",
        new_id(), project["id"], NASTY[:200] + "\ufffe\ufdd0",
    )  # fmt: skip
    for path in (f"/projects/{project['id']}/schedule.svg", "/wall.svg?year=2016&group_by=leader"):
        answer = await office.get(path)
        root = drawing(answer)
        assert b"<script" not in answer.content
        assert any(text.endswith("…") for text in texts(root))
        assert any(NASTY[:60].split("]", maxsplit=1)[0] in tip for tip in tips(root))


@pytest.mark.parametrize(
    ("start", "finish"),
    [("1900-01-01", "2199-12-31"), ("2016-05-05", "2016-05-05"), ("0001-01-01", "0001-01-02"),
     ("9999-12-30", "9999-12-31"), (None, "2016-02-29"), ("2016-02-01", None)],
)  # fmt: skip
async def test_any_days_can_be_drawn(world: World, start: str | None, finish: str | None) -> None:
    project = await world.project(key_years=[2016])
    await world.pool.execute(
        "INSERT INTO milestones (id, project_id, name, planned_start, planned_finish, forecast_finish)"
        " VALUES ($1, $2, '甲', $3::text::date, $4::text::date, $4::text::date)",
        new_id(), project["id"], start, finish,
    )  # fmt: skip
    office = await world.user("viewer", COUNTY_A)
    for as_of in ("1900-01-01", "2016-03-01", "2199-12-31"):
        assert inside(await draw(office, f"/projects/{project['id']}/schedule.svg", as_of=as_of))
        assert inside(await draw(office, "/wall.svg", year=2016))


async def test_lights_are_those_of_the_day_and_counted(world: World) -> None:
    office = await load_county_b(world)
    where = {"region": COUNTY_B, "year": 2016, "as_of": "2016-02-29"}
    listed = {
        light: (await office.get("/projects", params={**where, "light": light, "count": "true"})).json()["total"]
        for light in ("green", "yellow", "red")
    }
    assert sum(listed.values()) > 0
    shown = texts(await draw(office, "/wall.svg", **where))
    place = shown.index("截至 2016年2月29日")
    assert shown[place + 1 : place + 7] == [
        "绿", str(listed["green"]), "黄", str(listed["yellow"]), "红", str(listed["red"]),
    ]  # fmt: skip
    red = await draw(office, "/wall.svg", **where, light="red")
    assert any(text.startswith(f"共 {listed['red']} 个项目") for text in texts(red))


async def test_charts_show_what_their_reader_sees(world: World, county_c: Client) -> None:
    project = await project_named(county_c, "游泳馆")
    elsewhere = await world.user("dispatcher", COUNTY_A)
    assert (await elsewhere.get(f"/projects/{project['id']}/schedule.svg")).status_code == 404
    assert "没有可列入本图的项目" in texts(await draw(elsewhere, "/wall.svg", region=COUNTY_C, year=2013))
    department = project["owners"][1]["id"]
    sports = await world.user("department", COUNTY_C, department_id=department)
    shown = texts(await draw(sports, "/wall.svg", year=2013, as_of="2013-06-18"))
    assert "共 1 个项目" in shown
    assert "游泳馆" in shown
    assert (await (await world.user("rater", COUNTY_C)).get("/wall.svg")).status_code == 403
    assert (await world.anonymous().get("/wall.svg")).status_code == 401


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "limit=31", "limit=4", "group_by=name", "year=1", "as_of=2016", "region=9", "region=990199",
     "colour=red", "page=99999999999999999999"],
)  # fmt: skip
async def test_bad_parameters_are_named(world: World, query: str) -> None:
    office = await world.user("dispatcher", COUNTY_A)
    answer = await office.get(f"/wall.svg?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == query.partition("=")[0]
