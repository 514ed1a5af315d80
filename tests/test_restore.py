"""A database moved into another cluster: its log holds transaction ids this one has not reached."""

from __future__ import annotations

import asyncpg
import pytest
from fastapi import FastAPI

from app.migrate import migrate
from tests.world import COUNTY_A, World

OLD_CLUSTER = "900000000"


async def _restored(world: World, resource_id: str) -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO changes (xid, at, resource, resource_id, action, version, region_code, diff)"
            " VALUES ($1::text::xid8, now(), 'department', $2, 'created', 1, $3, '{}')",
            OLD_CLUSTER, resource_id, COUNTY_A,
        )  # fmt: skip


async def test_the_log_of_another_cluster_can_be_read(app: FastAPI, world: World) -> None:
    auditor = await world.user("auditor")
    await _restored(world, "first")
    await _restored(world, "second")
    assert (await auditor.get("/changes")).json()["items"] == []

    await migrate(app.state.db.engine)
    seen = (await auditor.get("/changes")).json()
    assert [item["id"] for item in seen["items"]] == ["first", "second"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.pool.execute("UPDATE changes SET action = 'updated'")

    # What is written from now on comes after, once.
    office = await world.user("dispatcher")
    made = await office.created("/departments", {"region_code": COUNTY_A, "name": "甲局"})
    following = (await auditor.get("/changes", params={"after": seen["next"]})).json()["items"]
    assert [item["id"] for item in following] == [made["id"]]


async def test_a_log_of_this_cluster_is_left_as_it_is(app: FastAPI, world: World) -> None:
    office = await world.user("dispatcher")
    await office.created("/departments", {"region_code": COUNTY_A, "name": "甲局"})
    before = await world.pool.fetch("SELECT seq, xid FROM changes")
    await migrate(app.state.db.engine)
    assert await world.pool.fetch("SELECT seq, xid FROM changes") == before
