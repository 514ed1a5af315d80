from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.reports import FRIDAY, WEEK, Site, site
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

MONDAY = datetime(2016, 5, 23, 1, tzinfo=UTC)
"""Nine o'clock on the Monday after."""


async def _duties(client: Client, **params: Any) -> list[tuple[str, str]]:
    answer = await client.get("/reporting-duties", params={"week": WEEK, "sort": "name", **params})
    assert answer.status_code == 200, answer.text
    return [(item["project_name"], item["state"]) for item in answer.json()["items"]]


@pytest.fixture
async def sites(world: World) -> dict[str, Site]:
    """In time, late, missing; and one nobody has to report on."""
    made = {name: await site(world, name=name) for name in ("按时", "迟报", "漏报", "停建")}
    await made["按时"].put()
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=9)
    late = await made["迟报"].put()
    await made["迟报"].review(late, "returned", "补充照片")
    stop = {"reason": "等待用地", "since": "2016-05-20"}
    await made["停建"].office.created(f"/projects/{made['停建'].project_id}/suspensions", stop)
    world.app.state.clock = lambda: MONDAY
    return made


async def test_who_reported_who_is_late_who_is_missing(world: World, sites: dict[str, Site]) -> None:
    viewer = await world.user("viewer")
    assert await _duties(viewer) == [("按时", "on_time"), ("漏报", "missing"), ("迟报", "late")]
    assert await _duties(viewer, state="missing") == [("漏报", "missing")]
    assert await _duties(viewer, state=["late", "missing"], sort="-name") == [("迟报", "late"), ("漏报", "missing")]
    missing = sites["漏报"]
    assert await _duties(viewer, department_id=missing.department) == [("漏报", "missing")]
    assert await _duties(viewer, reporter_id=str(sites["迟报"].reporter.user_id)) == [("迟报", "late")]
    assert await _duties(viewer, region=COUNTY_B) == []
    assert await _duties(missing.reporter) == [("漏报", "missing")]
    assert await _duties(await world.user("viewer", COUNTY_B)) == []

    [found] = (await viewer.get("/reporting-duties", params={"state": "missing"})).json()["items"]
    assert (found["week"], found["hours_late"], found["report_id"]) == (WEEK, 63, None)
    assert datetime.fromisoformat(found["due_at"]) == datetime(2016, 5, 20, 10, tzinfo=UTC)
    assert [d["id"] for d in found["departments"]] == [missing.department]
    assert [r["id"] for r in found["reporters"]] == [str(missing.reporter.user_id)]
    [late] = (await viewer.get("/reporting-duties", params={"state": "late"})).json()["items"]
    assert (late["hours_late"], late["report_status"]) == (3, "returned")
    assert (await viewer.get("/reporting-duties", params={"week": "2016-05-17"})).status_code == 422


async def test_before_it_is_due_nothing_is_missing(world: World) -> None:
    here = await site(world)
    world.app.state.clock = lambda: datetime(2016, 5, 20, 10, tzinfo=UTC)
    assert await _duties(here.office) == [("测试项目", "open")]
    figures = {"week": WEEK, "group_by": "week"}
    before = await here.office.get("/statistics/reporting", params=figures)
    world.app.state.clock = lambda: datetime(2016, 5, 20, 10, 0, 1, tzinfo=UTC)
    assert await _duties(here.office) == [("测试项目", "missing")]
    asked = {"If-None-Match": before.headers["etag"]}
    after = await here.office.get("/statistics/reporting", params=figures, headers=asked)
    assert after.status_code == 200
    assert [a.json()["total"]["missing"] for a in (before, after)] == [0, 1]


async def test_stages_and_assignments_are_those_of_the_due_day(world: World) -> None:
    here = await site(world)
    world.app.state.clock = lambda: MONDAY
    end = {"to_stage": "terminated", "reason": "放弃", "happened_on": "2016-05-21"}
    await here.office.created(f"/projects/{here.project_id}/stage-transitions", end)
    assert await _duties(here.office) == [("测试项目", "missing")]
    assert await _duties(here.office, week="2016-05-23") == []
    # Under way for long, but nobody could report on it here.
    later = {"name": "后来", "region_code": COUNTY_A, "stage": "started", "stage_since": "2016-03-01"}
    await here.office.created("/projects", later)
    assert await _duties(here.office) == [("测试项目", "missing")]
    figures = await here.office.get("/statistics/reporting", params={"week": WEEK})
    assert figures.json()["total"]["expected"] == 1
    assert await _duties(here.office, week="2016-05-23") == [("后来", "open")]


