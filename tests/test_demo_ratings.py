"""The demo's county B shows two published ratings and one that takes ballots; loading it twice changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from app.demo import ratings
from tests.world import COUNTY_B, World


async def test_the_demo_has_results_movement_and_an_open_rating(world: World) -> None:
    rater = await world.user("rater", COUNTY_B)
    await world.pool.execute("UPDATE users SET username = $2 WHERE id = $1", rater.user_id, ratings.RATER)
    for _ in range(2):
        await ratings.load(world.app.state.db, world.app.state.secret, datetime.now(UTC), lambda _: None)
    viewer = await world.user("viewer", COUNTY_B)
    listed = (await viewer.get("/rating-campaigns")).json()["items"]
    told = [(one["year"], one["status"], one["worst_count"]) for one in listed]
    assert told == [(2017, "open", 5), (2016, "published", 5), (2015, "published", 2)]
    path = f"/rating-campaigns/{listed[1]['id']}/result"
    result = (await viewer.get(path)).json()["result"]
    assert [(len(g["best"]), len(g["worst"])) for g in result["groups"]] == [(2, 5)] * 3
    departments = [d for group in result["groups"] for d in group["departments"]]
    assert all(d["movement"] is not None for d in departments)
    assert any(d["movement"] > 0 for d in departments)
    assert any("organisational_action_proposed" in d["consequences"] for d in departments)
    # Too few townships came back: told to nobody. Some of the rest is explained.
    assert [t["ballots"] for t in result["turnout"]] == [82, 64, 55, 51, 4]
    last = departments[-1]["department_id"]
    explained = (await viewer.get(f"{path}/explain", params={"department": last})).json()["electorates"]
    assert [e["counted"] for e in explained] == [True, True, True, True, False]
    assert any(row["counts"] for e in explained for row in e["indicators"])
    paper = await rater.get(f"/rating-campaigns/{listed[0]['id']}/ballot-paper")
    assert (paper.status_code, paper.json()["electorate"]) == (200, "enterprises")
