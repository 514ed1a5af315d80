"""If-None-Match answered before routing, parsing and dependencies: polling costs one look at the version.

Anything but "you may see it, and it is what you have" goes on to the route, which decides and words it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import asyncpg
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import AppError
from app.listing import Resource, etag, unchanged
from app.routing import authenticate, headers_of

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
            if found is not None and len(last) == _UUID_LENGTH and not scope["query_string"]:
                version = await self._current(scope, found[1], last)
                if version is not None:
                    scope["state"]["route"] = found[0]
                    headers = [(b"etag", etag(version).encode())]
                    await send({"type": "http.response.start", "status": 304, "headers": headers})
                    await send({"type": "http.response.body", "body": b""})
                    return
        await self.app(scope, receive, send)

    async def _current(self, scope: Scope, resource: Resource, key: str) -> int | None:
        """The version, when it is the one the client has."""
        asked = headers_of(scope).get(b"if-none-match")
        if asked is None:
            return None
        try:
            actor = await authenticate(scope)
            return await unchanged(scope["app"].state.db, resource, actor, uuid.UUID(key), asked.decode("latin-1"))
        except (AppError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return None
