"""Every answer any test gets is held against the contract: status documented, body of the promised shape."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import Match

from app.contract import routes
from app.schemas.base import Problem

PROBLEM = "application/problem+json"


def hold(app: FastAPI, answer: httpx.Response) -> None:
    """Fail unless `answer` is what the contract says of its operation."""
    request = answer.request
    route = _route(app, request.method, request.url.path)
    if route is None or not route.include_in_schema:
        return
    documented = app.openapi()["paths"][route.path_format][request.method.lower()]["responses"]
    where = f"{request.method} {request.url} → {answer.status_code}: {answer.text[:500]}"
    assert str(answer.status_code) in documented, f"undocumented status, {where}"
    media = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code >= 400:
        assert media == PROBLEM, where
        Problem.model_validate_json(answer.content)
    elif media == "application/json" and route.response_model is not None:
        _adapter(route.response_model).validate_json(answer.content)


def _route(app: FastAPI, method: str, path: str) -> APIRoute | None:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": []}
    for route in routes(app):
        if route.matches(scope)[0] is Match.FULL:
            return route
    return None


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
