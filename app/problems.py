"""Errors as RFC 9457 problem documents, in one place: ours, FastAPI's, the database's, and the unforeseen."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from app.db import to_json
from app.errors import PASSING, AppError, FieldError
from app.forms import prefers_english
from app.messages import CATALOGUE, FIELD_MESSAGES
from app.validation import field_errors

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("diaodu")

_HTTP_CODES = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "route_not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_content",
    503: "unavailable",
}
_RETRY = {"Retry-After": "1"}
_LATER = {"Retry-After": "30"}
"""What took too long will do so again unless less is asked for, or fewer ask."""
_BY_CONSTRAINT = {
    "ck_funding_records_received_within_approved": "received_exceeds_approved",
    "ck_funding_records_paid_within_received": "paid_exceeds_received",
    "ck_funding_records_allocated_within_received": "allocation_exceeds_received",
    "uq_funding_entries_corrects_id": "entry_already_corrected",
    "pk_report_photos": "photo_id_taken",
    "planned_by_baseline": "planned_by_baseline",
}
"""Constraints that stand for a rule with a name of its own; services mostly meet the rule first, with its figures."""


def wants_english(request: Request) -> bool:
    """Chinese unless the client prefers English: the first language it names decides."""
    return prefers_english(request.headers.get("accept-language", ""))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _fill(template: str, params: dict[str, Any], english: bool) -> str:
    chosen = {k: v[1 if english else 0] if isinstance(v, tuple) else v for k, v in params.items()}
    return template.format_map(_Lenient(chosen))


def _field(error: FieldError, english: bool) -> dict[str, str]:
    wording = FIELD_MESSAGES.get(error.code)
    if wording is not None:
        template = wording[1 if english else 0]
    else:
        message = CATALOGUE[error.code]
        template = message.detail_en if english else message.detail_zh
    return {"pointer": error.pointer, "code": error.code, "message": _fill(template, error.params, english)}


def described(request: Request, faults: Iterable[tuple[str, str, dict[str, Any]]]) -> list[dict[str, str]]:
    """Faults of something stored, (pointer, code, parameters), in the words of a problem's `errors`."""
    return [_field(FieldError(*fault), wants_english(request)) for fault in faults]


def wording(error: AppError, *, english: bool) -> str:
    """The problem in one line, for a terminal: what is wrong at which place, else the problem itself."""
    if error.errors:
        return "; ".join(f"{e['pointer']} {e['message']}" for e in (_field(e, english) for e in error.errors))
    message = CATALOGUE[error.code]
    return _fill(message.detail_en if english else message.detail_zh, error.params, english)


def _in_language(value: Any, english: bool) -> Any:
    """Wording inside extra members: every (Chinese, English) pair becomes one text."""
    if isinstance(value, tuple):
        return value[1 if english else 0]
    if isinstance(value, list):
        return [_in_language(item, english) for item in value]
    return {k: _in_language(v, english) for k, v in value.items()} if isinstance(value, dict) else value


def document(request: Request, error: AppError) -> dict[str, Any]:
    english = wants_english(request)
    message = CATALOGUE[error.code]
    params = {"count": len(error.errors), **error.params}
    return {
        "type": f"/problems/{error.code}",
        "title": message.title_en if english else message.title_zh,
        "status": message.status,
        "detail": _fill(message.detail_en if english else message.detail_zh, params, english),
        "code": error.code,
        "errors": [_field(e, english) for e in error.errors],
        "request_id": getattr(request.state, "request_id", ""),
        **_in_language(error.extra, english),
    }


def respond(request: Request, error: AppError) -> Response:
    status = CATALOGUE[error.code].status
    headers = {"Content-Language": "en" if wants_english(request) else "zh-CN", "Vary": "Accept-Language"}
    if status == 401:
        # RFC 6750: the code of the error only where a token was sent; it tells a client to get another one.
        sent = request.headers.get("authorization", "").lower().startswith("bearer ")
        refused = ', error="invalid_token"' if sent else ""
        headers["WWW-Authenticate"] = f'Bearer realm="diaodu"{refused}'
    headers |= error.headers
    return Response(to_json(document(request, error)), status, headers, MEDIA_TYPE)


