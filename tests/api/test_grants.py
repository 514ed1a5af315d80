from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from app.permissions import PERMISSIONS, ROLES
from app.uow import SHANGHAI
from tests.accounts import log_of, within_a_second
from tests.world import COUNTY_A, COUNTY_B, Client, World


@pytest.fixture
async def security(world: World) -> Client:
    return await world.user("security_admin")


def today(world: World) -> date:
    return world.app.state.clock().astimezone(SHANGHAI).date()  # type: ignore[no-any-return]  # app state is untyped


async def person(world: World, region: str = COUNTY_A) -> Client:
    """An account without any grant."""
    client = await world.user("viewer", region)
    await world.pool.execute("DELETE FROM grants WHERE user_id = $1", client.user_id)
    return client


def grant(client: Client, role: str = "dispatcher", region: str = COUNTY_A, **fields: Any) -> dict[str, Any]:
    return {"user_id": str(client.user_id), "role": role, "region_code": region, **fields}


async def test_the_role_table_is_served_as_it_is(security: Client) -> None:
    roles = (await security.get("/roles")).json()["items"]
    assert {r["code"] for r in roles} == set(ROLES)
    assert {r["code"] for r in roles if r["administrator"]} == {"system_admin", "security_admin", "auditor"}
    for role in roles:
        assert role["permissions"] == {p: t[role["code"]] for p, t in PERMISSIONS.items() if role["code"] in t}
    department = next(r for r in roles if r["code"] == "department")
    assert (department["label_zh"], department["needs_department"]) == ("部门", True)


async def test_a_grant_counts_and_ends_within_a_second(world: World, security: Client) -> None:
    client = await person(world)
    assert (await client.get("/projects")).status_code == 403
    made = await security.post("/grants", grant(client))
    assert made.status_code == 201, made.text
    assert (made.json()["valid_from"], made.json()["granted_by"]) == (str(today(world)), str(security.user_id))
    await within_a_second(lambda: client.get("/projects"), 200)

    address = made.headers["location"].removeprefix("/api/v1")
    assert (await security.get(address)).json() == made.json()
    assert (await security.delete(address)).status_code == 428
    assert (await security.delete(address, etag='"1"')).status_code == 204
    await within_a_second(lambda: client.get("/projects"), 403)
    ended = await security.get(address)
    assert (ended.json()["valid_to"], ended.headers["etag"]) == (str(today(world)), '"2"')
    again = await security.delete(address, etag='"2"')
    assert (again.status_code, again.json()["code"]) == (409, "already_ended")
    assert [row["region_code"] for row in await log_of(world, "grant", "updated")] == [COUNTY_A]


async def test_grants_are_dated(world: World, security: Client) -> None:
    client, day = await person(world), today(world)
    tomorrow, later = str(day + timedelta(days=1)), str(day + timedelta(days=9))
    future = await security.created("/grants", grant(client, valid_from=tomorrow, valid_to=later))
    assert (await client.get("/projects")).status_code == 403
    assert await _ids(security, on=day) == []
    assert await _ids(security, on=tomorrow) == [future["id"]]
    assert await _ids(security, on=later) == []

    for valid_to, code in (
        (str(day), "dates_out_of_order"),
        ("2016-13-01", "wrong_type"),
        (20160101, "wrong_type"),
    ):
        answer = await security.patch(f"/grants/{future['id']}", {"valid_to": valid_to}, etag='"1"')
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert (await security.patch(f"/grants/{future['id']}", {}, etag='"1"')).status_code == 422
    opened = await security.patch(f"/grants/{future['id']}", {"valid_to": None}, etag='"1"')
    assert (opened.status_code, opened.json()["valid_to"]) == (200, None)
    # Ended before it began: it never counts.
    assert (await security.delete(f"/grants/{future['id']}", etag='"2"')).status_code == 204
    assert await _ids(security, on=tomorrow) == []

    running = await security.created("/grants", grant(client, valid_from="2016-01-01"))
    yesterday = str(day - timedelta(days=1))
    past = await security.patch(f"/grants/{running['id']}", {"valid_to": yesterday}, etag='"1"')
    assert [e["code"] for e in past.json()["errors"]] == ["in_the_past"]
    wrong = await security.post("/grants", grant(client, "viewer", valid_from=later, valid_to=later))
    assert [e["code"] for e in wrong.json()["errors"]] == ["dates_out_of_order"]


async def _ids(security: Client, on: object) -> list[str]:
    page = await security.get("/grants", params={"on": str(on), "role": "dispatcher"})
    assert page.status_code == 200, page.text
    return [item["id"] for item in page.json()["items"]]


async def test_roles_and_departments_fit(world: World, security: Client) -> None:
    client = await person(world)
    here, there = await world.department(COUNTY_A), await world.department(COUNTY_B)
    for body, pointer, code in [
        (grant(client, "department"), "/department_id", "department_required"),
        (grant(client, "dispatcher", department_id=here), "/department_id", "department_not_allowed"),
        (grant(client, "department", department_id=there), "/department_id", "unknown_reference"),
        (grant(client, "boss"), "/role", "invalid_value"),
        (grant(client, region="990101999"), "/region_code", "unknown_reference"),
        ({**grant(client), "user_id": "0199c1a0-7c00-7000-8000-000000000001"}, "/user_id", "unknown_reference"),
    ]:
        answer = await security.post("/grants", body)
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    for role, region in (("department", COUNTY_A), ("department", "990101001"), ("reporter", COUNTY_A)):
        assert (await security.post("/grants", grant(client, role, region, department_id=here))).status_code == 201
    above = await world.user("security_admin", "9901")
    foreign = await above.post("/grants", grant(client, "department", COUNTY_A, department_id=there))
    assert [e["code"] for e in foreign.json()["errors"]] == ["outside_region"]


async def test_a_security_administrator_stays_within_the_region(world: World, security: Client) -> None:
    theirs, ours = await person(world, COUNTY_B), await person(world)
    assert (await security.post("/grants", grant(ours, region=COUNTY_B))).status_code == 403
    assert (await security.post("/grants", grant(ours, region="9901"))).status_code == 403
    unseen = await security.post("/grants", grant(theirs))
    assert [e["code"] for e in unseen.json()["errors"]] == ["unknown_reference"]
    foreign = await world.grant(theirs.user_id, "viewer", COUNTY_B)
    assert (await security.get(f"/grants/{foreign}")).status_code == 404
    assert (await security.delete(f"/grants/{foreign}", etag='"1"')).status_code == 404
    listed = (await security.get("/grants")).json()["items"]
    assert {g["region_code"] for g in listed} == {COUNTY_A}
    admin = await world.user("system_admin")
    assert (await admin.get("/grants")).status_code == 200
    assert (await admin.post("/grants", grant(ours))).status_code == 403


async def test_nobody_grants_to_themselves(world: World, security: Client) -> None:
    own = (await security.get("/grants", params={"user_id": str(security.user_id)})).json()["items"]
    answers = [
        await security.post("/grants", grant(security)),
        await security.patch(f"/grants/{own[0]['id']}", {"valid_to": None}, etag='"1"'),
        await security.delete(f"/grants/{own[0]['id']}", etag='"1"'),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(409, "own_grant")] * 3


async def test_the_same_grant_twice_is_refused(world: World, security: Client) -> None:
    client, day = await person(world), today(world)
    first = await security.created("/grants", grant(client))
    twice = await security.post("/grants", grant(client, valid_from=str(day + timedelta(days=3))))
    assert (twice.status_code, twice.json()["code"]) == (409, "duplicate")
    await security.delete(f"/grants/{first['id']}", etag='"1"')
    assert (await security.post("/grants", grant(client))).status_code == 201


async def test_the_three_administrators_are_kept_apart(world: World, security: Client) -> None:
    client, day = await person(world), today(world)
    limit = str(day + timedelta(days=5))
    first = await security.created("/grants", grant(client, "system_admin", valid_to=limit))
    refused = await security.post("/grants", grant(client, "auditor"), headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (409, "administrators_kept_apart")
    assert "System administrator" in refused.json()["detail"]
    assert (await security.post("/grants", grant(client, "dispatcher"))).status_code == 201
    # One after the other is fine; made longer, the first would reach into the second.
    await security.created("/grants", grant(client, "auditor", valid_from=limit))
    longer = await security.patch(f"/grants/{first['id']}", {"valid_to": None}, etag='"1"')
    assert (longer.status_code, longer.json()["code"]) == (409, "administrators_kept_apart")
    # What is held elsewhere counts too, seen by this administrator or not.
    other = await person(world)
    await world.grant(other.user_id, "auditor", COUNTY_B)
    hidden = await security.post("/grants", grant(other, "system_admin"))
    assert hidden.json()["code"] == "administrators_kept_apart"


async def test_kept_apart_under_parallel_grants(world: World, security: Client) -> None:
    second = await world.user("security_admin", "9901")
    for _ in range(5):
        client = await person(world)
        answers = await asyncio.gather(
            security.post("/grants", grant(client, "system_admin")), second.post("/grants", grant(client, "auditor"))
        )
        assert Counter(a.status_code for a in answers) == {201: 1, 409: 1}


async def test_hostile_grants_make_no_500(world: World, security: Client) -> None:
    client = await person(world)
    for fields in (
        {"valid_from": "9999-12-31"},
        {"valid_from": "0001-01-01"},
        {"valid_to": 1e300},
        {"role": "\x00"},
        {"role": ["dispatcher"]},
        {"user_id": "x"},
        {"region_code": "99\x00"},
        {"id": "00000000-0000-0000-0000-000000000000"},
    ):
        answer = await security.post("/grants", {**grant(client), **fields})
        assert answer.status_code == 422, (fields, answer.text)
    for query in ("on=2016", "role=boss", "user_id=1", "region=x", "on=9999-01-01", "role=%00"):
        assert (await security.get(f"/grants?{query}")).status_code == 422, query
