"""Assignments in time: transfers, days ahead, mistakes taken back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from app.services.due_assignments import announce
from app.uow import SHANGHAI
from tests.world import COUNTY_A, Client, World


def day(offset: int) -> str:
    return str(datetime.now(SHANGHAI).date() + timedelta(days=offset))


async def _project(office: Client, **fields: Any) -> str:
    project = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return f"/projects/{project['id']}"


async def _sponsors(office: Client, project: str) -> list[str]:
    return [leader["name"] for leader in (await office.get(project)).json()["sponsors"]]


async def test_who_answered_for_what_last_march_survives_a_transfer(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    old, new = await world.leader(name="王建国"), await world.leader(name="刘洋")
    first = await office.post(
        f"{project}/assignments", {"role": "sponsor", "leader_id": old, "valid_from": "2016-01-01"}
    )
    assert first.status_code == 201, first.text
    address = first.headers["location"].removeprefix("/api/v1")
    assert (await office.get(address)).json() == first.json()
    assert (first.json()["name"], first.json()["valid_to"]) == ("王建国", None)

    ended = await office.patch(address, {"valid_to": "2016-07-01"}, etag=first.headers["etag"])
    assert (ended.status_code, ended.json()["valid_to"]) == (200, "2016-07-01")
    await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": new, "valid_from": "2016-07-01"})

    assert await _sponsors(office, project) == ["刘洋"]
    for as_of, names in {
        "2015-12-31": [], "2016-01-01": ["王建国"], "2016-06-30": ["王建国"], "2016-07-01": ["刘洋"],
    }.items():  # fmt: skip
        page = await office.get(f"{project}/assignments", params={"as_of": as_of, "role": "sponsor"})
        assert [a["name"] for a in page.json()["items"]] == names, as_of
    assert len((await office.get(f"{project}/assignments")).json()["items"]) == 2


async def test_what_has_ended_stays_as_it_was(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {"role": "sponsor", "leader_id": await world.leader(), "valid_from": "2016-01-01"}
    made = await office.created(f"{project}/assignments", {**body, "valid_to": "2016-07-01"})
    address = f"/assignments/{made['id']}"
    for valid_to in (None, "2016-08-01"):
        refused = await office.patch(address, {"valid_to": valid_to}, etag='"1"')
        assert (refused.status_code, refused.json()["code"]) == (409, "already_ended")
    corrected = await office.patch(address, {"valid_to": "2016-07-01", "phone": "１３９００００００００"}, etag='"1"')
    assert (corrected.status_code, corrected.json()["phone"]) == (200, "13900000000")
    assert (await office.delete(address, etag='"2"')).status_code == 405


async def test_periods_ahead_count_when_they_come(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    leaving, coming = await world.leader(name="去"), await world.leader(name="来")
    leaves = await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": leaving})
    ended = await office.patch(f"/assignments/{leaves['id']}", {"valid_to": day(1)}, etag='"1"')
    assert ended.status_code == 200
    await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": coming, "valid_from": day(1)})
    assert await _sponsors(office, project) == ["去"]
    assert await _ids(office, leader_id=leaving) == [project]
    assert await _ids(office, leader_id=coming) == []

    # A day later; the past half is moved too, so that the order of dates holds.
    await world.pool.execute(
        "UPDATE assignments SET valid_from = valid_from - 1, valid_to = valid_to - 1 WHERE project_id = $1",
        project.rpartition("/")[2],
    )
    assert await _sponsors(office, project) == ["来"]
    assert await _ids(office, leader_id=leaving) == []
    assert await _ids(office, leader_id=coming) == [project]


async def _ids(office: Client, **query: Any) -> list[str]:
    return [f"/projects/{item['id']}" for item in (await office.get("/projects", params=query)).json()["items"]]


async def test_an_end_ahead_may_still_be_moved_or_cleared(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    leader = await world.leader()
    made = await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": leader, "valid_to": day(10)})
    address = f"/assignments/{made['id']}"
    assert (await office.patch(address, {"valid_to": day(20)}, etag='"1"')).status_code == 200
    assert (await office.patch(address, {"valid_to": None}, etag='"2"')).json()["valid_to"] is None
    assert await _sponsors(office, project) == ["王建国"]


async def test_a_mistake_is_taken_back_at_once_and_stays_to_be_seen(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    leader = await world.leader()
    made = await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": leader})
    back = await office.patch(f"/assignments/{made['id']}", {"valid_to": day(0)}, etag='"1"')
    assert back.status_code == 200, back.text
    assert await _sponsors(office, project) == []
    assert len((await office.get(f"{project}/assignments")).json()["items"]) == 1
    await office.created(f"{project}/assignments", {"role": "sponsor", "leader_id": leader})
    assert await _sponsors(office, project) == ["王建国"]


async def test_the_day_an_assignment_turns_its_project_gets_a_new_version(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    old, new = await world.department(name="发改局"), await world.department(name="住建局")
    for body in ({"department_id": old, "valid_to": day(1)}, {"department_id": new, "valid_from": day(1)}):
        await office.created(f"{project}/assignments", {"role": "responsible", **body})
    db, now = world.app.state.db, datetime.now(SHANGHAI)
    assert await announce(db, now) == 0
    turned = await asyncio.gather(*[announce(db, now + timedelta(days=1)) for _ in range(3)])
    assert sum(turned) == 1
    assert await announce(db, now + timedelta(days=2)) == 0
    assert (await office.get(project)).headers["etag"] == '"4"'
    last = await world.pool.fetchrow("SELECT * FROM changes ORDER BY seq DESC LIMIT 1")
    assert (last["resource"], last["action"], last["version"], last["actor_id"]) == ("project", "updated", 4, None)
    assert {str(d) for d in last["department_ids"]} == {old, new}
