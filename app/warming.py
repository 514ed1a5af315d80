"""What the first request of each kind would otherwise wait for: statements written, and known to every connection."""

from __future__ import annotations

import asyncio
import uuid
from datetime import date, datetime

from app.access import Actor, Grant
from app.db import Database
from app.reading import Prepared
from app.schemas.statistics import OverviewQuery, StatisticsQuery
from app.services import statistics
from app.uow import SHANGHAI

NOWHERE = ("000000", "00")
"""A county and a province without a project: the statements of both have different texts."""
# The driver asks each connection once what a list of ids is, for longer than most answers take.
_TYPES = Prepared("SELECT $1::uuid[] AS ids", ("ids",), {})


async def warm_up(db: Database, now: datetime) -> None:
    """Run the figures of a first screen over nothing on every connection at once."""
    today = now.astimezone(SHANGHAI).date()
    await asyncio.gather(*[db.rows(_TYPES, {"ids": []}) for _ in range(db.connections)])
    for region in NOWHERE:
        await asyncio.gather(*[_screen(db, region, today) for _ in range(db.connections)])


async def _screen(db: Database, region: str, today: date) -> None:
    nobody = Actor(uuid.UUID(int=0), "nobody", (Grant("viewer", region),))
    await statistics.overview(db, nobody, OverviewQuery(), today, english=False)
    await statistics.by_group(db, nobody, StatisticsQuery(group_by="region"), today, english=False)
