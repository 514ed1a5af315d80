"""No request pays for being the first of its kind on a connection."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from fastapi import FastAPI

from app.access import Actor, Grant
from app.db import Database
from app.listing import unchanged
from app.main import system_clock
from app.resources.projects import PROJECT
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


async def test_versions_of_any_number_of_rows_are_looked_up_by_one_plan(settings: Settings) -> None:
    assert settings.database_url is not None
    db = await Database.open(settings.database_url, pool_size=1)
    actor = Actor(uuid.uuid4(), "", (Grant("viewer", "990101"),))
    try:
        for count in (1, 1, 1, 2, 3, 5, 8, 13, 21, 34, 1, 1):
            await asyncio.gather(*[unchanged(db, PROJECT, actor, uuid.uuid4(), "*") for _ in range(count)])
        plans = await db.pool.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%AS key%'"
        )
        # PostgreSQL tries its luck five times before it settles.
        assert plans["custom_plans"] == 5
        assert plans["generic_plans"] > 5
    finally:
        await db.close()
