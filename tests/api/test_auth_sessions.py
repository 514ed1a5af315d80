"""Refresh tokens, signing out, and what is never kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.accounts import PASSWORD, WRONG, account, log_of, refresh, sign_in, signed_in, within_a_second
from tests.world import COUNTY_A, World


async def test_a_refresh_token_is_for_one_use_but_answered_again_for_twenty_seconds(world: World) -> None:
    _, first = await signed_in(world, await account(world))
    start = datetime.now(UTC)
    world.app.state.clock = lambda: start
    second = await refresh(world, first["refresh_token"])
    assert second.status_code == 200, second.text
    assert second.json()["refresh_token"] != first["refresh_token"]
    world.app.state.clock = lambda: start + timedelta(seconds=19)
    again = await refresh(world, first["refresh_token"])
    assert again.json()["refresh_token"] == second.json()["refresh_token"]
    assert again.json()["access_token"] != second.json()["access_token"]
    third = await refresh(world, second.json()["refresh_token"])
    assert third.status_code == 200


async def test_later_reuse_ends_the_whole_session(world: World) -> None:
    username = await account(world)
    client, first = await signed_in(world, username)
    start = datetime.now(UTC)
    world.app.state.clock = lambda: start
    second = (await refresh(world, first["refresh_token"])).json()
    world.app.state.clock = lambda: start + timedelta(seconds=21)
    reused = await refresh(world, first["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (400, "invalid_refresh_token")
    assert reused.json()["error"] == "invalid_grant"
    assert (await refresh(world, second["refresh_token"])).status_code == 400
    await within_a_second(lambda: client.get("/me"), 401)
    [revoked] = await log_of(world, "session", "revoked")
    assert revoked["region_code"] == COUNTY_A
    assert "refresh_token_reused" in revoked["diff"]


async def test_parallel_refreshes_get_the_same_successor(world: World) -> None:
    _, tokens = await signed_in(world, await account(world))
    answers = await asyncio.gather(*[refresh(world, tokens["refresh_token"]) for _ in range(8)])
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    assert await world.pool.fetchval("SELECT count(*) FROM refresh_tokens") == 2


async def test_refresh_stops_with_time_the_account_and_the_session(world: World) -> None:
    username = await account(world)
    _, tokens = await signed_in(world, username)
    now = datetime.now(UTC)
    world.app.state.clock = lambda: now + timedelta(days=29)
    tokens = (await refresh(world, tokens["refresh_token"])).json()
    world.app.state.clock = lambda: now + timedelta(days=58)
    tokens = (await refresh(world, tokens["refresh_token"])).json()
    world.app.state.clock = lambda: now + timedelta(days=88, seconds=1)
    assert (await refresh(world, tokens["refresh_token"])).status_code == 400

    world.app.state.clock = lambda: now
    _, tokens = await signed_in(world, username)
    await world.pool.execute("UPDATE users SET disabled = true")
    assert (await refresh(world, tokens["refresh_token"])).status_code == 400
    await world.pool.execute("UPDATE users SET disabled = false")
    assert (await refresh(world, tokens["refresh_token"])).status_code == 200


async def test_signing_out_ends_both_tokens(world: World) -> None:
    username = await account(world)
    client, tokens = await signed_in(world, username)
    other, _ = await signed_in(world, username)
    assert (await client.post("/auth/logout")).status_code == 204
    await within_a_second(lambda: client.get("/me"), 401)
    assert (await refresh(world, tokens["refresh_token"])).json()["code"] == "invalid_refresh_token"
    assert (await other.get("/me")).status_code == 200
    [row] = await log_of(world, "session", "revoked")
    assert (row["actor_id"], row["region_code"]) == (client.user_id, COUNTY_A)


async def test_nothing_secret_is_kept(world: World) -> None:
    username = await account(world)
    client, tokens = await signed_in(world, username)
    headers = {"Idempotency-Key": "same", **client.headers}
    form = {"grant_type": "password", "username": username, "password": PASSWORD}
    with_key = await world.anonymous().request("POST", "/auth/token", data=form, headers=headers)
    assert with_key.status_code == 200
    await refresh(world, tokens["refresh_token"])
    await sign_in(world, username, WRONG)
    await sign_in(world, WRONG, PASSWORD)
    secrets = [PASSWORD, WRONG, tokens["refresh_token"], tokens["access_token"], with_key.json()["refresh_token"]]
    tables = ("changes", "idempotency_keys", "sessions", "refresh_tokens", "users")
    for table in tables:
        for row in await world.pool.fetch(f"SELECT t::text AS line FROM {table} t"):
            assert not any(s in row["line"] or s.encode().hex() in row["line"] for s in secrets), table
    assert await world.pool.fetchval("SELECT count(*) FROM idempotency_keys") == 0
