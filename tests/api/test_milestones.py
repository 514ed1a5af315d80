from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.uow import SHANGHAI
from tests.milestones import chain, project_of
from tests.parallel import all_at_once
from tests.world import COUNTY_B, Client, World, new_id

DESIGN = {
    "name": "施工图设计",
    "kind": "design",
    "duration_days": 30,
    "weight": 10.5,
    "planned_start": "2016-03-01",
    "planned_finish": "2016-04-12",
    "steps": [{"name": "初步设计", "done": True, "done_on": "2016-03-10"}, {"name": "图审"}],
}


async def test_a_milestone_is_made_seen_changed_and_taken_away(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    answer = await office.post(f"{project}/milestones", DESIGN)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"'), answer.text
    made = answer.json()
    path = f"/milestones/{made['id']}"
    assert answer.headers["location"] == f"/api/v1{path}"
    assert {name: made[name] for name in DESIGN if name != "steps"} == {k: v for k, v in DESIGN.items() if k != "steps"}
    assert [(s["name"], s["done"], s["done_on"]) for s in made["steps"]] == [
        ("初步设计", True, "2016-03-10"), ("图审", False, None),
    ]  # fmt: skip
    assert (made["position"], made["status"], made["overdue"], made["project_name"]) == (0, "planned", True, "测试项目")
    assert (await office.get(path)).json() == made

    later = await office.created(f"{project}/milestones", {"name": "开工", "predecessor_ids": [made["id"]]})
    assert (later["position"], later["weight"], later["predecessor_ids"]) == (1, 1, [made["id"]])
    changed = await office.patch(path, {"duration_days": None, "name": "设计"}, etag='"1"')
    assert (changed.headers["etag"], changed.json()["name"], changed.json()["duration_days"]) == ('"2"', "设计", None)
    assert (await office.patch(path, {"name": "设计"}, etag='"2"')).headers["etag"] == '"2"'
    assert (await office.patch(path, {"name": "x"})).status_code == 428
    stale = await office.patch(path, {"name": "x"}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["name"])

    assert (await office.delete(path)).status_code == 428
    assert (await office.delete(path, etag='"2"')).status_code == 204
    assert (await office.get(path)).status_code == 404
    assert (await office.get(f"/milestones/{later['id']}")).json()["predecessor_ids"] == []
    logged = await world.pool.fetch("SELECT action, diff::text FROM changes WHERE resource = 'milestone' ORDER BY seq")
    assert [row["action"] for row in logged] == ["created", "created", "updated", "updated", "deleted"]
    assert '"duration_days": [null, 30]' in logged[0]["diff"]
    assert f'"predecessor_ids": [null, ["{made["id"]}"]]' in logged[1]["diff"]


async def test_sent_twice_under_its_own_id_it_is_one(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    [first] = await chain(office, project, "立项")
    body = {**DESIGN, "id": str(new_id()), "predecessor_ids": [first["id"]]}
    answers = await all_at_once(
        world, project.split("/")[2], [office.post(f"{project}/milestones", body) for _ in "123"]
    )
    assert sorted(a.status_code for a in answers) == [200, 200, 201]
    changes: tuple[dict[str, Any], ...] = ({"name": "别的"}, {"steps": []}, {"predecessor_ids": []})
    for change in changes:
        refused = await office.post(f"{project}/milestones", {**body, **change})
        assert (refused.status_code, refused.json()["fields"]) == (409, list(change))
    other = await project_of(office)
    assert (await office.post(f"{other}/milestones", body)).json()["code"] == "id_taken"


async def test_a_cycle_is_refused_naming_its_milestones(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    first, second, third = await chain(office, project, "立项", "设计", "开工")
    refused = await office.patch(f"/milestones/{first['id']}", {"predecessor_ids": [third["id"]]}, etag='"1"')
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/predecessor_ids", "cycle")
    assert error["message"] == "这些节点互为前置，无法排期：立项 → 设计 → 开工 → 立项"
    [fault] = refused.json()["faults"]
    assert [m["id"] for m in fault["milestones"]] == [first["id"], second["id"], third["id"]]
    own = await office.patch(f"/milestones/{first['id']}", {"predecessor_ids": [first["id"]]}, etag='"1"')
    assert own.json()["errors"][0]["code"] == "cycle"
    assert (await office.get(f"/milestones/{first['id']}")).headers["etag"] == '"1"'


async def test_an_unknown_predecessor_is_refused_and_another_projects_is_unknown(world: World) -> None:
    office = await world.user("dispatcher")
    project, other = await project_of(office), await project_of(office)
    [mine] = await chain(office, project, "立项")
    [theirs] = await chain(office, other, "立项")
    body = {"name": "设计", "predecessor_ids": [mine["id"], theirs["id"], str(new_id())], "kind": "nonsense"}
    refused = await office.post(f"{project}/milestones", body)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/kind", "unknown_code"),
        ("/predecessor_ids/1", "unknown_predecessor"),
        ("/predecessor_ids/2", "unknown_predecessor"),
    ]
    assert theirs["id"] in refused.json()["errors"][1]["message"]


async def test_of_two_halves_of_a_cycle_sent_at_once_one_is_refused(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    a = await office.created(f"{project}/milestones", {"name": "甲"})
    b = await office.created(f"{project}/milestones", {"name": "乙"})
    answers = await all_at_once(
        world,
        project.split("/")[2],
        [
            office.patch(f"/milestones/{a['id']}", {"predecessor_ids": [b["id"]]}, etag='"1"'),
            office.patch(f"/milestones/{b['id']}", {"predecessor_ids": [a["id"]]}, etag='"1"'),
        ],
    )
    assert sorted(x.status_code for x in answers) == [200, 422]


@pytest.mark.parametrize(
    ("sent", "status", "start", "finish"),
    [
        ({"status": "done"}, "done", None, "2026-03-02"),
        ({"status": "done", "actual_finish": None}, "done", None, None),
        ({"actual_finish": "2016-05-20"}, "done", None, "2016-05-20"),
        ({"actual_start": "2016-05-20"}, "in_progress", "2016-05-20", None),
        ({"status": "in_progress"}, "in_progress", "2026-03-02", None),
        ({"actual_start": "2016-05-01", "actual_finish": "2016-05-20"}, "done", "2016-05-01", "2016-05-20"),
    ],
)
async def test_a_day_implies_its_status_and_a_status_its_day(
    world: World, sent: dict[str, Any], status: str, start: str | None, finish: str | None
) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    world.app.state.clock = lambda: datetime(2026, 3, 2, 1, tzinfo=UTC)
    [made] = await chain(office, project, "立项")
    told = (await office.patch(f"/milestones/{made['id']}", sent, etag='"1"')).json()
    assert (told["status"], told["actual_start"], told["actual_finish"]) == (status, start, finish)
    fresh = await office.created(f"{project}/milestones", {"name": "同时", **sent})
    assert (fresh["status"], fresh["actual_start"], fresh["actual_finish"]) == (status, start, finish)
    back = (await office.patch(f"/milestones/{made['id']}", {"status": "planned"}, etag='"2"')).json()
    assert (back["status"], back["actual_start"], back["actual_finish"]) == ("planned", None, None)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"duration_days": 0}, "/duration_days", "out_of_range"),
        ({"duration_days": 10_001}, "/duration_days", "out_of_range"),
        ({"weight": -1}, "/weight", "out_of_range"),
        ({"weight": 100_000}, "/weight", "out_of_range"),
        ({"name": "\x00"}, "/name", "invalid_text"),
        ({"planned_start": "2016-05-01"}, "/planned_finish", "dates_out_of_order"),
        ({"actual_start": "2199-01-01"}, "/actual_start", "in_the_future"),
        ({"actual_finish": "2016-01-01", "actual_start": "2016-02-01"}, "/actual_finish", "dates_out_of_order"),
        ({"status": "planned", "actual_start": "2016-02-01"}, "/actual_start", "status_does_not_fit"),
        ({"status": "in_progress", "actual_finish": "2016-02-01"}, "/actual_finish", "status_does_not_fit"),
        ({"status": "late"}, "/status", "invalid_value"),
        ({"steps": [{"name": "x", "done_on": "2016-01-01"}]}, "/steps/0", "invalid_value"),
        ({"steps": [{"name": "x", "done": True, "done_on": "2199-01-01"}]}, "/steps/0/done_on", "in_the_future"),
        ({"responsible_user_id": "0199c1a0-7c00-7000-8000-00000000000f"}, "/responsible_user_id", "unknown_reference"),
        ({"kind": "nonsense"}, "/kind", "unknown_code"),
        ({"position": -1}, "/position", "out_of_range"),
        ({"colour": "red"}, "/colour", "unknown_field"),
    ],
)
async def test_wrong_milestones_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    made = await office.created(f"{project}/milestones", DESIGN)
    for answer in (
        await office.post(f"{project}/milestones", {**DESIGN, **change}),
        await office.patch(f"/milestones/{made['id']}", change, etag='"1"'),
    ):
        assert answer.status_code == 422, answer.text
        assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (pointer, code)


