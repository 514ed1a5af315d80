"""Rate limits kept in memory: the generic cell rate algorithm, one number per key.

For each key we keep the moment its allowance is full again. A request pushes that moment one interval (60 s / rate)
further; it is refused when the moment would lie more than `burst` intervals ahead. This is a token bucket of `burst`
tokens refilled evenly, without a timer.

Each process counts for itself: behind N workers a client gets up to N times the rate. A limit that must hold exactly,
like the lockout after wrong passwords, belongs in the database.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import NamedTuple

_NANOSECONDS = 1_000_000_000
_INTERVAL = 60 * _NANOSECONDS  # one interval in ticks of 1/rate ns: whole numbers, so nothing is lost to rounding


class Decision(NamedTuple):
    """For the RateLimit headers. `limit`: requests a full allowance holds; `remaining`: of them now; `reset_seconds`:
    until it is full again; `retry_after`: until the next request is allowed, 0 when it is. Seconds rounded up."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    retry_after: int


class RateLimiter:
    """`rate_per_minute` requests a minute per key, `burst` of them at once. Safe to share between threads.

    At most `max_keys` keys are remembered; beyond that the one unseen for longest starts afresh. Use keys an attacker
    cannot invent at will (user id, address), and separate limiters for addresses and users.
    """

    def __init__(self, rate_per_minute: int, burst: int, *, max_keys: int = 10_000) -> None:
        if rate_per_minute < 1 or burst < 1 or max_keys < 1:
            raise ValueError("rate, burst and number of keys are at least 1")
        self._rate = rate_per_minute
        self._burst = burst
        self._max_keys = max_keys
        self._full_at: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = Lock()

    def check(self, key: Hashable, now_monotonic: float) -> Decision:
        """Count a request of `key` at `now_monotonic` (seconds as time.monotonic() gives); a refused one is free."""
        now = int(now_monotonic * _NANOSECONDS) * self._rate
        with self._lock:
            full_at = max(self._full_at.get(key, now), now)
            allowed = full_at + _INTERVAL <= now + self._burst * _INTERVAL
            if allowed:
                full_at += _INTERVAL
            self._full_at[key] = full_at
            self._full_at.move_to_end(key)
            if len(self._full_at) > self._max_keys:
                self._full_at.popitem(last=False)
        used = full_at - now
        return Decision(
            allowed=allowed,
            limit=self._burst,
            remaining=(self._burst * _INTERVAL - used) // _INTERVAL,
            reset_seconds=self._seconds(used),
            retry_after=0 if allowed else self._seconds(used + _INTERVAL - self._burst * _INTERVAL),
        )

    def _seconds(self, ticks: int) -> int:
        return -(-ticks // (self._rate * _NANOSECONDS))
