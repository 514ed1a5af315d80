"""ETags of statistics, before routing: a poll of unchanged figures costs one index lookup and ends here with a 304.

The ETag is taken before the figures are worked out, so it can only be older than they are, never newer. It is weak:
figures written in between may make two answers of one ETag differ, and the next poll then gets the newer ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs

import asyncpg
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app
from app import forms
from app.access import Actor
from app.data_versions import Regions, covering
from app.errors import AppError
from app.listing import matches
from app.problems import respond
from app.routing import authenticate, headers_of
from app.uow import SHANGHAI

Reads = Literal["region", "reach", "all"]
"""What figures are of: the actor's reach within the parameter `region`, all of the reach, or the whole country."""

BY_THE_MINUTE = frozenset({"/api/v1/statistics/reporting", "/api/v1/leader-cards"})
"""What turns within the day: at the minute reports are due."""

_CACHED = [(b"cache-control", b"private, no-cache"), (b"vary", forms.VARY.encode())]


class StatisticsEtags:
    """`tables` are the paths of statistics without extension, e.g. "/api/v1/statistics/projects"."""

    def __init__(self, app: ASGIApp, tables: Mapping[str, Reads]) -> None:
        self.app = app
        self.tables = tables

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        path, extension = forms.split(scope["path"])
        reads = self.tables.get(path)
        if reads is None:
            await self.app(scope, receive, send)
            return
        headers = headers_of(scope)
        form = scope["state"]["form"] = forms.wanted(extension, headers.get(b"accept", b"").decode("latin-1"))
        try:
            actor = await authenticate(scope)
        except AppError as refusal:
            scope["state"]["route"] = path
            await respond(Request(scope), refusal)(scope, receive, send)
            return
        moment = _minute(scope, path)
        name = await _name(scope, headers, actor, reads, f"{path} {form} {moment}")
        if name is None:
            await self.app(scope, receive, send)
            return
        tag = (b"etag", f'W/"{name}"'.encode())
        asked = headers.get(b"if-none-match")
        # "*" names no answer that was given before; whether there is one to give, the route knows.
        if asked is not None and asked.strip() != b"*" and matches(asked.decode("latin-1"), name):
            scope["state"]["route"] = path + (".{format}" if extension else "")
            await send({"type": "http.response.start", "status": 304, "headers": [tag, *_CACHED]})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"] = [*message["headers"], tag, *_CACHED]
            await send(message)

        await self.app(scope, receive, send_tagged)


def _minute(scope: Scope, path: str) -> str:
    """The minute, where figures follow it. Who reports at the very moment is in time, so a minute begins after it."""
    if path not in BY_THE_MINUTE:
        return ""
    return f"{scope['app'].state.clock() - timedelta(microseconds=1):%Y-%m-%dT%H:%M}"


async def _name(scope: Scope, headers: Mapping[bytes, bytes], actor: Actor, reads: Reads, what: str) -> str | None:
    """The ETag's content: all that the answer depends on. None when the database does not say."""
    state = scope["app"].state
    question = (what, scope["query_string"], headers.get(b"accept-language", b""))
    # A wall screen asks the same question again within the half second that its actor is remembered.
    found = actor.asked.get(question)
    if found is None:
        found = actor.asked[question] = (_regions(actor, reads, question[1]), _worded(actor, *question))
    regions, digest = found
    try:
        marks = await state.data_versions.state(regions)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return None
    digest = digest.copy()
    digest.update(f"{marks}\n{state.clock().astimezone(SHANGHAI).date()}".encode())
    return str(digest.hexdigest())


def _worded(actor: Actor, what: str, query: bytes, language: bytes) -> Any:
    """All of the ETag's content that is the question's own, taken up by a hash that can go on."""
    parts = (
        what,
        query.decode("latin-1"),
        str(forms.prefers_english(language.decode("latin-1"))),
        # Two accounts of one reach would get the same, but are never asked by one client.
        repr((actor.id, sorted(map(repr, actor.grants)), sorted(actor.narrowed_to or ()), actor.narrowed_to is None)),
        code_version(),
    )
    return hashlib.blake2b("\n".join((*parts, "")).encode(), digest_size=15)


def _regions(actor: Actor, reads: Reads, query: bytes) -> Regions:
    if reads == "all":
        return covering([""])
    reach = [grant.region_code for grant in actor.grants]
    asked = parse_qs(query.decode("latin-1")).get("region", []) if reads == "region" and query else []
    if not asked:
        return covering(reach)
    (first, *more) = asked
    if more or not (first.isascii() and first.isdecimal()):
        return covering([""])
    # A region outside the reach has no figures to show, but has a name.
    return covering(code if code.startswith(first) else first for code in reach)


@cache
def code_version() -> str:
    """Of the program: another one may answer otherwise. The same on every replica."""
    digest = hashlib.blake2b(digest_size=15)
    for package in ("matplotlib", "xlsxwriter"):
        digest.update(version(package).encode())
    for file in sorted(Path(app.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
