"""Projects lit on given days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.world import COUNTY_A, Client, World

PLAN = {"category": "new_start", "planned_investment": 1000, "planned_start": "2016-03"}


def clock(world: World, day: str, hour: int = 4) -> None:
    """Let it be that day, noon in Shanghai."""
    world.app.state.clock = lambda: datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


async def planned(office: Client, plan: dict[str, Any] = PLAN, **fields: Any) -> str:
    """The address of a project with that plan for 2016."""
    fields = {"name": "测试项目", "region_code": COUNTY_A, "stage": "landed", **fields}
    made = await office.created("/projects", fields)
    path = f"/projects/{made['id']}"
    assert (await put_plan(office, path, plan)).status_code == 201
    return path


async def put_plan(office: Client, path: str, plan: dict[str, Any]) -> httpx.Response:
    """The plan for 2016 in place of whatever there is."""
    return await office.put(f"{path}/annual-plans/2016", plan, headers=await _current(office, path))


async def _current(office: Client, path: str) -> dict[str, str]:
    there = await office.get(f"{path}/annual-plans/2016")
    return {"If-Match": there.headers["etag"]} if there.status_code == 200 else {}


async def light(office: Client, path: str, **params: Any) -> dict[str, Any]:
    answer = await office.get(f"{path}/light", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON
