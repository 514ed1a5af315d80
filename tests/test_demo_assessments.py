"""The demo's county B shows published rankings of departments, townships, parks and leaders; loading it twice changes
nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.demo import assessments
from tests.leader_cards import assign
from tests.light_days import clock
from tests.world import COUNTY_B, World

REGIONS = [("990102001", "城关镇", "township"), ("990102002", "龙山镇", "township"),
           ("990102401", "乙县产业园区", "park")]  # fmt: skip


async def test_the_demo_ranks_places_beside_departments_and_leaders(world: World) -> None:
    clock(world, "2016-01-01")
    await world.pool.executemany(
        "INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, $2, $3, '990102') ON CONFLICT DO NOTHING",
        REGIONS,
    )
    office = await world.user("dispatcher", COUNTY_B)
    await world.pool.execute("UPDATE users SET username = 'dispatcher_b', demo = true WHERE id = $1", office.user_id)
    bureau, leader = await world.department(COUNTY_B, "县工信局"), await world.leader(COUNTY_B)
    for n in range(6):
        body = {"name": f"项目{n}", "region_code": REGIONS[n % 2][0], "stage": "started", "sector": "industry"}
        made = await office.created("/projects", body)
        await assign(office, made["id"], department_id=bureau)
        await assign(office, made["id"], leader_id=leader)
    for _ in range(2):
        await assessments.load(world.app.state.db, datetime(2017, 1, 10, tzinfo=UTC))
    clock(world, "2017-01-10")
    viewer = await world.user("viewer", COUNTY_B)
    runs = (await viewer.get("/assessments")).json()["items"]
    assert len(runs) == len(assessments.PERIODS) * len(assessments.RUNS)
    assert {run["status"] for run in runs} == {"published"}

    async def ranked(kind: str, period: str, number: int) -> dict[str, Any]:
        [run] = [r for r in runs if (r["subject_kind"], r["period"]["kind"], r["period"]["number"])
                 == (kind, period, number)]  # fmt: skip
        told = (await viewer.get(f"/assessments/{run['id']}/ranking")).json()["result"]
        return {group["code"]: group["subjects"] for group in told["groups"]}

    places = await ranked("department", "quarter", 2)
    assert {code: len(subjects) for code, subjects in places.items()} == {"parks": 1, "townships": 2, "departments": 1}
    assert {subject["name"] for subject in places["townships"]} == {"城关镇", "龙山镇"}
    assert all(s["movement"] is not None for subjects in places.values() for s in subjects)
    # 项目3 of 龙山镇 was criticised: it counts for the township and for the department, by that project.
    criticised = {s["name"]: s["items"][5]["points"] for subjects in places.values() for s in subjects}
    assert criticised == {"乙县产业园区管委会": -2, "城关镇": 0, "龙山镇": -2, "县工信局": -2}
    [own] = (await ranked("leader", "year", 1))["leaders"]
    points = {item["code"]: item["points"] for item in own["items"]}
    assert (points["provincial"], points["production"], points["criticism"]) == (60, 10, -10)
