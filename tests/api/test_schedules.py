from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

DECISION = {"decision_reference": "县长办公会议纪要〔2026〕5号", "reason": "征地推迟"}


@pytest.fixture(autouse=True)
def _monday(world: World) -> Iterator[None]:
    """2026-09-01, a Tuesday, 9 o'clock in Shanghai."""
    world.app.state.clock = lambda: datetime(2026, 9, 1, 1, tzinfo=UTC)
    return iter(())


async def _project(office: Client) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A})
    return f"/projects/{made['id']}"


async def _milestones(office: Client, project: str, *durations: int | None) -> list[str]:
    """A chain."""
    ids: list[str] = []
    for number, days in enumerate(durations):
        body = {"name": f"节点{number}", "duration_days": days, "predecessor_ids": ids[-1:]}
        ids.append((await office.created(f"{project}/milestones", body))["id"])
    return ids


async def test_a_deadline_is_counted_back_and_the_proposal_kept(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    first, second = await _milestones(office, project, 3, 5)
    answer = await office.post(f"{project}/schedules", {"deadline": "2026-10-09", "note": "国庆后完成"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/schedules/{made['id']}"
    assert [(m["latest_start"], m["latest_finish"]) for m in made["milestones"]] == [
        ("2026-09-22", "2026-09-24"), ("2026-09-28", "2026-10-09"),
    ]  # fmt: skip
    assert [(m["earliest_start"], m["earliest_finish"]) for m in made["milestones"]] == [
        ("2026-09-01", "2026-09-03"), ("2026-09-04", "2026-09-10"),
    ]  # fmt: skip
    assert [m["id"] for m in made["critical_chain"]] == [first, second]
    assert (made["slack_days"], made["late_by_days"], made["provisional"]) == (16, 0, False)
    assert (made["as_of"], made["latest_start"], made["earliest_finish"]) == ("2026-09-01", "2026-09-22", "2026-09-10")
    assert (made["baseline_id"], made["outdated"]) == (None, False)
    assert (await office.get(f"/schedules/{made['id']}")).json() == made
    [item] = (await office.get(f"{project}/schedules")).json()["items"]
    assert item == {k: v for k, v in made.items() if k != "milestones"}
    # A proposal: nothing is planned yet.
    assert (await office.get(f"/milestones/{first}")).json()["planned_finish"] is None


async def test_too_late_is_said_with_the_chain_and_unannounced_years_are_marked(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestones(office, project, 10, 10)
    late = await office.created(f"{project}/schedules", {"deadline": "2026-09-07"})
    assert (late["late_by_days"], late["slack_days"], len(late["critical_chain"])) == (15, -15, 2)
    far = await office.created(f"{project}/schedules", {"deadline": "2027-10-10"})
    assert far["provisional"]
    assert (await office.created(f"/schedules/{far['id']}/adoption", {}))["provisional"]
    assert all(m["provisional"] for m in far["milestones"])
    entered = {"holidays": [f"2027-10-0{n}" for n in range(1, 8)], "makeup_days": ["2027-10-09"], "source": "通知"}
    assert (await office.put("/workday-years/2027", entered)).status_code == 201
    told = await office.created(f"{project}/schedules", {"deadline": "2027-10-10"})
    assert (told["provisional"], told["milestones"][1]["latest_finish"]) == (False, "2027-10-09")
    assert (await office.get(f"/schedules/{far['id']}")).json()["milestones"][1]["latest_finish"] == "2027-10-08"


async def test_sent_twice_under_its_own_id_it_is_one(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestones(office, project, 1)
    body = {"id": str(new_id()), "deadline": "2026-10-09"}
    answers = await all_at_once(world, project.split("/")[2], [office.post(f"{project}/schedules", body) for _ in "12"])
    assert sorted(a.status_code for a in answers) == [200, 201]
    assert answers[0].json() == answers[1].json()
    other = await office.post(f"{project}/schedules", {**body, "deadline": "2026-10-10"})
    assert (other.status_code, other.json()["fields"]) == (409, ["deadline"])


async def test_every_milestone_that_hinders_is_named_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    assert (await office.post(f"{project}/schedules", {"deadline": "2026-10-09"})).json()["code"] == "no_milestones"
    a, b, c = await _milestones(office, project, 1, None, 1)
    # Past the API: only what writes to the tables itself can tie a knot.
    await world.pool.execute(
        "INSERT INTO milestone_dependencies (project_id, milestone_id, predecessor_id) VALUES ($1, $2, $3)",
        project.split("/")[2], a, c,
    )  # fmt: skip
    refused = await office.post(f"{project}/schedules", {"deadline": "2026-10-09"})
    assert refused.status_code == 422
    assert [(f["code"], [m["id"] for m in f["milestones"]]) for f in refused.json()["faults"]] == [
        ("duration_needed", [b]), ("cycle", [a, b, c]),
    ]  # fmt: skip
    assert [e["message"] for e in refused.json()["errors"]] == [
        "节点“节点1”没有工期（工作日）",
        "这些节点互为前置，无法排期：节点0 → 节点1 → 节点2 → 节点0",
    ]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/deadline", "missing"),
        ({"deadline": "2026-02-30"}, "/deadline", "wrong_type"),
        ({"deadline": 20260101}, "/deadline", "wrong_type"),
        ({"deadline": "1900-01-02"}, "/deadline", "beyond_calendar"),
        ({"deadline": "2026-10-01", "note": "\x00"}, "/note", "invalid_text"),
    ],
)
async def test_wrong_deadlines_are_refused(world: World, body: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestones(office, project, 30)
    answer = await office.post(f"{project}/schedules", body)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_the_first_adoption_plans_and_a_later_one_names_its_decision(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    first, second = await _milestones(office, project, 3, 5)
    one = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    answer = await office.post(f"/schedules/{one['id']}/adoption", {})
    assert answer.status_code == 201, answer.text
    baseline = answer.json()
    assert (baseline["number"], baseline["deadline"], baseline["schedule_id"]) == (1, "2026-09-30", one["id"])
    assert answer.headers["location"] == f"/api/v1/baselines/{baseline['id']}"
    assert (await office.get(f"/baselines/{baseline['id']}")).json() == baseline
    seen = (await office.get(f"/milestones/{second}")).json()
    assert (seen["planned_start"], seen["planned_finish"], seen["version"]) == ("2026-09-23", "2026-09-30", 2)
    again = await office.post(f"/schedules/{one['id']}/adoption", {})
    assert (again.status_code, again.json()) == (200, baseline)
    other = await office.post(f"/schedules/{one['id']}/adoption", DECISION)
    assert (other.status_code, other.json()["current"]["number"]) == (409, 1)
    assert (await office.get(f"/schedules/{one['id']}")).json()["baseline_id"] == baseline["id"]

    two = await office.created(f"{project}/schedules", {"deadline": "2026-10-30"})
    bare = await office.post(f"/schedules/{two['id']}/adoption", {"reason": "征地推迟"})
    assert [(e["pointer"], e["code"]) for e in bare.json()["errors"]] == [("/decision_reference", "missing")]
    changed = await office.created(f"/schedules/{two['id']}/adoption", DECISION)
    assert (changed["number"], changed["reason"]) == (2, "征地推迟")
    baselines = (await office.get(f"{project}/baselines")).json()["items"]
    assert [b["number"] for b in baselines] == [1, 2]
    assert (await office.get(f"/milestones/{first}")).json()["planned_finish"] == "2026-10-23"
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE baselines SET reason = 'x'")


async def test_what_was_computed_before_a_change_is_not_adopted(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    ids = await _milestones(office, project, 3, 5)

    async def refused_after(change: Any) -> None:
        made = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
        answer = await change
        assert answer.status_code in {200, 201, 204}, answer.text
        assert (await office.get(f"/schedules/{made['id']}")).json()["outdated"]
        refused = await office.post(f"/schedules/{made['id']}/adoption", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "schedule_outdated")

    path = f"/milestones/{ids[1]}"
    await refused_after(office.patch(path, {"duration_days": 6}, etag="*"))
    await refused_after(office.patch(path, {"predecessor_ids": []}, etag="*"))
    await refused_after(office.patch(path, {"status": "in_progress"}, etag="*"))
    await refused_after(office.patch(path, {"actual_start": "2026-08-03"}, etag="*"))
    await refused_after(office.patch(path, {"status": "done"}, etag="*"))
    await refused_after(office.post(f"{project}/milestones", {"name": "新增", "duration_days": 1}))
    await refused_after(office.delete(path, etag="*"))
    made = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    await office.patch(f"/milestones/{ids[0]}", {"name": "改名", "note": "无关"}, etag="*")
    assert (await office.post(f"/schedules/{made['id']}/adoption", {})).status_code == 201


async def test_of_adoptions_at_once_exactly_one_wins(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestones(office, project, 3, 5)
    ids = [
        (await office.created(f"{project}/schedules", {"deadline": f"2026-10-{day}"}))["id"] for day in (20, 21, 22, 23)
    ]
    answers = await all_at_once(
        world, project.split("/")[2], [office.post(f"/schedules/{i}/adoption", DECISION) for i in ids]
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"schedule_outdated"}
    same = await office.created(f"{project}/schedules", {"deadline": "2026-11-20"})
    twice = await all_at_once(
        world, project.split("/")[2], [office.post(f"/schedules/{same['id']}/adoption", DECISION) for _ in "123"]
    )
    assert sorted(a.status_code for a in twice) == [200, 200, 201]
    assert await world.pool.fetchval("SELECT count(*) FROM baselines") == 2


async def test_rescheduled_is_not_late_and_both_are_seen(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    done, moved, late = await _milestones(office, project, 3, 5, 2)
    empty = (await office.get(f"{project}/variance")).json()
    assert (empty["first_baseline"], empty["milestones"][0]["first"], empty["late"]) == (None, None, 0)
    one = await office.created(f"{project}/schedules", {"deadline": "2026-09-16"})
    await office.created(f"/schedules/{one['id']}/adoption", {})
    await office.patch(f"/milestones/{done}", {"status": "done", "actual_finish": "2026-09-01"}, etag="*")
    two = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    await office.created(f"/schedules/{two['id']}/adoption", DECISION)
    await office.patch(f"/milestones/{late}", {"forecast_finish": "2026-10-09"}, etag="*")
    seen = (await office.get(f"{project}/variance")).json()
    assert (seen["first_baseline"], seen["current_baseline"], seen["rescheduled"], seen["late"]) == (1, 2, 2, 1)
    rows = {row["id"]: row for row in seen["milestones"]}
    assert (rows[done]["finish_is"], rows[done]["rescheduled_days"]) == ("actual", 0)
    assert rows[done]["first"]["variance_days"] == -4
    assert (rows[moved]["finish_is"], rows[moved]["late"], rows[moved]["rescheduled_days"]) == ("planned", False, 10)
    assert (rows[moved]["first"]["variance_days"], rows[moved]["current"]["variance_days"]) == (10, 0)
    assert (rows[late]["finish_is"], rows[late]["late"]) == ("forecast", True)
    assert rows[late]["current"]["variance_days"] == 2
    world.app.state.clock = lambda: datetime(2026, 10, 8, 1, tzinfo=UTC)
    rows = {row["id"]: row for row in (await office.get(f"{project}/variance")).json()["milestones"]}
    assert (rows[moved]["finish"], rows[moved]["finish_is"], rows[moved]["late"]) == ("2026-10-08", "today", True)
    await office.created(f"{project}/milestones", {"name": "后加"})
    added = (await office.get(f"{project}/variance")).json()["milestones"][-1]
    assert (added["first"], added["current"], added["finish"], added["rescheduled_days"]) == (None, None, None, None)


async def test_what_a_baseline_planned_stays_when_the_milestone_goes(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    kept, gone = await _milestones(office, project, 3, 5)
    one = await office.created(f"{project}/schedules", {"deadline": "2026-09-16"})
    await office.created(f"/schedules/{one['id']}/adoption", {})
    planned = (await office.get(f"/milestones/{gone}")).json()
    assert (await office.delete(f"/milestones/{gone}", etag="*")).status_code == 204
    seen = (await office.get(f"{project}/variance")).json()
    assert (seen["removed"], seen["late"], [row["id"] for row in seen["milestones"]]) == (1, 0, [kept, gone])
    dates = {name: planned[name] for name in ("planned_start", "planned_finish")}
    assert seen["milestones"][1] == {
        "id": gone, "name": planned["name"], "status": None, "removed": True, "finish": None, "finish_is": None,
        "first": {**dates, "variance_days": None}, "current": {**dates, "variance_days": None},
        "rescheduled_days": 0, "late": False, "provisional": False,
    }  # fmt: skip
    # Of the next baseline it is no part; the first one still names it.
    two = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    await office.created(f"/schedules/{two['id']}/adoption", DECISION)
    row = (await office.get(f"{project}/variance")).json()["milestones"][1]
    assert (row["first"], row["current"], row["rescheduled_days"]) == ({**dates, "variance_days": None}, None, None)


async def test_deadlines_no_calendar_has_are_told_as_such(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    for deadline, code in (("2200-01-01", "out_of_range"), ("1899-12-31", "out_of_range"), ("soon", "wrong_type")):
        refused = await office.post(f"{project}/schedules", {"deadline": deadline})
        [error] = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, "/deadline", code)
        assert ("2199" in error["message"]) == (code == "out_of_range")


async def test_work_begun_after_its_latest_day_can_still_be_planned(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    [only] = await _milestones(office, project, 3)
    await office.patch(f"/milestones/{only}", {"actual_start": "2026-08-31"}, etag="*")
    late = await office.created(f"{project}/schedules", {"deadline": "2026-08-03"})
    assert late["milestones"][0]["latest_start"] == "2026-08-31"
    assert (await office.post(f"/schedules/{late['id']}/adoption", {})).status_code == 201


async def test_only_the_office_schedules_and_only_its_own(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestones(office, project, 3)
    made = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    leader, other = await world.user("leader"), await world.user("dispatcher", COUNTY_B)
    assert (await leader.get(f"/schedules/{made['id']}")).status_code == 200
    assert (await leader.post(f"{project}/schedules", {"deadline": "2026-09-30"})).status_code == 403
    assert (await leader.post(f"/schedules/{made['id']}/adoption", {})).status_code == 403
    for path in (f"/schedules/{made['id']}", f"{project}/schedules", f"{project}/baselines", f"{project}/variance"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{project}/schedules", {"deadline": "2026-09-30"})).status_code == 404
    assert (await other.post(f"/schedules/{made['id']}/adoption", {})).status_code == 404
