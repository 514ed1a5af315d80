"""The service as a process of its own, over the test's database: to be killed, and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx


async def serve(
    database_url: str, var: Path, port: int, *, workers: int = 1, **settings: str
) -> asyncio.subprocess.Process:
    """Ready to be asked. The same `var` gives the same keys (so the same tokens) and the same folder of files."""
    environment = os.environ | {"DIAODU_DATABASE_URL": database_url, "DIAODU_VAR_DIR": str(var), **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers), env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    async with httpx.AsyncClient() as client:
        for _ in range(1200):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return process
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    await kill(process)
    raise TimeoutError("the server did not get ready")


async def kill(process: asyncio.subprocess.Process) -> None:
    """At once, with all its workers; what they were doing stays undone."""
    os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
