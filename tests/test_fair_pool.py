"""Whoever asks for a connection first gets one first, however many ask again and again."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import greenlet_spawn
from sqlalchemy.util.queue import Empty

from app.fair_pool import FairPool, InOrder


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _engine(url: str, timeout: float = 10) -> AsyncEngine:
    url = url.replace("postgresql://", "postgresql+asyncpg://")
    return create_async_engine(url, poolclass=FairPool, pool_size=1, max_overflow=1, pool_timeout=timeout)


async def test_a_newcomer_is_not_quicker_than_who_waits() -> None:
    queue: InOrder[str] = InOrder(1)
    waiting = [asyncio.ensure_future(greenlet_spawn(queue.get, True, None)) for _ in range(2)]
    for _ in range(3):
        await asyncio.sleep(0)
    queue.put_nowait("a connection")
    with pytest.raises(Empty):
        queue.get_nowait()
    assert await waiting[0] == "a connection"
    queue.put_nowait("another")
    assert await waiting[1] == "another"


async def test_more_than_there_are_connections_are_served(database_url: str) -> None:
    engine = _engine(database_url)

    async def ask(who: int) -> int:
        async with engine.connect() as connection:
            return int((await connection.execute(text("SELECT :who"), {"who": str(who)})).scalar_one())

    assert await asyncio.gather(*[ask(who) for who in range(20)]) == list(range(20))
    await engine.dispose()


async def test_who_waits_too_long_is_told(database_url: str) -> None:
    engine = _engine(database_url, timeout=0.05)
    async with engine.connect(), engine.connect():
        with pytest.raises(PoolTimeoutError):
            await engine.connect()
    await engine.dispose()


async def test_who_goes_away_takes_none_along() -> None:
    queue: InOrder[str] = InOrder(1)
    first, second = (asyncio.ensure_future(greenlet_spawn(queue.get, True, None)) for _ in range(2))
    for _ in range(3):
        await asyncio.sleep(0)
    # Handed to the first, which is cancelled before it hears of it.
    queue.put_nowait("a connection")
    first.cancel()
    assert await second == "a connection"
    assert first.cancelled()
    assert queue.empty()
