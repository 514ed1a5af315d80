from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import date

from tests.accounts import (
    OTHER_PASSWORD,
    PASSWORD,
    WRONG,
    account,
    log_of,
    refresh,
    sign_in,
    signed_in,
    within_a_second,
)
from tests.world import COUNTY_A, COUNTY_B, World

JSON = {"Content-Type": "application/json"}


async def test_me_tells_grants_and_permissions(world: World) -> None:
    department = await world.department(name="发改委")
    client = await world.user("department", department_id=department)
    await world.grant(client.user_id, "viewer", COUNTY_B)
    ended = await world.grant(client.user_id, "dispatcher", COUNTY_B)
    await world.pool.execute("UPDATE grants SET valid_to = $2 WHERE id = $1", ended, date(2001, 1, 1))
    me = (await client.get("/me")).json()
    assert (me["id"], me["region_code"], me["region_name"]) == (str(client.user_id), COUNTY_A, "甲县")
    grants = sorted((g["role"], g["role_zh"], g["region_name"], g["department_name"]) for g in me["grants"])
    assert grants == [("department", "部门", "甲县", "发改委"), ("viewer", "查看者", "乙县", None)]
    assert {"me.read", "projects.read", "projects.write"} <= set(me["permissions"])
    assert "projects.create" not in me["permissions"]


async def test_an_account_without_grants_still_has_itself(world: World) -> None:
    username = await account(world)
    await world.pool.execute("DELETE FROM grants")
    client, _ = await signed_in(world, username)
    me = (await client.get("/me")).json()
    assert (me["grants"], me["permissions"]) == ([], ["me.read", "me.write"])
    assert (await client.get("/projects")).status_code == 403
    assert (await client.post("/auth/logout")).status_code == 204


async def test_a_new_password_ends_every_other_session(world: World) -> None:
    username = await account(world)
    client, mine = await signed_in(world, username)
    other, theirs = await signed_in(world, username)
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    changed = await client.put("/me/password", body)
    assert changed.status_code == 204, changed.text
    await within_a_second(lambda: other.get("/me"), 401)
    assert (await refresh(world, theirs["refresh_token"])).status_code == 400
    assert (await client.get("/me")).status_code == 200
    assert (await refresh(world, mine["refresh_token"])).status_code == 200
    assert (await sign_in(world, username)).status_code == 400
    assert (await sign_in(world, username, OTHER_PASSWORD)).status_code == 200
    [row] = await log_of(world, "user", "password_changed")
    assert (row["actor_id"], row["diff"]) == (client.user_id, "{}")


async def test_wrong_and_weak_passwords_are_told(world: World) -> None:
    client, _ = await signed_in(world, await account(world))
    wrong = await client.put("/me/password", {"current_password": WRONG, "new_password": OTHER_PASSWORD})
    assert wrong.status_code == 422
    assert [(e["pointer"], e["code"]) for e in wrong.json()["errors"]] == [("/current_password", "wrong_password")]
    for weak in ("short", "Password2016!", "x" * 300, "tab\tTab-2016-tab", PASSWORD):
        answer = await client.put(
            "/me/password",
            {"current_password": PASSWORD, "new_password": weak},
            headers={"Accept-Language": "en"},
        )
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (422, "/new_password", "weak_password"), weak
        assert "is too weak: " in error["message"]
        assert len(error["message"]) > 15
        assert weak not in answer.text


async def test_wrong_current_passwords_lock_like_failed_sign_ins(world: World) -> None:
    username = await account(world)
    client, _ = await signed_in(world, username)
    body = {"current_password": WRONG, "new_password": OTHER_PASSWORD}
    answers = await asyncio.gather(*[client.put("/me/password", body) for _ in range(5)])
    assert Counter(a.status_code for a in answers) == {422: 5}
    right = await client.put("/me/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD})
    assert right.status_code == 422
    assert (await sign_in(world, username)).status_code == 400
    # The session itself goes on: locking is about passwords.
    assert (await client.get("/me")).status_code == 200
    assert len(await log_of(world, "user", "locked")) == 1


async def test_of_parallel_changes_one_wins(world: World) -> None:
    username = await account(world)
    client, _ = await signed_in(world, username)
    answers = await asyncio.gather(
        *[
            client.put("/me/password", {"current_password": PASSWORD, "new_password": f"{OTHER_PASSWORD}-{i}"})
            for i in range(4)
        ]
    )
    assert Counter(a.status_code for a in answers) == {204: 1, 422: 3}


async def test_a_disabled_account_and_an_ended_grant_count_within_a_second(world: World) -> None:
    client = await world.user("dispatcher")
    assert (await client.get("/projects")).status_code == 200
    await world.pool.execute("UPDATE grants SET valid_to = valid_from WHERE user_id = $1", client.user_id)
    await within_a_second(lambda: client.get("/projects"), 403)
    await world.pool.execute("UPDATE users SET disabled = true WHERE id = $1", client.user_id)
    await within_a_second(lambda: client.get("/projects"), 401)


async def test_hostile_passwords_make_no_500(world: World) -> None:
    client, _ = await signed_in(world, await account(world))
    for text in ("", "\x00", "\ud800", "x" * 500_000, None, 1, ["a"]):
        for body in (
            {"current_password": text, "new_password": OTHER_PASSWORD},
            {"current_password": PASSWORD, "new_password": text},
        ):
            content = json.dumps(body).encode()
            answer = await client.request("PUT", "/me/password", content=content, headers=JSON)
            assert answer.status_code == 422, (text, answer.status_code)
            assert OTHER_PASSWORD not in answer.text
