from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.accounts import log_of
from tests.reports import FRIDAY, WEEK, site
from tests.world import COUNTY_B, World, new_id

PHOTO: dict[str, Any] = {
    "taken_at": "2016-05-20T10:30:00+08:00",
    "longitude": 106.52,
    "latitude": 26.58,
    "caption": "三层楼板",
    "sha256": "A" * 64,
}


async def test_a_report_is_handed_in_seen_and_listed(world: World) -> None:
    here = await site(world)
    report_id, photo = str(new_id()), {"id": str(new_id()), **PHOTO}
    answer = await here.reporter.put(f"/reports/{report_id}", here.said(photos=[photo]))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"'), answer.text
    assert answer.headers["location"] == f"/api/v1/reports/{report_id}"
    made = answer.json()
    assert (await here.reporter.get(f"/reports/{report_id}")).json() == {**made, "open_flags": 0}
    assert (made["id"], made["status"], made["late"], made["reporter"]["id"]) == (
        report_id, "submitted", False, str(here.reporter.user_id),
    )  # fmt: skip
    assert (made["completed"], made["physical_percent"], made["problems"]) == (
        1250.5, 42.5, [{"kind": "power", "text": "施工用电容量不足"}],
    )  # fmt: skip
    times = [datetime.fromisoformat(made[name]) for name in ("due_at", "submitted_at", "made_at")]
    assert times == [
        datetime(2016, 5, 20, 10, tzinfo=UTC), FRIDAY, datetime(2016, 5, 20, 3, 5, tzinfo=UTC),
    ]  # fmt: skip
    [shown] = made["photos"]
    assert (shown["id"], shown["position"], shown["sha256"]) == (photo["id"], 0, "a" * 64)
    [first] = made["rounds"]
    assert (first["number"], first["version"], first["verdict"]) == (1, 1, None)
    assert first["content"]["completed"] == 1250.5

    for path in ("/reports", f"/projects/{here.project_id}/reports"):
        [item] = (await here.office.get(path)).json()["items"]
        assert (item["id"], item["photos"], item["problems"], item["comment"]) == (report_id, 1, 1, None)
    [logged] = await log_of(world, "report", "created")
    assert (str(logged["project_id"]), logged["version"]) == (here.project_id, 1)
    assert logged["user_ids"] == [here.reporter.user_id]


async def test_sent_again_it_is_the_same_report(world: World) -> None:
    here = await site(world)
    path, body = f"/reports/{new_id()}", here.said(photos=[{"id": str(new_id()), **PHOTO}])
    first = await here.reporter.put(path, body)
    again = await here.reporter.put(path, {**body, "completed": 1250.50, "made_at": "2016-05-20T12:00:00+08:00"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert "location" not in again.headers
    refused = await here.reporter.put(path, {**body, "completed": 1300, "note": "改"})
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"]) == (
        409, "id_taken", ["completed", "note"],
    )  # fmt: skip
    assert (refused.json()["current"]["completed"], float(refused.json()["sent"]["completed"])) == (1250.5, 1300)
    assert len(await log_of(world, "report", "created")) == 1


async def test_sent_many_times_at_once_it_is_one(world: World) -> None:
    here = await site(world)
    path, body = f"/reports/{new_id()}", here.said()
    answers = await asyncio.gather(*[here.reporter.put(path, body) for _ in range(8)])
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.text for a in answers}) == 1
    others = await asyncio.gather(*[here.reporter.put(f"/reports/{new_id()}", body) for _ in range(8)])
    assert {a.status_code for a in others} == {201}
    [project] = await world.pool.fetch("SELECT last_activity_on, version FROM projects")
    assert project["last_activity_on"] == FRIDAY.date()


async def test_the_first_report_of_a_day_makes_the_project_active(world: World) -> None:
    here = await site(world)
    before = (await here.office.get(f"/projects/{here.project_id}")).json()
    await here.put()
    after = (await here.office.get(f"/projects/{here.project_id}")).json()
    assert (after["version"], after["last_activity_on"]) == (before["version"] + 1, "2016-05-20")
    await here.put()
    assert (await here.office.get(f"/projects/{here.project_id}")).json()["version"] == after["version"]


