"""The demo's projects with milestones: one begun and rescheduled by decision, a late permit that moves what waits."""

from __future__ import annotations

from typing import Any

from app.demo import permits, schedules
from tests.drawings import draw, texts
from tests.world import COUNTY_B, World


async def test_the_demo_has_a_plan_postponed_by_decision_and_a_permit_that_moves_it(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    await world.department(COUNTY_B, "县住建局")
    for n in range(5):
        body = {"name": f"项目{n}", "region_code": COUNTY_B, "sector": "industry", "stage": "landed"}
        await office.created("/projects", body)
    now = world.app.state.clock()
    for _ in range(2):
        await schedules.load(world.app.state.db, now)
        await permits.load(world.app.state.db, now)

    async def of(name: str, part: str) -> dict[str, Any]:
        [project] = (await office.get("/projects", params={"q": name})).json()["items"]
        return (await office.get(f"/projects/{project['id']}/{part}")).json()  # type: ignore[no-any-return]  # JSON

    baselines = {name: (await of(name, "baselines"))["items"] for name in ("项目0", "项目1", "项目3", "项目4")}
    assert {name: len(found) for name, found in baselines.items()} == {"项目0": 2, "项目1": 1, "项目3": 0, "项目4": 0}
    assert baselines["项目0"][1]["decision_reference"]
    assert baselines["项目0"][1]["reason"]
    lights = [await of(f"项目{n}", "light") for n in (0, 3, 4)]
    assert [each["facts"]["planned_investment"] for each in lights] == [400, 2000, None]
    assert [each["light"] is None for each in lights] == [False, False, True]
    assert [each["facts"]["enrolled_on"] is None for each in lights] == [False, True, True]
    wall = texts(await draw(office, "/wall.svg", region=COUNTY_B))
    assert {"项目0", "项目3"} <= set(wall)
    assert "项目4" not in wall
    variance = await of("项目0", "variance")
    assert [row["status"] for row in variance["milestones"][:3]] == ["done", "in_progress", "planned"]
    assert variance["rescheduled"] > 0
    assert variance["late"] > 0
    [land] = [each for each in (await of("项目0", "milestones"))["items"] if each["kind"] == "land"]
    assert land["moved_by_permit"]["kind"] == "land_use_planning_permit"
    assert land["forecast_finish"] > land["planned_finish"]
    [late] = [each for each in (await of("项目0", "permits"))["items"] if each["clock"]["overdue"]]
    assert late["id"] == land["moved_by_permit"]["id"]