async def test_the_field_reports_and_the_office_plans(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office, stage_since="2016-01-01")
    department = await world.department()
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    people = await world.user("department", department_id=department)
    reporter = await world.user("reporter")
    await office.created(f"{project}/assignments", {"role": "reporter", "user_id": str(reporter.user_id)})
    [made] = await chain(office, project, "立项")
    path = f"/milestones/{made['id']}"
    for number, client in enumerate((people, reporter), 1):
        assert (await client.patch(path, {"planned_finish": "2016-05-01"}, etag=f'"{number}"')).status_code == 403
        assert (await client.delete(path, etag=f'"{number}"')).status_code == 403
        told = await client.patch(path, {"note": f"第{number}次", "status": "in_progress"}, etag=f'"{number}"')
        assert told.status_code == 200, told.text
    assert (await office.get(project)).json()["last_activity_on"] == str(datetime.now(SHANGHAI).date())
    stranger = await world.user("reporter")
    assert (await stranger.patch(path, {"status": "done"}, etag="*")).status_code == 404
    elsewhere = await world.user("dispatcher", COUNTY_B)
    assert (await elsewhere.get(path)).status_code == 404
    assert (await elsewhere.patch(path, {"status": "done"}, etag="*")).status_code == 404
    heard = (await people.get("/changes", params={"limit": 100})).json()["items"]
    assert [c["action"] for c in heard if c["resource"] == "milestone"] == ["created", "updated", "updated"]


