"""The server is killed under writes: whatever was acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from scripts.live_server import free_port
from tests.world import COUNTY_A, World

WRITERS = 8
KILL_AFTER = 60


async def _start(database_url: str, var: Path, port: int) -> asyncio.subprocess.Process:
    environment = os.environ | {"DIAODU_DATABASE_URL": database_url, "DIAODU_VAR_DIR": str(var)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "serve", "--port", str(port), env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return process
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise TimeoutError("the server did not get ready")


@pytest.mark.parametrize("round_", [1, 2])
async def test_every_201_is_there_after_sigkill(world: World, database_url: str, settings: object, round_: int) -> None:
    office = await world.user("dispatcher")
    port = free_port()
    var: Path = settings.var_dir  # type: ignore[attr-defined]  # the session's Settings: same keys, so same tokens
    process = await _start(database_url, var, port)
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

    async def kill() -> None:
        await enough.wait()
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        await asyncio.gather(kill(), *[write(client, n) for n in range(WRITERS)])
    assert len(acknowledged) >= KILL_AFTER
    stored = {str(row["id"]) for row in await world.pool.fetch("SELECT id FROM projects")}
    assert set(acknowledged) <= stored
    logged = {row["resource_id"] for row in await world.pool.fetch("SELECT resource_id FROM changes")}
    assert stored <= logged
