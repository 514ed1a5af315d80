"""Run with `make bench`; ARGS="--quick" takes a tenth of the data and time (the ratios are then rough)."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
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
from scripts.bench import data, figures, imports, lights, phones, rating, schedules
from scripts.bench.load import Measured, get, measure
from scripts.live_server import free_port

QUICK = "--quick" in sys.argv
PROJECTS = 10_000 if QUICK else 100_000
MANY = 70_000 if QUICK else 700_000
PER_COUNTY = 250
ROUNDS, SECONDS = (3, 1.0) if QUICK else (7, 2.0)


@dataclass(frozen=True)
class Prepared:
    """A filled database: its URL, one county of it, a project there, and a dispatcher's token."""

    url: str
    county: str
    project: uuid.UUID
    token: str


@contextmanager
def process(*command: str, port: int, path: str, **environment: str) -> Iterator[int]:
    child = subprocess.Popen([sys.executable, *command], env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5)
                break
            except httpx.TransportError:
                asyncio.run(asyncio.sleep(0.1))
        yield port
    finally:
        child.terminate()
        child.wait(30)


def product(prepared: Prepared, var: Path) -> AbstractContextManager[int]:
    port = free_port()
    environment = {
        "DIAODU_DATABASE_URL": prepared.url,
        "DIAODU_VAR_DIR": str(var),
        "DIAODU_LOG_LEVEL": "WARNING",
        "DIAODU_RATE_LIMIT_PER_MINUTE": "100000000",
    }
    return process("-m", "app.cli", "serve", "--port", str(port), port=port, path="/healthz", **environment)


def reference(name: str, prepared: Prepared) -> AbstractContextManager[int]:
    port = free_port()
    words = ("-m", "uvicorn", f"scripts.bench.ceiling:{name}", "--factory", "--port", str(port), "--no-access-log")
    return process(*words, port=port, path="/projects", BENCH_URL=prepared.url, BENCH_COUNTY=prepared.county)


@asynccontextmanager
async def database(server: embedded.Embedded, name: str) -> AsyncIterator[str]:
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f"DROP DATABASE IF EXISTS {name}")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    db = await Database.open(server.url(name), statement_timeout_ms=0)
    await migrate(db.engine)
    await db.close()
    yield server.url(name)


async def prepare(
    server: embedded.Embedded, name: str, projects: int, var: Path, *, histories: bool = False
) -> Prepared:
    async with database(server, name) as url:
        county = await data.fill(url, projects, PER_COUNTY, histories=histories)
    connection = await asyncpg.connect(url)
    project = await connection.fetchval("SELECT id FROM projects WHERE county_code = $1 ORDER BY id LIMIT 1", county)
    user, session, now = uuid.uuid4(), uuid.uuid4(), datetime.now(UTC)
    await connection.execute(
        "INSERT INTO users (id, username, display_name, region_code) VALUES ($1, 'bench', 'bench', $2)", user, county
    )
    await connection.execute(
        "INSERT INTO grants (id, user_id, role, region_code, valid_from)"
        " VALUES ($1, $2, 'dispatcher', $3, '2000-01-01')",
        uuid.uuid4(), user, county,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        session, user, now, now + timedelta(days=1),
    )  # fmt: skip
    await connection.close()
    return Prepared(url, county, project, token(var, user, session))


def issuer(var: Path) -> AccessTokens:
    settings = Settings(var_dir=var)
    keys = SigningKeys.load_or_generate(settings.keys, now=datetime.now(UTC))
    return AccessTokens(keys, issuer=settings.public_url, audience="diaodu", lifetime=timedelta(minutes=55))


def token(var: Path, user: uuid.UUID, session: uuid.UUID) -> str:
    return issuer(var).issue(subject=user, session_id=session, now=datetime.now(UTC), monotonic=0.0)


def side_by_side(cases: dict[str, tuple[int, bytes, bytes]]) -> dict[str, list[Measured]]:
    """Each case in turn, round after round, so that a drifting machine drifts for all alike."""
    results: dict[str, list[Measured]] = {name: [] for name in cases}
    for round_ in range(ROUNDS + 1):
        for name, (port, request, expect) in cases.items():
            measured = asyncio.run(measure(port, request, SECONDS if round_ else SECONDS / 3, expect))
            if round_:  # the first warms up
                results[name].append(measured)
    return results


