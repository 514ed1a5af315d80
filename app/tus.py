"""The envelope of tus 1.0 around everything under /uploads: its version in every answer, PATCH and DELETE by POST."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "termination", "expiration")
BYTES = "application/offset+octet-stream"
MOST = 64 * 1024**2
"""Bytes of a request, and of a file whatever the settings say: it is read whole before it is decoded."""
PREFIX = "/api/v1/uploads"
_OVERRIDING = {"PATCH": "PATCH", "DELETE": "DELETE", "HEAD": "GET"}
"""A HEAD is a GET whose content is not sent, here as everywhere; this one has none."""


class TusEnvelope:
    """A POST with X-HTTP-Method-Override is taken as the method it names: some networks let nothing else through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_upload(scope["path"]):
            await self.app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get("x-http-method-override", "").upper()
        if scope["method"] == "POST" and wanted in _OVERRIDING:
            scope["method"] = _OVERRIDING[wanted]

        async def in_envelope(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"tus-resumable", VERSION.encode())]
            await send(message)

        await self.app(scope, receive, in_envelope)


def _is_upload(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")
