"""The demo's leader has a telling card: projects heard and not heard, one handed over, a department too."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.demo import leaders
from tests.leader_cards import assign, card
from tests.light_days import clock
from tests.world import COUNTY_B, World


async def test_the_demo_has_leaders_at_work(world: World) -> None:
    clock(world, "2016-01-01")
    office = await world.user("dispatcher", COUNTY_B)
    own, successor = await world.leader(COUNTY_B, leaders.LEADER), await world.leader(COUNTY_B, leaders.SUCCESSOR)
    for name in {department for _, department, _, _ in leaders.SUPERVISED}:
        await world.department(COUNTY_B, name)
    for n in range(6):
        made = await office.created("/projects", {"name": f"项目{n}", "region_code": COUNTY_B, "stage": "started"})
        await assign(office, made["id"], leader_id=own)
    account = await world.user("leader", COUNTY_B)
    await world.pool.execute("UPDATE users SET username = 'leader', demo = true WHERE id = $1", account.user_id)
    for _ in range(2):
        await leaders.load(world.app.state.db, datetime(2017, 1, 10, tzinfo=UTC))
    clock(world, "2017-01-10")
    assert (await account.get("/me")).json()["leader_id"] == own
    told = await card(account, own)
    assert (told["sponsored"]["count"], told["sponsored"]["month"]) == (6, "2016-12")
    assert [p["name"] for p in told["sponsored"]["not_heard"]] == ["项目1", "项目2", "项目4"]
    assert told["projects"][5]["days"][-1]["last_day"] == "2016-06-30"
    assert {d["name"]: d["judged_on"] for d in told["departments"]} == {
        "县工信局": "2016-12-31",
        "县住建局": "2016-06-30",
    }
    [handed] = (await card(account, successor))["projects"]
    assert (handed["name"], handed["days"][0]["first_day"]) == ("项目5", str(leaders.HANDED_OVER_ON))
    visits = sum(len(months) for months, *_ in leaders.VISITED)
    assert await world.pool.fetchval("SELECT count(*) FROM visits") == visits
    assert await world.pool.fetchval("SELECT max(happened_on) FROM visits") == date(2016, 12, 10)