_GONE = "is not present in table"
"""PostgreSQL's words for the other end of a reference; from one that speaks no English it stays a 409."""
_NOT_STORED = ("数据库存不下，如合计数过大", "the database cannot hold it, such as a sum that is too large")


def from_database(error: BaseException) -> AppError | None:
    """The problem behind a database error, by SQLSTATE and constraint name; None: a defect of ours."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, asyncpg.PostgresError):
        if isinstance(cause, (asyncpg.InterfaceError, asyncpg.exceptions.DataError, OverflowError)):
            break
        cause = cause.__cause__ or getattr(cause, "orig", None)
    if isinstance(cause, asyncpg.PostgresError):
        named = _BY_CONSTRAINT.get(getattr(cause, "constraint_name", None) or "")
        return AppError(named) if named else _from_sqlstate(cause)
    if isinstance(cause, (asyncpg.exceptions.DataError, OverflowError)):
        # asyncpg could not even send it: NUL in text, an integer too large, a date out of range.
        return AppError("invalid_content", errors=[FieldError("", "invalid_value", {"expected": _NOT_STORED})])
    if isinstance(error, (PoolTimeoutError, InterfaceError, asyncpg.InterfaceError, ConnectionError, TimeoutError)):
        return AppError("unavailable", headers=_RETRY)
    return None


def _from_sqlstate(cause: asyncpg.PostgresError) -> AppError | None:
    state = getattr(cause, "sqlstate", None) or ""
    constraint = getattr(cause, "constraint_name", None) or ""
    if state == "23505":
        return AppError("duplicate", extra={"constraint": constraint})
    if state == "23503":
        # Deleted since it was looked for: whoever asks again is told what is missing.
        gone = _GONE in (getattr(cause, "detail", None) or "")
        return AppError("unavailable", headers=_RETRY) if gone else AppError("still_referenced", constraint=constraint)
    if state in {"23502", "23514", "23P01"}:
        return AppError("invalid_content", errors=[FieldError("", "constraint", {"constraint": constraint})])
    if state.startswith("22") or state == "54000":
        return AppError("invalid_content", errors=[FieldError("", "invalid_value", {"expected": _NOT_STORED})])
    if state.startswith(("08", "53", "57")) or state in {"0A000", "40001", "40P01", "55P03", "25006"}:
        return (
            AppError("took_too_long", headers=_LATER) if state == "57014" else AppError("unavailable", headers=_RETRY)
        )
    return None


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return respond(request, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(e["type"] == "json_invalid" for e in errors):
        return respond(request, AppError("malformed_request"))
    return respond(request, AppError("invalid_content", errors=field_errors(request, errors, error.body)))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "malformed_request")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    return respond(request, AppError(code, headers=headers, resource="", permission=""))


def _allowed(request: Request) -> str:
    """The methods of all routes of the address; Starlette names those of the first."""
    here = (route for route in request.app.router.routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in here for method in getattr(route, "methods", None) or ()}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


async def _database_error(request: Request, error: Exception) -> Response:
    known = from_database(error)
    if known is None:
        return await _unforeseen(request, error)
    if known.code in PASSING:
        log.warning("the database cannot do it now; the client is told to try again", exc_info=error)
    return respond(request, known)


async def _gone(_: Request, __: Exception) -> Response:
    """Half a request came; nobody is there to read this, and no defect of ours is to be logged."""
    return Response(status_code=400)


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("unhandled error", exc_info=error, extra={"request_id": getattr(request.state, "request_id", "")})
    return respond(request, AppError("internal_error"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OverflowError):
        app.add_exception_handler(kind, _database_error)
    for lost in (ConnectionError, TimeoutError):
        app.add_exception_handler(lost, _database_error)
    app.add_exception_handler(Exception, _unforeseen)
