"""Lights of days: past ones as they were, new ones as they begin, and those of a ledger's day."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.progress import time_progress
from app.services import light_turns
from app.uow import SHANGHAI
from tests.ledger_files import COUNTY_B_LEDGER, add_places, apply_ledger
from tests.light_days import PLAN, clock, light, planned, put_plan
from tests.world import COUNTY_B, Client, World


async def test_the_past_stays_as_it_was_known_then(world: World) -> None:
    clock(world, "2016-02-29")
    office = await world.user("dispatcher")
    path = await planned(office, {"category": "continued", "planned_investment": 1000})
    await office.created(f"{path}/progress-figures", {"as_of": "2016-02-29", "completed": 160})
    clock(world, "2016-06-30")
    assert (await light(office, path))["light"] == "red"
    # Reported late, for a day long past.
    await office.created(f"{path}/progress-figures", {"as_of": "2016-05-31", "completed": 600})
    assert (await light(office, path))["light"] == "green"
    then, now = (
        await light(office, path, as_of="2016-05-31"),
        await light(office, path, as_of="2016-05-31", known="now"),
    )
    assert (then["light"], then["facts"]["completed"], then["facts"]["gap_points"]) == ("yellow", 160, -25.67)
    assert (now["light"], now["facts"]["completed"], now["facts"]["gap_points"]) == ("green", 600, 18.33)
    assert then["next"] == {"on": "2016-06-16", "light": "red"}
    assert (await light(office, path, as_of="2016-02-28"))["reason"] == "not_known"
    assert (await light(office, path, as_of="2016-02-28", known="now"))["light"] == "yellow"

    history = (await office.get(f"{path}/light-history")).json()["items"]
    assert [(h["from_day"], h["until_day"], h["light"], h["parts"][0]["rule"]) for h in history] == [
        ("2016-02-29", "2016-04-04", "green", "slightly_below_time_progress"),
        ("2016-04-04", "2016-06-16", "yellow", "below_time_progress"),
        ("2016-06-16", "2016-06-30", "red", "far_below_time_progress"),
        ("2016-06-30", "2016-08-07", "green", "at_or_above_time_progress"),
    ]
    assert {h["rule_set"]["code"] for h in history} == {"yinchuan"}
    for day, wanted in (("2016-02-29", "green"), ("2016-05-31", "yellow"), ("2016-06-29", "red")):
        found = (await office.get("/projects", params={"as_of": day, "light": wanted})).json()["items"]
        assert [item["light"] for item in found] == [wanted], day
    foreseen = (await office.get(f"{path}/light-history", params={"foreseen": "true", "sort": "-from_day"})).json()
    last = foreseen["items"][0]
    assert (last["from_day"], last["until_day"], last["reason"]) == ("2017-01-01", None, "no_annual_plan")


async def _turning(world: World) -> tuple[Client, str, date]:
    """A project written a hundred days ago, whose light turned since by the calendar alone."""
    written = datetime.now(SHANGHAI) - timedelta(days=100)
    world.app.state.clock = lambda: written
    office = await world.user("dispatcher")
    path = await planned(office, PLAN)
    for year in {written.year, (written + timedelta(days=100)).year}:
        await office.put(
            f"{path}/annual-plans/{year}", {"category": "preliminary", "planned_start": f"{written:%Y-%m}"}
        )
    return office, path, written.date()


async def test_a_day_that_begins_is_shown_at_once_and_told_of_once(world: World) -> None:
    office, path, written = await _turning(world)
    assert (await light(office, path, as_of=str(written)))["light"] == "green"
    db, project = world.app.state.db, (await office.get(path)).json()
    version = project["version"]
    # Nobody has told of it yet: shown all the same, by the list too, and no 304.
    assert project["light"] == project["computed_light"] != "green"
    answer = await office.get(path, headers={"If-None-Match": f'"{version}"'})
    assert (answer.status_code, answer.json()["light"]) == (200, project["light"])
    today = datetime.now(SHANGHAI).replace(hour=9)  # twelve hours later it is still today
    world.app.state.clock = lambda: today
    listed = (await office.get("/projects", params={"light": project["light"]})).json()["items"]
    assert [item["id"] for item in listed] == [project["id"]]
    before = await world.pool.fetchval("SELECT count(*) FROM changes")
    told = await asyncio.gather(*[light_turns.announce(db, today) for _ in range(3)])
    assert sum(told) == 1
    log = await world.pool.fetch("SELECT resource, action, diff::text FROM changes ORDER BY seq OFFSET $1", before)
    assert sorted((row["resource"], row["action"]) for row in log) == [("light", "updated"), ("project", "updated")]
    assert f'"light": ["green", "{project["light"]}"]' in next(r["diff"] for r in log if r["resource"] == "light")
    answer = await office.get(path, headers={"If-None-Match": f'"{version}"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, f'"{version + 1}"')
    again = await office.get(path, headers={"If-None-Match": f'"{version + 1}"'})
    assert again.status_code == 304
    assert await light_turns.announce(db, today) == 0
    assert await light_turns.announce(db, today + timedelta(days=0.5)) == 0


async def test_projects_from_before_there_were_lights_get_theirs(world: World) -> None:
    office = await world.user("dispatcher")
    year = datetime.now().astimezone().year
    path = await planned(office, PLAN)
    await office.put(f"{path}/annual-plans/{year}", {"category": "new_start", "planned_start": f"{year}-01"})
    await planned(office, PLAN, name="没有今年计划")
    lit = (await office.get(path)).json()
    await world.pool.execute("TRUNCATE light_facts, light_periods")
    assert (await office.get(path)).json()["light"] is None
    now = datetime.now().astimezone()
    assert await light_turns.catch_up(world.app.state.db, now) == 1
    found = (await office.get(path)).json()
    assert (found["light"], found["version"]) == (lit["light"], lit["version"] + 1)
    assert await light_turns.catch_up(world.app.state.db, now) == 0


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_written_when_each_day_stays_as_it_was_at_its_end(world: World, seed: int) -> None:
    """Random writes on random days; every evening is noted, and in the end asked for again, both ways there are."""
    dice, day = random.Random(seed), date(2016, 1, 20)
    clock(world, str(day))
    office = await world.user("dispatcher")
    path = await planned(office, {"category": "continued", "planned_investment": 1000, "planned_start": "2016-03"})
    evenings: dict[str, Any] = {}
    while day < date(2016, 9, 1):
        clock(world, str(day))
        for _ in range(dice.choice((0, 1, 1, 2))):
            await _something(office, path, day, dice)
        found = await light(office, path)
        evenings[str(day)] = {name: found[name] for name in ("light", "computed_light", "reason", "parts", "facts")}
        day += timedelta(days=dice.randint(1, 25))
    clock(world, str(day))
    for evening, was in evenings.items():
        found = await light(office, path, as_of=evening)
        assert {name: found[name] for name in was} == was, evening
        (item,) = (await office.get("/projects", params={"as_of": evening})).json()["items"]
        assert item["light"] == was["light"], evening
    history = (await office.get(f"{path}/light-history?foreseen=true&limit=100")).json()["items"]
    assert [h["from_day"] for h in history[1:]] == [h["until_day"] for h in history[:-1]]


async def _something(office: Client, path: str, day: date, dice: random.Random) -> None:
    back = str(day - timedelta(days=dice.randint(0, 40)))
    choice = dice.randrange(5)
    if choice == 0 and back >= "2016":
        await office.created(f"{path}/progress-figures", {"as_of": back, "completed": dice.randint(0, 900)})
    elif choice == 1:
        await put_plan(office, path, {**PLAN, "planned_investment": dice.choice((500, 1000, 2000))})
    elif choice == 2:
        etag = (await office.get(path)).headers["etag"]
        await office.patch(path, {"enrolled_on": dice.choice((None, str(day)))}, etag=etag)
    elif choice == 3:
        await office.post(f"{path}/suspensions", {"reason": "停", "since": str(day)})
    else:
        for pause in (await office.get(f"{path}/suspensions")).json()["items"]:
            if pause["until"] is None:
                await office.patch(f"/suspensions/{pause['id']}", {"until": str(day)}, etag='"1"')


def _expected_light(project: dict[str, Any], day: date) -> str | None:
    """By the published rules from what the project itself shows: nothing of the lights' own code."""
    plan = next((p for p in project["annual_plans"] if p["year"] == day.year), None)
    if plan is None or project["stage"] == "terminated":
        return None
    lights = []
    under_way = project["stage"] in {"started", "completed", "in_production", "at_capacity"}
    said = plan["planned_start"] or project["planned_start"]
    if under_way:
        lights.append("green")
    elif said:
        year, month = int(said[:4]), int(said[5:7] or 12)
        over = (day.year - year) * 12 + day.month - month
        lights.append("red" if over > 3 else "yellow" if over > 0 else "green")
    if plan["planned_investment"]:
        done = (project["latest_progress"] or {}).get("completed") or 0
        below = float(time_progress(day.year, day)) - done * 100 / plan["planned_investment"]
        lights.append("red" if below > 30.005 else "yellow" if below >= 9.995 else "green")
    if under_way:
        # The ledger knows of the start on its own day at the latest, so enrolment is not late yet.
        lights.append("green")
    return max(lights, key=["green", "yellow", "red"].index) if lights else None


