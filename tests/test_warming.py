"""No request pays for being the first of its kind on a connection."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI

from app.db import Database
from app.main import system_clock
from app.settings import Settings
from app.warming import warm_up

pytestmark = pytest.mark.usefixtures("app")


async def test_every_connection_knows_the_first_screen(app: FastAPI, settings: Settings) -> None:
    assert settings.database_url is not None
    db = await Database.open(settings.database_url, pool_size=3)
    try:
        await warm_up(db, system_clock())
        # Each of them once: one given back would be handed out again.
        async with AsyncExitStack() as held:
            for _ in range(3):
                connection = await held.enter_async_context(db.pool.acquire())
                known = await connection.fetch("SELECT statement FROM pg_prepared_statements")
                told = "\n".join(row["statement"] for row in known)
                # The overview of a county and of a wider region, the sums of a county's projects and those kept.
                assert told.count("grouping") >= 2
                assert "county_figures" in told
                # Who asks, and whether anything changed.
                assert "JOIN sessions" in told
                assert told.count("FROM data_versions") >= 2
    finally:
        await db.close()
