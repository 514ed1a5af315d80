"""Answers that leave in one piece: the head waits for what follows it.

uvicorn writes head and body by themselves, and a transport sends at once what is written: two packets and two system
calls an answer, where one does, and whoever waits for it is woken twice.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WholeAnswers(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._held = _Held(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", self._held))

    def connection_lost(self, exc: Exception | None) -> None:
        self._held.forget()
        super().connection_lost(exc)


class _Held:
    """The transport, but for a head it holds: until more is written, or until the loop's next turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            # Only ever one: whoever writes much is told to wait by the transport itself.
            head, self._head = self._head, b""
            self._transport.writelines([head, data])
        elif data[:7] == b"HTTP/1.":
            self._head = data
            self._loop.call_soon(self._let_go)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._let_go()
        self._transport.close()

    def forget(self) -> None:
        """There is nobody to send it to."""
        self._head = b""

    def _let_go(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)
