"""Requests that really meet: all are under way and waiting before the first may go on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Sequence

import httpx

from tests.world import World

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def all_at_once(
    world: World, project_id: str, requests: Sequence[Awaitable[httpx.Response]]
) -> list[httpx.Response]:
    """Hold the project until every request waits for it, then let go. They must all want to write to it."""
    return await _held(world, requests, "SELECT FROM projects WHERE id = $1 FOR UPDATE", uuid.UUID(project_id))


async def all_before_commit(world: World, requests: Sequence[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """Hold the change log, which is written last: all have written what they will before the first may commit."""
    return await _held(world, requests, "LOCK TABLE changes IN EXCLUSIVE MODE")


async def _held(
    world: World, requests: Sequence[Awaitable[httpx.Response]], statement: str, *values: object
) -> list[httpx.Response]:
    async with world.pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(statement, *values)
            tasks = [asyncio.ensure_future(request) for request in requests]
            # Asked outside: within one transaction pg_stat_activity stays as it was at first.
            # Who waits gives up after the lock timeout, so on a slow day it lets go with fewer.
            end = asyncio.get_running_loop().time() + 3
            while await world.pool.fetchval(_WAITING) < len(tasks) and asyncio.get_running_loop().time() < end:
                await asyncio.sleep(0.01)
        return list(await asyncio.gather(*tasks))
