"""Rating: 1 000 ballots over 116 departments and 10 indicators, cast 50 at once over HTTP, then closed and counted."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from app.db import to_json

RATERS, DEPARTMENTS, INDICATORS, AT_ONCE = 1000, 116, 10, 50
CHOICES = ("satisfied", "fairly", "dissatisfied", "unknown")
_OPTIONS = list(zip(CHOICES, ("满意", "比较满意", "不满意", "不了解"), (100, 80, 0, None), strict=True))


def run(url: str, county: str, token: str, serve: AbstractContextManager[int]) -> None:
    """`token`: a dispatcher's of `county`; `serve` starts the product over the database at `url`."""
    with serve as port:
        asyncio.run(_run(url, county, token, f"http://127.0.0.1:{port}/api/v1"))


async def _run(url: str, county: str, token: str, base: str) -> None:
    departments = await _departments(url, county)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as office:
        path, codes = await _open(office, county, departments)
        times = await _cast_all(base, path, codes, departments)
        print("rating: whole ballots of 1 160 scores")
        p50, p99 = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
        print(f"  casting, {AT_ONCE} at once               p50 {p50:6.1f} ms   p99 {p99:6.1f} ms (goal < 100 ms)")
        for what, method, where in (("closing", "POST", "closing"), ("result", "GET", "result")):
            started = time.perf_counter()
            answer = await office.request(method, f"{path}/{where}", json={"reason": "bench"})
            answer.raise_for_status()
            scores = RATERS * DEPARTMENTS * INDICATORS
            print(f"  {what} of {scores} scores  {time.perf_counter() - started:6.2f} s (goal < 5 s)", flush=True)


async def _departments(url: str, county: str) -> list[str]:
    connection = await asyncpg.connect(url)
    ids = [uuid.uuid4() for _ in range(DEPARTMENTS)]
    await connection.executemany(
        "INSERT INTO departments (id, region_code, name, kind) VALUES ($1, $2, $3, 'bureau')",
        [(one, county, f"评议部门{n}") for n, one in enumerate(ids)],
    )
    await connection.close()
    return [str(one) for one in ids]


async def _open(office: httpx.AsyncClient, county: str, departments: list[str]) -> tuple[str, list[str]]:
    now = datetime.now(UTC)
    campaign: dict[str, Any] = {
        "region_code": county, "year": 2016, "name": "软环境评议", "worst_count": 5,
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
    """Seconds of each cast, sorted. Plain sockets and requests made before: a client library would cost more than
    the service."""
    address = urlsplit(base)
    requests = [_request(address.path + path, code, departments) for code in codes]
    times: list[float] = []
    warm_up = len(requests) // 10

    async def rater() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        while requests:
            request = requests.pop()
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
            times.append(time.perf_counter() - started)
            if not head.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(head.decode())
        writer.close()

    await asyncio.gather(*[rater() for _ in range(AT_ONCE)])
    return sorted(times[warm_up:])


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
