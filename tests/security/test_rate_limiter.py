"""The rate limiter against a slow bucket that is computed in exact fractions, one drop at a time."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security.ratelimit import Decision, RateLimiter


class Bucket:
    """`burst` tokens at first, refilled evenly; a request takes a whole one or is refused."""

    def __init__(self, rate_per_minute: int, burst: int) -> None:
        self.per_second = Fraction(rate_per_minute, 60)
        self.burst = burst
        self.level = Fraction(burst)
        self.at = Fraction(0)

    def check(self, now: Fraction) -> Decision:
        self.level = min(Fraction(self.burst), self.level + (now - self.at) * self.per_second)
        self.at = now
        allowed = self.level >= 1
        if allowed:
            self.level -= 1
        wait = 0 if allowed else math.ceil((1 - self.level) / self.per_second)
        full = math.ceil((self.burst - self.level) / self.per_second)
        return Decision(allowed, self.burst, math.floor(self.level), full, wait)


STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 512 * 20) | st.integers(0, 3)), max_size=80)


@given(st.integers(1, 1000), st.integers(1, 20), STEPS)
def test_it_decides_like_the_bucket(rate: int, burst: int, steps: list[tuple[str, int]]) -> None:
    limiter = RateLimiter(rate, burst)
    buckets = {key: Bucket(rate, burst) for key in "ab"}
    ticks = 512 * 1000  # in 512ths of a second: exact both as a float and in nanoseconds
    for key, step in steps:
        ticks += step
        assert limiter.check(key, ticks / 512) == buckets[key].check(Fraction(ticks, 512))


def test_a_story() -> None:
    limiter = RateLimiter(60, 3)
    seen = [limiter.check("a", 100.0) for _ in range(4)]
    assert [d.allowed for d in seen] == [True, True, True, False]
    assert [d.remaining for d in seen] == [2, 1, 0, 0]
    assert seen[3] == Decision(allowed=False, limit=3, remaining=0, reset_seconds=3, retry_after=1)
    assert limiter.check("b", 100.0).allowed, "another key has its own allowance"
    assert not limiter.check("a", 100.99).allowed
    assert limiter.check("a", 101.0).allowed
    assert limiter.check("a", 200.0).remaining == 2, "an allowance never grows beyond the burst"


def test_waiting_as_told_is_always_enough() -> None:
    limiter = RateLimiter(7, 2)
    now = 0.0
    for _ in range(50):
        decision = limiter.check("a", now)
        now += decision.retry_after
        assert decision.allowed or limiter.check("a", now).allowed


def test_refused_requests_do_not_lengthen_the_wait() -> None:
    limiter = RateLimiter(60, 1)
    limiter.check("a", 0.0)
    for _ in range(1000):
        assert limiter.check("a", 0.5).retry_after == 1
    assert limiter.check("a", 1.0).allowed


def test_memory_is_bounded_and_the_longest_unseen_goes_first() -> None:
    limiter = RateLimiter(1, 1, max_keys=3)
    for key in "abc":
        limiter.check(key, 0.0)
    assert not limiter.check("a", 0.0).allowed, "seen again, so b is now the longest unseen"
    limiter.check("d", 0.0)
    assert len(limiter._full_at) == 3
    assert not limiter.check("a", 0.0).allowed
    assert limiter.check("b", 0.0).allowed


@pytest.mark.parametrize(("rate", "burst", "keys"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_limits_that_allow_nothing_are_refused(rate: int, burst: int, keys: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RateLimiter(rate, burst, max_keys=keys)
