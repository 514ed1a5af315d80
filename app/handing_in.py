"""`PUT /reports/{report_id}` answered before routing and without a transaction of its own, when it is a new report.

Most writes of a Friday evening are these. Anything but "it is new, it is right and it is stored" goes on to the route,
which decides and words it: whatever is answered there is answered as if this were not here.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import AppError
from app.json_bodies import check_depth, read
from app.listing import MEDIA_TYPE, etag
from app.problems import respond
from app.routing import authenticate, headers_of
from app.schemas.base import NewId
from app.schemas.reports import ReportIn
from app.services.report_intake import desk_of

_PLACE = "/api/v1/reports/"
_ROUTE = _PLACE + "{report_id}"
_LENGTH = len(_PLACE) + 36
_MOST_BYTES = 64 * 1024
_ID: TypeAdapter[UUID] = TypeAdapter(NewId)
_NEW = [(b"content-type", MEDIA_TYPE.encode()), (b"etag", etag(1).encode())]


class _Sent(NamedTuple):
    report_id: UUID
    body: ReportIn


class HandingIn:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_one(scope):
            await self.app(scope, receive, send)
            return
        messages = await _whole(receive)
        try:
            report = await _taken(scope, messages)
        except AppError as error:  # of who it is: the route would say the same
            scope["state"]["route"] = _ROUTE
            await respond(Request(scope), error)(scope, receive, send)
            return
        if report is None:
            await self.app(scope, _again(messages, receive), send)
            return
        scope["state"]["route"] = _ROUTE
        headers = [
            *_NEW,
            (b"content-length", b"%d" % len(report)),
            (b"location", scope["path"].lower().encode()),
        ]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": report})


def _may_be_one(scope: Scope) -> bool:
    """By its first line and headers: a JSON body of a size known beforehand."""
    if scope["type"] != "http" or scope["method"] != "PUT" or scope["query_string"]:
        return False
    path: str = scope["path"]
    if len(path) != _LENGTH or not path.startswith(_PLACE):
        return False
    headers = headers_of(scope)
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = headers.get(b"content-length", b"")
    return media == b"application/json" and length.isdigit() and len(length) < 8 and int(length) <= _MOST_BYTES


async def _whole(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """What was received already, and then whatever comes."""
    waiting = iter(messages)

    async def next_message() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return next_message


async def _taken(scope: Scope, messages: list[Message]) -> bytes | None:
    """The stored report; None when this is not for us. Errors: those of authentication."""
    said = _json(messages)
    if said is None:
        return None
    actor = await authenticate(scope)
    sent = _read(scope["path"], said)
    if sent is None:
        return None
    state = scope["app"].state
    try:
        desk = desk_of(state.db)
        return await desk.take(sent.report_id, sent.body, actor, state.clock(), scope["state"]["request_id"])
    except (AppError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError, TypeError):
        # Whether it was stored or not: the route finds out, and says what went wrong if it does so again.
        return None


def _json(messages: list[Message]) -> object:
    """None: no JSON, not all of it, or too deep."""
    body = b"".join(message.get("body", b"") for message in messages)
    try:
        check_depth(body)
        return read(body)
    except (AppError, ValueError, RecursionError):
        return None


def _read(path: str, said: object) -> _Sent | None:
    try:
        return _Sent(_ID.validate_python(path.removeprefix(_PLACE)), ReportIn.model_validate(said))
    except ValueError:
        return None
