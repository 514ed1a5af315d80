"""Pages of other origins: what a browser needs to be told before it lets them call, and read, this API (CORS)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import AppError
from app.middleware import RequestContext
from app.problems import respond

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SENT = (
    "Authorization",
    "X-API-Key",
    "Accept-Language",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Request-Id",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-HTTP-Method-Override",
)
_READ = (
    "ETag",
    "Link",
    "Location",
    "Content-Disposition",
    "Idempotency-Replayed",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
    "Content-Range",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
)
"""Named one by one: "*" does not cover requests with Authorization in every browser."""


def cross_origin(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Around everything else, so that refusals, 304 and 500 carry the headers too. Without cookies: there are none."""
    if not origins:
        return app
    return _CrossOrigin(
        app, allow_origins=origins, allow_methods=_METHODS, allow_headers=_SENT, expose_headers=_READ, max_age=3600
    )


_PARTS = {
    "origin": ("来源", "origin"),
    "method": ("方法", "method"),
    "headers": ("请求头", "headers"),
    "private-network": ("内部网络访问", "private network access"),
}
"""What Starlette finds fault with in a question, in its words and ours."""


class _CrossOrigin(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        return answer if answer.status_code == 200 else _Refusal(answer)


class _Refusal(Response):
    """The problem document in place of Starlette's plain text, with the headers of its answer."""

    def __init__(self, plain: Response) -> None:
        super().__init__(status_code=plain.status_code)
        faults = bytes(plain.body).decode().removeprefix("Disallowed CORS ").split(", ")
        zh, en = zip(*[_PARTS[fault] for fault in faults], strict=True)
        carried = {name: value for name, value in plain.headers.items() if name.startswith("access-control-")}
        carried["Vary"] = f"{plain.headers['vary']}, Accept-Language"
        self._error = AppError("cross_origin_refused", headers=carried, refused=("、".join(zh), ", ".join(en)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # It never comes as far as the application, so it is counted and logged here.
        await RequestContext(self._answer)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(Request(scope), self._error)(scope, receive, send)
