"""Around every request, as plain ASGI: request id, access log, metrics, headers every answer carries."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from functools import cache
from random import getrandbits
from typing import Any

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import AppError
from app.problems import respond
from app.routing import headers_of

REQUESTS = Counter("diaodu_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "diaodu_request_seconds",
    "Seconds from request to the first byte of the answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECRET = re.compile(r"(/calendars/)[^/]+")
access_log = logging.getLogger("diaodu.access")


def without_secrets(path: str) -> str:
    """The path as it may stand in a log: whoever knows the address of a calendar reads it."""
    return _SECRET.sub(r"\1…", path)


class RequestContext:
    """Gives each request an id (the client's own when it is sane), then counts, times and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, head = scope["method"], scope["method"] == "HEAD"
        if head:
            # A GET whose content is not sent (RFC 9110 9.3.2), whatever answers it.
            scope = {**scope, "method": "GET"}
        state = scope.setdefault("state", {})
        given = headers_of(scope).get(b"x-request-id")
        state["request_id"] = (given and _sane(given)) or f"{getrandbits(64):016x}"
        started = time.perf_counter()
        status = 500

        replaced = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, replaced
            if message["type"] == "http.response.start":
                status = message["status"]
                if status == 413 and not replaced and _is_plain(message):
                    # Starlette's body limit answers in plain text and lets no handler in between.
                    replaced = True
                    await respond(Request(scope), AppError("too_large"))(scope, receive, send_with_headers)
                    return
                _add_headers(message["headers"], state)
            elif replaced and message.get("body") == b"Content Too Large":
                return
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            _account(scope, method, status, time.perf_counter() - started)


def _sane(given: bytes) -> str | None:
    return given.decode() if _REQUEST_ID.match(given) else None


def _is_plain(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")


def _add_headers(headers: list[tuple[bytes, bytes]], state: dict[str, Any]) -> None:
    names = {name for name, _ in headers}
    headers.append((b"x-request-id", state["request_id"].encode()))
    headers.append((b"x-content-type-options", b"nosniff"))
    if b"cache-control" not in names:
        # Answers depend on who asks; with an ETag the client may keep them and ask again.
        headers.append((b"cache-control", b"private, no-cache" if b"etag" in names else b"no-store"))
    decision = state.get("rate_limit")
    if decision is not None:
        headers.append((b"ratelimit-limit", b"%d" % decision.limit))
        headers.append((b"ratelimit-remaining", b"%d" % decision.remaining))
        headers.append((b"ratelimit-reset", b"%d" % decision.reset_seconds))


@cache
def _meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Looked up once: routes, methods and statuses are few."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def _account(scope: Scope, asked: str, status: int, seconds: float) -> None:
    state: dict[str, Any] = scope["state"]
    route = getattr(scope.get("route"), "path_format", None) or state.get("route", "unmatched")
    method = asked if asked in _METHODS else "other"
    requests, duration = _meters(method, route, status)
    requests.inc()
    duration.observe(seconds)
    if not access_log.isEnabledFor(logging.INFO) or not getattr(scope.get("route"), "traced", True):
        return
    actor = state.get("actor")
    access_log.info(
        "request",
        extra={
            "request_id": state["request_id"],
            "method": asked,
            "path": without_secrets(scope["path"]),
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "user": actor.username if actor is not None else None,
        },
    )


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the extras."""

    _STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in self._STANDARD and v is not None}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = name != "uvicorn.access"
