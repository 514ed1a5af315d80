"""包扶: a leader enters his own visits, the dispatch office anybody's of its region."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def linked(world: World, leader_id: str | None, region: str = COUNTY_A) -> Client:
    """A leader's own account, linked by the administrator."""
    account = await world.user("leader", region)
    admin = await world.user("system_admin", region)
    etag = (await admin.get(f"/users/{account.user_id}")).headers["etag"]
    answer = await admin.patch(f"/users/{account.user_id}", {"leader_id": leader_id}, etag)
    assert answer.status_code == 200, answer.text
    assert answer.json()["leader_id"] == leader_id
    return account


def visit(project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "project_id": project["id"], "kind": "help", "happened_on": "2016-03-10", "finding": "征地尚余3户", **fields,
    }  # fmt: skip


async def test_a_leader_enters_his_own_and_no_one_elses(world: World) -> None:
    project = await world.project()
    wang, li = await world.leader(), await world.leader(name="李四")
    own = await linked(world, wang)
    made = await own.created("/visits", visit(project, decision="国土局20日前签完"))
    assert (made["leader_id"], made["leader_name"], made["project_name"]) == (wang, "王建国", "测试项目")
    assert made["entered_by"]["id"] == str(own.user_id)
    assert (await own.get("/me")).json()["leader_id"] == wang
    refused = await own.post("/visits", visit(project, leader_id=li))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    stranger = await world.user("leader")
    refused = await stranger.post("/visits", visit(project))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

    office = await world.user("dispatcher")
    nobody = await office.post("/visits", visit(project))
    assert [(e["pointer"], e["code"]) for e in nobody.json()["errors"]] == [("/leader_id", "missing")]
    theirs = await office.created("/visits", visit(project, leader_id=li, kind="watch"))
    for path, expected in ((f"/visits/{theirs['id']}", 403), (f"/visits/{made['id']}", 200)):
        changed = await own.patch(path, {"kind": "press"}, '"1"')
        assert changed.status_code == expected, changed.text
    assert (await own.delete(f"/visits/{theirs['id']}", '"1"')).status_code == 403
    assert (await own.delete(f"/visits/{made['id']}", '"2"')).status_code == 204
    assert (await own.get(f"/visits/{made['id']}")).status_code == 404


async def test_a_link_taken_back_ends_the_right_at_once(world: World) -> None:
    project, wang = await world.project(), await world.leader()
    own = await linked(world, wang)
    made = await own.created("/visits", visit(project))
    admin = await world.user("system_admin")
    etag = (await admin.get(f"/users/{own.user_id}")).headers["etag"]
    assert (await admin.patch(f"/users/{own.user_id}", {"leader_id": None}, etag)).status_code == 200
    assert (await own.post("/visits", visit(project))).status_code == 403
    assert (await own.patch(f"/visits/{made['id']}", {"kind": "watch"}, '"1"')).status_code == 403
    assert (await own.get(f"/visits/{made['id']}")).status_code == 200


async def test_an_account_is_linked_within_its_county(world: World) -> None:
    account, admin = await world.user("leader"), await world.user("system_admin", "9901")
    foreign = await world.leader(COUNTY_B)
    etag = (await admin.get(f"/users/{account.user_id}")).headers["etag"]
    for leader, code in ((foreign, "outside_region"), (str(new_id()), "unknown_reference")):
        refused = await admin.patch(f"/users/{account.user_id}", {"leader_id": leader}, etag)
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/leader_id", code)]
    body = {"username": "wang", "display_name": "王", "region_code": COUNTY_A, "password": "Qinghe-2016-bridge"}
    refused = await admin.post("/users", {**body, "leader_id": foreign})
    assert refused.json()["errors"][0]["code"] == "outside_region"
    own = await world.leader()
    assert (await admin.created("/users", {**body, "leader_id": own}))["leader_id"] == own


