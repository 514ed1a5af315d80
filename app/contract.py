"""The contract: what OpenAPI says beyond what FastAPI derives, and the docs pages, served without the internet."""

from __future__ import annotations

import asyncio
import re
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import fastapi_swagger
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from app.db import to_json
from app.deps import Permitted
from app.messages import CATALOGUE
from app.problems import MEDIA_TYPE, wants_english
from app.routing import StreamedRoute
from app.schemas.base import Problem

METADATA: dict[str, Any] = {
    "title": "Diaodu 项目调度",
    "version": "0.1.0",
    "summary": "County key-project dispatch: pipeline, plans, ledgers, figures.",
    "description": (
        "重点项目调度接口。Amounts are in 万元 (10 000 CNY) with at most four decimals; percentages have two decimals, "
        "half up; times are RFC 3339 with offset; business days are Asia/Shanghai. Errors are RFC 9457 problem "
        "documents, Chinese by default, English with `Accept-Language: en`. Sign in at `POST /api/v1/auth/token`."
    ),
    "contact": {"name": "Diaodu maintainers", "url": "https://example.com/diaodu"},
    "license_info": {"name": "Proprietary", "url": "https://example.com/diaodu/license"},
    "servers": [{"url": "/", "description": "This server"}],
    "openapi_tags": [
        {"name": "auth", "description": "登录 Signing in and out, own account, API keys"},
        {"name": "accounts", "description": "账号与授权 Users, grants, roles"},
        {"name": "places", "description": "区划、部门、领导、字典 Regions, departments, leaders, dictionaries"},
        {"name": "projects", "description": "重点项目 Projects and what hangs on them"},
        {"name": "lights", "description": "红黄绿灯 Lights of projects and their rules"},
        {"name": "funding", "description": "资金 Money by channel, its steps, its allocation"},
        {"name": "leaders", "description": "包扶领导 Visits of leaders to projects, leaders' cards"},
        {"name": "permits", "description": "手续 Permits, their time limits and clocks"},
        {"name": "milestones", "description": "节点与倒排工期 Milestones, schedules, baselines"},
        {"name": "reports", "description": "填报 Weekly field reports, their review, when they are due"},
        {"name": "calendars", "description": "日历订阅 Deadlines for calendar programs"},
        {"name": "imports", "description": "台账导入导出 Excel ledgers in and out"},
        {"name": "statistics", "description": "统计 Figures"},
        {
            "name": "targets",
            "description": "目标、指标、责任状 Targets, published indicators, letters of responsibility",
        },
        {"name": "ratings", "description": "软环境评议 Rating campaigns, secret ballots, results"},
        {"name": "assessments", "description": "考核 Assessment schemes, entered facts, rankings"},
        {"name": "photos", "description": "照片与附件 Photos and files, sent by tus 1.0"},
        {"name": "changes", "description": "变更 Change feed"},
        {"name": "sync", "description": "离线同步 Phones that are offline most of the day"},
        {"name": "service", "description": "Health and keys"},
    ],
}

_STATIC = Path(fastapi_swagger.__file__).parent / "resources"


def install(app: FastAPI) -> None:
    app.mount("/docs/assets", StaticFiles(directory=_STATIC), name="docs_assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/api/v1/openapi.json",
            title="Diaodu API",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon-32x32.png",
            swagger_ui_parameters={"validatorUrl": None},
        )

    @app.get("/api/v1/openapi.json", include_in_schema=False)
    async def contract() -> Response:
        # Seconds of work the first time, in which others must be served.
        return Response(await asyncio.to_thread(document), media_type="application/json")

    @app.get("/problems/{code}", include_in_schema=False)
    async def problem_page(request: Request, code: str) -> Response:
        return _problem_page(code, wants_english(request))

    generate, writing, written = app.openapi, Lock(), list[bytes]()

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(generate(), app)
        return app.openapi_schema

    def document() -> bytes:
        with writing:
            if not written:
                written.append(to_json(openapi()))
        return written[0]

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents for extending the schema


def _problem_page(code: str, english: bool) -> Response:
    message = CATALOGUE.get(code)
    if message is None:
        return HTMLResponse("<!doctype html><title>404</title><p>没有这个错误码。No such problem.</p>", 404)
    title = message.title_en if english else message.title_zh
    # What the answer itself fills in stands as an ellipsis here.
    detail = re.sub(r"\{[^}]*\}", "…", message.detail_en if english else message.detail_zh)
    language = "en" if english else "zh-CN"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    body = f"<h1>{escape(title)}</h1><p><code>{escape(code)}</code> · HTTP {message.status}</p><p>{escape(detail)}</p>"
    return HTMLResponse(f'<!doctype html><html lang="{language}">{head}{body}</html>')


