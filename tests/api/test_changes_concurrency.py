"""The change feed misses nothing, and gives nothing twice, whatever order transactions commit in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.world import COUNTY_A, Client, World

INSERT = (
    "INSERT INTO changes (at, resource, resource_id, action, region_code, diff)"
    " VALUES (now(), 'department', $1, 'created', $2, '{}')"
)


class Reader:
    """A client that keeps its cursor and remembers all it was given."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cursor: str | None = None
        self.seen: list[str] = []

    async def poll(self, limit: int = 100) -> None:
        more = True
        while more:
            after = {"after": self.cursor} if self.cursor else {}
            answer = await self.client.get("/changes", params={"limit": limit, "resource": "department", **after})
            assert answer.status_code == 200, answer.text
            page: dict[str, Any] = answer.json()
            self.seen += [item["id"] for item in page["items"]]
            self.cursor, more = page["next"], page["more"]


class Writer:
    """A real transaction on its own connection, moved on step by step."""

    def __init__(self, connection: asyncpg.Connection, name: str) -> None:
        self.connection = connection
        self.name = name
        self.transaction: Any = None
        self.written: list[str] = []
        self.number = 0

    async def write(self) -> None:
        if self.transaction is None:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        self.number += 1
        self.written.append(f"{self.name}/{self.number}")
        await self.connection.execute(INSERT, self.written[-1], COUNTY_A)

    async def end(self, *, commit: bool) -> list[str]:
        """What is now in the log for good."""
        written, self.written = self.written, []
        if self.transaction is not None:
            await (self.transaction.commit() if commit else self.transaction.rollback())
        self.transaction = None
        return written if commit else []


@pytest.fixture
async def writers(database_url: str) -> AsyncIterator[list[Writer]]:
    connections = [await asyncpg.connect(database_url) for _ in range(8)]
    yield [Writer(connection, f"w{i}") for i, connection in enumerate(connections)]
    for connection in connections:
        await connection.close()


async def test_a_slow_transaction_holds_back_what_was_written_after_it(world: World, writers: list[Writer]) -> None:
    slow, fast = writers[:2]
    reader = Reader(await world.user("dispatcher"))
    await slow.write()
    await fast.write()
    await fast.end(commit=True)
    await reader.poll()
    assert reader.seen == []
    await slow.write()
    await slow.end(commit=True)
    await reader.poll()
    assert reader.seen == ["w0/1", "w0/2", "w1/1"]


async def test_only_what_comes_next_includes_what_is_still_running(world: World, writers: list[Writer]) -> None:
    slow, fast = writers[:2]
    reader = Reader(await world.user("dispatcher"))
    await fast.write()
    await fast.end(commit=True)
    await slow.write()
    reader.cursor = "now"
    await reader.poll()
    await slow.end(commit=True)
    await reader.poll()
    assert reader.seen == ["w0/1"]


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_missed_under_concurrent_slow_transactions(
    world: World, writers: list[Writer], seed: int
) -> None:
    """Eight writers in real transactions, ended in any order, some rolled back, while two readers poll."""
    chance = random.Random(seed)
    office = await world.user("dispatcher")
    readers = [Reader(office), Reader(office)]
    committed: list[str] = []
    for _ in range(150):
        writer = chance.choice(writers)
        match chance.choices(["write", "commit", "roll back", "poll"], [5, 2, 1, 2])[0]:
            case "write":
                await writer.write()
            case "commit":
                committed += await writer.end(commit=True)
            case "roll back":
                await writer.end(commit=False)
            case "poll":
                await chance.choice(readers).poll(limit=chance.choice([1, 3, 100]))
    for writer in writers:
        committed += await writer.end(commit=True)
    assert len(committed) > 30
    for reader in readers:
        await reader.poll()
        assert sorted(reader.seen) == sorted(committed)
    assert readers[0].seen == readers[1].seen


async def test_writes_through_the_api_while_others_hold_transactions_open(world: World, writers: list[Writer]) -> None:
    office = await world.user("dispatcher")
    reader = Reader(office)
    made: list[str] = []

    async def create(i: int) -> None:
        body = {"region_code": COUNTY_A, "name": f"局{i}", "kind": "bureau"}
        made.append((await office.created("/departments", body))["id"])

    for round_ in range(4):
        writer = writers[round_]
        await writer.write()
        await asyncio.gather(*[create(round_ * 10 + i) for i in range(10)], reader.poll())
        await writer.write()
        made += await writer.end(commit=True)
        await reader.poll()
        assert sorted(reader.seen) == sorted(made)
