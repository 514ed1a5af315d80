from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.milestone_templates import SHIPPED, template_faults
from app.schemas.milestone_templates import TemplateMilestone
from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

INDUSTRY = "01890000-0000-7000-8000-000000000002"
OWN: dict[str, Any] = {
    "region_code": COUNTY_A,
    "name": "甲县工业",
    "sector": "industry",
    "milestones": [
        {"key": "a", "name": "立项", "kind": "project_approval", "duration_days": 20, "weight": 2.5},
        {"key": "b", "name": "设计", "after": ["a"], "steps": ["初设", "施工图"]},
    ],
}


async def _project(office: Client) -> str:
    return f"/projects/{(await office.created('/projects', {'name': '测试', 'region_code': COUNTY_A}))['id']}"


def test_what_ships_can_be_scheduled() -> None:
    for template in SHIPPED:
        assert template_faults(template.milestones) == []
        assert sum(item["weight"] for item in template.milestones) == 100, template.name
        for item in template.milestones:
            assert TemplateMilestone.model_validate(item).duration_days is not None


async def test_a_county_keeps_its_own_beside_what_ships(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.post("/milestone-templates", {**OWN, "id": (own := str(new_id()))})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    assert made.json()["milestones"][1] == {
        "key": "b", "name": "设计", "kind": "other", "duration_days": None, "weight": 1, "after": ["a"],
        "steps": ["初设", "施工图"],
    }  # fmt: skip
    assert (await office.post("/milestone-templates", {**OWN, "id": own})).status_code == 200
    assert (await office.post("/milestone-templates", {**OWN, "id": own, "name": "x"})).json()["code"] == "id_taken"
    assert (await office.post("/milestone-templates", OWN)).json()["code"] == "duplicate"

    async def listed(client: Client, query: str = "") -> list[str]:
        return [item["name"] for item in (await client.get(f"/milestone-templates{query}")).json()["items"]]

    assert await listed(office) == ["甲县工业", "通用", "工业项目", "城建项目", "交通项目"]
    assert await listed(office, "?sector=industry") == ["甲县工业", "通用", "工业项目"]
    assert await listed(office, f"?region={COUNTY_B}&sector=energy") == ["通用"]
    other = await world.user("dispatcher", COUNTY_B)
    assert await listed(other) == ["通用", "工业项目", "城建项目", "交通项目"]
    assert (await other.get(f"/milestone-templates/{own}")).status_code == 404
    assert (await other.post("/milestone-templates", OWN)).status_code == 403

    path = f"/milestone-templates/{own}"
    changed = await office.patch(path, {"milestones": OWN["milestones"][:1], "sector": None}, etag='"1"')
    assert (changed.headers["etag"], len(changed.json()["milestones"]), changed.json()["sector"]) == ('"2"', 1, None)
    assert (await office.patch(path, {"name": "x"}, etag='"1"')).status_code == 412
    assert (await office.delete(path, etag='"2"')).status_code == 204
    assert (await office.get(path)).status_code == 404
    shipped = f"/milestone-templates/{INDUSTRY}"
    assert (await office.get(shipped)).json()["shipped"]
    assert (await office.get(shipped, headers={"If-None-Match": '"0"'})).status_code == 304
    assert (await office.patch(shipped, {"name": "x"}, etag="*")).json()["code"] == "template_shipped"
    assert (await office.delete(shipped, etag="*")).status_code == 409


@pytest.mark.parametrize(
    ("milestones", "pointer", "code"),
    [
        ([], "/milestones", "too_short"),
        ([{"key": "a", "name": "x"}, {"key": "a", "name": "y"}], "/milestones/0", "milestone_repeated"),
        ([{"key": "a", "name": "x", "after": ["b"]}], "/milestones/0", "unknown_predecessor"),
        ([{"key": "a", "name": "x", "after": ["a"]}], "/milestones/0", "cycle"),
        ([{"key": "a", "name": "x", "kind": "odd"}], "/milestones/0/kind", "unknown_code"),
        ([{"key": "a", "name": "x", "duration_days": 0}], "/milestones/0/duration_days", "out_of_range"),
    ],
)
async def test_wrong_templates_are_refused(world: World, milestones: Any, pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/milestone-templates", {**OWN, "milestones": milestones})
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_a_project_begins_with_a_template(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {"id": str(new_id()), "template_id": INDUSTRY}
    path = f"{project}/milestone-template-applications"
    answers = await all_at_once(world, project.split("/")[2], [office.post(path, body) for _ in "123"])
    assert sorted(a.status_code for a in answers) == [200, 200, 201]
    applied = answers[0].json()
    made = (await office.get(f"{project}/milestones")).json()["items"]
    assert [m["id"] for m in made] == applied["milestone_ids"]
    assert [m["name"] for m in made][:3] == ["立项", "设计", "融资"]
    assert made[4]["predecessor_ids"] == sorted([made[1]["id"], made[3]["id"]])
    assert (await office.get(f"/milestone-template-applications/{applied['id']}")).json() == applied
    again = await office.post(path, {"template_id": INDUSTRY})
    assert (again.status_code, again.json()["code"]) == (409, "has_milestones")
    assert (await office.post(path, {**body, "template_id": str(new_id())})).json()["code"] == "id_taken"
    own = await office.created("/milestone-templates", OWN)
    more = await office.created(path, {"template_id": own["id"], "add_to_existing": True})
    last = (await office.get(f"/milestones/{more['milestone_ids'][1]}")).json()
    assert (last["position"], [s["name"] for s in last["steps"]]) == (len(made) + 1, ["初设", "施工图"])
    unknown = await office.post(path, {"template_id": str(new_id()), "add_to_existing": True})
    assert unknown.json()["errors"][0]["code"] == "unknown_reference"


async def test_the_month_plan_adds_up_exactly(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    path = f"{project}/month-plan?year=2026"

    async def seen(query: str = "") -> dict[str, Any]:
        answer = await office.get(path + query)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON

    def invested(plan: dict[str, Any]) -> list[Any]:
        return [month["planned_investment"] for month in plan["months"]]

    bare = await seen()
    assert (bare["annual_plan"], bare["basis"], invested(bare)) == (None, None, [None] * 12)
    await office.put(f"{project}/annual-plans/2026", {"category": "continued", "planned_investment": 1000.5})
    even = await seen()
    assert (even["basis"], round(sum(invested(even)), 4), even["provisional"]) == ("calendar", 1000.5, False)
    await office.created(
        f"{project}/milestones", {"name": "甲", "planned_start": "2026-03-30", "planned_finish": "2026-04-03"}
    )
    await office.created(f"{project}/milestones", {"name": "乙", "planned_finish": "2026-04-02", "duration_days": 2})
    planned = await seen()
    assert [m["work_days"] for m in planned["months"]] == [0, 0, 2, 4, *[0] * 8]
    assert (planned["basis"], invested(planned)[2:4]) == ("milestones", [333.5, 667])
    assert [m["name"] for m in planned["months"][3]["due"]] == ["甲", "乙"]
    split = [0] * 11 + [1000.5]
    body = {"category": "continued", "planned_investment": 1000.5, "monthly": split}
    await office.put(f"{project}/annual-plans/2026", body, headers={"If-Match": "*"})
    assert (invested(await seen()), (await seen())["basis"]) == (split, "annual_plan")
    first = (await office.get(f"{project}/milestones")).json()["items"][0]
    await office.patch(f"/milestones/{first['id']}", {"duration_days": 3}, etag="*")
    schedule = await office.created(f"{project}/schedules", {"deadline": "2026-12-31"})
    as_proposed = await seen(f"&schedule_id={schedule['id']}")
    assert [m["work_days"] for m in as_proposed["months"]][11] == 5
    assert (await office.get(f"{path}&schedule_id={new_id()}")).json()["errors"][0]["code"] == "unknown_reference"
    assert (await office.get(f"{project}/month-plan?year=2028")).json()["provisional"]
    assert (await office.get(f"{project}/month-plan?year=1")).status_code == 422
    stranger = await world.user("dispatcher", COUNTY_B)
    assert (await stranger.get(path)).status_code == 404


async def test_what_is_done_is_work_of_the_months_it_was_done_in(world: World) -> None:
    world.app.state.clock = lambda: datetime(2026, 7, 1, 1, tzinfo=UTC)
    office = await world.user("dispatcher")
    project = await _project(office)
    planned = {"planned_start": "2026-03-02", "planned_finish": "2026-03-31"}
    said: dict[str, dict[str, Any]] = {
        "有起止": {"status": "done", "actual_start": "2026-04-28", "actual_finish": "2026-05-08"},
        "只有工期": {"planned_start": None, "duration_days": 3, "status": "done", "actual_finish": "2026-06-02"},
        "未注明": {"status": "done", "actual_finish": None},
        "未完成": {},
    }
    ids = {
        name: (await office.created(f"{project}/milestones", {"name": name, **planned, **fields}))["id"]
        for name, fields in said.items()
    }
    await office.put(f"{project}/annual-plans/2026", {"category": "continued", "planned_investment": 1000.1})
    plan = (await office.get(f"{project}/month-plan?year=2026")).json()
    months = plan["months"][2:6]
    # March has 22 workdays; 28 to 30 April three, May until the 8th three of its own, 29 May, 1 and 2 June.
    assert [m["work_days"] for m in months] == [44, 3, 3 + 1, 2]
    assert [m["done_days"] for m in months] == [22, 3, 3 + 1, 2]
    assert sum(m["work_days"] for m in plan["months"]) == 53
    assert round(sum(m["planned_investment"] for m in plan["months"]), 4) == 1000.1
    assert [m["planned_investment"] > 0 for m in months] == [True] * 4
    assert {due["id"] for due in months[0]["due"]} == set(ids.values()), "due as planned, whenever it was done"
