"""What the first request of each kind would otherwise wait for: statements written, and known to every connection."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime

from app.access import Actor, Grant
from app.db import Database
from app.schemas.statistics import OverviewQuery, StatisticsQuery
from app.services import statistics
from app.uow import SHANGHAI

NOWHERE = ("000000", "00")
"""A county and a province without a project: the statements of both have different texts."""


async def warm_up(db: Database, now: datetime) -> None:
    """Run the figures of a first screen over nothing on every connection at once."""
    today = now.astimezone(SHANGHAI).date()
    for region in NOWHERE:
        nobody = Actor(uuid.UUID(int=0), "nobody", (Grant("viewer", region),))
        screens = [
            statistics.overview(db, nobody, OverviewQuery(), today, english=False) for _ in range(db.connections)
        ]
        await asyncio.gather(*screens)
        by_region = StatisticsQuery(group_by="region")
        await asyncio.gather(
            *[statistics.by_group(db, nobody, by_region, today, english=False) for _ in range(db.connections)]
        )
