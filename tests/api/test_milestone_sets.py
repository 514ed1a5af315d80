from __future__ import annotations

from typing import Any

import pytest

from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def _project(office: Client, region: str = COUNTY_A) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": region})
    return f"/projects/{made['id']}"


def _chain(*names: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for name in names:
        before = [items[-1]["id"]] if items else []
        items.append({"id": str(new_id()), "name": name, "duration_days": 5, "predecessor_ids": before})
    return items


async def test_a_whole_plan_is_put_replaced_and_what_was_reported_stays(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    path = f"{project}/milestone-set"
    empty = await office.get(path)
    assert empty.json()["milestones"] == []
    a, b, c = _chain("立项", "设计", "开工")
    first = await office.put(path, {"milestones": [a, b, c]})
    assert first.status_code == 200, first.text
    made = first.json()["milestones"]
    assert [(m["name"], m["position"], m["predecessor_ids"]) for m in made] == [
        ("立项", 0, []), ("设计", 1, [a["id"]]), ("开工", 2, [b["id"]]),
    ]  # fmt: skip
    seen = await office.get(path)
    assert (seen.json(), seen.headers["etag"]) == (first.json(), first.headers["etag"])
    assert (await office.get(path, headers={"If-None-Match": seen.headers["etag"]})).status_code == 304
    same = await office.put(path, {"milestones": [a, b, c]})
    assert (same.status_code, same.headers["etag"]) == (200, first.headers["etag"])

    await office.patch(f"/milestones/{a['id']}", {"status": "done", "actual_finish": "2016-03-01"}, etag="*")
    [d] = _chain("验收")
    after = [{**c, "predecessor_ids": [a["id"]]}, a, {**d, "predecessor_ids": [c["id"]], "weight": 2.5}]
    assert (await office.put(path, {"milestones": after})).status_code == 428
    stale = await office.put(path, {"milestones": after}, headers={"If-Match": seen.headers["etag"]})
    assert (stale.status_code, stale.headers["etag"]) == (412, (await office.get(path)).headers["etag"])
    second = await office.put(path, {"milestones": after}, headers={"If-Match": stale.headers["etag"]})
    assert second.status_code == 200, second.text
    rows = second.json()["milestones"]
    assert [(m["name"], m["position"], m["version"], m["predecessor_ids"]) for m in rows] == [
        ("开工", 0, 2, [a["id"]]), ("立项", 1, 3, []), ("验收", 2, 1, [c["id"]]),
    ]  # fmt: skip
    assert (rows[1]["status"], rows[1]["actual_finish"], rows[2]["weight"]) == ("done", "2016-03-01", 2.5)
    assert (await office.get(f"/milestones/{b['id']}")).status_code == 404
    logged = await world.pool.fetch(
        "SELECT action, count(*) FROM changes WHERE resource = 'milestone' GROUP BY action ORDER BY action"
    )
    assert [tuple(row) for row in logged] == [("created", 4), ("deleted", 1), ("updated", 3)]


async def test_everything_wrong_is_told_at_once_by_name(world: World) -> None:
    office = await world.user("dispatcher")
    project, other = await _project(office), await _project(office)
    [theirs] = _chain("别人的")
    await office.put(f"{other}/milestone-set", {"milestones": [theirs]})
    a, b, c = _chain("立项", "设计", "开工")
    a["predecessor_ids"] = [c["id"]]
    a["duration_days"], b["duration_days"] = 0, -3
    b["planned_start"], b["planned_finish"] = "2016-02-01", "2016-01-01"
    c["kind"], c["responsible_user_id"] = "nonsense", str(new_id())
    [d] = _chain("验收")
    d["predecessor_ids"] = [c["id"], theirs["id"]]
    refused = await office.put(f"{project}/milestone-set", {"milestones": [a, b, c, d, d, theirs]})
    assert refused.status_code == 422, refused.text
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/milestones/1/planned_finish", "dates_out_of_order"),
        ("/milestones/2/kind", "unknown_code"),
        ("/milestones/2/responsible_user_id", "unknown_reference"),
        ("/milestones/5/id", "id_of_another_project"),
        ("/milestones/0/duration_days", "duration_out_of_range"),
        ("/milestones/1/duration_days", "duration_out_of_range"),
        ("/milestones/3", "milestone_repeated"),
        ("/milestones/0/predecessor_ids", "cycle"),
    ]
    assert [[m["name"] for m in fault["milestones"]] for fault in refused.json()["faults"]] == [
        ["立项"], ["设计"], ["验收"], ["立项", "设计", "开工"],
    ]  # fmt: skip
    nowhere = str(new_id())
    lost = await office.put(f"{project}/milestone-set", {"milestones": [{**d, "predecessor_ids": [nowhere]}]})
    [error] = lost.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/milestones/0/predecessor_ids/0", "unknown_predecessor")
    assert ("验收" in error["message"], nowhere in error["message"]) == (True, True)
    assert (await office.get(f"{project}/milestone-set")).json()["milestones"] == []


async def test_of_plans_sent_at_once_the_first_is_kept(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    answers = await all_at_once(
        world,
        project.split("/")[2],
        [office.put(f"{project}/milestone-set", {"milestones": _chain(*"甲乙")}) for _ in range(3)],
    )
    assert sorted(a.status_code for a in answers) == [200, 428, 428]
    assert await world.pool.fetchval("SELECT count(*) FROM milestones") == 2


@pytest.mark.parametrize("body", [{}, {"milestones": None}, {"milestones": [{}]}, {"milestones": [{"id": 1}]}, []])
async def test_malformed_plans_are_refused(world: World, body: Any) -> None:
    office = await world.user("dispatcher")
    assert (await office.put(f"{await _project(office)}/milestone-set", body)).status_code == 422


async def test_a_plan_of_thousands_goes_in_one_request(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    items = _chain(*(f"节点{n}" for n in range(2000)))
    assert (await office.put(f"{project}/milestone-set", {"milestones": items})).status_code == 200
    made = await office.created(f"{project}/schedules", {"deadline": "2099-12-31"})
    assert len(made["critical_chain"]) == 2000
    assert (await office.post(f"/schedules/{made['id']}/adoption", {})).status_code == 201


async def test_only_the_office_puts_plans_and_only_its_own(world: World) -> None:
    office, leader, other = [
        await world.user(role, county)
        for role, county in (("dispatcher", COUNTY_A), ("leader", COUNTY_A), ("dispatcher", COUNTY_B))
    ]
    path = f"{await _project(office)}/milestone-set"
    assert (await leader.get(path)).status_code == 200
    assert (await leader.put(path, {"milestones": []})).status_code == 403
    assert (await other.get(path)).status_code == 404
    assert (await other.put(path, {"milestones": []})).status_code == 404
