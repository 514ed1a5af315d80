"""The light of a project: computed, explained, told of, found by, and as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

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
    answer = await office.put(f"{path}/annual-plans/2016", plan)
    assert answer.status_code == 201, answer.text
    return path


async def light(office: Client, path: str, **params: Any) -> dict[str, Any]:
    answer = await office.get(f"{path}/light", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_a_light_with_its_parts_facts_and_rule(world: World) -> None:
    clock(world, "2016-02-29")
    office = await world.user("dispatcher")
    path = await planned(office)
    await office.created(f"{path}/progress-figures", {"as_of": "2016-02-29", "completed": 66.7})
    found = await light(office, path)
    assert (found["light"], found["computed_light"], found["reason"]) == ("green", "green", None)
    assert {p["part"]: (p["light"], p["rule"]) for p in found["parts"]} == {
        "start": ("green", "start_not_due"),
        "progress": ("green", "slightly_below_time_progress"),
    }
    assert (found["rule_set"]["code"], found["rule_set"]["version"]) == ("yinchuan", 1)
    facts = found["facts"]
    assert (facts["planned_start_month"], facts["started_on"]) == ("2016-03", None)
    assert (facts["completed"], facts["completed_as_of"], facts["planned_investment"]) == (66.7, "2016-02-29", 1000)
    assert (facts["completion_rate"], facts["time_progress"], facts["gap_points"]) == (6.67, 16.67, -10.0)