async def test_a_project_reported_on_was_not_stale_then(world: World) -> None:
    here = await site(world)
    await here.put(completed=0)
    world.app.state.clock = lambda: FRIDAY + timedelta(days=60)
    for day, stale in (("2016-05-19", 1), ("2016-05-20", 0), ("2016-06-18", 0), ("2016-06-19", 1)):
        found = await here.office.get("/projects", params={"as_of": day, "stale": True})
        assert len(found.json()["items"]) == stale, day
    [logged] = await log_of(world, "report", "created")
    assert '"completed": [null, 0]' in logged["diff"]


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2016, 5, 20, 10, tzinfo=UTC), False),
        (datetime(2016, 5, 20, 10, 0, 0, 1, tzinfo=UTC), True),
    ],
)
async def test_after_friday_six_oclock_it_is_late(world: World, now: datetime, *, late: bool) -> None:
    here = await site(world, on=now)
    assert (await here.put())["late"] is late


async def test_a_due_day_in_a_holiday_moves_before_it(world: World) -> None:
    """Of the week of National Day 2016 the report is due on Friday, September 30; a day earlier it can be made."""
    here = await site(world, on=datetime(2016, 9, 29, 1, tzinfo=UTC))
    made = await here.put(week="2016-10-03", as_of="2016-09-29")
    assert datetime.fromisoformat(made["due_at"]) == datetime(2016, 9, 30, 10, tzinfo=UTC)


async def test_what_cannot_be_is_refused_at_once(world: World) -> None:
    here = await site(world)
    path = f"/reports/{new_id()}"
    done = [{"milestone_id": str(new_id()), "actual_finish": "2016-05-21"}]
    refused = await here.reporter.put(path, here.said(as_of="2016-05-21", milestones_done=done))
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/as_of", "in_the_future"), ("/milestones_done/0/actual_finish", "in_the_future"),
    ]  # fmt: skip
    refused = await here.reporter.put(path, here.said(week="2016-05-09", as_of="2016-05-16"))
    assert refused.json()["errors"][0]["code"] == "after_the_week"
    refused = await here.reporter.put(path, here.said(week="2016-05-30"))
    assert refused.json()["errors"][0]["code"] == "week_not_open"
    assert (await here.reporter.put(path, here.said(week="2016-05-23"))).status_code == 422  # opens at 18:00
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=6)
    assert (await here.reporter.put(path, here.said(week="2016-05-23"))).status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"week": "2016-05-17"}, "/week", "invalid_value"),
        ({"completed": -1}, "/completed", "out_of_range"),
        ({"completed": 0.00001}, "/completed", "out_of_range"),
        ({"completed": "NaN"}, "/completed", "wrong_type"),
        ({"physical_percent": 100.01}, "/physical_percent", "out_of_range"),
        ({"physical_text": "a\x00b"}, "/physical_text", "invalid_text"),
        ({"problems": [{"kind": "weather", "text": "x"}]}, "/problems/0/kind", "invalid_value"),
        ({"problems": [{"kind": "land", "text": " "}]}, "/problems/0/text", "too_short"),
        ({"photos": [{"id": str(new_id()), "longitude": 1}]}, "/photos/0", "invalid_value"),
        ({"photos": [{"id": str(new_id()), "sha256": "xyz"}]}, "/photos/0/sha256", "invalid_value"),
        ({"photos": [{"id": "00000000-0000-4000-8000-000000000000"}]}, "/photos/0/id", "wrong_type"),
        ({"made_at": "2016-05-20T11:05:00"}, "/made_at", "wrong_type"),
        ({"made_at": "9999-12-31T23:59:59-12:00"}, "/made_at", "out_of_range"),
        ({"made_at": 1463713500}, "/made_at", "wrong_type"),
        ({"as_of": None}, "/as_of", "wrong_type"),
        ({"status": "accepted"}, "/status", "unknown_field"),
        ({"corrects": "00000000-0000-7000-8000-000000000000"}, "/corrects", "unknown_reference"),
    ],
)
async def test_wrong_content_is_named(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    here = await site(world)
    refused = await here.reporter.put(f"/reports/{new_id()}", here.said(**change))
    assert refused.status_code == 422, refused.text
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]