async def test_milestones_across_projects(world: World) -> None:
    office, prefecture = await world.user("dispatcher"), await world.user("dispatcher", "9901")
    a, b = await project_of(office), await project_of(prefecture, COUNTY_B)
    worker = await world.user("reporter")
    ids: dict[str, str] = {}
    for project, name, fields in (
        (a, "晚", {"planned_finish": "2016-06-30", "responsible_user_id": str(worker.user_id)}),
        (a, "早", {"planned_finish": "2016-01-31", "status": "done"}),
        (a, "未定", {}),
        (b, "乙县", {"planned_finish": "2016-03-31", "kind": "land"}),
        (b, "将来", {"planned_finish": "2199-03-31"}),
    ):
        made = await prefecture.created(f"{project}/milestones", {"name": name, **fields})
        ids[name] = made["id"]

    async def names(client: Client, query: str) -> list[str]:
        answer = await client.get(f"/milestones?{query}")
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names(prefecture, "") == ["早", "乙县", "晚", "将来", "未定"]
    assert await names(office, "") == ["早", "晚", "未定"]
    assert await names(prefecture, f"region={COUNTY_B}") == ["乙县", "将来"]
    assert await names(prefecture, "overdue=true") == ["乙县", "晚"]
    assert set(await names(prefecture, "overdue=false")) == {"早", "将来", "未定"}
    assert await names(prefecture, "due_before=2016-06-30") == ["早", "乙县"]
    assert await names(prefecture, "due_from=2016-03-31&due_before=2016-07-01") == ["乙县", "晚"]
    assert await names(prefecture, f"responsible_user_id={worker.user_id}") == ["晚"]
    assert await names(prefecture, "kind=land&status=planned") == ["乙县"]
    assert await names(prefecture, f"project_id={a.split('/')[2]}&status=done") == ["早"]
    page = (await prefecture.get("/milestones?limit=2&count=true")).json()
    assert page["total"] == 5
    rest = (await prefecture.get(f"/milestones?limit=100&cursor={page['next_cursor']}")).json()["items"]
    assert [m["name"] for m in rest] == ["晚", "将来", "未定"]
    mine = (await office.get(f"{a}/milestones")).json()["items"]
    assert [m["name"] for m in mine] == ["晚", "早", "未定"]
    assert mine[0]["responsible"] == "reporter"
    await office.post(f"{a}/stage-transitions", {"to_stage": "terminated", "reason": "投资方撤资"})
    assert await names(prefecture, "overdue=true") == ["乙县"]  # nothing is overdue of what was given up


