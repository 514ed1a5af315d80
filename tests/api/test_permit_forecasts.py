"""Milestones that wait for permits: moved, named, given back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.services.permit_refresh import refresh
from tests.parallel import all_at_once
from tests.world import COUNTY_A, Client, World

TODAY = datetime(2026, 3, 20, 4, tzinfo=UTC)  # a Friday


@pytest.fixture(autouse=True)
async def a_known_day(world: World) -> None:
    world.app.state.clock = lambda: TODAY


class Site:
    """A project whose start waits for a construction permit, and whose roof waits for the start."""

    def __init__(self, office: Client, project: str, permit: str, start: str, roof: str) -> None:
        self.office, self.project, self.permit, self.start, self.roof = office, project, permit, start, roof

    @classmethod
    async def made(cls, office: Client) -> Site:
        made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A})
        project = f"/projects/{made['id']}"
        start = await office.created(
            f"{project}/milestones", {"name": "开工", "duration_days": 5, "planned_finish": "2026-03-31"}
        )
        roof = await office.created(
            f"{project}/milestones",
            {"name": "封顶", "duration_days": 10, "planned_finish": "2026-04-10", "predecessor_ids": [start["id"]]},
        )
        permit = await office.created(
            f"{project}/permits",
            {"kind": "construction_permit", "time_limit_days": 7, "milestone_ids": [start["id"]]},
        )
        return cls(office, project, f"/permits/{permit['id']}", start["id"], roof["id"])

    async def record(self, kind: str, day: str) -> None:
        await self.office.created(f"{self.permit}/events", {"kind": kind, "happened_on": day})

    async def forecasts(self) -> list[str | None]:
        return [(await self.milestone(m))["forecast_finish"] for m in (self.start, self.roof)]

    async def milestone(self, milestone: str) -> dict[str, Any]:
        answer = await self.office.get(f"/milestones/{milestone}")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_a_permit_not_issued_moves_what_waits_and_what_follows(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    # Applied for today it is there on the 31st; five days of work end on 8 April (the 6th is off), ten on the 22nd.
    assert await site.forecasts() == ["2026-04-08", "2026-04-22"]
    start, roof = await site.milestone(site.start), await site.milestone(site.roof)
    permit_id = site.permit.removeprefix("/permits/")
    named = {"id": permit_id, "kind": "construction_permit", "name": None}
    assert (start["permit_ids"], start["moved_by_permit"]) == ([permit_id], named)
    assert (roof["permit_ids"], roof["moved_by_permit"]) == ([], named)
    shown = (await site.office.get(site.permit)).json()
    assert [m["id"] for m in shown["milestones"]] == [site.start]
    assert [(m["name"], m["planned_finish"], m["forecast_finish"]) for m in shown["moves"]] == [
        ("开工", "2026-03-31", "2026-04-08"), ("封顶", "2026-04-10", "2026-04-22"),
    ]  # fmt: skip

    await site.record("accepted", "2026-03-16")  # due on the 25th
    assert await site.forecasts() == ["2026-04-01", "2026-04-16"]
    await site.record("supplement_requested", "2026-03-18")
    assert await site.forecasts() == ["2026-04-03", "2026-04-20"]
    await site.record("supplemented", "2026-03-19")
    await site.record("issued", "2026-03-20")
    assert await site.forecasts() == [None, None], "issued in time, the plan stands"
    assert (await site.milestone(site.roof))["moved_by_permit"] is None
    logged = await world.pool.fetchval(
        "SELECT count(*) FROM changes WHERE resource = 'milestone' AND diff ? 'forecast_finish' AND action = 'updated'"
    )
    assert logged == 10


async def test_a_schedule_begins_the_workday_after_the_permit(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    await site.record("accepted", "2026-03-18")  # due on Friday the 27th
    made = await site.office.created(f"{site.project}/schedules", {"deadline": "2026-12-31"})
    assert [(m["earliest_start"], m["earliest_finish"]) for m in made["milestones"]] == [
        ("2026-03-30", "2026-04-03"), ("2026-04-07", "2026-04-20"),
    ]  # fmt: skip
    await site.record("issued", "2026-03-19")
    made = await site.office.created(f"{site.project}/schedules", {"deadline": "2026-12-31"})
    assert made["milestones"][0]["earliest_start"] == "2026-03-20", "issued, nothing is waited for"


async def test_without_a_duration_it_is_not_done_before_the_permit(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A})
    milestone = await office.created(f"/projects/{made['id']}/milestones", {"name": "开工"})
    permit = {"kind": "construction_permit", "expected_on": "2026-03-28", "milestone_ids": [milestone["id"]]}
    await office.created(f"/projects/{made['id']}/permits", permit)  # a Saturday
    assert (await office.get(f"/milestones/{milestone['id']}")).json()["forecast_finish"] == "2026-03-30"


async def test_what_was_stated_comes_back(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    office = site.office
    before = await office.get(f"/milestones/{site.start}")
    # Stated later than the permit allows: that is the forecast, and no permit moves it.
    later = await office.patch(
        f"/milestones/{site.start}", {"forecast_finish": "2026-05-15"}, etag=before.headers["etag"]
    )
    assert (later.status_code, later.json()["moved_by_permit"]) == (200, None)
    assert await site.forecasts() == ["2026-05-15", None]
    sooner = await office.patch(
        f"/milestones/{site.start}", {"forecast_finish": "2026-04-02"}, etag=later.headers["etag"]
    )
    assert sooner.json()["forecast_finish"] == "2026-04-08"
    unlinked = await office.delete(f"{site.permit}/milestones/{site.start}")
    assert (unlinked.status_code, unlinked.json()["milestones"], unlinked.json()["moves"]) == (200, [], [])
    assert await site.forecasts() == ["2026-04-02", None]
    linked = await office.put(f"{site.permit}/milestones/{site.start}", None)
    assert linked.status_code == 200, linked.text
    assert await site.forecasts() == ["2026-04-08", "2026-04-22"]
    same = await office.put(f"{site.permit}/milestones/{site.start}", None)
    assert same.headers["etag"] == linked.headers["etag"]


async def test_begun_work_waits_no_more(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    now = await site.office.get(f"/milestones/{site.start}")
    begun = await site.office.patch(f"/milestones/{site.start}", {"status": "in_progress"}, etag=now.headers["etag"])
    assert begun.status_code == 200, begun.text
    assert await site.forecasts() == [None, None]


async def test_dependencies_and_milestones_that_change_move_along(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    roof = await site.office.get(f"/milestones/{site.roof}")
    free = await site.office.patch(f"/milestones/{site.roof}", {"predecessor_ids": []}, etag=roof.headers["etag"])
    assert free.json()["forecast_finish"] is None
    start = await site.office.get(f"/milestones/{site.start}")
    gone = await site.office.delete(f"/milestones/{site.start}", etag=start.headers["etag"])
    assert gone.status_code == 204, gone.text
    assert (await site.office.get(site.permit)).json()["milestones"] == []
    assert await world.pool.fetchval("SELECT count(*) FROM milestone_delays") == 0


async def test_what_the_office_expects_counts_until_it_is_past(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    stated = await site.office.patch(site.permit, {"expected_on": "2026-03-23"}, etag='"1"')
    assert stated.status_code == 200, stated.text
    assert stated.json()["clock"]["expected_issue_on"] == "2026-03-23"
    assert await site.forecasts() == [None, None]
    await refresh(world.app.state.db, TODAY + timedelta(days=4))
    # On the 24th, still not applied for: there on 2 April, work until the 10th.
    assert (await site.forecasts())[0] == "2026-04-10"


async def test_a_permit_taken_away_lets_go(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    assert (await site.office.delete(site.permit, etag='"1"')).status_code == 204
    assert await site.forecasts() == [None, None]


async def test_only_milestones_of_the_same_project_wait(world: World) -> None:
    office = await world.user("dispatcher")
    one, two = await Site.made(office), await Site.made(office)
    assert (await office.put(f"{one.permit}/milestones/{two.start}", None)).status_code == 404
    assert (await office.delete(f"{one.permit}/milestones/{two.start}")).status_code == 404
    department = await world.department()
    await office.created(f"{one.project}/assignments", {"role": "responsible", "department_id": department})
    people = await world.user("department", department_id=department)
    assert (await people.put(f"{one.permit}/milestones/{one.roof}", None)).status_code == 403


async def test_linked_at_once_it_is_linked_once(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    asks = [site.office.put(f"{site.permit}/milestones/{site.roof}", None) for _ in range(5)]
    answers = await all_at_once(world, site.project.removeprefix("/projects/"), asks)
    assert Counter(a.status_code for a in answers) == {200: 5}
    assert await world.pool.fetchval("SELECT count(*) FROM milestone_permits") == 2
    assert (await site.office.get(site.permit)).json()["version"] == 2


async def test_a_baseline_adopted_is_what_permits_move_from(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    schedule = await site.office.created(f"{site.project}/schedules", {"deadline": "2026-12-31"})
    adopted = await site.office.post(f"/schedules/{schedule['id']}/adoption", {})
    assert adopted.status_code == 201, adopted.text
    assert await site.forecasts() == [None, None], "planned late enough for the permit now"


async def test_a_plan_put_as_a_whole_moves_along(world: World) -> None:
    site = await Site.made(await world.user("dispatcher"))
    listed = (await site.office.get(f"{site.project}/milestones")).json()["items"]
    kept = ("id", "name", "duration_days", "planned_finish", "predecessor_ids")
    milestones = [{**{name: item[name] for name in kept}} for item in listed]
    milestones[1]["predecessor_ids"] = []
    path = f"{site.project}/milestone-set"
    tag = (await site.office.get(path)).headers["etag"]
    answer = await site.office.put(path, {"milestones": milestones}, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    assert await site.forecasts() == ["2026-04-08", None]
