"""The light of a project: computed, explained, told of, found by, and as it was."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.progress import time_progress
from app.services import light_turns
from app.services.lights import shown_on
from app.uow import UnitOfWork
from tests.ledger_files import COUNTY_B_LEDGER, add_places, apply_ledger
from tests.light_days import PLAN, clock, light, planned, put_plan
from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World


async def test_a_light_with_its_parts_facts_and_rule(world: World) -> None:
    clock(world, "2016-02-29")
    office = await world.user("dispatcher")
    path = await planned(office)
    await office.created(f"{path}/progress-figures", {"as_of": "2016-02-29", "completed": 66.8})
    found = await light(office, path)
    assert (found["light"], found["computed_light"], found["reason"]) == ("green", "green", None)
    assert {p["part"]: (p["light"], p["rule"]) for p in found["parts"]} == {
        "start": ("green", "start_not_due"),
        "progress": ("green", "slightly_below_time_progress"),
    }
    assert (found["rule_set"]["code"], found["rule_set"]["version"]) == ("yinchuan", 1)
    facts = found["facts"]
    assert (facts["planned_start_month"], facts["started_on"]) == ("2016-03", None)
    assert (facts["completed"], facts["completed_as_of"], facts["planned_investment"]) == (66.8, "2016-02-29", 1000)
    assert (facts["completion_rate"], facts["time_progress"], facts["gap_points"]) == (6.68, 16.67, -9.99)
    assert (facts["month"], found["override"]) == (None, None)
    assert found["next"] == {"on": "2016-03-01", "light": "yellow"}

    await office.created(f"{path}/progress-figures", {"as_of": "2016-02-29", "completed": 66.7})
    found = await light(office, path)
    assert (found["light"], found["facts"]["gap_points"], found["next"]["light"]) == ("yellow", -10.0, "red")


async def test_every_write_that_matters_moves_the_light_and_is_told(world: World) -> None:
    clock(world, "2016-05-10")
    office = await world.user("dispatcher")
    path = await planned(office, {"category": "new_start", "planned_start": "2016-04"}, land_status="settled")
    shown = [(await light(office, path))["light"]]

    async def then(answer: Any, status: int) -> None:
        assert answer.status_code == status, answer.text
        shown.append((await light(office, path))["light"])

    await then(await put_plan(office, path, {"category": "new_start", "planned_start": "2016-05"}), 200)
    await then(await put_plan(office, path, {**PLAN, "planned_start": "2016-05"}), 200)
    figure = {"as_of": "2016-05-10", "completed": 900}
    await then(await office.post(f"{path}/progress-figures", figure), 201)
    await then(await put_plan(office, path, {**PLAN, "planned_start": "2016-01"}), 200)
    moved = {"to_stage": "started", "happened_on": "2016-05-10", "override": True, "reason": "会议定"}
    await then(await office.post(f"{path}/stage-transitions", moved), 201)
    paused = await office.post(f"{path}/suspensions", {"reason": "等待用地"})
    await then(paused, 201)
    assert (await light(office, path))["reason"] == "suspended"
    ended = await office.patch(f"/suspensions/{paused.json()['id']}", {"until": "2016-05-10"}, etag='"1"')
    await then(ended, 200)
    clock(world, "2016-06-11")
    assert (await light(office, path))["light"] == "yellow"
    now = (await office.get(path)).headers["etag"]
    await then(await office.patch(path, {"enrolled_on": "2016-06-11"}, etag=now), 200)
    await then(await office.delete(f"{path}/annual-plans/2016", etag='"4"'), 204)
    assert shown == ["yellow", "green", "red", "green", "red", "green", None, "green", "green", None]

    project = path.rpartition("/")[2]
    changes = (await office.get("/changes", params={"resource": "light", "limit": 100})).json()["items"]
    turns = [change["diff"]["light"] for change in changes]
    assert {change["id"] for change in changes} == {change["project_id"] for change in changes} == {project}
    # On 11 June it had turned yellow by itself; nobody had told of that before the next write did.
    assert turns == [
        [None, "yellow"], ["yellow", "green"], ["green", "red"], ["red", "green"], ["green", "red"],
        ["red", "green"], ["green", None], [None, "green"], ["yellow", "green"], ["green", None],
    ]  # fmt: skip


async def test_a_write_that_changes_no_light_tells_of_none(world: World) -> None:
    clock(world, "2016-05-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    etag = (await office.get(path)).headers["etag"]
    assert (await office.patch(path, {"remark": "无"}, etag=etag)).status_code == 200
    assert await world.pool.fetchval("SELECT count(*) FROM changes WHERE resource = 'light'") == 1
    assert await world.pool.fetchval("SELECT count(*) FROM light_facts") == 1


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


async def test_lists_and_counts_by_light(world: World) -> None:
    clock(world, "2016-04-15")
    office = await world.user("dispatcher")
    starts = {"甲": "2016-04", "乙": "2016-03", "丙": "2016-03", "丁": "2015-12", "戊": None}
    for name, start in starts.items():
        plan = {"category": "preliminary", "planned_investment": None, "planned_start": start}
        await planned(office, plan, name=name, sector="urban" if name in "甲乙" else "transport")
    # Lists of today go by the database's clock: asked on the next day, the 15th is a past day.
    clock(world, "2016-04-16")
    day = {"as_of": "2016-04-15"}
    lit = {"green": "甲", "yellow": "乙丙", "red": "丁", "none": "戊"}
    for wanted, names in lit.items():
        page = (await office.get("/projects", params={**day, "light": wanted, "count": "true", "sort": "code"})).json()
        assert "".join(item["name"] for item in page["items"]) == names
        assert page["total"] == len(names)
        assert {item["light"] for item in page["items"]} == {None if wanted == "none" else wanted}
    both = (await office.get("/projects", params={**day, "light": ["red", "none"], "sort": "-code"})).json()["items"]
    assert [item["name"] for item in both] == ["戊", "丁"]
    first = (await office.get("/projects", params={**day, "light": "yellow", "sort": "code", "limit": 1})).json()
    second = (
        await office.get("/projects", params={**day, "light": "yellow", "sort": "code", "cursor": first["next_cursor"]})
    ).json()
    assert [item["name"] for item in second["items"]] == ["丙"]
    assert (await office.get("/projects", params={"light": "blue"})).status_code == 422

    counts = {"green": 1, "yellow": 2, "red": 1, "none": 1}
    for given in (day, {"as_of": "2016-04-16"}):
        figures = (await office.get("/statistics/projects", params={"group_by": "light", **given})).json()
        assert [(g["key"], g["count"]) for g in figures["groups"]] == [
            ("green", 1), ("yellow", 2), ("red", 1), (None, 1),
        ]  # fmt: skip
        assert figures["total"]["lights"] == counts
        sectors = (await office.get("/statistics/projects", params={"group_by": "sector", **given})).json()["groups"]
        assert {g["key"]: g["lights"] for g in sectors} == {
            "urban": {"green": 1, "yellow": 1, "red": 0, "none": 0},
            "transport": {"green": 0, "yellow": 1, "red": 1, "none": 1},
        }
        overview = (await office.get("/statistics/overview", params=given)).json()
        assert overview["total"]["lights"] == counts
    red = (await office.get("/statistics/projects", params={"group_by": "sector", **day, "light": "red"})).json()
    assert red["total"]["count"] == 1
    elsewhere = await world.user("dispatcher", COUNTY_B)
    assert (await elsewhere.get("/projects", params={**day, "light": "red"})).json()["items"] == []


async def _turning(world: World) -> tuple[Client, str, date]:
    """A project written a hundred days ago, whose light turned since by the calendar alone."""
    written = datetime.now().astimezone() - timedelta(days=100)
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
    today = datetime.now().astimezone()
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


async def test_the_light_of_a_set_of_projects(world: World) -> None:
    clock(world, "2016-04-15")
    office = await world.user("dispatcher")
    paths = [
        await planned(office, {**PLAN, "planned_investment": None, "planned_start": m}) for m in ("2016-01", "2016-04")
    ]
    ids = [(await office.get(path)).json()["id"] for path in paths]
    uow = UnitOfWork(world.app.state.db, world.app.state.clock())
    shown = await shown_on(uow, ids, date(2016, 4, 15))
    await uow.close()
    assert {str(project): each.light for project, each in shown.items()} == dict(
        zip(ids, ("yellow", "green"), strict=True)
    )


async def test_parallel_reports_leave_the_light_of_the_last(world: World) -> None:
    clock(world, "2016-06-30")
    office = await world.user("dispatcher")
    path = await planned(office, {"category": "continued", "planned_investment": 1000})
    sent = [{"as_of": "2016-06-30", "completed": amount} for amount in (0, 300, 600, 150, 450)]
    answers = await all_at_once(
        world, path.rpartition("/")[2], [office.post(f"{path}/progress-figures", body) for body in sent]
    )
    assert Counter(a.status_code for a in answers) == {201: 5}
    figures = (await office.get(f"{path}/figures", params={"year": 2016, "as_of": "2016-06-30"})).json()
    found = await light(office, path)
    assert found["facts"]["completed"] == figures["completed"]
    clock(world, "2016-07-01")
    assert found["light"] == (await office.get("/projects", params={"as_of": "2016-06-30"})).json()["items"][0]["light"]


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