async def test_progress_is_the_weighted_share_done(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    path = f"{project}/milestone-progress"
    empty = (await office.get(path)).json()
    assert (empty["milestones"], empty["physical_percent"], empty["next"]) == (0, None, [])
    for name, weight, status in (("甲", 1, "done"), ("乙", 2, "in_progress"), ("丙", 0.0003, "planned")):
        body = {"name": name, "weight": weight, "status": status, "planned_finish": "2016-01-01"}
        await office.created(f"{project}/milestones", body)
    seen = (await office.get(path)).json()
    assert (seen["milestones"], seen["done"], seen["in_progress"], seen["overdue"]) == (3, 1, 1, 2)
    assert (seen["weight"], seen["weight_done"], seen["physical_percent"]) == (3.0003, 1, 33.33)
    assert [m["name"] for m in seen["next"]] == ["乙", "丙"]
    weightless = await project_of(office)
    await office.created(f"{weightless}/milestones", {"name": "甲", "weight": 0, "status": "done"})
    assert (await office.get(f"{weightless}/milestone-progress")).json()["physical_percent"] is None
    # 1 of 800 is 0.125 percent: half up.
    for name, weight in (("乙", 1), ("丙", 799)):
        await office.created(f"{weightless}/milestones", {"name": name, "weight": weight, "status": "done" if weight == 1 else "planned"})  # fmt: skip  # noqa: E501
    assert (await office.get(f"{weightless}/milestone-progress")).json()["physical_percent"] == 0.13
    other = await world.user("dispatcher", COUNTY_B)
    assert (await other.get(path)).status_code == 404


async def test_completed_needs_every_milestone_done(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office, stage="started")
    [made] = await chain(office, project, "竣工验收")
    refused = await office.post(f"{project}/stage-transitions", {"to_stage": "completed"})
    assert [u["code"] for u in refused.json()["unmet"]] == ["milestones_done"]
    await office.patch(f"/milestones/{made['id']}", {"status": "done"}, etag='"1"')
    assert (await office.post(f"{project}/stage-transitions", {"to_stage": "completed"})).status_code == 201
    bare = await project_of(office, stage="started")
    assert (await office.post(f"{bare}/stage-transitions", {"to_stage": "completed"})).status_code == 201


async def test_done_before_what_it_waits_for_is_a_warning(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    before, after = [each["id"] for each in await chain(office, project, "设计", "施工")]
    done = {"actual_finish": "2016-03-01"}
    told = await office.patch(f"/milestones/{after}", done, etag="*")
    assert (told.status_code, told.json()["done_before_ids"]) == (200, [before])

    async def warned() -> list[list[str]]:
        items = (await office.get(f"{project}/milestones")).json()["items"]
        assert [item["done_before_ids"] for item in items] == [
            item["done_before_ids"] for item in (await office.get(f"{project}/milestone-set")).json()["milestones"]
        ]
        return [item["done_before_ids"] for item in items]

    assert await warned() == [[], [before]]
    await office.patch(f"/milestones/{before}", {"actual_finish": "2016-03-02"}, etag="*")
    assert await warned() == [[], [before]], "finished a day later"
    await office.patch(f"/milestones/{before}", done, etag="*")
    assert await warned() == [[], []]


async def test_days_in_years_not_announced_are_provisional(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    cases = [{}, {"planned_finish": "2026-05-01"}, {"planned_start": "2026-05-01", "planned_finish": "2031-05-01"}]
    for number, fields in enumerate([*cases, {"planned_finish": "2026-05-01", "forecast_finish": "2031-05-01"}]):
        await office.created(f"{project}/milestones", {"name": f"节点{number}", **fields})

    async def shown() -> list[bool]:
        return [item["provisional"] for item in (await office.get(f"{project}/milestones")).json()["items"]]

    assert await shown() == [False, False, True, True]
    entered = {"holidays": ["2031-01-01"], "makeup_days": [], "source": "通知"}
    assert (await office.put("/workday-years/2031", entered)).status_code == 201
    assert await shown() == [False] * 4
