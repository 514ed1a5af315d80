"""Figures in a large table, one call at a time: the first after a start, those after writes, those repeated."""

from __future__ import annotations

import asyncio
import random
import statistics
import time

import asyncpg
import httpx

from scripts.bench.serving import Bench, Prepared

OVERVIEW = "/api/v1/statistics/overview"
ROLL_UP = "/api/v1/statistics/projects?group_by=region"
TIMES = 30
WRITTEN = 150
"""Counties written to between two calls of the roll-up: 30 reports a second, until the service looks again."""


def known(port: int, token: str) -> str:
    """The ETag of the overview."""
    return _client(port, token).get(OVERVIEW).raise_for_status().headers["etag"]


def _client(port: int, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120)


def _milliseconds(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _print(name: str, first: float, written: list[float], again: list[float], goal: int) -> None:
    told = ", ".join(
        f"{what} {statistics.median(times):.1f} ms (at most {max(times):.1f})"
        for what, times in (("after a write", written), ("repeated", again))
    )
    print(f"  {name}: first {first:.1f} ms, {told} (goal < {goal} ms)", flush=True)


def overview(bench: Bench) -> None:
    """Each call after a write is preceded by one in the county, as a dispatcher makes it."""
    data = bench.large
    print(f"a county's overview among {bench.many} projects")
    with bench.product(data) as port, _client(port, data.token) as client:
        first, path = _milliseconds(client, OVERVIEW), f"/api/v1/projects/{data.project}"
        # A start looks after all projects, beside answering.
        time.sleep(15)
        written = []
        for number in range(TIMES):
            version = client.get(path).headers["etag"]
            client.patch(path, json={"remark": f"第{number}次"}, headers={"If-Match": version}).raise_for_status()
            written.append(_milliseconds(client, OVERVIEW))
        again = [_milliseconds(client, OVERVIEW) for _ in range(TIMES)]
        _print("overview", first, written, again, 20)


def roll_up(bench: Bench) -> None:
    """The sums of counties are thrown away first. Each call after writes comes at once after them, and then waits."""
    data = bench.large
    print(f"the country by province among {bench.many} projects")
    asyncio.run(_execute(data, "TRUNCATE county_figures, county_figure_states"))
    with bench.product(data) as port, _client(port, data.national) as client:
        print(f"  all sums made after the start in {_wait(data):.1f} s")
        first = _milliseconds(client, ROLL_UP)
        written = []
        for _ in range(5):
            asyncio.run(_write(data))
            written.append(_milliseconds(client, ROLL_UP))
        again = [_milliseconds(client, ROLL_UP) for _ in range(TIMES)]
        _print(f"roll-up ({WRITTEN} counties written to at once)", first, written, again, 1000)


def _wait(data: Prepared) -> float:
    """Until the service has made the sums of all counties; in seconds."""
    began = time.perf_counter()
    while not asyncio.run(_made(data)):
        time.sleep(0.2)
    return time.perf_counter() - began


async def _execute(data: Prepared, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(data.url)
    await connection.execute(statement, *arguments)
    await connection.close()


async def _made(data: Prepared) -> bool:
    connection = await asyncpg.connect(data.url)
    found: bool = await connection.fetchval(
        "SELECT NOT EXISTS (SELECT FROM regions r LEFT JOIN data_versions d ON d.region_code = r.code"
        " LEFT JOIN county_figure_states s ON s.county_code = r.code AND s.mark = coalesce(d.mark, 0)"
        " AND s.day = (now() AT TIME ZONE 'Asia/Shanghai')::date AND s.year = extract(year FROM s.day)"
        " WHERE length(r.code) = 6 AND s.mark IS NULL)"
    )
    await connection.close()
    return found


async def _write(data: Prepared) -> None:
    """As an import or a busy Friday would: new marks for many counties in one transaction."""
    await _execute(
        data,
        "INSERT INTO changes (at, resource, resource_id, action, region_code, diff)"
        " SELECT now(), 'project', code, 'updated', code, '{}' FROM regions WHERE length(code) = 6"
        " ORDER BY md5(code || $1) LIMIT $2",
        str(random.random()),  # noqa: S311  # other counties each time
        WRITTEN,
    )
