"""The drawing process as the server sees it: started when needed, ended when long idle, replaced when it dies."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections import OrderedDict
from pathlib import Path

import app
from app.errors import AppError
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
        self._seconds, self._idle_seconds = seconds, idle_seconds
        self._one_at_a_time = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._drawing: dict[bytes, asyncio.Task[bytes]] = {}

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

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
        await self._stop()

    async def _draw(self, key: bytes, line: bytes) -> bytes:
        try:
            async with self._one_at_a_time:
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
        """One picture from the process; from a new one when this one turns out to be dead."""
        self._cancel_idle()
        try:
            for _ in range(2):
                try:
                    async with asyncio.timeout(self._seconds):
                        picture = await self._exchange(line)
                except TimeoutError:
                    raise
                except (OSError, asyncio.IncompleteReadError):
                    await self._stop()
                    continue
                if not picture:
                    raise RuntimeError("a picture could not be drawn; the server's log says why")
                return picture
            raise AppError("unavailable", headers={"Retry-After": "5"})
        except (TimeoutError, asyncio.CancelledError) as stopped:
            # Its answer may still come, and would be taken for that to the next question.
            await self._stop()
            if isinstance(stopped, asyncio.CancelledError):
                raise
            raise AppError("unavailable", headers={"Retry-After": "5"}) from stopped
        finally:
            if self._process is not None:
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go)

    async def _exchange(self, line: bytes) -> bytes:
        process = self._process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + b"\n")
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(4), "big")
        return await process.stdout.readexactly(length)

    async def _start(self) -> asyncio.subprocess.Process:
        self._cache_folder.mkdir(parents=True, exist_ok=True)
        root = str(Path(app.__file__).parents[1])
        # Where it keeps its list of fonts; without a folder of its own it would look for one in the home directory.
        # Nothing of the service's own, such as the way into the database, is any business of it.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DIAODU_")}
        environment = inherited | {"PYTHONPATH": root, "MPLCONFIGDIR": str(self._cache_folder), "PYTHONUTF8": "1"}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.plots.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
        )  # fmt: skip

    def _cancel_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _let_go(self) -> None:
        """End of input ends it; what comes next starts another."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()

    async def _stop(self) -> None:
        self._cancel_idle()
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
