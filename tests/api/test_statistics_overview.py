"""A dashboard's first screen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from app.uow import SHANGHAI
from tests.rows_of_ledgers import Rows, county_b
from tests.world import COUNTY_A, COUNTY_B, Client, World

FEBRUARY: dict[str, Any] = {"year": "2016", "as_of": "2016-02-29"}


async def overview(client: Client, **params: Any) -> dict[str, Any]:
    answer = await client.get("/statistics/overview", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_empty_county_has_a_screen_too(world: World) -> None:
    screen = await overview(await world.user("viewer"))
    assert screen["total"]["count"] == 0
    assert [g["label"] for g in screen["by_stage"]] == [
        "储备", "洽谈", "签约", "落地", "开工", "竣工", "投产", "达产", "终止",
    ]  # fmt: skip
    assert (screen["by_sector"], screen["by_category"], screen["largest_gaps"], screen["recent_moves"]) == (
        [],
        [],
        [],
        [],
    )
    assert screen["region"] == {"code": COUNTY_A, "name": "甲县"}


async def test_everyone_sees_the_screen_of_what_they_see(world: World) -> None:
    await county_b(world)
    mine = await world.pool.fetchval("SELECT id FROM departments WHERE name = '县工信局'")
    department = await world.user("department", COUNTY_B, department_id=mine)
    assert (await overview(department))["total"]["count"] == 46
    neighbour = await world.user("dispatcher", COUNTY_A)
    assert (await overview(neighbour, region=COUNTY_B))["total"]["count"] == 0
    await world.grant(neighbour.user_id, "viewer", COUNTY_B)
    world.app.state.authenticator.forget()
    assert (await overview(neighbour))["region"] == {"code": "9901", "name": "示范州"}
    auditor = await world.user("auditor", COUNTY_B)
    assert (await auditor.get("/statistics/overview")).status_code == 403


async def test_the_overview_of_county_b_is_one_call(world: World) -> None:
    await county_b(world)
    office = await world.user("leader", "9901")
    screen = await overview(office, region=COUNTY_B, **FEBRUARY)
    assert screen["region"] == {"code": COUNTY_B, "name": "乙县"}
    assert (screen["total"]["count"], screen["total"]["total_investment"]) == (249, 3809600)
    assert {g["key"]: g["count"] for g in screen["by_stage"]}["started"] == 249
    by_category = {g["key"]: g for g in screen["by_category"]}
    assert (by_category["continued"]["annual_plan"], by_category["continued"]["gap_points"]) == (845900, -7.26)
    assert [g["label"] for g in screen["by_sector"]][:2] == ["工业", "城建"]
    grouped = (await office.get(f"/statistics/projects?group_by=sector&region={COUNTY_B}&as_of=2016-02-29")).json()
    assert screen["by_sector"] == grouped["groups"]
    assert screen["total"] == grouped["total"]
    assert len(screen["largest_gaps"]) == 5
    assert screen["recent_moves"] == []


async def test_the_overview_tells_what_needs_attention(world: World) -> None:
    rows = Rows(world)
    today = datetime.now(SHANGHAI).date()
    year_start = date(today.year, 1, 1)
    quiet = rows.project(
        COUNTY_A, "沉寂", "negotiating", today - timedelta(days=400), land_status="pending", major=True
    )
    started = rows.project(COUNTY_A, "新开", "landed", year_start - timedelta(days=1))
    rows.move(started, "landed", "started", year_start)
    back = rows.project(COUNTY_A, "退回", "landed", year_start - timedelta(days=2))
    rows.move(back, "landed", "started", year_start)
    rows.move(back, "started", "landed", year_start)
    done = rows.project(COUNTY_A, "一步竣工", "landed", year_start - timedelta(days=3))
    rows.move(done, "landed", "completed", year_start)
    rows.project(COUNTY_A, "录入即开工", "started", year_start, suspended_since=year_start)
    for project, completed in ((quiet, 0), (started, 50), (done, 0)):
        rows.plan(project, 100, year=today.year - 1)
        rows.figure(project, completed, date(today.year - 1, 12, 31))
    rows.plan(back, 0, year=today.year - 1)
    await rows.write()
    office = await world.user("dispatcher")
    screen = await overview(office, year=today.year)
    assert screen["counts"] | {"stale": 1} == {
        "suspended": 1, "stale": 1, "waiting_for_land": 1, "major": 1, "newly_started": 2, "newly_completed": 1,
    }  # fmt: skip
    stale = (await office.get("/projects?stale=true&count=true")).json()["total"]
    assert screen["counts"]["stale"] == stale >= 1
    moves = [(m["name"], m["from_stage"], m["to_stage"]) for m in screen["recent_moves"]]
    assert sorted(moves) == sorted(
        [("新开", "landed", "started"), ("退回", "landed", "started"), ("退回", "started", "landed"),
         ("一步竣工", "landed", "completed")]
    )  # fmt: skip

    last = await overview(office, year=today.year - 1)
    assert [(g["name"], g["completion_rate"], g["gap_points"]) for g in last["largest_gaps"]] == [
        ("沉寂", 0, -100), ("一步竣工", 0, -100), ("新开", 50, -50),
    ]  # fmt: skip


async def test_the_overview_of_a_past_day(world: World) -> None:
    rows = Rows(world)
    project = rows.project(COUNTY_A, "甲", "negotiating", date(2016, 1, 1))
    rows.figure(project, 1, date(2016, 2, 10))
    rows.move(project, "negotiating", "signed", date(2016, 4, 1))
    rows.add("suspensions", project_id=project, reason="停工", since=date(2016, 2, 1), until=date(2016, 2, 20))
    await rows.write()
    office = await world.user("dispatcher")
    told = {}
    for day in ("2015-12-31", "2016-01-30", "2016-01-31", "2016-02-10", "2016-03-10", "2016-03-11", "2016-04-01"):
        screen = await overview(office, as_of=day)
        told[day] = (
            screen["total"]["count"], screen["counts"]["stale"], screen["counts"]["suspended"],
            len(screen["recent_moves"]),
        )  # fmt: skip
    assert told == {
        "2015-12-31": (0, 0, 0, 0), "2016-01-30": (1, 0, 0, 0), "2016-01-31": (1, 1, 0, 0), "2016-02-10": (1, 0, 1, 0),
        "2016-03-10": (1, 0, 0, 0), "2016-03-11": (1, 1, 0, 0), "2016-04-01": (1, 0, 0, 1),
    }  # fmt: skip


async def test_the_overview_of_no_region_is_refused(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.get("/statistics/overview?region=880000")
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("region", "unknown_reference")]