def routes(app: FastAPI) -> list[APIRoute]:
    """All API routes, whole paths."""
    return [route for route in app.router.routes if isinstance(route, APIRoute)]


def permission_of(route: APIRoute) -> str | None:
    """The permission a route asks for, None when it needs none."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Permitted):
            return dependency.call.permission
    return None


SECURITY_SCHEMES = {
    "password": {
        "type": "oauth2",
        "description": "People: OAuth2 password grant",
        "flows": {"password": {"scopes": {}, "tokenUrl": "/api/v1/auth/token"}},
    },
    "api_key": {"type": "apiKey", "description": "Systems", "in": "header", "name": "X-API-Key"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sending the same request again with the same key gives the first answer again (kept 14 days).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "example": "3f0e1c2a-7b1d-4c8e-9d3b-0a5f6e7d8c9b",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag last seen; 304 while it is current.",
    "schema": {"type": "string", "maxLength": 1000},
    "example": '"7"',
}


def _complete(schema: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = SECURITY_SCHEMES
    components["responses"] = {f"Problem{status}": _problem_response(status) for status in _PROBLEM_STATUSES}
    for route in routes(app):
        if not route.include_in_schema:
            continue
        for method in route.methods or ():
            _complete_operation(schema["paths"][route.path_format][method.lower()], route, method)
    return schema


_PROBLEM_STATUSES = (400, 401, 403, 404, 409, 410, 412, 413, 415, 416, 422, 428, 429, 460, 503)


def _problem_response(status: int) -> dict[str, Any]:
    codes = {code: message for code, message in CATALOGUE.items() if message.status == status}
    code, message = next(iter(codes.items()))
    example = {
        "type": f"/problems/{code}",
        "title": message.title_zh,
        "status": status,
        "detail": message.detail_zh.format_map(_Blank()),
        "code": code,
        "errors": [],
        "request_id": "4f1c2a9b7d8e0f12",
    }
    return {
        "description": "; ".join(message.title_en for message in codes.values()),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _complete_operation(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    parameters = operation.setdefault("parameters", [])
    permission, responses = permission_of(route), operation["responses"]
    responses.pop("422", None)
    operation["security"] = [{name: []} for name in SECURITY_SCHEMES] if permission else []
    if permission is not None:
        operation["x-permission"] = permission
    if method == "POST" and permission is not None and not isinstance(route, StreamedRoute):
        parameters.append(_IDEMPOTENCY_KEY)
    if method == "GET" and "304" in responses:
        parameters.append(_IF_NONE_MATCH)
    for status in sorted(_refusals(operation, route, method)):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    if not parameters:
        del operation["parameters"]


def _refusals(operation: dict[str, Any], route: APIRoute, method: str) -> set[int]:
    """Statuses of the problems an operation can answer with, as its shape tells."""
    names = {p["name"].lower() for p in operation["parameters"]}
    reasons = [
        (route.path_format.startswith("/api/"), {422, 429, 503}),  # 422: parameters it does not know
        (route.name == "readyz", {503}),
        (permission_of(route) is not None, {401, 403}),
        (bool(names) or "requestBody" in operation, {422}),
        ("requestBody" in operation, {400, 413, 415}),
        ("{" in route.path_format, {404}),
        ("if-match" in names, {412, 428}),
        (method in {"POST", "PUT", "PATCH", "DELETE"}, {409}),
    ]
    return set().union(*(statuses for holds, statuses in reasons if holds))


ETAG_HEADERS = {"ETag": {"description": "The version, for If-Match and If-None-Match", "schema": {"type": "string"}}}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    200: {"headers": ETAG_HEADERS},
    304: {"description": "Not modified", "headers": ETAG_HEADERS},
}
"""`responses=` of a GET of one object."""
TAGGED: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG_HEADERS}}
"""The same where 304 is never answered."""
CREATED: dict[int | str, dict[str, Any]] = {
    201: {"headers": {**ETAG_HEADERS, "Location": {"description": "Its address", "schema": {"type": "string"}}}}
}
"""`responses=` of a POST that creates."""
STATE_FORBIDS: dict[int | str, dict[str, Any]] = {409: {"$ref": "#/components/responses/Problem409"}}
"""`responses=` of a GET of what is there in some states only."""
