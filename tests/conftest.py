"""A real PostgreSQL, the real application, real HTTP semantics; emptied before every test."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app import embedded
from app.db import Database
from app.main import create_app, system_clock
from app.migrate import migrate
from app.settings import Settings
from tests.world import World


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Any PostgreSQL named in DIAODU_DATABASE_URL, else an own one that forgets everything afterwards."""
    given = os.environ.get("DIAODU_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="diaodu-tests-") as folder:
        Path(folder).chmod(0o755)
        server = embedded.start(Path(folder) / "postgres", {"fsync": "off", "full_page_writes": "off"})
        yield server.url("postgres")
        server.handle.cleanup()


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A database of this run alone, migrated."""
    name = f"diaodu_test_{uuid.uuid4().hex[:12]}"
    url = asyncio.run(_create(server_url, name))
    yield url
    asyncio.run(_drop(server_url, name))


async def _create(server_url: str, name: str) -> str:
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    head, _, query = server_url.partition("?")
    url = head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    db = await Database.open(url)
    await migrate(db.engine)
    await db.close()
    return url


async def _drop(server_url: str, name: str) -> None:
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=database_url,
        var_dir=tmp_path_factory.mktemp("var"),
        argon2_memory_kib=64,
        argon2_time_cost=1,
        pool_size=12,
        figures_seconds=0,
        flags_seconds=0,
        rate_limit_per_minute=1_000_000,
        anonymous_rate_limit_per_minute=1_000_000,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings, anyio_backend: str) -> AsyncIterator[FastAPI]:
    """Names `anyio_backend` itself, so that a test without `async` may be the first to ask for it."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def world(app: FastAPI, client: httpx.AsyncClient) -> World:
    """An empty database with two counties of one prefecture; accounts are made as tests ask for them."""
    app.state.clock = system_clock
    app.state.authenticator.forget()
    world = World(app, client)
    await world.reset()
    return world
