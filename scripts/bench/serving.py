"""Filled databases, and servers over them: the product, and what it is compared with."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx

from app import embedded
from app.db import Database
from app.migrate import migrate
from app.security.access_tokens import AccessTokens
from app.security.keys import SigningKeys
from app.settings import Settings
from scripts.bench import data
from scripts.live_server import free_port

PER_COUNTY = 250


@dataclass(frozen=True)
class Prepared:
    """A filled database: its URL, one county of it, a project there, and the tokens of three accounts."""

    url: str
    county: str
    project: uuid.UUID
    token: str
    """A dispatcher's of the county."""
    province: str
    """A viewer's of the county's province."""
    national: str
    """A viewer's of all provinces."""


@dataclass
class Bench:
    """What all entries share. Databases are filled when the first entry asks for them."""

    server: embedded.Embedded
    var: Path
    quick: bool
    _made: dict[str, Prepared] = field(default_factory=dict)

    @property
    def medium(self) -> Prepared:
        return self._get("bench_medium", 10_000 if self.quick else 100_000)

    @property
    def small(self) -> Prepared:
        return self._get("bench_small", PER_COUNTY)

    @property
    def large(self) -> Prepared:
        return self._get("bench_large", self.many)

    @property
    def unlit(self) -> str:
        """The URL of as many projects as `medium` has, without plans, figures and lights; made anew each time."""
        return asyncio.run(_filled(self.server, "bench_unlit", 10_000 if self.quick else 100_000, histories=False))[0]

    @property
    def many(self) -> int:
        return 70_000 if self.quick else 700_000

    def _get(self, name: str, projects: int) -> Prepared:
        found = self._made.get(name)
        if found is None:
            url, county = asyncio.run(_filled(self.server, name, projects, histories=True))
            found = self._made[name] = asyncio.run(_with_accounts(url, county, self.var))
        return found

    def product(self, prepared: Prepared, workers: int = 1) -> AbstractContextManager[int]:
        """The service over that database, in so many processes; its port."""
        port = free_port()
        environment = {
            "DIAODU_DATABASE_URL": prepared.url,
            "DIAODU_VAR_DIR": str(self.var),
            "DIAODU_LOG_LEVEL": "WARNING",
            "DIAODU_RATE_LIMIT_PER_MINUTE": "100000000",
        }
        command = ("-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers))
        return _process(*command, port=port, path="/readyz", **environment)


def reference(name: str, prepared: Prepared) -> AbstractContextManager[int]:
    """`bare`, `textbook` or `writes` of `ceiling` over that database."""
    port = free_port()
    words = ("-m", "scripts.bench.ceiling", name, str(port))
    return _process(*words, port=port, path="/projects", BENCH_URL=prepared.url, BENCH_COUNTY=prepared.county)


@contextmanager
def _process(*command: str, port: int, path: str, **environment: str) -> Iterator[int]:
    child = subprocess.Popen([sys.executable, *command], env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).is_success:
                    break
            except httpx.TransportError:
                pass
            asyncio.run(asyncio.sleep(0.1))
        yield port
    finally:
        child.terminate()
        child.wait(30)


async def _filled(server: embedded.Embedded, name: str, projects: int, *, histories: bool) -> tuple[str, str]:
    """(URL, county); one that an earlier run filled to the same number is taken as it is."""
    url, mark = server.url(name), f"filled with {projects}"
    there = await asyncpg.connect(server.url("postgres"))
    kept = await there.fetchval(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name
    )
    if kept != mark or not histories:
        await there.execute(f"DROP DATABASE IF EXISTS {name}")
        await there.execute(f"CREATE DATABASE {name}")
    db = await Database.open(url, pool_size=1, statement_timeout_ms=0)
    await migrate(db.engine)
    if kept != mark or not histories:
        await data.fill(url, projects, PER_COUNTY, histories=histories)
        await there.execute(f"COMMENT ON DATABASE {name} IS '{mark}'")
    middle = projects // PER_COUNTY // 2
    county = await db.pool.fetchval("SELECT code FROM regions WHERE length(code) = 6 ORDER BY code OFFSET $1", middle)
    await db.close()
    await there.close()
    return url, county


async def _with_accounts(url: str, county: str, var: Path) -> Prepared:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO regions (code, name, kind) SELECT DISTINCT left(code, 2), '省' || left(code, 2), 'province'"
        " FROM regions ON CONFLICT DO NOTHING"
    )
    codes = [row["code"] for row in await connection.fetch("SELECT code FROM regions WHERE length(code) = 2")]
    project = await connection.fetchval("SELECT id FROM projects WHERE county_code = $1 ORDER BY id LIMIT 1", county)
    reaches = (("dispatcher", [county]), ("viewer", [county[:2]]), ("viewer", codes))
    tokens = [await account(connection, var, role, regions) for role, regions in reaches]
    await connection.close()
    return Prepared(url, county, project, *tokens)


async def account(connection: asyncpg.Connection, var: Path, role: str, regions: list[str]) -> str:
    """A signed-in account with that role in each of the regions; its token."""
    user, session, now = uuid.uuid4(), uuid.uuid4(), datetime.now(UTC)
    await connection.execute(
        "INSERT INTO users (id, username, display_name, region_code) VALUES ($1, $2, 'bench', $3)",
        user, f"bench-{user.hex[:12]}", regions[0],
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO grants (id, user_id, role, region_code, valid_from)"
        " SELECT gen_random_uuid(), $1, $2, code, '2000-01-01' FROM unnest($3::text[]) AS code",
        user, role, regions,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        session, user, now, now + timedelta(days=1),
    )  # fmt: skip
    return issuer(var).issue(subject=user, session_id=session, now=now, monotonic=0.0)


def issuer(var: Path) -> AccessTokens:
    """Of tokens that the product with that folder takes."""
    settings = Settings(var_dir=var)
    keys = SigningKeys.load_or_generate(settings.keys, now=datetime.now(UTC))
    return AccessTokens(keys, issuer=settings.public_url, audience="diaodu", lifetime=timedelta(minutes=55))
