"""The demo's letters of responsibility: scored by the ledger's figures and by what was entered month by month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.demo import letters
from tests.world import COUNTY_B, World


async def test_the_demo_has_letters_with_progress(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    departments = {letter.department: await world.department(COUNTY_B, letter.department) for letter in letters.LETTERS}
    for name in {letter.leader for letter in letters.LETTERS}:
        await world.leader(COUNTY_B, name)
    for name, plan, done in (("县工信局", 1000, 90), ("县住建局", 800, 100)):
        made = await office.created("/projects", {"name": name, "region_code": COUNTY_B, "stage": "started"})
        path = f"/projects/{made['id']}"
        await office.created(
            f"{path}/assignments",
            {"role": "responsible", "department_id": departments[name], "valid_from": "2016-01-01"},
        )
        plan_of_year = {"category": "continued", "planned_investment": plan}
        assert (await office.put(f"{path}/annual-plans/2016", plan_of_year)).status_code == 201
        await office.created(f"{path}/progress-figures", {"year": 2016, "as_of": "2016-02-29", "completed": done})
    for _ in range(2):
        await letters.load(world.app.state.db, datetime(2017, 1, 10, tzinfo=UTC))

    async def scores(day: str) -> dict[str, Any]:
        answer = await office.get("/statistics/responsibility-letters", params={"year": 2016, "as_of": day})
        return {row["department_name"]: row for row in answer.json()["items"]}

    early, late = await scores("2016-02-29"), await scores("2016-12-31")
    assert set(early) == {"县工信局", "县住建局", "县交通运输局"}
    # 50 × 90 ÷ 1000 + 25 × 3 ÷ 20 + 25 × 10 %
    assert (early["县工信局"]["score"], early["县工信局"]["items"]) == (10.75, 3)
    assert all(late[name]["score"] > early[name]["score"] for name in early)
    held = (await office.get("/responsibility-letters", params={"count": "true"})).json()
    assert (held["total"], [x["status"] for x in held["items"]].count("draft")) == (4, 1)
    # The supplement took nothing away of what had been told of the housing.
    [housing] = [x["id"] for x in held["items"] if x["department_name"] == "县住建局"]
    for day, actual, due in (("2016-07-31", 380, "2016-10-31"), ("2016-08-01", 380, "2016-11-30")):
        told = (await office.get(f"/responsibility-letters/{housing}/progress", params={"as_of": day})).json()
        assert [(i["actual"], i["due_on"]) for i in told["items"] if i["unit"] == "套"] == [(actual, due)]
