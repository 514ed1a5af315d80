"""Signing in and lockout: through HTTP, against the real database."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from app.security.passwords import Argon2Cost, PasswordHasherPool
from app.security.ratelimit import RateLimiter
from tests.accounts import (
    PASSWORD,
    WRONG,
    account,
    log_of,
    sign_in,
    signed_in,
    user_id_of,
)
from tests.world import COUNTY_A, World


async def test_a_password_becomes_tokens_that_work(world: World) -> None:
    username = await account(world)
    answer = await sign_in(world, username)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["refresh_expires_in"]) == ("bearer", 900, 30 * 86400)
    assert answer.headers["cache-control"] == "no-store"
    assert (await sign_in(world, f" {username.upper()} ")).status_code == 200
    client, _ = await signed_in(world, username)
    assert (await client.get("/projects")).status_code == 200


async def test_wrong_password_and_unknown_user_are_answered_alike(world: World) -> None:
    username = await account(world)
    disabled = await account(world)
    await world.pool.execute("UPDATE users SET disabled = true WHERE username = $1", disabled)
    answers = [
        await sign_in(world, username, WRONG),
        await sign_in(world, "nobody.at.all", WRONG),
        await sign_in(world, "no such\x00name", WRONG),
        await sign_in(world, "x" * 100_000, WRONG),
        await sign_in(world, disabled),
        await sign_in(world, username, "x" * 100_000),
    ]
    bodies = [{**a.json(), "request_id": ""} for a in answers]
    assert all(body == bodies[0] for body in bodies)
    assert {a.status_code for a in answers} == {400}
    assert (bodies[0]["code"], bodies[0]["error"]) == ("invalid_grant", "invalid_grant")


async def test_an_unknown_user_takes_as_long_as_a_wrong_password(world: World) -> None:
    username = await account(world)
    locked = await account(world)
    real = PasswordHasherPool(cost=Argon2Cost())
    usual, world.app.state.passwords = world.app.state.passwords, real
    await world.pool.execute("UPDATE users SET password_hash = $1", await real.hash(PASSWORD))
    await world.pool.execute("UPDATE users SET locked_until = now() + interval '1 hour' WHERE username = $1", locked)

    async def seconds(name: str, password: str) -> float:
        times = []
        for _ in range(4):
            # Of this process, hashing threads included: a busy machine stretches the clock on the wall, not this one.
            started = time.process_time()
            assert (await sign_in(world, name, password)).status_code == 400
            times.append(time.process_time() - started)
        return statistics.median(times)

    try:
        wrong = await seconds(username, WRONG)
        others = [await seconds("nobody", WRONG), await seconds(locked, WRONG), await seconds(locked, PASSWORD)]
    finally:
        world.app.state.passwords = usual
        real.close()
    assert all(wrong / 2 < other < wrong * 2 for other in others), (wrong, others)


async def test_five_failures_lock_for_ten_minutes_without_telling(world: World) -> None:
    username = await account(world)
    now = datetime.now(UTC)
    refused = [await sign_in(world, username, WRONG) for _ in range(5)]
    while_locked = [await sign_in(world, username), await sign_in(world, username, WRONG)]
    assert {a.status_code for a in [*refused, *while_locked]} == {400}
    assert len({a.json()["detail"] for a in [*refused, *while_locked]}) == 1

    world.app.state.clock = lambda: now + timedelta(minutes=9, seconds=59)
    assert (await sign_in(world, username)).status_code == 400
    world.app.state.clock = lambda: now + timedelta(minutes=10, seconds=30)
    # Counting starts anew after a lock: four more wrong ones do not lock again.
    for _ in range(4):
        assert (await sign_in(world, username, WRONG)).status_code == 400
    assert (await sign_in(world, username)).status_code == 200

    [lock] = await log_of(world, "user", "locked")
    assert (lock["resource_id"], lock["region_code"]) == (str(await user_id_of(world, username)), COUNTY_A)
    assert len(await log_of(world, "session", "refused")) == 12
    assert len(await log_of(world, "session", "created")) == 1


async def test_the_right_password_forgets_earlier_failures(world: World) -> None:
    username = await account(world)
    for _ in range(3):
        for _ in range(4):
            assert (await sign_in(world, username, WRONG)).status_code == 400
        assert (await sign_in(world, username)).status_code == 200


async def test_parallel_guesses_are_counted_like_any_others(world: World) -> None:
    username = await account(world)
    guesses = await asyncio.gather(*[sign_in(world, username, f"Guess-number-{i:03}") for i in range(50)])
    # Beyond what the hashing threads take at once, callers are told to come back.
    assert set(Counter(a.status_code for a in guesses)) <= {400, 503}
    assert (await sign_in(world, username)).status_code == 400
    assert await world.pool.fetchval("SELECT failed_attempts FROM users WHERE username = $1", username) == 5


async def test_a_right_guess_that_comes_through_after_the_fifth_failure_is_refused(world: World) -> None:
    """It was checked while the account was open; what counts is the order in which the row's lock was taken."""
    username = await account(world)
    for _ in range(4):
        await sign_in(world, username, WRONG)
    async with world.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM users WHERE username = $1 FOR UPDATE", username)
        right = asyncio.create_task(sign_in(world, username))
        await _until_one_waits(world)
        locked = (
            "UPDATE users SET failed_attempts = 5, locked_until = now() + interval '10 minutes' WHERE username = $1"
        )
        await other.execute(locked, username)
    assert (await right).status_code == 400