async def test_the_reporting_rate(world: World, sites: dict[str, Site]) -> None:
    office = sites["按时"].office
    answer = (await office.get("/statistics/reporting")).json()
    assert (answer["week_from"], answer["week_to"]) == (WEEK, WEEK)
    told = {"expected": 3, "on_time": 1, "late": 1, "missing": 1, "open": 0, "returned": 1}
    assert answer["total"] == {**told, "rate": 66.67, "on_time_rate": 33.33}
    assert [(g["label"], g["rate"]) for g in answer["groups"]] == [
        ("漏报责任部门", 0), ("迟报责任部门", 100), ("按时责任部门", 100),
    ]  # fmt: skip
    answer = (await office.get("/statistics/reporting", params={"group_by": "reporter"})).json()
    assert [g["key"] for g in answer["groups"]] == [
        str(sites[name].reporter.user_id) for name in ("漏报", "迟报", "按时")
    ]
    weeks = {"group_by": "week", "week_from": "2016-05-09", "week_to": "2016-05-23", "region": COUNTY_A}
    answer = (await office.get("/statistics/reporting", params=weeks)).json()
    assert [(g["key"], g["expected"], g["missing"], g["open"], g["rate"]) for g in answer["groups"]] == [
        ("2016-05-09", 4, 4, 0, 0), ("2016-05-16", 3, 1, 0, 66.67), ("2016-05-23", 3, 0, 3, None),
    ]  # fmt: skip
    answer = (await office.get("/statistics/reporting", params={"group_by": "region", "region": "9901"})).json()
    assert [(g["key"], g["label"], g["expected"]) for g in answer["groups"]] == [(COUNTY_A, "甲县", 3)]
    refused = await office.get("/statistics/reporting", params={"week_from": "2010-01-04", "week_to": "2016-05-16"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "out_of_range")
    refused = await office.get("/statistics/reporting", params={"week_from": "2016-05-16", "week_to": "2016-05-09"})
    assert refused.json()["errors"][0]["code"] == "dates_out_of_order"


async def test_a_region_has_its_own_calendar_from_a_day_on(world: World) -> None:
    here = await site(world)
    own = {"region_code": COUNTY_A, "valid_from": "2016-05-21", "weekday": 4, "due_time": "17:30", "stages": ["landed"]}
    calendar = {"id": str(new_id()), **own}
    made = await here.office.created("/reporting-calendars", calendar)
    assert (made["due_time"], made["stages"], made["moves_before_holidays"]) == ("17:30", ["landed"], True)
    assert (await here.office.post("/reporting-calendars", calendar)).status_code == 200
    refused = await here.office.post("/reporting-calendars", {**calendar, "due_time": "18:00"})
    assert (refused.status_code, refused.json()["fields"]) == (409, ["due_time"])
    refused = await here.office.post("/reporting-calendars", {**own, "valid_from": "2016-05-19"})
    assert refused.json()["errors"][0]["code"] == "in_the_past"
    assert (await here.office.post("/reporting-calendars", {**own, "region_code": "9901"})).status_code == 403
    for wrong in ({"weekday": 8}, {"due_time": "24:00"}, {"stages": ["x"]}):
        assert (await here.office.post("/reporting-calendars", {**own, **wrong})).status_code == 422
    assert [c["id"] for c in (await here.reporter.get("/reporting-calendars")).json()["items"]] == [made["id"]]
    assert (await (await world.user("viewer", COUNTY_B)).get("/reporting-calendars")).json()["items"] == []

    asked = {"region": "990101001", "week_from": WEEK, "week_to": "2016-06-06"}
    weeks = (await here.reporter.get("/reporting-weeks", params=asked)).json()["weeks"]
    assert [(w["week"], datetime.fromisoformat(w["due_at"]), w["moved"], w["region_code"]) for w in weeks] == [
        ("2016-05-16", datetime(2016, 5, 20, 10, tzinfo=UTC), False, None),
        ("2016-05-23", datetime(2016, 5, 26, 9, 30, tzinfo=UTC), False, COUNTY_A),
        ("2016-05-30", datetime(2016, 6, 2, 9, 30, tzinfo=UTC), False, COUNTY_A),
        ("2016-06-06", datetime(2016, 6, 8, 9, 30, tzinfo=UTC), True, COUNTY_A),
    ]
    world.app.state.clock = lambda: MONDAY
    assert await _duties(here.office) == [("测试项目", "missing")]
    assert await _duties(here.office, week="2016-05-23") == []
    assert (await here.put(week="2016-05-23"))["due_at"].startswith("2016-05-26T09:30")
    assert (await here.office.get("/reporting-weeks", params={"region": "88"})).status_code == 422
    assert len((await here.office.get("/reporting-weeks", params={"region": COUNTY_A})).json()["weeks"]) == 6


async def test_holidays_entered_here_move_the_due_day(world: World) -> None:
    here = await site(world)
    notice = {"holidays": ["2016-05-20"], "makeup_days": [], "source": "通知"}
    assert (await here.office.put("/workday-years/2016", notice)).status_code == 201
    made = await here.put()
    assert (made["due_at"][:13], made["late"]) == ("2016-05-19T10", True)


async def test_duties_can_be_counted(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.get("/reporting-duties", params={"count": "true"})
    assert (answer.status_code, answer.json()["total"]) == (200, 0), answer.text
