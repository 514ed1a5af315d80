"""The change feed: everything once, in an order that misses nothing, and only what the reader may see."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, get_args

import pytest

from app.permissions import PERMISSIONS
from app.resources.changes import READERS, RESOURCES
from app.schemas.changes import ChangedResource
from app.services import changes
from tests.world import COUNTY_A, COUNTY_B, Client, World

APP = Path(changes.__file__).parents[1]


async def feed(client: Client, after: str | None = None, **params: Any) -> dict[str, Any]:
    answer = await client.get("/changes", params={**({"after": after} if after else {}), **params})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def everything(client: Client, after: str | None = None, **params: Any) -> tuple[list[dict[str, Any]], str]:
    """All there is after a cursor, page by page, and where that leads to."""
    items, more = [], True
    while more:
        page = await feed(client, after, **params)
        items += page["items"]
        after, more = page["next"], page["more"]
    assert after is not None
    return items, after


def brief(items: list[dict[str, Any]]) -> list[str]:
    return [f"{item['resource']}.{item['action']}" for item in items]


async def test_a_client_follows_what_is_written(world: World) -> None:
    office = await world.user("dispatcher")
    _, start = await everything(office, "now")
    made = await office.created("/departments", {"region_code": COUNTY_A, "name": "甲局", "kind": "bureau"})
    first = await feed(office, start)
    (item,) = first["items"]
    assert (item["resource"], item["id"], item["action"], item["version"]) == ("department", made["id"], "created", 1)
    assert item["actor_id"] == str(office.user_id)
    assert item["diff"]["name"] == [None, "甲局"]
    assert item["project_id"] is None
    assert not first["more"]

    assert (await feed(office, first["next"]))["items"] == []
    changed = await office.patch(f"/departments/{made['id']}", {"name": "乙局"}, etag='"1"')
    assert changed.status_code == 200
    (item,) = (await feed(office, first["next"]))["items"]
    assert (item["action"], item["version"], item["diff"]) == ("updated", 2, {"name": ["甲局", "乙局"]})
    assert brief((await feed(office))["items"]) == ["department.created", "department.updated"]
    assert brief((await feed(office, start, limit=1))["items"]) == ["department.created"]


async def test_pages_make_up_the_whole_and_filters_cut_it(world: World) -> None:
    office = await world.user("dispatcher")
    projects = [await office.created("/projects", {"name": f"项目{i}", "region_code": COUNTY_A}) for i in range(5)]
    await office.created("/departments", {"region_code": COUNTY_A, "name": "甲局", "kind": "bureau"})
    whole, _ = await everything(office)
    assert [item["seq"] for item in whole] == sorted({item["seq"] for item in whole})
    for limit in (1, 2, 3, 6, 100):
        assert (await everything(office, limit=limit))[0] == whole
    of_one, _ = await everything(office, project_id=projects[2]["id"])
    assert [item["id"] for item in of_one] == [projects[2]["id"]]
    assert brief((await everything(office, resource=["department", "region"]))[0]) == ["department.created"]


async def test_who_sees_little_of_a_long_log_gets_on_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "WINDOW", 3)
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    for i in range(8):
        await office.created("/projects", {"name": f"项目{i}", "region_code": COUNTY_A})
    await other.created("/projects", {"name": "乙县的", "region_code": COUNTY_B})
    page = await feed(other)
    assert (page["items"], page["more"]) == ([], True)
    assert brief((await everything(other))[0]) == ["project.created"]
    assert len((await everything(office, limit=2))[0]) == 8


@pytest.mark.parametrize("after", ["", "x", "NOW", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "页"])
async def test_a_made_up_cursor_is_refused(world: World, after: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.get("/changes", params={"after": after})
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("after", "invalid_cursor")]
    of_a_list = world.app.state.cursors.encode(["a", "b"], "project:id:[]")
    assert (await office.get("/changes", params={"after": of_a_list})).status_code == 422


async def test_a_cursor_from_before_a_restore_is_refused(world: World) -> None:
    office = await world.user("dispatcher")
    ahead = world.app.state.cursors.encode([2**62, 0], changes.PURPOSE)
    assert (await office.get("/changes", params={"after": ahead})).status_code == 422


async def test_each_county_reads_of_its_own(world: World) -> None:
    offices = {region: await world.user("dispatcher", region) for region in (COUNTY_A, COUNTY_B, "9901")}
    for region in (COUNTY_A, COUNTY_B):
        await offices[region].created("/projects", {"name": region, "region_code": region})
        await offices[region].created("/departments", {"region_code": region, "name": "局", "kind": "bureau"})
        await offices[region].created("/leaders", {"region_code": region, "name": "李", "body": "government"})
    for region in (COUNTY_A, COUNTY_B):
        items, _ = await everything(offices[region])
        assert brief(items) == ["project.created", "department.created", "leader.created"]
        assert items[0]["diff"]["name"] == [None, region]
    assert len((await everything(offices["9901"]))[0]) == 6


async def test_accounts_and_sign_ins_are_read_by_auditors_only(world: World) -> None:
    admin = await world.user("system_admin")
    account = {"username": "zhang.san", "display_name": "张三", "region_code": COUNTY_A, "password": "Xk29-mUlti-vane"}
    await admin.created("/users", account)
    password = {"grant_type": "password", "username": "zhang.san", "password": "Xk29-mUlti-vane"}
    assert (await world.http.post("/api/v1/auth/token", data=password)).status_code == 200
    assert (await world.http.post("/api/v1/auth/token", data={**password, "username": "nobody"})).status_code == 400
    await (await world.user("dispatcher")).created("/projects", {"name": "甲", "region_code": COUNTY_A})
    seen = {
        role: brief((await everything(await world.user(role, region)))[0])
        for role, region in (("dispatcher", COUNTY_A), ("auditor", COUNTY_A), ("viewer", "9901"))
    }
    assert seen["dispatcher"] == seen["viewer"] == ["project.created"]
    assert seen["auditor"] == ["user.created", "session.created", "session.refused", "project.created"]
    elsewhere = await world.user("auditor", COUNTY_B)
    assert brief((await everything(elsewhere))[0]) == ["session.refused"]
    assert (await admin.get("/changes")).status_code == 403


async def test_departments_and_reporters_read_of_their_projects_to_the_end(world: World) -> None:
    office = await world.user("dispatcher")
    department, other = await world.department(name="甲局"), await world.department(name="乙局")
    clients = {
        "department": await world.user("department", department_id=department),
        "other": await world.user("department", department_id=other),
        "reporter": await world.user("reporter"),
        "stranger": await world.user("reporter"),
    }
    mine = await office.created("/projects", {"name": "我的", "region_code": COUNTY_A})
    await office.created("/projects", {"name": "别人的", "region_code": COUNTY_A})
    address = f"/projects/{mine['id']}"
    for party in (
        {"role": "responsible", "department_id": department},
        {"role": "reporter", "user_id": str(clients["reporter"].user_id)},
    ):
        await office.created(f"{address}/assignments", party)
    cursors = {}
    for name, client in clients.items():
        items, cursors[name] = await everything(client, resource=list(PARTS))
        assert {item["project_id"] for item in items} == ({mine["id"]} if name in {"department", "reporter"} else set())

    etag = (await office.get(address)).headers["etag"]
    assert (await office.delete(address, etag=etag)).status_code == 204
    for name, client in clients.items():
        items, _ = await everything(client, cursors[name], resource=list(PARTS))
        expected = ["project.deleted"] if name in {"department", "reporter"} else []
        assert brief(items) == expected, name


PARTS = READERS[0].resources


async def test_who_loses_a_project_is_told(world: World) -> None:
    office = await world.user("dispatcher")
    department = await world.department(name="甲局")
    clients = [await world.user("department", department_id=department), await world.user("reporter")]
    project = await office.created("/projects", {"name": "移交", "region_code": COUNTY_A})
    parties: list[dict[str, Any]] = [
        {"role": "responsible", "department_id": department},
        {"role": "reporter", "user_id": str(clients[1].user_id)},
    ]
    for client, party in zip(clients, parties, strict=True):
        path = f"/projects/{project['id']}/assignments"
        made = await office.created(path, {**party, "valid_from": "2016-01-01"})
        _, cursor = await everything(client)
        ended = await office.patch(f"/assignments/{made['id']}", {"valid_to": "2016-02-01"}, etag='"1"')
        assert ended.status_code == 200, ended.text
        items, _ = await everything(client, cursor)
        assert brief(items)[0] == "assignment.updated", party["role"]
        assert (await client.get(f"/projects/{project['id']}")).status_code == 404


async def test_a_project_that_moves_to_another_county_is_told_to_both(world: World) -> None:
    prefecture = await world.user("dispatcher", "9901")
    counties = [await world.user("viewer", COUNTY_A), await world.user("viewer", COUNTY_B)]
    project = await prefecture.created("/projects", {"name": "划转", "region_code": COUNTY_A})
    cursors = [(await everything(client))[1] for client in counties]
    moved = await prefecture.patch(f"/projects/{project['id']}", {"region_code": COUNTY_B}, etag='"1"')
    assert moved.status_code == 200, moved.text
    for client, cursor, status in zip(counties, cursors, (404, 200), strict=True):
        items, _ = await everything(client, cursor)
        assert [item["diff"]["region_code"] for item in items] == [[COUNTY_A, COUNTY_B]]
        assert (await client.get(f"/projects/{project['id']}")).status_code == status


# Every resource of the log has its readers.


def _noted(path: Path) -> set[str]:
    """Resources named in calls of `record…` and `note…`; a place where the name cannot be told stands for itself."""
    found = set()
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).rpartition(".")[2].lstrip("_")
        if not name.startswith(("record", "note")):
            continue
        constants = [n.value for a in call.args[:2] for n in ast.walk(a) if isinstance(n, ast.Constant)]
        found |= {c.partition(".")[0] for c in constants if isinstance(c, str) and "." in c}
        direct = isinstance(call.func, ast.Attribute) and name in {"record", "record_plain"}
        if direct and not constants and ast.unparse(call.args[0]) != "action":
            found.add(f"{path}:{call.lineno}")
    return found


def test_every_resource_noted_anywhere_has_its_readers() -> None:
    noted = {name for path in APP.rglob("*.py") for name in _noted(path)}
    assert noted == set(RESOURCES)
    assert set(get_args(ChangedResource)) == set(RESOURCES)
    assert len(RESOURCES) == len(set(RESOURCES))
    assert {readers.permission for readers in READERS} <= set(PERMISSIONS)
