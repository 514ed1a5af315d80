"""Passwords hashed with Argon2id on a few threads of their own, so that logins never stop the event loop.

Parameters follow the OWASP Password Storage Cheat Sheet (Argon2id, 19 MiB, 2 passes, 1 lane): about 30 ms each. The
memory in use is at most workers x 19 MiB, and no more callers than `max_waiting` queue up behind the workers.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from app.security.password_policy import check_policy, is_hashable, normalise

__all__ = ["Argon2Cost", "Busy", "PasswordHasherPool", "check_policy"]

_Result = TypeVar("_Result")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one hash costs: `memory_kib` KiB of memory passed over `passes` times in `lanes` lanes."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


class Busy(Exception):
    """More passwords wait than the machine can check in reasonable time; try again in `retry_after` seconds (503)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many passwords to check, retry after {retry_after} s")
        self.retry_after = retry_after


class PasswordHasherPool:
    """Hashes and verifies on `workers` threads. Make it once per process and `close` it at the end."""

    def __init__(
        self, *, workers: int = 2, max_waiting: int = 32, cost: Argon2Cost | None = None, retry_after: int = 2
    ) -> None:
        cost = cost or Argon2Cost()
        self._hasher = argon2.PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=argon2.Type.ID
        )
        # Nobody's password: what an unknown account is checked against, at the price of a known one.
        self._dummy = self._hasher.hash(secrets.token_bytes(32))
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._free = workers + max_waiting
        self._retry_after = retry_after
        self._lock = Lock()

    async def hash(self, password: str) -> str:
        """PHC string to store. Busy when too many wait; ValueError for what `check_policy` would have refused."""
        if not is_hashable(password):
            raise ValueError("a password that cannot be hashed must be refused by the policy first")
        return await self._run(lambda: self._hasher.hash(normalise(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one hashed in `stored`. Busy when too many wait.

        None (no such account, or one without a password) is always False, and takes as long as a wrong password.
        """
        if stored is None or not is_hashable(password):
            return await self._run(self._fail)
        return await self._run(lambda: self._matches(stored, normalise(password)))

    def needs_rehash(self, stored: str) -> bool:
        """True when `stored` was made at another cost: hash again while the right password is at hand."""
        try:
            return self._hasher.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Wait for the hashes being computed; those still queued are cancelled."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerificationError:
            return False
        except InvalidHashError:
            _logger.warning("a stored password hash is not an Argon2 hash; its account cannot log in")
            return self._fail()

    def _fail(self) -> bool:
        """False, after the time a wrong password takes."""
        with suppress(VerificationError):
            self._hasher.verify(self._dummy, "")
        return False

    async def _run(self, job: Callable[[], _Result]) -> _Result:
        with self._lock:
            if self._free == 0:
                raise Busy(self._retry_after)
            self._free -= 1
        try:
            future = self._executor.submit(job)
        except RuntimeError:  # closed
            self._release(None)
            raise
        # Freed when the thread is done, not when the caller gives up: a running hash cannot be interrupted.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _release(self, _: Future[_Result] | None) -> None:
        with self._lock:
            self._free += 1
