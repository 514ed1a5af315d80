"""Money for tests."""

from __future__ import annotations

from typing import Any

from tests.world import COUNTY_A, Client, World

DAY = "2015-06-30"


async def region_money(office: Client, region: str = COUNTY_A, **fields: Any) -> str:
    """The path of a region's record."""
    sent = {"region_code": region, "year": 2015, "channel": "fiscal", **fields}
    return f"/funding-records/{(await office.created('/funding-records', sent))['id']}"


async def project_money(office: Client, project_id: str, **fields: Any) -> str:
    sent = {"project_id": project_id, "year": 2015, "channel": "special_bond", **fields}
    return f"/funding-records/{(await office.created('/funding-records', sent))['id']}"


async def enter(office: Client, path: str, **steps: Any) -> dict[str, dict[str, Any]]:
    """An entry for each step, in the order given; by step."""
    return {
        step: await office.created(f"{path}/entries", {"step": step, "happened_on": DAY, "amount": amount})
        for step, amount in steps.items()
    }


async def totals(world: World, path: str) -> dict[str, Any]:
    row = await world.pool.fetchrow("SELECT * FROM funding_records WHERE id = $1::text::uuid", path.split("/")[2])
    return {name: row[name] for name in ("applied", "approved", "received", "paid", "allocated")}
