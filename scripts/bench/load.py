"""A small HTTP/1.1 load generator: fixed request, keep-alive connections, bounded in count and time, loopback only."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers a second and the 50th and 99th percentile of their time in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


class _Connection(asyncio.Protocol):
    """Sends the request again as soon as its answer is complete."""

    def __init__(self, request: bytes, expect: bytes, times: list[float], until: float) -> None:
        self.request, self.expect, self.times, self.until = request, expect, times, until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        now = time.perf_counter()
        self.buffer = b""
        if not head.startswith(self.expect):
            self.done.set_exception(RuntimeError(f"unexpected answer: {head[:200]!r} {body[:300]!r}"))
            self.transport.close()
            return
        self.times.append(now - self.sent)
        if now < self.until:
            self._send()
        else:
            self.transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def measure(port: int, request: bytes, seconds: float, expect: bytes = b"HTTP/1.1 200") -> Measured:
    times: list[float] = []
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(request, expect, times, started + seconds), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*[connection.done for _, connection in made])
    took = time.perf_counter() - started
    times.sort()
    return Measured(len(times) / took, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


def get(path: str, **headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *[f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]]
    return "\r\n".join([*lines, "", ""]).encode()
