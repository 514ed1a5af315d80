"""Versions asked for together: fresh, each their own, and nobody pays for another's leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.reading import AnySelect, Prepared
from app.versions import Versions


class Table:
    """Answers queries one at a time, when told to, with what it holds at that moment."""

    def __init__(self, **versions: int) -> None:
        self.versions = versions
        self.asked: list[list[str]] = []
        self.gates: list[asyncio.Event] = []
        self.fails = False

    async def rows(self, _: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        held = dict(self.versions)
        gate = asyncio.Event()
        self.asked.append(sorted(values["keys"]))
        self.gates.append(gate)
        await gate.wait()
        if self.fails:
            raise ConnectionError("lost")
        return [{"key": key, "version": held[key]} for key in values["keys"] if key in held]


def _statement() -> AnySelect:
    key = literal_column("key", Integer)
    keys: Any = bindparam("keys", None, ARRAY(Integer))
    return select(key, literal_column("version", Integer)).where(key == func.any(keys))


def ask(versions: Versions, key: str, **values: str) -> asyncio.Task[int | None]:
    return asyncio.create_task(versions.of("test", values, _statement, key))


async def turns(table: Table, queries: int) -> None:
    """Until that many queries have begun."""
    for _ in range(100):
        if len(table.asked) >= queries:
            return
        await asyncio.sleep(0)
    raise AssertionError(table.asked)


async def test_who_comes_while_a_query_runs_shares_the_next_one() -> None:
    table = Table(a=1, b=5)
    versions = Versions(table.rows)
    first = ask(versions, "a")
    await turns(table, 1)
    later = [ask(versions, key) for key in ("a", "b", "b", "none")]
    await asyncio.sleep(0)
    # What changes now is nothing the running query knows of; who asks after it must hear of it.
    table.versions["a"] = 2
    table.gates[0].set()
    assert await first == 1
    await turns(table, 2)
    table.gates[1].set()
    assert await asyncio.gather(*later) == [2, 5, 5, None]
    assert table.asked == [["a"], ["a", "b", "none"]]


async def test_other_reach_is_another_question() -> None:
    table = Table(a=1)
    versions = Versions(table.rows)
    both = [ask(versions, "a", region="990101"), ask(versions, "a", region="990102")]
    await turns(table, 2)
    for gate in table.gates:
        gate.set()
    assert await asyncio.gather(*both) == [1, 1]


async def test_a_client_that_goes_away_takes_nobody_along() -> None:
    table = Table(a=1)
    versions = Versions(table.rows)
    gone, stays = ask(versions, "a"), ask(versions, "a")
    await turns(table, 1)
    gone.cancel()
    table.gates[0].set()
    assert await stays == 1
    assert gone.cancelled()


async def test_a_failed_query_is_told_to_all_and_ends_there() -> None:
    table = Table(a=1)
    table.fails = True
    versions = Versions(table.rows)
    both = [ask(versions, "a"), ask(versions, "a")]
    await turns(table, 1)
    table.gates[0].set()
    for answer in both:
        with pytest.raises(ConnectionError):
            await answer
    table.fails = False
    again = ask(versions, "a")
    await turns(table, 2)
    table.gates[1].set()
    assert await again == 1
