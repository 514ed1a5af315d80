"""If-None-Match answered before routing, parsing and dependencies: polling costs one look at the version.

Anything but "you may see it, and it is what you have" goes on to the route, which decides and words it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import asyncpg
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import AppError
from app.listing import Resource, unchanged
from app.routing import authenticate

_UUID_LENGTH = 36


class Conditional:
    """`resources` by the path of their GET, e.g. "/api/v1/projects/{project_id}"; ids are UUIDs."""

    def __init__(self, app: ASGIApp, resources: Mapping[str, Resource]) -> None:
        self.app = app
        self.resources = {path.rpartition("/")[0]: (path, resource) for path, resource in resources.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            prefix, _, last = scope["path"].rpartition("/")
            found = self.resources.get(prefix)
            if found is not None and len(last) == _UUID_LENGTH:
                response = await self._not_modified(scope, receive, found[1], last)
                if response is not None:
                    scope["state"]["route"] = found[0]
                    await response(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _not_modified(self, scope: Scope, receive: Receive, resource: Resource, key: str) -> Response | None:
        asked = Headers(scope=scope).get("if-none-match")
        if asked is None:
            return None
        request = Request(scope, receive)
        try:
            actor = await authenticate(request)
            return await unchanged(request, resource, actor, uuid.UUID(key), asked)
        except (AppError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return None
