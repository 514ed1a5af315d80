"""Questions that come together are asked together; of two with one key the later sees what the earlier did."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from app.gathering import Gathering


async def test_what_comes_meanwhile_is_asked_together() -> None:
    turns: list[list[str]] = []

    async def answer(questions: Mapping[str, int]) -> dict[str, int]:
        turns.append(list(questions))
        await asyncio.sleep(0)
        return {key: question * 10 for key, question in questions.items() if key != "none"}

    asked: Gathering[str, int, int] = Gathering(answer)
    found = await asyncio.gather(*[asked.ask(key, n) for n, key in enumerate(("a", "b", "a", "none", "c"))])
    assert found == [0, 10, 20, None, 40]
    assert turns == [["a", "b", "none", "c"], ["a"]]
    assert await asked.ask("d", 5) == 50


async def test_a_failure_is_told_to_its_turn_only_and_a_client_gone_takes_nobody_along() -> None:
    going = asyncio.Event()

    async def answer(questions: Mapping[str, int]) -> Mapping[str, int]:
        await going.wait()
        if "bad" in questions:
            raise ValueError("bad")
        return questions

    asked: Gathering[str, int, int] = Gathering(answer)
    first = [asyncio.ensure_future(asked.ask(key, 1)) for key in ("bad", "beside")]
    gone, kept = asyncio.ensure_future(asked.ask("bad", 2)), None
    await asyncio.sleep(0)
    gone.cancel()
    going.set()
    for one in first:
        with pytest.raises(ValueError, match="bad"):
            await one
    kept = asyncio.ensure_future(asked.ask("later", 3))
    assert await kept == 3
