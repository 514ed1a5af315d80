"""A bad network between phones and the service: what is lost, doubled, late or torn apart is decided by the test.

It sees everything that reaches the service. Deliveries that were under way together are handed to the witness
together, for nobody can say which of them the service took first.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import httpx

Fault = Literal["none", "lost_request", "cut_request", "lost_answer", "twice", "at_once", "delayed"]
FAULTS: tuple[Fault, ...] = ("none", "lost_request", "cut_request", "lost_answer", "twice", "at_once", "delayed")
_WATCHED = (("POST", "/sync"), ("PUT", "/reports/"), ("PATCH", "/reports/"), ("POST", "/reports/"))


@dataclass(slots=True, eq=False)
class Delivery:
    """A write that reached the service, and its answer; None: it was killed before it gave one."""

    user: str
    method: str
    path: str
    body: Any
    if_match: str | None
    answer: httpx.Response | None = None


class Network:
    def __init__(self, inner: httpx.AsyncBaseTransport, witness: Callable[[list[Delivery]], Awaitable[None]]) -> None:
        self.inner, self.witness = inner, witness
        self.faults: deque[Fault] = deque()
        """Of the coming requests, in their order; then all goes well."""
        self.late: list[tuple[str, httpx.Request]] = []
        """Given up by who sent them, still on their way."""
        self.counts: dict[str, int] = {}
        self._under_way = 0
        self._group: list[Delivery] = []

    def client(self, user: str, headers: dict[str, str], base_url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=_Line(self, user), base_url=base_url, headers=headers, timeout=60)

    async def send(self, user: str, request: httpx.Request) -> httpx.Response:
        await request.aread()
        fault = self.faults.popleft() if self.faults else "none"
        self.counts[fault] = self.counts.get(fault, 0) + 1
        if fault == "lost_request":
            raise httpx.ConnectError("lost", request=request)
        if fault == "delayed":
            self.late.append((user, request))
            raise httpx.ReadTimeout("late", request=request)
        if fault == "cut_request":
            await self._tear(request)
            raise httpx.WriteError("torn apart", request=request)
        if fault == "at_once":
            answer, _ = await asyncio.gather(self.deliver(user, request), self.deliver(user, _again(request)))
            return answer
        answer = await self.deliver(user, request)
        if fault == "twice":
            answer = await self.deliver(user, _again(request))
        if fault == "lost_answer":
            raise httpx.ReadError("lost", request=request)
        return answer

    async def bring_late(self, number: int) -> None:
        """One of those on their way arrives; nobody waits for its answer."""
        user, request = self.late.pop(number % len(self.late))
        await self.deliver(user, request)

    async def deliver(self, user: str, request: httpx.Request) -> httpx.Response:
        delivery = _delivery(user, request)
        self._under_way += 1
        try:
            answer = await self.inner.handle_async_request(request)
            await answer.aread()
            delivery.answer = answer
            return answer
        finally:
            self._under_way -= 1
            if _is_watched(delivery):
                self._group.append(delivery)
            if not self._under_way:
                group, self._group = self._group, []
                if group:
                    await self.witness(group)

    async def _tear(self, request: httpx.Request) -> None:
        """Some of the request arrives, then the connection is gone; nothing may come of it but bytes of a photo."""
        content = request.content

        async def half() -> Any:
            yield content[: len(content) // 2]
            raise httpx.WriteError("torn apart", request=request)

        torn = httpx.Request(request.method, request.url, headers=request.headers, content=half())
        with suppress(httpx.TransportError):
            await self.inner.handle_async_request(torn)


class _Line(httpx.AsyncBaseTransport):
    def __init__(self, network: Network, user: str) -> None:
        self.network, self.user = network, user

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.network.send(self.user, request)


class InProcess(httpx.AsyncBaseTransport):
    """The application without a socket; a body that breaks off ends in a disconnect, as a server would tell it."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.whole = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if isinstance(request.stream, httpx.ByteStream):
            return await self.whole.handle_async_request(request)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        pieces: list[Any] = []
        with suppress(httpx.WriteError):
            async for piece in request.stream:
                pieces.append({"type": "http.request", "body": piece, "more_body": True})  # noqa: PERF401  # it breaks off
        pieces.append({"type": "http.disconnect"})

        async def receive() -> Any:
            return pieces.pop(0) if len(pieces) > 1 else pieces[0]

        async def send(_: Any) -> None:
            """To nobody."""

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
            "headers": [(k.lower(), v) for k, v in request.headers.raw], "scheme": "http", "path": request.url.path,
            "raw_path": request.url.raw_path, "query_string": request.url.query, "server": ("test", None),
            "client": ("127.0.0.1", 123), "root_path": "",
        }  # fmt: skip
        await self.app(scope, receive, send)
        raise httpx.WriteError("torn apart", request=request)


def _delivery(user: str, request: httpx.Request) -> Delivery:
    is_json = request.headers.get("content-type", "").startswith("application/json")
    body = json.loads(request.content) if is_json else None
    path = request.url.path.removeprefix("/api/v1")
    return Delivery(user, request.method, path, body, request.headers.get("if-match"))


def _is_watched(delivery: Delivery) -> bool:
    return any(delivery.method == method and delivery.path.startswith(path) for method, path in _WATCHED)


def _again(request: httpx.Request) -> httpx.Request:
    return httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
