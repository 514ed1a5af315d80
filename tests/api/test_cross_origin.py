"""Pages of other origins: told what they may send and read, on refusals too, and only where it was set up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from app.main import create_app
from app.security.ratelimit import RateLimiter
from app.settings import Settings
from tests.world import COUNTY_A, World

SCREEN = "https://screen.example.cn"


@pytest.fixture
async def shared(settings: Settings, world: World) -> AsyncIterator[FastAPI]:
    """The application that lets the pages of one origin in, over the same database."""
    app = create_app(settings.model_copy(update={"cors_origins": (SCREEN,)}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def page(shared: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=shared, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"Origin": SCREEN}) as client:
        yield client


async def test_a_browser_is_let_in_and_may_read_what_it_needs(page: httpx.AsyncClient, world: World) -> None:
    office = await world.user("dispatcher")
    asked = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type, if-match, idempotency-key",
    }
    preflight = await page.options("/api/v1/projects", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, SCREEN)
    made = await office.created("/projects", {"name": "x", "region_code": COUNTY_A})
    answer = await page.get(f"/api/v1/projects/{made['id']}", headers=office.headers)
    assert answer.headers["access-control-allow-origin"] == SCREEN
    readable = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"etag", "link", "location", "ratelimit-remaining", "retry-after", "x-request-id"} <= readable
    # Cookies would let any page act for whoever is signed in; there are none, and none are asked for.
    assert "access-control-allow-credentials" not in answer.headers


async def test_every_refusal_can_be_read(
    page: httpx.AsyncClient, shared: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/projects", {"name": "x", "region_code": COUNTY_A})
    one = f"/api/v1/projects/{made['id']}"
    known = office.headers | {"If-None-Match": '"1"'}
    answers = [
        await page.get(one),
        await page.get(one, headers=known),
        await page.post("/api/v1/projects", headers=office.headers, content=b"x" * 1_100_000),
    ]
    monkeypatch.setitem(shared.state._state, "cursors", None)
    answers.append(await page.get("/api/v1/projects?cursor=x", headers=office.headers))
    monkeypatch.setitem(shared.state._state, "user_limiter", RateLimiter(1, 1))
    answers += [await page.get(one, headers=office.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 304, 413, 500, 200, 429]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {SCREEN}


async def test_other_origins_are_not_let_in(page: httpx.AsyncClient, world: World, client: httpx.AsyncClient) -> None:
    elsewhere = {"Origin": "https://elsewhere.example.cn", "Access-Control-Request-Method": "GET"}
    refused = await page.options("/api/v1/projects", headers=elsewhere)
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)
    answer = await page.get("/healthz", headers=elsewhere)
    assert "access-control-allow-origin" not in answer.headers
    # Nor is anyone, unless it is set up.
    assert "access-control-allow-origin" not in (await client.get("/healthz", headers={"Origin": SCREEN})).headers


async def test_a_refused_preflight_is_a_problem_like_any_other(page: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "https://elsewhere.example.cn",
        "Access-Control-Request-Method": "TRACE",
        "Access-Control-Request-Headers": "x-unknown",
        "Access-Control-Request-Private-Network": "true",
        "Accept-Language": "en",
        "X-Request-Id": "screen-1",
    }
    refused = await page.options("/api/v1/projects", headers=asked)
    told = refused.json()
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert (told["code"], told["request_id"]) == ("cross_origin_refused", "screen-1")
    assert "the origin, method, headers, private network access asked for" in told["detail"]
    assert refused.headers["x-request-id"] == "screen-1"
    assert {"Origin", "Accept-Language"} <= {name.strip() for name in refused.headers["vary"].split(",")}
    # A page of a known origin is told so, and may read why its method or header is not allowed.
    known = await page.options("/api/v1/projects", headers=asked | {"Origin": SCREEN, "Accept-Language": "zh"})
    assert known.headers["access-control-allow-origin"] == SCREEN
    assert "这里请求的：方法、请求头、内部网络访问。" in known.json()["detail"]


def test_origins_are_named_as_browsers_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAODU_CORS_ORIGINS", f"{SCREEN}, http://127.0.0.1:5173,")
    assert Settings().cors_origins == (SCREEN, "http://127.0.0.1:5173")
    for wrong in ("screen.example.cn", f"{SCREEN}/", "https://a@b", "ftp://a", "**"):
        monkeypatch.setenv("DIAODU_CORS_ORIGINS", f"{SCREEN},{wrong}")
        with pytest.raises(ValidationError, match="is no origin"):
            Settings()
