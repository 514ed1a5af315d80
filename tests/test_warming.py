"""No request pays for being the first of its kind on a connection."""

from __future__ import annotations

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
        connections = [await db.pool.acquire() for _ in range(3)]
        for connection in connections:
            known = await connection.fetch("SELECT statement FROM pg_prepared_statements")
            told = "\n".join(row["statement"] for row in known)
            # The overview of a county and of a wider region, the sums of a county's projects and those kept.
            assert told.count("grouping") >= 2
            assert "county_figures" in told
            await db.pool.release(connection)
    finally:
        await db.close()
