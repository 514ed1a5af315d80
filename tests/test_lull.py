"""Work of the service's own gives way to what it is asked meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app import housekeeping


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds the process works in one pause after the other."""
    shares: list[float] = []
    clock = _clock(shares)
    monkeypatch.setattr(housekeeping, "process_time", lambda: next(clock))
    return shares


def _clock(shares: list[float]) -> Iterator[float]:
    at = 0.0
    while True:
        yield at
        at += shares.pop(0)
        yield at


async def _pauses(monkeypatch: pytest.MonkeyPatch, seconds: float) -> int:
    slept: list[float] = []

    async def sleep(for_seconds: float) -> None:
        slept.append(for_seconds)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        await housekeeping.lull(seconds)
    assert set(slept) == {seconds}
    return len(slept)


async def test_who_has_nothing_else_to_do_rests_as_long_as_it_worked(
    worked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked += [0.01]
    assert await _pauses(monkeypatch, 0.1) == 1


async def test_who_is_asked_for_much_waits_until_it_is_over(
    worked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked += [0.09, 0.05, 0.03, 0.019]
    assert await _pauses(monkeypatch, 0.1) == 4


async def test_but_not_for_ever(worked: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    worked += [0.1] * 100
    assert await _pauses(monkeypatch, 0.1) == 29