async def test_a_photo_named_twice_is_refused(world: World) -> None:
    here = await site(world)
    photo = {"id": str(new_id())}
    refused = await here.reporter.put(f"/reports/{new_id()}", here.said(photos=[photo, photo]))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "repeated")
    await here.put(photos=[photo])
    taken = await here.reporter.put(f"/reports/{new_id()}", here.said(photos=[photo]))
    assert (taken.status_code, taken.json()["code"]) == (409, "photo_id_taken")


async def test_only_who_takes_part_reports_and_reads(world: World) -> None:
    here = await site(world)
    made = await here.put()
    mine = await world.user("department", department_id=here.department)
    assert (await mine.put(f"/reports/{new_id()}", here.said())).status_code == 201
    other = await world.user("department", department_id=await world.department(name="交通局"))
    for client in (other, await world.user("reporter"), await world.user("dispatcher", COUNTY_B)):
        assert (await client.get(f"/reports/{made['id']}")).status_code == 404
        assert (await client.put(f"/reports/{new_id()}", here.said())).status_code == 404
        assert (await client.get("/reports")).json()["items"] == []
        assert (await client.get(f"/projects/{here.project_id}/reports")).status_code == 404
    for role in ("viewer", "leader"):
        reader = await world.user(role)
        assert (await reader.get(f"/reports/{made['id']}")).status_code == 200
        assert (await reader.put(f"/reports/{new_id()}", here.said())).status_code == 403


async def test_an_id_of_a_report_one_cannot_see_tells_nothing_of_it(world: World) -> None:
    here, there = await site(world), await site(world, name="别的项目")
    made = await here.put()
    refused = await there.reporter.put(f"/reports/{made['id']}", there.said())
    assert (refused.status_code, refused.json()["code"]) == (409, "id_taken")
    assert "current" not in refused.json()
    assert (await here.office.put(f"/reports/{made['id']}", there.said())).json()["fields"] == ["project_id"]


async def test_it_is_taken_whatever_became_of_the_project(world: World) -> None:
    here = await site(world)
    await here.office.created(f"/projects/{here.project_id}/suspensions", {"reason": "等待用地"})
    milestone = str(new_id())
    assert (await here.put(milestones_done=[{"milestone_id": milestone}]))["milestones_done"] == [
        {"milestone_id": milestone, "actual_finish": None}
    ]


async def test_a_project_that_was_reported_on_stays(world: World) -> None:
    here = await site(world)
    await here.put()
    refused = await here.office.delete(f"/projects/{here.project_id}", etag="*")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_referenced")


async def test_lists_are_filtered(world: World) -> None:
    here, there = await site(world), await site(world, name="别的项目", on=FRIDAY + timedelta(hours=7))
    late = await there.put()
    world.app.state.clock = lambda: FRIDAY
    timely = await here.put(here.office, week="2016-05-09", as_of="2016-05-13")
    viewer = await world.user("viewer")

    async def ids(**params: Any) -> list[str]:
        return [item["id"] for item in (await viewer.get("/reports", params=params)).json()["items"]]

    assert await ids(sort="submitted_at") == [timely["id"], late["id"]]
    assert await ids(sort="week") == [timely["id"], late["id"]]
    assert await ids(late=True) == [late["id"], timely["id"]]
    assert await ids(week=WEEK) == [late["id"]]
    assert await ids(project_id=here.project_id) == [timely["id"]]
    assert await ids(reporter_id=str(there.reporter.user_id)) == [late["id"]]
    assert await ids(department_id=here.department) == [timely["id"]]
    assert await ids(status="returned") == []
    assert await ids(region=COUNTY_B) == []
    assert (await viewer.get("/reports", params={"colour": "red"})).status_code == 422
    mine = await here.reporter.get("/reports", params={"count": True})
    assert ([i["id"] for i in mine.json()["items"]], mine.json()["total"]) == ([timely["id"]], 1)
