"""Head and body of an answer leave together, and nothing waits longer than for what comes at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from app.whole_answers import WholeAnswers

_GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class _Transport(asyncio.Transport):
    """Tells what was written by one system call."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.sent.append(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def _start(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def _body(content: bytes | memoryview, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


def _asked(app: ASGIApp, request: bytes) -> tuple[_Transport, set[asyncio.Task[None]], WholeAnswers]:
    """What is written to, and what writes."""
    transport, state = _Transport(), ServerState()
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    protocol = WholeAnswers(config, state, {}, asyncio.get_running_loop())
    protocol.connection_made(transport)
    protocol.data_received(request)
    return transport, state.tasks, protocol


async def _answered(app: ASGIApp, request: bytes = _GET) -> _Transport:
    transport, tasks, _ = _asked(app, request)
    while tasks:
        await asyncio.wait(tasks)
    return transport


async def test_an_answer_is_sent_at_once() -> None:
    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(_start((b"content-length", b"5")))
        await send(_body(b"whole"))

    [sent] = (await _answered(app)).sent
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\nwhole")


async def test_two_requests_in_one_packet_get_two_answers_in_their_order() -> None:
    async def app(scope: Scope, _: Receive, send: Send) -> None:
        await send(_start((b"content-length", b"2")))
        await send(_body(scope["path"].encode()))

    sent = (await _answered(app, _GET.replace(b"/ ", b"/1 ", 1) + _GET.replace(b"/ ", b"/2 ", 1))).sent
    assert [each[-2:] for each in sent] == [b"/1", b"/2"]


async def test_a_stream_is_sent_as_it_comes() -> None:
    seen: list[int] = []
    first, second = asyncio.Event(), asyncio.Event()

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(_start((b"content-length", b"30")))
        await first.wait()
        await send(_body(b"one", more=True))
        await send(_body(memoryview(b"HTTP/1.1 is no head here"), more=True))
        await second.wait()
        await send(_body(b"end"))

    transport, tasks, _ = _asked(app, _GET)
    for event in (first, second):
        for _ in range(3):
            await asyncio.sleep(0)
        seen.append(len(transport.sent))
        event.set()
    await asyncio.wait(tasks)
    assert seen == [1, 3]
    assert transport.sent[1:] == [b"one", b"HTTP/1.1 is no head here", b"end"]


@pytest.mark.parametrize(
    ("request_line", "last"),
    [(_GET.replace(b"GET", b"HEAD"), b"\r\n\r\n"), (_GET.replace(b"Host", b"Connection: close\r\nHost"), b"bye")],
)
async def test_what_is_held_goes_before_the_connection_is_closed(request_line: bytes, last: bytes) -> None:
    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(_start((b"content-length", b"3"), (b"connection", b"close")))
        await send(_body(b"bye"))

    transport = await _answered(app, request_line)
    assert transport.closed
    assert b"".join(transport.sent).endswith(last)


async def test_nothing_is_sent_to_who_has_gone() -> None:
    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send(_start())
        protocol.connection_lost(ConnectionResetError())
        transport.close()

    transport, tasks, protocol = _asked(app, _GET)
    while tasks:
        await asyncio.wait(tasks)
    await asyncio.sleep(0)
    assert transport.sent == []