def ratio(a: list[Measured], b: list[Measured]) -> float:
    return statistics.median(x.per_second / y.per_second for x, y in zip(a, b, strict=True))


def line(name: str, results: list[Measured]) -> str:
    middle = statistics.median(m.per_second for m in results)
    p99 = statistics.median(m.p99_ms for m in results)
    return f"  {name:<34} {middle:8.0f} /s   p99 {p99:6.1f} ms"


def reads(prepared: Prepared, var: Path) -> None:
    bearer = {"Authorization": f"Bearer {prepared.token}"}
    one = f"/api/v1/projects/{prepared.project}"
    ok, unchanged = b"HTTP/1.1 200", b"HTTP/1.1 304"
    with product(prepared, var) as ours, reference("bare", prepared) as bare, reference("textbook", prepared) as book:
        etag = figures.known(ours, prepared.token)
        groups = {
            "page of 50": (0.5, {
                "diaodu": (ours, get("/api/v1/projects", **bearer), ok),
                "ceiling: bare ASGI + asyncpg": (bare, get("/projects"), ok),
                "peer: ORM + response model": (book, get("/projects"), ok),
            }),
            "one project": (0.4, {
                "diaodu": (ours, get(one, **bearer), ok),
                "ceiling: bare ASGI + asyncpg": (bare, get(f"/projects/{prepared.project}"), ok),
            }),
            "If-None-Match hit": (0.6, {
                "diaodu": (ours, get(one, If_None_Match='"1"', **bearer), unchanged),
                "ceiling: bare ASGI + asyncpg": (bare, get(f"/version/{prepared.project}"), unchanged),
            }),
            "statistics, If-None-Match hit": (0.6, {
                "diaodu": (ours, get(figures.OVERVIEW, If_None_Match=etag, **bearer), unchanged),
                "ceiling: bare ASGI + asyncpg": (bare, get("/marks"), unchanged),
            }),
        }  # fmt: skip
        for title, (goal, cases) in groups.items():
            results = side_by_side(cases)
            print(title)
            for name, measured in results.items():
                print(line(name, measured))
            print(f"  ratio to the ceiling {ratio(*list(results.values())[:2]):.2f} (goal ≥ {goal})", flush=True)


def table_size(small: Prepared, large: Prepared, var: Path) -> None:
    with product(small, var) as few, product(large, var) as many:
        page, ok = "/api/v1/projects?limit=50", b"HTTP/1.1 200"
        results = side_by_side({
            f"{PER_COUNTY} projects in the table": (few, get(page, Authorization=f"Bearer {small.token}"), ok),
            f"{MANY} projects in the table": (many, get(page, Authorization=f"Bearer {large.token}"), ok),
        })  # fmt: skip
    print("a county's page by size of the table")
    for name, measured in results.items():
        print(line(name, measured))
    print(f"  cost {ratio(*results.values()):.2f} × (goal ≤ 1.3)", flush=True)


def wide(large: Prepared, var: Path) -> None:
    national = token(var, *asyncio.run(figures.national(large.url)))
    with product(large, var) as port:
        print(f"figures among {MANY} projects")
        figures.times(port, "overview of a county", figures.OVERVIEW, large.token, 20)
        figures.times(port, "the country by province", figures.ROLL_UP, national, 1000)


def main() -> None:
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, 1 process, 8 connections"
    )
    with tempfile.TemporaryDirectory(prefix="diaodu-bench-") as folder:
        Path(folder).chmod(0o755)
        var = Path(folder) / "var"
        server = embedded.start(Path(folder) / "postgres")
        try:
            medium = asyncio.run(prepare(server, "bench_medium", PROJECTS, var))
            print(f"{PROJECTS} projects, {PER_COUNTY} a county", flush=True)
            reads(medium, var)
            schedules.run(product(medium, var), medium.project, medium.token)
            phones.run(medium.url, medium.county, medium.token, issuer(var), product(medium, var), QUICK)
            small = asyncio.run(prepare(server, "bench_small", PER_COUNTY, var))
            large = asyncio.run(prepare(server, "bench_large", MANY, var, histories=True))
            table_size(small, large, var)
            wide(large, var)
            imports.run(server, var)
            rating.run(small.url, small.county, small.token, product(small, var))
            # Last: it fills the projects with plans.
            lights.run(medium.url)
        finally:
            server.handle.cleanup()


if __name__ == "__main__":
    main()
