"""A module in a process of its own, asked one thing at a time: started when needed, ended when long idle, replaced
when it dies.

For libraries that are heavy to load, no matter for threads, or fed by strangers. It reads questions from its input and
answers each with four bytes of length and the answer; it ends when its input ends, however that comes about.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import app


class Died(Exception):
    """The process died over the question, and so did the one that took its place."""


class OwnProcess:
    """`ask` raises TimeoutError when no answer comes in `seconds`; the process is then ended with whatever it does."""

    def __init__(
        self, module: str, environment: Mapping[str, str], *, seconds: float, idle_seconds: float = 600.0
    ) -> None:
        self._module = module
        self._environment = environment
        self._seconds, self._idle_seconds = seconds, idle_seconds
        self._one_at_a_time = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def ask(self, question: bytes) -> bytes:
        async with self._one_at_a_time:
            self._cancel_idle()
            try:
                return await self._ask(question)
            except (TimeoutError, asyncio.CancelledError):
                # Its answer may still come, and would be taken for that to the next question.
                await self.close()
                raise
            finally:
                if self._process is not None:
                    self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._let_go)

    async def close(self) -> None:
        self._cancel_idle()
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def _ask(self, question: bytes) -> bytes:
        for _ in range(2):
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._exchange(question)
            except TimeoutError:
                raise
            except (OSError, asyncio.IncompleteReadError):
                await self.close()
        raise Died

    async def _exchange(self, question: bytes) -> bytes:
        process = self._process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(question)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(4), "big")
        return await process.stdout.readexactly(length)

    async def _start(self) -> asyncio.subprocess.Process:
        root = str(Path(app.__file__).parents[1])
        # Nothing of the service's own, such as the way into the database, is any business of it.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DIAODU_", "AWS_"))}
        environment = inherited | {"PYTHONPATH": root, "PYTHONUTF8": "1"} | dict(self._environment)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module,
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
