"""The light of a project: computed, explained, told of, found by, and as it was."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from app.services.lights import shown_on
from app.uow import UnitOfWork
from tests.light_days import PLAN, clock, light, planned, put_plan
from tests.parallel import all_at_once
from tests.world import COUNTY_B, World


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