async def test_an_old_password_checked_while_it_is_changed_is_refused(world: World) -> None:
    username = await account(world)
    async with world.pool.acquire() as other, other.transaction():
        await other.execute("UPDATE users SET password_changed_at = now() WHERE username = $1", username)
        old = asyncio.create_task(sign_in(world, username))
        await _until_one_waits(world)
    assert (await old).status_code == 400
    assert await log_of(world, "session", "created") == []


async def _until_one_waits(world: World) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(400):
        if await world.pool.fetchval(waiting):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for the row")


async def test_parallel_right_sign_ins_all_succeed(world: World) -> None:
    username = await account(world)
    answers = await asyncio.gather(*[sign_in(world, username) for _ in range(20)])
    assert Counter(a.status_code for a in answers) == {200: 20}


async def test_a_hash_of_lower_cost_is_replaced(world: World) -> None:
    username = await account(world)
    cheap = PasswordHasherPool(cost=Argon2Cost(memory_kib=32, passes=1))
    old = await cheap.hash(PASSWORD)
    cheap.close()
    await world.pool.execute("UPDATE users SET password_hash = $2 WHERE username = $1", username, old)
    answers = await asyncio.gather(*[sign_in(world, username) for _ in range(5)])
    assert {a.status_code for a in answers} == {200}
    assert await world.pool.fetchval("SELECT password_hash FROM users WHERE username = $1", username) != old
    assert (await sign_in(world, username)).status_code == 200


async def test_too_many_passwords_at_once_are_told_to_wait(world: World) -> None:
    username = await account(world)
    small = PasswordHasherPool(workers=1, max_waiting=0, cost=Argon2Cost(memory_kib=64, passes=1))
    usual, world.app.state.passwords = world.app.state.passwords, small
    try:
        answers = await asyncio.gather(*[sign_in(world, username) for _ in range(20)])
    finally:
        world.app.state.passwords = usual
        small.close()
    busy = [a for a in answers if a.status_code == 503]
    assert {a.status_code for a in answers} == {200, 503}
    assert busy[0].json()["code"] == "unavailable"
    assert int(busy[0].headers["retry-after"]) >= 1


async def test_an_address_may_ask_so_often_only(world: World) -> None:
    usual, world.app.state.address_limiter = world.app.state.address_limiter, RateLimiter(1, 3)
    try:
        answers = [await sign_in(world, "nobody", WRONG) for _ in range(4)]
    finally:
        world.app.state.address_limiter = usual
    assert [a.status_code for a in answers] == [400, 400, 400, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[0].headers["ratelimit-limit"] == "3"
