"""The server is killed under writes: whatever was acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from scripts.live_server import free_port
from tests.servers import kill, serve
from tests.world import COUNTY_A, World

WRITERS = 8
KILL_AFTER = 60


@pytest.mark.parametrize("round_", [1, 2])
async def test_every_201_is_there_after_sigkill(world: World, database_url: str, settings: object, round_: int) -> None:
    office = await world.user("dispatcher")
    port = free_port()
    var: Path = settings.var_dir  # type: ignore[attr-defined]  # the session's Settings: same keys, so same tokens
    process = await serve(database_url, var, port)
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def write(client: httpx.AsyncClient, writer: int) -> None:
        for i in range(10_000):
            body = {"name": f"写入{writer}-{i}", "region_code": COUNTY_A}
            try:
                answer = await client.post("/api/v1/projects", json=body, headers=office.headers)
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.append(answer.json()["id"])
            if len(acknowledged) >= KILL_AFTER:
                enough.set()

    async def kill_in_the_middle() -> None:
        await enough.wait()
        await kill(process)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        await asyncio.gather(kill_in_the_middle(), *[write(client, n) for n in range(WRITERS)])
    assert len(acknowledged) >= KILL_AFTER
    stored = {str(row["id"]) for row in await world.pool.fetch("SELECT id FROM projects")}
    assert set(acknowledged) <= stored
    logged = {row["resource_id"] for row in await world.pool.fetch("SELECT resource_id FROM changes")}
    assert stored <= logged
