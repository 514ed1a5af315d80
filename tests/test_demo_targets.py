"""The demo tells of county B what its meeting of 2016 heard, and loading it twice changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from app.demo import targets
from tests.world import COUNTY_A, COUNTY_B, World

MEETINGS = json.loads((Path(__file__).parent / "data" / "meetings.json").read_text("utf-8"))


async def test_the_demo_has_targets_and_published_figures(world: World) -> None:
    for _ in range(2):
        await targets.load(world.app.state.db, datetime.now(UTC))
    viewer = await world.user("viewer", COUNTY_B)
    rows = (await viewer.get("/statistics/targets", params={"as_of": "2016-02-29"})).json()["items"]
    assert {row["indicator"]: row["target"] for row in rows} == MEETINGS["county_b"]["targets_2016"]
    reached = {row["indicator"]: (row["actual"], row["actual_source"]) for row in rows}
    assert reached["fixed_asset_investment_over_500"] == (96_400, "entered")
    [funds] = (await viewer.get("/statistics/targets", params={"as_of": "2015-12-31"})).json()["items"]
    assert (funds["indicator"], funds["target"]) == ("funds_received", targets.FUNDS_2015)
    told = {row["indicator"]: row for row in (await viewer.get("/statistics/indicators")).json()["items"]}
    facts = MEETINGS["county_b"]["fixed_asset_investment_2015"]
    whole = told["fixed_asset_investment"]
    assert (whole["value"], whole["growth_percent"], whole["rank"]) == (1518300, 24.1, 2)
    assert (whole["contribution_percent"], whole["contribution_points"]) == (24, 3.4)
    assert told["industrial_fixed_asset_investment"]["value"] == facts["industrial"]
    assert told["planned_projects_over_10000"]["value"] == facts["planned_100_million_projects"]
    of_2015 = {"year": 2015, "indicator": "fixed_asset_investment"}
    months = (await viewer.get("/statistics/indicators", params=of_2015)).json()["items"]
    assert [row["month"] for row in months] == list(range(2, 13))
    assert all(row["value"] > row["previous_value"] for row in months)
    neighbour = await world.user("viewer", COUNTY_A)
    [rate] = (await neighbour.get("/statistics/indicators")).json()["items"]
    assert (rate["growth_percent"], rate["revisions"]) == (1.1, 1)
    assert await world.pool.fetchval("SELECT count(*) FROM indicator_values") == 4 + len(targets.MONTHS)
