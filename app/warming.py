"""What the first request of each kind would otherwise wait for: statements written, and known to every connection."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack
from datetime import date, datetime

from app.access import Actor, Grant
from app.authentication import BY_SESSION
from app.data_versions import DataVersions, covering
from app.db import Database
from app.reading import Prepared
from app.schemas.statistics import OverviewQuery, StatisticsQuery
from app.services import statistics
from app.statistics_etags import code_version
from app.uow import SHANGHAI

NOWHERE = ("000000", "00")
"""A county and a province without a project: the statements of both have different texts."""
# What a list of ids is, the driver asks on each connection once.
_TYPES = Prepared("SELECT $1::uuid[] AS ids", ("ids",), {})


async def warm_up(db: Database, now: datetime) -> None:
    """Run the figures of a first screen over nothing on every connection at once; read the program once for ETags."""
    code_version()
    today = now.astimezone(SHANGHAI).date()
    async with AsyncExitStack() as held:
        # All held before the first is used: which connection the pool hands out is a matter of chance.
        connections = [await held.enter_async_context(db.pool.acquire()) for _ in range(db.connections)]
        await asyncio.gather(*[_learn(db.on(connection), today) for connection in connections])


async def _learn(db: Database, today: date) -> None:
    await db.rows(_TYPES, {"ids": []})
    await db.rows(BY_SESSION, dict.fromkeys(BY_SESSION.names))
    for region in NOWHERE:
        await DataVersions(db).state(covering([region]))
        await _screen(db, region, today)


async def _screen(db: Database, region: str, today: date) -> None:
    nobody = Actor(uuid.UUID(int=0), "nobody", (Grant("viewer", region),))
    await statistics.overview(db, nobody, OverviewQuery(), today, english=False)
    await statistics.by_group(db, nobody, StatisticsQuery(group_by="region"), today, english=False)
