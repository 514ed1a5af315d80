"""Health, readiness, metrics, logs, limits."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.db import Database
from app.middleware import JsonLines
from app.reading import Prepared
from app.security.ratelimit import RateLimiter
from tests.world import COUNTY_A, World


class _Dead:
    """A database that must not, or cannot, be asked."""

    def __init__(self, error: Exception) -> None:
        self.pool = SimpleNamespace(fetchval=self._fail)
        self.error = error

    async def _fail(self, *_: object) -> None:
        raise self.error


async def test_alive_without_the_database_ready_only_with_it(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    monkeypatch.setitem(app.state._state, "db", _Dead(ConnectionRefusedError()))
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


async def test_not_ready_while_shutting_down(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.state._state, "ready", False)
    assert (await client.get("/readyz")).status_code == 503


async def test_metrics_count_by_route_not_by_address(world: World) -> None:
    office = await world.user("dispatcher")
    await office.get("/projects/0199c1a0-7c00-7000-8000-000000000001")
    text = (await world.http.get("/metrics")).text
    assert 'route="/api/v1/projects/{project_id}"' in text
    assert "0199c1a0" not in text


async def test_request_ids_are_taken_over_when_sane(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz", headers={"X-Request-Id": "phone-7"})).headers["x-request-id"] == "phone-7"
    odd = (await client.get("/healthz", headers={"X-Request-Id": "x" * 300})).headers["x-request-id"]
    assert len(odd) == 16


def test_logs_are_json_lines_with_the_request_id() -> None:
    record = logging.LogRecord("diaodu", logging.INFO, "", 0, "request", None, None)
    record.request_id = "abc"
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["level"], line["request_id"]) == ("request", "INFO", "abc")


async def test_too_many_requests_are_told_when_to_return(
    world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = await world.user("viewer")
    monkeypatch.setitem(app.state._state, "user_limiter", RateLimiter(1, 2))
    answers = [await viewer.get("/projects") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["1", "0", "0"]
    assert (await (await world.user("viewer")).get("/projects")).status_code == 200


async def test_an_unforeseen_error_is_a_problem_and_tells_nothing(
    world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await world.user("dispatcher")

    class Broken:
        def __getattr__(self, name: str) -> None:
            raise RuntimeError("inner secret")

    monkeypatch.setitem(app.state._state, "cursors", Broken())
    answer = await world.http.get("/api/v1/projects?cursor=x", headers=office.headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "inner secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_head_is_a_get_without_its_content(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/projects", {"name": "x", "region_code": COUNTY_A})
    one = f"/projects/{made['id']}"
    for path, status in ((one, 200), ("/projects?limit=1", 200), ("/projects?limit=0", 422), ("/nothing", 404)):
        got, head = await office.get(path), await office.request("HEAD", path)
        assert (head.status_code, head.content) == (got.status_code, b"") == (status, b"")
        for name in ("etag", "content-type", "content-length", "link"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)
    assert (await office.request("HEAD", "/statistics/projects.csv?group_by=stage")).headers["etag"]
    known = {"If-None-Match": (await office.get(one)).headers["etag"]}
    assert (await office.request("HEAD", one, headers=known)).status_code == 304
    assert (await world.http.head("/docs")).status_code == 200
    text = (await world.http.get("/metrics")).text
    assert 'diaodu_requests_total{method="HEAD",route="/api/v1/projects/{project_id}",status="200"}' in text


async def test_what_takes_too_long_says_what_would_help(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office = await world.user("dispatcher")
    rows = Database.rows

    async def slow(self: Database, query: Prepared, values: Mapping[str, Any]) -> Any:
        if "county_figures" not in query.sql and "grouping" not in query.sql:
            return await rows(self, query, values)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 20")
            return await connection.fetch("SELECT pg_sleep(30)")

    monkeypatch.setattr(Database, "rows", slow)
    answer = await office.get("/statistics/overview")
    assert (answer.status_code, answer.json()["code"]) == (503, "took_too_long")
    assert (answer.headers["retry-after"], "缩小范围" in answer.json()["detail"]) == ("30", True)
