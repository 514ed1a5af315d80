from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.accounts import (
    OTHER_PASSWORD,
    PASSWORD,
    WRONG,
    account,
    log_of,
    refresh,
    sign_in,
    signed_in,
    user_id_of,
    within_a_second,
)
from tests.world import COUNTY_A, COUNTY_B, Client, World

ZHANG = {"username": "zhang.san", "display_name": "张三", "region_code": COUNTY_A, "password": PASSWORD}


async def _made(admin: Client, **fields: Any) -> dict[str, Any]:
    return await admin.created("/users", {**ZHANG, **fields})


async def test_an_account_is_made_found_and_changed(world: World) -> None:
    admin = await world.user("system_admin")
    made = await admin.post("/users", {**ZHANG, "username": " Zhang.San ", "phone": "１３８"})
    assert made.status_code == 201, made.text
    user = made.json()
    assert (user["username"], user["phone"], user["disabled"]) == ("zhang.san", "138", False)
    assert PASSWORD not in made.text
    assert "hash" not in made.text
    address = made.headers["location"].removeprefix("/api/v1")
    assert (await admin.get(address)).json() == user
    found = (await admin.get("/users", params={"username": "ZHANG.SAN"})).json()["items"]
    assert [u["id"] for u in found] == [user["id"]]

    changed = await admin.patch(address, {"display_name": "张三丰", "phone": None}, etag=made.headers["etag"])
    assert changed.status_code == 200, changed.text
    assert (changed.json()["display_name"], changed.json()["phone"]) == ("张三丰", None)
    assert (await admin.patch(address, {"phone": "1390"}, etag='"1"')).status_code == 412
    assert (await admin.patch(address, {"phone": "1390"})).status_code == 428
    client, _ = await signed_in(world, "zhang.san")
    assert (await client.get("/me")).json()["grants"] == []


async def test_bad_accounts_are_refused(world: World) -> None:
    admin = await world.user("system_admin")
    await _made(admin)
    taken = await admin.post("/users", ZHANG)
    assert (taken.status_code, taken.json()["code"]) == (409, "duplicate")
    for field, value, code in [
        ("username", "张三", "invalid_value"),
        ("username", "a" * 65, "invalid_value"),
        ("username", "a\x00b", "invalid_value"),
        ("password", "Li.si-2016-zhou", "weak_password"),
        ("password", "\x00" * 12, "weak_password"),
        ("phone", "call me", "invalid_value"),
        ("region_code", "990101999", "unknown_reference"),
        ("display_name", " ", "too_short"),
        ("failed_attempts", 0, "unknown_field"),
    ]:
        answer = await admin.post("/users", {**ZHANG, "username": "li.si", field: value})
        assert answer.status_code == 422, (field, answer.text)
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(f"/{field}", code)]


async def test_an_administrator_stays_within_the_region(world: World) -> None:
    here, there = await world.user("system_admin", COUNTY_A), await world.user("system_admin", COUNTY_B)
    user = await _made(here)
    address = f"/users/{user['id']}"
    assert (await here.post("/users", {**ZHANG, "username": "li.si", "region_code": COUNTY_B})).status_code == 403
    assert (await here.patch(address, {"region_code": COUNTY_B}, etag='"1"')).status_code == 403
    assert (await there.get(address)).status_code == 404
    assert (await there.patch(address, {"phone": "138"}, etag='"1"')).status_code == 404
    assert (await there.put(f"{address}/password", {"password": OTHER_PASSWORD})).status_code == 404
    listed = (await there.get("/users")).json()["items"]
    assert {u["region_code"] for u in listed} == {COUNTY_B}
    auditor = await world.user("auditor")
    assert (await auditor.get(address)).status_code == 200
    assert (await auditor.patch(address, {"phone": "138"}, etag='"1"')).status_code == 403


