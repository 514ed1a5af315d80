"""The drawing process as the server sees it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from pathlib import Path

from app.errors import AppError
from app.own_process import Died, OwnProcess
from app.plots.model import Chart, encode

_KEPT_BYTES = 16 * 1024 * 1024
_WAITING_AT_MOST = 20
_SECONDS = 30.0
_IDLE_SECONDS = 600.0


class Charts:
    """Draws pictures in a process of its own: the library is no matter for threads, and heavy to load.

    Pictures already drawn are kept by what they show, the least recently asked going first.
    """

    def __init__(self, cache_folder: Path, *, seconds: float = _SECONDS, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._cache_folder = cache_folder
        # Where it keeps its list of fonts; without a folder of its own it would look for one in the home directory.
        environment = {"MPLCONFIGDIR": str(cache_folder)}
        self._process = OwnProcess("app.plots.worker", environment, seconds=seconds, idle_seconds=idle_seconds)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._drawing: dict[bytes, asyncio.Task[bytes]] = {}

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def draw(self, chart: Chart) -> bytes:
        """The picture as SVG. Errors: 503 `unavailable` when too many wait, or it cannot be drawn in time."""
        line = encode(chart)
        key = hashlib.blake2b(line, digest_size=16).digest()
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        drawing = self._drawing.get(key)
        if drawing is None:
            if len(self._drawing) >= _WAITING_AT_MOST:
                raise AppError("unavailable", headers={"Retry-After": "5"})
            drawing = self._drawing[key] = asyncio.create_task(self._draw(key, line))
        return await asyncio.shield(drawing)

    async def close(self) -> None:
        for drawing in list(self._drawing.values()):
            drawing.cancel()
        await asyncio.gather(*self._drawing.values(), return_exceptions=True)
        await self._process.close()

    async def _draw(self, key: bytes, line: bytes) -> bytes:
        try:
            picture = await self._ask(line)
            self._keep(key, picture)
            return picture
        finally:
            del self._drawing[key]

    def _keep(self, key: bytes, picture: bytes) -> None:
        self._kept[key] = picture
        self._kept_bytes += len(picture)
        while self._kept_bytes > _KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= len(dropped)

    async def _ask(self, line: bytes) -> bytes:
        self._cache_folder.mkdir(parents=True, exist_ok=True)
        try:
            picture = await self._process.ask(line + b"\n")
        except (TimeoutError, Died) as failed:
            raise AppError("unavailable", headers={"Retry-After": "5"}) from failed
        if not picture:
            raise RuntimeError("a picture could not be drawn; the server's log says why")
        return picture
