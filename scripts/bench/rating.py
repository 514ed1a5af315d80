"""Rating: 1 000 ballots over 116 departments and 10 indicators, cast 50 at once over HTTP, then closed and counted.

In each of three years, so that the 99th percentile is of 3 000 ballots; with one process of the service and with two.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg
import httpx
import uvloop

from app.db import to_json

RATERS, DEPARTMENTS, INDICATORS, AT_ONCE = 1000, 116, 10, 50
YEARS = {1: (2011, 2012, 2013), 2: (2014, 2015, 2016)}
"""By processes of the service."""
CHOICES = ("satisfied", "fairly", "dissatisfied", "unknown")
_OPTIONS = list(zip(CHOICES, ("满意", "比较满意", "不满意", "不了解"), (100, 80, 0, None), strict=True))


def run(url: str, county: str, token: str, serve: Callable[[int], AbstractContextManager[int]]) -> None:
    """`token`: a dispatcher's of `county`; `serve` starts that many processes of the product over the database."""
    departments = asyncio.run(_departments(url, county))
    print("rating: whole ballots of 1 160 scores", flush=True)
    for workers in YEARS:
        with serve(workers) as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            loop.run(_run(county, token, f"http://127.0.0.1:{port}/api/v1", departments, workers))


async def _run(county: str, token: str, base: str, departments: list[str], workers: int) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    times: list[float] = []
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as office:
        for year in YEARS[workers]:
            path, codes = await _open(office, county, departments, year)
            started = time.perf_counter()
            times += await _cast_all(base, path, codes, departments)
            took = time.perf_counter() - started
            print(f"  {year}, {workers} process(es): {len(codes) / took:.0f} ballots/s", flush=True)
            for what, method, where in (("closing", "POST", "closing"), ("result", "GET", "result")):
                started = time.perf_counter()
                answer = await office.request(method, f"{path}/{where}", json={"reason": "bench"})
                answer.raise_for_status()
                scores = RATERS * DEPARTMENTS * INDICATORS
                print(f"  {what} of {scores} scores  {time.perf_counter() - started:6.2f} s (goal < 5 s)", flush=True)
    times.sort()
    p50, p99 = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
    print(f"  casting, {AT_ONCE} at once, {workers} process(es)  p50 {p50:6.1f} ms   p99 {p99:6.1f} ms (goal < 100 ms)")


async def _departments(url: str, county: str) -> list[str]:
    connection = await asyncpg.connect(url)
    ids = [uuid.uuid4() for _ in range(DEPARTMENTS)]
    await connection.executemany(
        "INSERT INTO departments (id, region_code, name, kind) VALUES ($1, $2, $3, 'bureau')",
        [(one, county, f"评议部门{n}") for n, one in enumerate(ids)],
    )
    await connection.close()
    return [str(one) for one in ids]


async def _open(office: httpx.AsyncClient, county: str, departments: list[str], year: int) -> tuple[str, list[str]]:
    now = datetime.now(UTC)
    campaign: dict[str, Any] = {
        "region_code": county, "year": year, "name": "软环境评议", "worst_count": 5,
        "groups": [{"code": "all", "name": "全部", "department_ids": departments}],
        "indicators": [{"code": f"i{n}", "name": f"指标{n}", "weight": 10} for n in range(INDICATORS)],
        "electorates": [{"code": f"e{n}", "name": f"评议方{n}", "weight": 20} for n in range(5)],
        "options": [{"code": code, "name": name, "points": points} for code, name, points in _OPTIONS],
        "opens_at": (now - timedelta(hours=1)).isoformat(), "closes_at": (now + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    made = (await office.post("/rating-campaigns", json=campaign)).raise_for_status().json()
    path, codes = f"/rating-campaigns/{made['id']}", []
    for n in range(5):
        body = {"electorate": f"e{n}", "count": RATERS // 5}
        codes += (await office.post(f"{path}/code-batches", json=body)).raise_for_status().json()["codes"]
    (await office.post(f"{path}/opening")).raise_for_status()
    return path, codes


async def _cast_all(base: str, path: str, codes: list[str], departments: list[str]) -> list[float]:
    """Seconds of each cast but the first tenth. Bare sockets and requests made before: a client library would cost
    more than the service."""
    address = urlsplit(base)
    host, port = address.hostname or "", address.port or 0
    requests = [_request(address.path + path, code, departments) for code in codes]
    times: list[float] = []
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _Rater(requests, times), host, port) for _ in range(AT_ONCE)]
    await asyncio.gather(*[rater.done for _, rater in made])
    return times[len(codes) // 10 :]


class _Rater(asyncio.Protocol):
    """Casts the next ballot as soon as the one before is taken, as long as there are any."""

    def __init__(self, requests: list[bytes], times: list[float]) -> None:
        self.requests, self.times = requests, times
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        asyncio.get_running_loop().call_soon(self._cast)

    def _cast(self) -> None:
        if not self.requests:
            self.transport.close()
            self.done.set_result(None)
            return
        self.started = time.perf_counter()
        self.transport.write(self.requests.pop())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            return
        self.times.append(time.perf_counter() - self.started)
        self.buffer = b""
        if head.startswith(b"HTTP/1.1 201"):
            self._cast()
        else:
            self.done.set_exception(RuntimeError(f"{head!r} {body!r}"))
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))


def _request(path: str, code: str, departments: list[str]) -> bytes:
    answers = {d: {f"i{n}": random.choice(CHOICES) for n in range(INDICATORS)} for d in departments}  # noqa: S311
    body = to_json({"code": code, "answers": answers})
    lines = [
        f"POST {path}/ballots HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
