from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from app.uow import SHANGHAI
from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def _project(office: Client, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return f"/projects/{made['id']}"


async def _suspended_since(client: Client, project: str) -> str | None:
    return (await client.get(project)).json()["suspended_since"]  # type: ignore[no-any-return]  # JSON


async def test_a_project_is_paused_and_goes_on(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    paused = await office.post(f"{project}/suspensions", {"reason": "资金未到位", "since": "2016-02-01"})
    assert paused.status_code == 201, paused.text
    address = paused.headers["location"].removeprefix("/api/v1")
    assert (await office.get(address)).json() == paused.json()
    assert await _suspended_since(office, project) == "2016-02-01"
    assert [p["id"] for p in (await office.get("/projects?suspended=true")).json()["items"]] == [project[10:]]

    moved = await office.post(f"{project}/stage-transitions", {"to_stage": "negotiating"})
    assert [u["code"] for u in moved.json()["unmet"]] == ["not_suspended"]

    going_on = await office.patch(address, {"until": "2016-03-01"}, etag='"1"')
    assert (going_on.status_code, going_on.json()["until"], going_on.headers["etag"]) == (200, "2016-03-01", '"2"')
    assert await _suspended_since(office, project) is None
    assert (await office.post(f"{project}/stage-transitions", {"to_stage": "negotiating"})).status_code == 201

    await office.created(f"{project}/suspensions", {"reason": "再次停工", "since": "2016-03-01"})
    history = (await office.get(f"{project}/suspensions")).json()["items"]
    assert [(s["since"], s["until"]) for s in history] == [("2016-02-01", "2016-03-01"), ("2016-03-01", None)]
    assert (await office.get(project)).headers["etag"] == '"5"'
    logged = await world.pool.fetch("SELECT action, version FROM changes WHERE resource = 'suspension' ORDER BY seq")
    assert [tuple(r) for r in logged] == [("created", 1), ("updated", 2), ("created", 1)]


async def test_a_paused_project_cannot_be_paused(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    answers = await all_at_once(
        world, project[10:], [office.post(f"{project}/suspensions", {"reason": f"第{i}"}) for i in range(6)]
    )
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 5}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_suspended"}


async def test_an_end_is_final(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    made = await office.created(f"{project}/suspensions", {"reason": "停", "since": "2016-02-01"})
    address = f"/suspensions/{made['id']}"
    assert (await office.patch(address, {"until": "2016-03-01"})).status_code == 428
    assert (await office.patch(address, {"until": "2016-03-01"}, etag='"1"')).status_code == 200
    assert (await office.patch(address, {"until": "2016-03-02"}, etag='"1"')).status_code == 412
    again = await office.patch(address, {"until": "2016-03-01"}, etag='"2"')
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')
    other = await office.patch(address, {"until": "2016-03-02"}, etag='"2"')
    assert (other.status_code, other.json()["code"]) == (409, "already_ended")
    assert (await office.patch(address, {"until": None}, etag='"2"')).status_code == 422
    assert (await office.patch(address, {}, etag='"2"')).status_code == 422


async def test_dates_are_in_order_and_not_ahead(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    tomorrow = str((datetime.now(SHANGHAI) + timedelta(days=1)).date())

    async def refused(answer: Any) -> tuple[str, str]:
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        return error["pointer"], error["code"]

    path = f"{project}/suspensions"
    assert await refused(await office.post(path, {"reason": "停", "since": tomorrow})) == ("/since", "in_the_future")
    assert await refused(await office.post(path, {"reason": " "})) == ("/reason", "too_short")
    made = await office.created(path, {"reason": "停", "since": "2016-02-01"})
    address = f"/suspensions/{made['id']}"
    for until, code in {tomorrow: "in_the_future", "2016-01-31": "dates_out_of_order"}.items():
        assert await refused(await office.patch(address, {"until": until}, etag='"1"')) == ("/until", code)
    assert (await office.patch(address, {"until": "2016-02-01"}, etag='"1"')).status_code == 200
    inside = await office.post(path, {"reason": "停", "since": "2016-01-31"})
    assert await refused(inside) == ("/since", "dates_out_of_order")


async def test_only_the_office_pauses_and_only_its_own(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    department = await world.department()
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    people = await world.user("department", department_id=department)
    assert (await people.post(f"{project}/suspensions", {"reason": "停"})).status_code == 403
    made = await office.created(f"{project}/suspensions", {"reason": "停"})
    assert (await people.get(f"/suspensions/{made['id']}")).status_code == 200
    other = await world.user("dispatcher", COUNTY_B)
    assert (await other.get(f"{project}/suspensions")).status_code == 404
    assert (await other.patch(f"/suspensions/{made['id']}", {"until": "2016-03-01"}, etag='"1"')).status_code == 404


async def test_an_id_sent_again_is_the_same_suspension(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {"id": str(new_id()), "reason": "停"}
    made = await office.created(f"{project}/suspensions", body)
    again = await office.post(f"{project}/suspensions", body)
    assert (again.status_code, again.json()) == (200, made)
    other = await office.post(f"{project}/suspensions", {**body, "reason": "另"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
