"""Projects with milestones, as the dispatch office makes them."""

from __future__ import annotations

from typing import Any

from tests.world import COUNTY_A, Client


async def project_of(office: Client, region: str = COUNTY_A, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": region, **fields})
    return f"/projects/{made['id']}"


async def chain(office: Client, project: str, *names: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for name in names:
        before = [made[-1]["id"]] if made else []
        made.append(
            await office.created(f"{project}/milestones", {"name": name, "duration_days": 5, "predecessor_ids": before})
        )
    return made
