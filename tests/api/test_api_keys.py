from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.accounts import log_of, within_a_second
from tests.world import COUNTY_A, COUNTY_B, Client, World


def _in(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def key(*permissions: str, **fields: Any) -> dict[str, Any]:
    return {"name": "县大屏", "permissions": list(permissions or ("projects.read",)), "expires_at": _in(30), **fields}


def system(owner: Client, text: str) -> Client:
    return Client(owner.app, owner.http, {"X-API-Key": text}, owner.user_id)


async def test_a_key_acts_as_its_owner_within_its_permissions(world: World) -> None:
    owner = await world.user("dispatcher")
    made = await owner.post("/api-keys", key("projects.read", "me.read", "projects.read"))
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["key"].startswith(f"ddk_{body['prefix']}_")
    assert body["permissions"] == ["me.read", "projects.read"]
    client = system(owner, body["key"])
    assert (await client.get("/projects")).status_code == 200
    assert (await client.get("/departments")).status_code == 403
    assert (await client.post("/projects", {"name": "x", "region_code": COUNTY_A})).status_code == 403
    assert (await client.get("/me")).json()["permissions"] == ["me.read", "projects.read"]


async def test_the_key_is_shown_once_and_stored_nowhere(world: World) -> None:
    owner = await world.user("dispatcher")
    body, headers = key(), {"Idempotency-Key": "k"}
    first = await owner.post("/api-keys", body, headers=headers)
    again = await owner.post("/api-keys", body, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}
    assert (again.status_code, again.headers["etag"]) == (201, first.headers["etag"])
    text = first.json()["key"]
    address = first.headers["location"].removeprefix("/api/v1")
    for answer in (await owner.get("/api-keys"), await owner.get(address)):
        assert answer.status_code == 200
        assert text[13:] not in answer.text
    for table in ("api_keys", "changes", "idempotency_keys"):
        for row in await world.pool.fetch(f"SELECT t::text AS line FROM {table} t"):
            assert text[13:] not in row["line"], table
            assert text[13:].encode().hex() not in row["line"], table
    assert await world.pool.fetchval("SELECT count(*) FROM api_keys") == 1


async def test_parallel_posts_with_one_key_make_one(world: World) -> None:
    owner, body = await world.user("dispatcher"), key()
    answers = await asyncio.gather(*[owner.post("/api-keys", body, headers={"Idempotency-Key": "k"}) for _ in range(6)])
    assert set(Counter(a.status_code for a in answers)) <= {201, 409}
    assert len((await owner.get("/api-keys")).json()["items"]) == 1
    assert sum(a.json().get("key") is not None for a in answers) == 1


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"permissions": ["users.write"]}, "/permissions/0", "not_held"),
        ({"permissions": ["projects.read", "no.such"]}, "/permissions/1", "not_held"),
        ({"permissions": ["api_keys.write"]}, "/permissions/0", "not_for_keys"),
        ({"permissions": ["me.write"]}, "/permissions/0", "not_for_keys"),
        ({"permissions": []}, "/permissions", "too_short"),
        ({"region_code": COUNTY_B}, "/region_code", "outside_region"),
        ({"region_code": "990101999"}, "/region_code", "unknown_reference"),
        ({"expires_at": _in(-1)}, "/expires_at", "out_of_range"),
        ({"expires_at": _in(367)}, "/expires_at", "out_of_range"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "/expires_at", "out_of_range"),
        ({"expires_at": "0001-01-01T00:00:00+23:59"}, "/expires_at", "out_of_range"),
        ({"expires_at": "2026-12-31T00:00:00"}, "/expires_at", "wrong_type"),
        ({"expires_at": 1767225600}, "/expires_at", "wrong_type"),
        ({"expires_at": None}, "/expires_at", "wrong_type"),
        ({"name": "\x00"}, "/name", "invalid_text"),
    ],
)
async def test_bad_keys_are_refused(world: World, fields: dict[str, Any], pointer: str, code: str) -> None:
    owner = await world.user("dispatcher")
    answer = await owner.post("/api-keys", key(**fields) if "permissions" not in fields else {**key(), **fields})
    assert answer.status_code == 422, answer.text
    problems = [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
    assert (pointer, code) in problems


async def test_a_region_narrows_the_key(world: World) -> None:
    owner = await world.user("dispatcher", "9901")
    await world.department(COUNTY_A, "甲县发改局")
    await world.department(COUNTY_B, "乙县发改局")
    made = await owner.created("/api-keys", key("departments.read", "me.read", region_code=COUNTY_B))
    client = system(owner, made["key"])
    assert [d["name"] for d in (await client.get("/departments")).json()["items"]] == ["乙县发改局"]
    assert [g["region_code"] for g in (await client.get("/me")).json()["grants"]] == [COUNTY_B]
    # Held elsewhere is not held in the key's region.
    await world.grant(owner.user_id, "system_admin", COUNTY_A)
    world.app.state.authenticator.forget()
    assert (await owner.post("/api-keys", key("users.read", region_code=COUNTY_A))).status_code == 201
    refused = await owner.post("/api-keys", key("users.read", region_code=COUNTY_B))
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/permissions/0", "not_held")]


async def test_keys_make_no_keys_and_change_no_password(world: World) -> None:
    owner = await world.user("dispatcher")
    client = system(owner, (await owner.created("/api-keys", key("projects.read", "me.read")))["key"])
    assert (await client.post("/api-keys", key())).status_code == 403
    assert (await client.get("/api-keys")).status_code == 403
    assert (await client.post("/auth/logout")).status_code == 403
    password = {"current_password": "a", "new_password": "Qinghe-2016-bridge"}
    assert (await client.put("/me/password", password)).status_code == 403


async def test_a_revoked_or_expired_key_counts_no_more(world: World) -> None:
    owner = await world.user("dispatcher")
    made = await owner.created("/api-keys", key())
    client, address = system(owner, made["key"]), f"/api-keys/{made['id']}"
    assert (await client.get("/projects")).status_code == 200
    assert (await owner.delete(address)).status_code == 428
    stale = await owner.delete(address, etag='"7"')
    assert (stale.status_code, stale.json()["current"]["prefix"]) == (412, made["prefix"])
    assert (await owner.delete(address, etag='"1"')).status_code == 204
    await within_a_second(lambda: client.get("/projects"), 401)
    assert (await owner.get(address)).status_code == 404
    assert (await owner.delete(address, etag='"1"')).status_code == 404
    assert (await owner.get("/api-keys?count=true")).json()["total"] == 0

    other = await owner.created("/api-keys", key())
    client = system(owner, other["key"])
    assert (await client.get("/projects")).status_code == 200
    await world.pool.execute("UPDATE api_keys SET expires_at = now()")
    await within_a_second(lambda: client.get("/projects"), 401)
    rows = [*await log_of(world, "api_key", "created"), *await log_of(world, "api_key", "revoked")]
    assert [row["region_code"] for row in rows] == [COUNTY_A] * 3


async def test_keys_are_their_owners_alone(world: World) -> None:
    owner, other = await world.user("dispatcher"), await world.user("dispatcher")
    made = await owner.created("/api-keys", key())
    assert (await other.get("/api-keys")).json()["items"] == []
    assert (await other.get(f"/api-keys/{made['id']}")).status_code == 404
    assert (await other.delete(f"/api-keys/{made['id']}", etag='"1"')).status_code == 404


async def test_a_key_loses_what_its_owner_loses(world: World) -> None:
    owner = await world.user("dispatcher")
    client = system(owner, (await owner.created("/api-keys", key()))["key"])
    assert (await client.get("/projects")).status_code == 200
    await world.pool.execute("UPDATE grants SET valid_to = valid_from WHERE user_id = $1", owner.user_id)
    await within_a_second(lambda: client.get("/projects"), 403)
