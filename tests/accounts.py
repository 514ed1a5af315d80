"""Accounts with real passwords, signed in through the token endpoint."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from app.permissions import ROLES
from tests.world import COUNTY_A, Client, World

PASSWORD = "Qinghe-2016-bridge"
OTHER_PASSWORD = "Longtan-2017-tunnel"
WRONG = "Not-the-one-2016"


async def account(world: World, role: str = "dispatcher", region: str = COUNTY_A, password: str = PASSWORD) -> str:
    """The user name of a new account with that password and one grant."""
    department = await world.department(region, f"单位{uuid.uuid4().hex[:6]}") if ROLES[role].needs_department else None
    client = await world.user(role, region, department_id=department)
    username = await world.pool.fetchval(
        "UPDATE users SET password_hash = $2, password_changed_at = now() WHERE id = $1 RETURNING username",
        client.user_id, await world.app.state.passwords.hash(password),
    )  # fmt: skip
    return str(username)


async def user_id_of(world: World, username: str) -> uuid.UUID:
    return uuid.UUID(str(await world.pool.fetchval("SELECT id FROM users WHERE username = $1", username)))


async def ask(world: World, **form: str) -> httpx.Response:
    return await world.anonymous().request("POST", "/auth/token", data=form)


async def sign_in(world: World, username: str, password: str = PASSWORD) -> httpx.Response:
    return await ask(world, grant_type="password", username=username, password=password)


async def refresh(world: World, token: str) -> httpx.Response:
    return await ask(world, grant_type="refresh_token", refresh_token=token)


async def signed_in(world: World, username: str, password: str = PASSWORD) -> tuple[Client, dict[str, Any]]:
    answer = await sign_in(world, username, password)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return Client(world.app, world.http, headers, await user_id_of(world, username)), tokens


async def within_a_second(ask_again: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """The answer as soon as it has that status; fails when it has not after the second the contract allows."""
    until = time.monotonic() + 1
    while True:
        answer = await ask_again()
        if answer.status_code == status:
            return answer
        assert time.monotonic() < until, f"still {answer.status_code} after a second, not {status}"
        await asyncio.sleep(0.02)


async def log_of(world: World, resource: str, action: str) -> list[Any]:
    """Rows of the change log, oldest first."""
    return await world.pool.fetch(  # type: ignore[no-any-return]  # asyncpg has no types
        "SELECT * FROM changes WHERE resource = $1 AND action = $2 ORDER BY seq", resource, action
    )
