"""What bars on charts stand for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.drawings import NS, draw, texts
from tests.world import COUNTY_A, World


async def test_milestones_of_other_years_leave_room_for_the_years_work(world: World) -> None:
    project = await world.project(key_years=[2016, 2017], planned_start="2015", planned_completion="2018-06")
    office = await world.user("dispatcher", COUNTY_A)
    await office.put(f"/projects/{project['id']}/annual-plans/2016", {"category": "continued", "planned_investment": 7})
    for days in ({"planned_finish": "2017-05-05"}, {"planned_start": "2018-01-08", "planned_finish": "2018-02-01"}):
        await office.created(f"/projects/{project['id']}/milestones", {"name": "封顶", **days})
    shown = texts(await draw(office, "/wall.svg", year=2016))
    assert "年度计划 7 万元 · 节点计划在2017–2018年" in shown
    assert "项目建设期" in shown
    shown = texts(await draw(office, "/wall.svg", year=2017))
    assert "封顶 5.5" in shown
    assert "项目建设期" not in shown


async def test_a_forecast_bar_takes_the_days_of_the_work(world: World) -> None:
    """Five workdays to Friday the 9th of October 2026: the National Day lies between."""
    world.app.state.clock = lambda: datetime(2026, 9, 1, 4, tzinfo=UTC)
    project = await world.project()
    office = await world.user("dispatcher", COUNTY_A)
    body = {"name": "封顶", "duration_days": 5, "forecast_finish": "2026-10-09"}
    await office.created(f"/projects/{project['id']}/milestones", body)
    root = await draw(office, f"/projects/{project['id']}/schedule.svg")
    [bar] = [each for each in root.iter(f"{NS}rect") if each.get("stroke-dasharray") and float(each.attrib["y"]) < 384]
    # Three months are drawn, 1 September to 30 November, 91 days wide: 28 September to 9 October are twelve of them.
    assert float(bar.attrib["width"]) == pytest.approx((1680 - 60 - 780) * 12 / 91, abs=0.2)