async def test_disabling_ends_everything_within_a_second(world: World) -> None:
    admin = await world.user("system_admin")
    client, tokens = await signed_in(world, await account(world))
    key = await client.created(
        "/api-keys",
        {"name": "屏", "permissions": ["projects.read"], "expires_at": _soon()},
    )
    system = Client(world.app, world.http, {"X-API-Key": key["key"]}, client.user_id)
    assert (await system.get("/projects")).status_code == 200
    address = f"/users/{client.user_id}"
    disabled = await admin.patch(address, {"disabled": True}, etag='"1"')
    assert disabled.status_code == 200, disabled.text
    await within_a_second(lambda: client.get("/me"), 401)
    await within_a_second(lambda: system.get("/projects"), 401)
    assert (await refresh(world, tokens["refresh_token"])).status_code == 400
    # Enabled again, it signs in anew; what was ended stays ended.
    assert (await admin.patch(address, {"disabled": False}, etag='"2"')).status_code == 200
    assert (await refresh(world, tokens["refresh_token"])).status_code == 400
    await within_a_second(lambda: system.get("/projects"), 200)


async def test_a_reset_password_ends_sessions_and_the_lock(world: World) -> None:
    admin = await world.user("system_admin")
    username = await account(world)
    client, tokens = await signed_in(world, username)
    for _ in range(5):
        await sign_in(world, username, WRONG)
    address = f"/users/{client.user_id}/password"
    assert (await admin.put(address, {"password": "password"})).json()["errors"][0]["code"] == "weak_password"
    assert (await admin.put(address, {"password": OTHER_PASSWORD})).status_code == 204
    await within_a_second(lambda: client.get("/me"), 401)
    assert (await refresh(world, tokens["refresh_token"])).status_code == 400
    assert (await sign_in(world, username)).status_code == 400
    assert (await sign_in(world, username, OTHER_PASSWORD)).status_code == 200
    own = await admin.put(f"/users/{admin.user_id}/password", {"password": OTHER_PASSWORD})
    assert (own.status_code, own.json()["code"]) == (409, "own_password")
    [row] = await log_of(world, "user", "password_reset")
    assert (row["actor_id"], row["diff"]) == (admin.user_id, "{}")


async def test_a_lockout_is_lifted_by_the_security_administrator(world: World) -> None:
    security, admin = await world.user("security_admin"), await world.user("system_admin")
    username = await account(world)
    for _ in range(5):
        await sign_in(world, username, WRONG)
    assert (await sign_in(world, username)).status_code == 400
    user_id = await user_id_of(world, username)
    assert (await security.get(f"/users/{user_id}")).json()["locked_until"] is not None
    assert (await admin.delete(f"/users/{user_id}/lockout")).status_code == 403
    for _ in range(2):
        assert (await security.delete(f"/users/{user_id}/lockout")).status_code == 204
    assert (await sign_in(world, username)).status_code == 200
    assert len(await log_of(world, "user", "unlocked")) == 1
    foreign = await world.user("security_admin", COUNTY_B)
    assert (await foreign.delete(f"/users/{user_id}/lockout")).status_code == 404


async def test_ten_parallel_posts_with_one_key_make_one_account(world: World) -> None:
    admin = await world.user("system_admin")
    answers = await asyncio.gather(*[admin.post("/users", ZHANG, headers={"Idempotency-Key": "k"}) for _ in range(10)])
    assert set(Counter(a.status_code for a in answers)) <= {201, 409}
    again = await admin.post("/users", ZHANG, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert await world.pool.fetchval("SELECT count(*) FROM users WHERE username = 'zhang.san'") == 1
    kept = await world.pool.fetchval("SELECT request_hash FROM idempotency_keys")
    assert kept not in _plain_hashes(), "a plain hash of the request lets its password be guessed"


def _plain_hashes() -> list[bytes]:
    target = b"POST /api/v1/users?\n"
    bodies = [json.dumps(ZHANG, ensure_ascii=False, separators=s).encode() for s in ((",", ":"), (", ", ": "))]
    return [hashlib.sha256(target + body).digest() for body in bodies]


async def test_the_log_tells_what_changed_but_no_password(world: World) -> None:
    admin = await world.user("system_admin")
    user = await _made(admin)
    await admin.patch(f"/users/{user['id']}", {"phone": "138"}, etag='"1"')
    [created] = await log_of(world, "user", "created")
    [updated] = await log_of(world, "user", "updated")
    assert "张三" in created["diff"]
    assert "password_hash" not in created["diff"]
    assert (updated["diff"], updated["region_code"]) == ('{"phone": [null, "138"]}', COUNTY_A)


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()
