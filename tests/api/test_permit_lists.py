"""What is due and what is late, per department; the rules of regions; who accepts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.housekeeping import LOOK_EVERY
from app.services.permit_refresh import refresh
from tests.world import COUNTY_A, COUNTY_B, Client, World

TODAY = datetime(2026, 3, 20, 4, tzinfo=UTC)  # a Friday


@pytest.fixture(autouse=True)
async def a_known_day(world: World) -> None:
    world.app.state.clock = lambda: TODAY


async def _project(office: Client, region: str = COUNTY_A, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": region, **fields})
    return f"/projects/{made['id']}"


async def _accepted(
    office: Client, project: str, name: str, *, on: str, limit: int, then: tuple[str, str] | None = None, **fields: Any
) -> str:
    body = {"kind": "other", "name": name, "time_limit_days": limit, **fields}
    made = await office.created(f"{project}/permits", body)
    events = [("accepted", on), *([then] if then else [])]
    for kind, day in events:
        await office.created(f"/permits/{made['id']}/events", {"kind": kind, "happened_on": day})
    return str(made["id"])


async def _names(client: Client, path: str = "/permits", **params: Any) -> list[str]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def _some(world: World, office: Client) -> tuple[str, str]:
    one, two = await world.department(name="住建局"), await world.department(name="环保局")
    project = await _project(office)
    await _accepted(office, project, "逾期", on="2026-03-02", limit=5, department_id=one)
    await _accepted(office, project, "今日到期", on="2026-03-13", limit=5, department_id=one)
    await _accepted(office, project, "下周", on="2026-03-16", limit=7, department_id=two)
    await _accepted(
        office,
        project,
        "补正",
        on="2026-03-09",
        limit=5,
        department_id=two,
        then=("supplement_requested", "2026-03-11"),
    )
    await _accepted(
        office, project, "逾期后补正", on="2026-03-02", limit=5, department_id=two,
        then=("supplement_requested", "2026-03-17"),
    )  # fmt: skip
    await _accepted(office, project, "已发", on="2026-03-02", limit=5, department_id=one, then=("issued", "2026-03-06"))
    await _accepted(office, project, "迟发", on="2026-03-02", limit=5, department_id=one, then=("issued", "2026-03-16"))
    return one, two


async def test_due_and_late_permits_are_found(world: World) -> None:
    office = await world.user("dispatcher")
    one, two = await _some(world, office)
    assert sorted(await _names(office, overdue=True)) == ["逾期", "逾期后补正"]
    assert await _names(office, overdue=True, department_id=one) == ["逾期"]
    assert await _names(office, due_within=0) == ["今日到期"]
    assert await _names(office, due_within=3) == ["今日到期", "下周"]
    assert await _names(office, due_within=3, department_id=two) == ["下周"]
    assert sorted(await _names(office, state=["supplementing", "issued"])) == ["已发", "补正", "迟发", "逾期后补正"]
    assert len(await _names(office, overdue=False)) == 5
    by_due = await _names(office, department_id=two)
    assert by_due == ["逾期后补正", "下周", "补正"], "without a due day it comes last"
    assert await _names(office, region=COUNTY_B) == []
    assert len(await _names(office, region=COUNTY_A)) == 7
    late = (await office.get("/permits", params={"overdue": True, "limit": 1, "count": True})).json()
    assert (late["total"], late["items"][0]["clock"]["due_on"]) == (2, "2026-03-09")
    rest = (await office.get("/permits", params={"overdue": True, "limit": 1, "cursor": late["next_cursor"]})).json()
    both = [item["name"] for item in (*late["items"], *rest["items"])]
    assert (sorted(both), rest["next_cursor"]) == (["逾期", "逾期后补正"], None)
    unknown = await office.get("/permits", params={"due_in": 3})
    assert unknown.json()["errors"][0]["code"] == "unknown_parameter"
    assert (await office.get("/permits", params={"due_within": -1})).status_code == 422


async def test_each_county_sees_its_own(world: World) -> None:
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    prefecture = await world.user("viewer", "9901")
    await _accepted(office, await _project(office), "甲县", on="2026-03-02", limit=5)
    await _accepted(other, await _project(other, COUNTY_B), "乙县", on="2026-03-02", limit=5)
    assert await _names(office) == ["甲县"]
    assert await _names(other) == ["乙县"]
    assert sorted(await _names(prefecture)) == ["乙县", "甲县"]
    assert await _names(prefecture, region=COUNTY_B) == ["乙县"]
    reporter = await world.user("reporter")
    assert await _names(reporter) == []


async def test_the_count_per_department(world: World) -> None:
    office = await world.user("dispatcher")
    one, two = await _some(world, office)
    await _accepted(office, await _project(office), "无部门", on="2026-03-19", limit=5)
    answer = await office.get("/statistics/permits", params={"group_by": "department", "due_within": 3})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    groups = {group["key"]: group for group in body["groups"]}
    assert [group["key"] for group in body["groups"]] == [one, two, None]
    assert groups[one]["label"] == "住建局"
    assert {k: groups[one][k] for k in ("count", "accepted", "issued", "overdue", "due_soon", "decided_late")} == {
        "count": 4, "accepted": 2, "issued": 2, "overdue": 1, "due_soon": 1, "decided_late": 1,
    }  # fmt: skip
    assert (groups[one]["on_time_rate"], groups[two]["on_time_rate"]) == (50, None)
    assert {k: groups[two][k] for k in ("supplementing", "overdue", "due_soon")} == {
        "supplementing": 2, "overdue": 1, "due_soon": 1,
    }  # fmt: skip
    assert (body["total"]["count"], body["total"]["overdue"]) == (8, 2)
    english = await office.get("/statistics/permits", params={"group_by": "kind"}, headers={"Accept-Language": "en"})
    assert [group["label"] for group in english.json()["groups"]] == ["Other permit"]
    assert [g["key"] for g in (await office.get("/statistics/permits?group_by=region")).json()["groups"]] == [COUNTY_A]
    assert (await office.get("/statistics/permits?group_by=colour")).status_code == 422
    bureau = await world.user("department", department_id=one)
    assert (await bureau.get("/statistics/permits")).json()["total"]["count"] == 4
    other = await world.user("dispatcher", COUNTY_B)
    assert (await other.get("/statistics/permits")).json()["total"]["count"] == 0


async def test_a_county_says_where_it_differs(world: World) -> None:
    office, prefecture = await world.user("dispatcher"), await world.user("dispatcher", "9901")

    async def kinds(region: str) -> dict[str, Any]:
        answer = await office.get("/permit-kinds", params={"region": region})
        assert answer.status_code == 200, answer.text
        return {kind["kind"]: kind for kind in answer.json()["kinds"]}

    shipped = (await kinds(COUNTY_A))["construction_permit"]
    assert shipped == {
        "kind": "construction_permit", "label_zh": "施工许可证", "label_en": "Construction permit",
        "time_limit_days": 7, "time_limit_from": None, "mandatory": True, "mandatory_from": None,
        "entry_required": True, "entry_required_from": None,
    }  # fmt: skip
    rule = {"region_code": "9901", "kind": "construction_permit", "time_limit_days": 5, "mandatory": False}
    await prefecture.created("/permit-rules", rule)
    own = await office.post(
        "/permit-rules", {"region_code": COUNTY_A, "kind": "construction_permit", "time_limit_days": 3}
    )
    assert own.status_code == 201, own.text
    here, there = (await kinds(COUNTY_A))["construction_permit"], (await kinds(COUNTY_B))["construction_permit"]
    assert [here[k] for k in ("time_limit_days", "time_limit_from", "mandatory", "mandatory_from")] == [
        3, COUNTY_A, False, "9901",
    ]  # fmt: skip
    assert (there["time_limit_days"], there["time_limit_from"]) == (5, "9901")
    permit = await office.created(f"{await _project(office)}/permits", {"kind": "construction_permit"})
    assert (permit["time_limit_days"], permit["mandatory"], permit["mandatory_in_force"]) == (3, None, False)

    path = own.headers["location"].removeprefix("/api/v1")
    assert (await office.post("/permit-rules", {**rule, "region_code": COUNTY_A})).json()["code"] == "duplicate"
    assert (await office.post("/permit-rules", {**rule, "region_code": COUNTY_B})).status_code == 403
    nothing = await office.patch(path, {"time_limit_days": None}, etag='"1"')
    assert (nothing.status_code, nothing.json()["code"]) == (422, "permit_rule_says_nothing")
    mandatory = await office.patch(path, {"mandatory": True}, etag='"1"')
    assert (mandatory.status_code, mandatory.headers["etag"]) == (200, '"2"')
    assert (await office.get(f"/permits/{permit['id']}")).json()["mandatory_in_force"] is True
    assert (await office.delete(path, etag='"2"')).status_code == 204
    assert (await kinds(COUNTY_A))["construction_permit"]["time_limit_days"] == 5
    assert (await office.get("/permit-kinds?region=990199")).status_code == 422
    assert (
        await office.post("/permit-rules", {"region_code": COUNTY_A, "kind": "x", "mandatory": True})
    ).status_code == 422


async def test_holidays_announced_later_move_due_days(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    permit = await _accepted(office, project, "跨假", on="2026-03-16", limit=7)  # due on the 25th
    db = world.app.state.db
    last = await refresh(db, TODAY)
    assert await refresh(db, TODAY, last) == last
    version = await world.pool.fetchval("SELECT version FROM permits")
    await world.pool.execute(
        "INSERT INTO workday_years (year, holidays, makeup_days, source)"
        " VALUES (2026, '{2026-03-23,2026-03-24}', '{}', '通知')"
    )
    now = (await office.get(f"/permits/{permit}")).json()
    assert now["clock"]["due_on"] == "2026-03-27", "answers know of it at once"
    assert await refresh(db, TODAY, last) != last
    stored = await world.pool.fetchrow("SELECT due_on, version FROM permits")
    assert (str(stored["due_on"]), stored["version"]) == ("2026-03-27", version + 1)
    assert await refresh(db, TODAY) is not None
    assert await world.pool.fetchval("SELECT version FROM permits") == version + 1
    assert LOOK_EVERY.total_seconds() <= 60


async def test_who_may_accept_a_permit(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A})
    path, statuses = f"/projects/{project['id']}/permits", {}
    for region in (COUNTY_A, "9901", COUNTY_B):
        department = await world.department(region, f"{region}局")
        statuses[region] = (await office.post(path, {"kind": "other", "department_id": department})).status_code
    assert statuses == {COUNTY_A: 201, "9901": 201, COUNTY_B: 422}
    retired = await world.department(name="旧局")
    await world.pool.execute("UPDATE departments SET active = false WHERE id = $1", retired)
    refused = await office.post(path, {"kind": "other", "department_id": retired})
    assert refused.json()["errors"][0]["code"] == "inactive"