async def test_county_bs_ledger_lights_its_own_day(world: World) -> None:
    """Imported long after: nothing was known here on 29 February 2016 but what the ledger of that day tells."""
    await add_places(world)
    office = await world.user("dispatcher", COUNTY_B)
    await apply_ledger(office, COUNTY_B_LEDGER, COUNTY_B)
    day = date(2016, 2, 29)
    expected: Counter[str | None] = Counter()
    path = "/projects?limit=100&as_of=2016-02-29"
    while path:
        page = await office.get(path)
        for item in page.json()["items"]:
            project = (await office.get(f"/projects/{item['id']}")).json()
            wanted = _expected_light(project, day)
            assert item["light"] == wanted, project["name"]
            expected[wanted] += 1
        link = page.headers.get("link")
        path = link[1 : link.index(">")].removeprefix("/api/v1") if link else ""
    figures = (await office.get("/statistics/projects?group_by=light&as_of=2016-02-29")).json()
    assert {g["key"]: g["count"] for g in figures["groups"]} == expected
    assert figures["total"]["count"] == 249
    assert len(expected) > 1
    before = (await office.get("/statistics/projects?group_by=light&as_of=2016-02-28")).json()
    assert before["total"]["lights"]["none"] == before["total"]["count"]
    again = await apply_ledger(office, COUNTY_B_LEDGER, COUNTY_B)
    assert again["counts"]["unchanged"] == 249