async def test_what_is_wrong_is_named(world: World) -> None:
    project, wang = await world.project(), await world.leader()
    office = await world.user("dispatcher", "9901")
    foreign = await world.leader(COUNTY_B)
    for fields, pointer, code in (
        ({"leader_id": foreign}, "/leader_id", "outside_region"),
        ({"leader_id": str(new_id())}, "/leader_id", "unknown_reference"),
        ({"leader_id": wang, "happened_on": "2100-01-01"}, "/happened_on", "in_the_future"),
        ({"leader_id": wang, "project_id": str(new_id())}, "/project_id", "unknown_reference"),
        ({"leader_id": wang, "kind": "look"}, "/kind", "invalid_value"),
        ({"leader_id": wang, "finding": " "}, "/finding", "too_short"),
        ({"leader_id": wang, "id": "0199c1a0-7c00-4000-8000-000000000001"}, "/id", "wrong_type"),
    ):
        refused = await office.post("/visits", visit(project, **fields))
        assert refused.status_code == 422, refused.text
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)], refused.text


async def test_sent_twice_and_changed(world: World) -> None:
    project, wang = await world.project(), await world.leader()
    own = await linked(world, wang)
    body = visit(project, id=str(new_id()))
    answers = await asyncio.gather(*[own.post("/visits", body) for _ in range(4)])
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    assert len({a.text for a in answers}) == 1
    other = await own.post("/visits", {**body, "finding": "别的"})
    assert (other.status_code, other.json()["code"], other.json()["fields"]) == (409, "id_taken", ["finding"])
    path = f"/visits/{body['id']}"
    assert (await own.patch(path, {"decision": "催办"})).status_code == 428
    assert (await own.patch(path, {"finding": None}, '"1"')).status_code == 422
    assert (await own.patch(path, {"happened_on": "2100-01-01"}, '"1"')).status_code == 422
    changed = await own.patch(path, {"decision": "催办"}, '"1"')
    assert (changed.headers["etag"], changed.json()["decision"]) == ('"2"', "催办")
    stale = await own.patch(path, {"decision": "再催", "kind": "help"}, '"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["decision"])


async def test_listed_by_leader_day_and_region(world: World) -> None:
    project, other = await world.project(), await world.project(COUNTY_B, name="乙县项目")
    wang, zhao = await world.leader(), await world.leader(COUNTY_B, "赵六")
    office = await world.user("dispatcher", "9901")
    for day, kind in (("2016-03-10", "watch"), ("2016-04-01", "follow")):
        await office.created("/visits", visit(project, leader_id=wang, happened_on=day, kind=kind))
    await office.created("/visits", visit(other, leader_id=zhao, happened_on="2016-04-30"))

    async def days(**params: Any) -> list[str]:
        return [v["happened_on"] for v in (await office.get("/visits", params=params)).json()["items"]]

    assert await days() == ["2016-04-30", "2016-04-01", "2016-03-10"]
    assert await days(region=COUNTY_A, sort="happened_on") == ["2016-03-10", "2016-04-01"]
    assert await days(leader_id=zhao) == ["2016-04-30"]
    assert await days(project_id=project["id"], kind="follow") == ["2016-04-01"]
    assert await days(happened_from="2016-04-01", happened_to="2016-04-29") == ["2016-04-01"]
    viewer = await world.user("viewer", COUNTY_B)
    assert [v["leader_id"] for v in (await viewer.get("/visits")).json()["items"]] == [zhao]
    page = (await office.get("/visits", params={"limit": 2, "count": True})).json()
    assert (len(page["items"]), page["total"]) == (2, 3)
    rest = (await office.get("/visits", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [v["happened_on"] for v in rest["items"]] == ["2016-03-10"]


async def test_read_of_by_whoever_sees_the_project(world: World) -> None:
    mine, theirs = await world.department(), await world.department(name="交通局")
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "项目", "region_code": COUNTY_A})
    await office.created(f"/projects/{project['id']}/assignments", {"role": "responsible", "department_id": mine})
    made = await office.created("/visits", visit(project, leader_id=await world.leader()))
    await office.patch(f"/visits/{made['id']}", {"kind": "watch"}, '"1"')
    await office.delete(f"/visits/{made['id']}", '"2"')
    for department, expected in ((mine, ["created", "updated", "deleted"]), (theirs, [])):
        reader = await world.user("department", department_id=department)
        log = (await reader.get("/changes", params={"resource": "visit"})).json()["items"]
        assert [c["action"] for c in log] == expected
    log = (await office.get("/changes", params={"resource": "visit"})).json()["items"]
    assert log[2]["diff"]["finding"] == ["征地尚余3户", None]
    # The project shows no visits: whoever holds it keeps a current copy.
    assert (await office.get(f"/projects/{project['id']}")).json()["version"] == project["version"] + 1
