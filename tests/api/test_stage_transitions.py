from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import httpx
import pytest

from app.domain.stages import MOVES, ORDER
from app.uow import SHANGHAI
from tests.parallel import all_at_once
from tests.permits import let_start_without
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

READY = {"investors": ["贵州某公司"], "location": "柳城", "land_status": "settled"}


def _today() -> date:
    return datetime.now(SHANGHAI).date()


async def _project(office: Client, **fields: Any) -> str:
    made = await office.created(
        "/projects", {"name": "测试项目", "region_code": COUNTY_A, "stage_since": "2016-01-05", **fields}
    )
    return f"/projects/{made['id']}"


async def _move(client: Client, project: str, to_stage: str, **body: Any) -> httpx.Response:
    return await client.post(f"{project}/stage-transitions", {"to_stage": to_stage, **body})


async def _history(client: Client, project: str) -> list[dict[str, Any]]:
    return (await client.get(f"{project}/stage-transitions")).json()["items"]  # type: ignore[no-any-return]  # JSON


async def test_a_project_goes_through_the_whole_pipeline(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    await let_start_without(office)
    for i, stage in enumerate(ORDER[1:]):
        moved = await _move(office, project, stage, happened_on=f"2016-0{i + 2}-01", evidence="会议纪要")
        assert moved.status_code == 201, moved.text
        assert (await office.get(moved.headers["location"].removeprefix("/api/v1"))).json() == moved.json()
    seen = (await office.get(project)).json()
    assert (seen["stage"], seen["stage_since"], seen["last_activity_on"]) == ("at_capacity", "2016-08-01", "2016-08-01")
    history = await _history(office, project)
    assert [(t["from_stage"], t["to_stage"]) for t in history] == [
        (None, ORDER[0]),
        *pairwise(ORDER),
    ]
    assert history[3] == {
        **history[3],
        "happened_on": "2016-04-01",
        "evidence": "会议纪要",
        "entered_by": {"id": str(office.user_id), "name": "dispatcher"},
        "overridden": False,
        "unmet": [],
        "source": "api",
    }
    newest = await office.get(f"{project}/stage-transitions?sort=-entered_at&limit=3")
    assert [t["to_stage"] for t in newest.json()["items"]] == ["at_capacity", "in_production", "completed"]


async def test_every_unmet_condition_is_told_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, stage="landed", land_status="pending")
    await office.created(f"{project}/suspensions", {"reason": "资金未到位"})
    refused = await _move(office, project, "started")
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused")
    assert refused.json()["unmet"] == [
        {"code": "investor_or_owner", "message": "须有投资方或业主单位"},
        {"code": "location", "message": "须有建设地点"},
        {"code": "land_settled", "message": "用地须已落实"},
        {"code": "permits_issued", "message": "必备手续须已全部办结"},
        {"code": "not_suspended", "message": "项目不得处于暂停状态"},
    ]
    assert "5" in refused.json()["detail"]
    assert "落地" in refused.json()["detail"]
    answer = await office.post(
        f"{project}/stage-transitions", {"to_stage": "started"}, headers={"Accept-Language": "en"}
    )
    assert answer.json()["unmet"][4]["message"] == "the project must not be suspended"
    assert len(await _history(office, project)) == 1
    assert (await office.get(project)).json()["stage"] == "landed"


async def test_an_owner_who_has_left_is_no_owner(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, stage="negotiating")
    body = {"role": "owner", "department_id": await world.department(kind="owner"), "valid_from": "2016-01-01"}
    await office.created(f"{project}/assignments", {**body, "valid_to": "2016-02-01"})
    assert (await _move(office, project, "signed")).json()["unmet"][0]["code"] == "investor_or_owner"
    await office.created(f"{project}/assignments", {**body, "valid_from": "2016-03-01"})
    assert (await _move(office, project, "signed")).status_code == 201


async def test_an_override_needs_a_reason_and_is_visible_for_ever(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, stage="landed", land_status="pending")
    bare = await _move(office, project, "started", override=True)
    assert [(e["pointer"], e["code"]) for e in bare.json()["errors"]] == [("/reason", "reason_required")]
    moved = await _move(office, project, "started", override=True, reason="县长办公会议定")
    assert moved.status_code == 201, moved.text
    assert moved.json()["overridden"] is True
    assert moved.json()["unmet"] == ["investor_or_owner", "location", "land_settled", "permits_issued"]
    assert (await _history(office, project))[-1] == moved.json()
    # Asked for but not needed: nothing was overridden.
    onward = await _move(office, project, "completed", override=True, reason="竣工")
    assert (onward.json()["overridden"], onward.json()["unmet"]) == (False, [])


async def test_departments_move_their_projects_one_stage_on_and_no_further(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    department = await world.department()
    people = await world.user("department", department_id=department)
    assert (await _move(people, project, "negotiating")).status_code == 404
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    assert (await _move(people, project, "negotiating")).status_code == 201
    for to_stage in ("landed", "reserve", "terminated"):
        refused = await _move(people, project, to_stage, reason="特批")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), to_stage
        assert refused.json()["roles"] == ["dispatcher"]
    assert (await _move(people, project, "signed", reason="特批", override=True)).status_code == 403
    assert (await _move(people, project, "signed")).status_code == 201


async def test_a_grant_elsewhere_gives_no_power_here(world: World) -> None:
    """Dispatcher of county B and department of county A: here only the latter counts."""
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    department = await world.department()
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    both = await world.user("department", department_id=department)
    await world.grant(both.user_id, "dispatcher", COUNTY_B)
    both = await world.sign_in(both.user_id)
    world.app.state.authenticator.forget()
    assert (await _move(both, project, "signed")).status_code == 403
    assert (await _move(both, project, "negotiating")).status_code == 201


async def test_back_and_out_need_a_reason(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, stage="started")
    refused = await _move(office, project, "landed")
    assert (refused.status_code, [u["code"] for u in refused.json()["unmet"]]) == (409, ["reason"])
    assert (await _move(office, project, "landed", reason="手续撤销")).status_code == 201
    assert (await _move(office, project, "signed")).status_code == 409
    assert (await _move(office, project, "terminated")).status_code == 409
    ended = await _move(office, project, "terminated", reason="投资方退出")
    assert (ended.status_code, ended.json()["reason"]) == (201, "投资方退出")


async def test_moves_that_are_not_in_the_table_name_those_that_are(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, stage="completed")
    for to_stage in ("completed", "landed", "terminated"):
        refused = await _move(office, project, to_stage, reason="某", override=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "no_such_transition")
        assert refused.json()["allowed"] == ["in_production", "at_capacity", "started"]
        assert "投产" in refused.json()["detail"]


async def test_nothing_leads_out_of_terminated(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _move(office, project, "terminated", reason="投资方退出")
    for to_stage in ORDER:
        refused = await _move(office, project, to_stage, reason="恢复", override=True)
        assert (refused.json()["code"], refused.json()["allowed"]) == ("no_such_transition", [])
    answer = await office.post(f"{project}/suspensions", {"reason": "停"})
    assert (answer.status_code, answer.json()["code"]) == (409, "project_terminated")


async def test_terminating_ends_a_suspension(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await office.created(f"{project}/suspensions", {"reason": "停", "since": "2016-02-01"})
    assert (await _move(office, project, "terminated", reason="终止", happened_on="2016-03-01")).status_code == 201
    assert (await office.get(project)).json()["suspended_since"] is None
    [suspension] = (await office.get(f"{project}/suspensions")).json()["items"]
    assert (suspension["until"], suspension["version"]) == ("2016-03-01", 2)
    logged = await world.pool.fetch(
        "SELECT resource, action, version, project_id FROM changes"
        " WHERE resource IN ('suspension', 'project') ORDER BY seq"
    )
    assert [(r["resource"], r["action"], r["version"]) for r in logged][-2:] == [
        ("suspension", "updated", 2),
        ("project", "updated", 3),
    ]
    assert None not in {r["project_id"] for r in logged}


async def test_moves_happen_in_order_and_not_ahead(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    tomorrow = _today() + timedelta(days=1)
    for happened_on, code in {str(tomorrow): "in_the_future", "2016-01-04": "dates_out_of_order"}.items():
        refused = await _move(office, project, "negotiating", happened_on=happened_on)
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/happened_on", code)]
    assert (await _move(office, project, "negotiating", happened_on="2016-01-05")).status_code == 201
    default = await _move(office, project, "signed")
    assert default.json()["happened_on"] == str(_today())


async def test_several_moves_on_one_day_keep_their_order_whatever_their_ids(world: World) -> None:
    """Phones choose ids by their own clocks: the pipeline of a past day must not go by them."""
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    late_first = ["0199c1a0-7c00-7000-8000-000000000009", "0199c1a0-7c00-7000-8000-000000000001"]
    for stage, identity in zip(("negotiating", "signed"), late_first, strict=True):
        assert (await _move(office, project, stage, happened_on="2016-02-01", id=identity)).status_code == 201
    assert [t["to_stage"] for t in await _history(office, project)] == ["reserve", "negotiating", "signed"]
    then = await office.get("/projects?as_of=2016-02-01")
    assert [p["stage"] for p in then.json()["items"]] == ["signed"]


async def test_of_two_parallel_moves_the_second_sees_the_new_stage(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    answers = await all_at_once(world, project[10:], [_move(office, project, "negotiating") for _ in range(6)])
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 5}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"no_such_transition"}
    history = await _history(office, project)
    assert [(t["from_stage"], t["to_stage"]) for t in history] == [(None, "reserve"), ("reserve", "negotiating")]


async def test_a_move_is_entered_after_the_one_before_even_when_its_request_is_not(world: World) -> None:
    """A request that began earlier and waited for the lock comes second all the same."""
    office = await world.user("dispatcher")
    project = await _project(office, **READY)
    now = datetime.now(SHANGHAI)
    for stage, clock in (("negotiating", now), ("signed", now - timedelta(seconds=5))):
        world.app.state.clock = lambda clock=clock: clock
        assert (await _move(office, project, stage, happened_on="2016-02-01")).status_code == 201
    assert [t["to_stage"] for t in await _history(office, project)] == ["reserve", "negotiating", "signed"]
    assert [p["stage"] for p in (await office.get("/projects?as_of=2016-02-01")).json()["items"]] == ["signed"]


async def test_an_id_sent_again_is_the_same_move(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {"id": str(new_id()), "happened_on": "2016-03-01", "override": True, "reason": "补录"}
    made = await _move(office, project, "negotiating", **body)
    assert made.status_code == 201
    again = await _move(office, project, "negotiating", **body)
    assert (again.status_code, again.json()) == (200, made.json())
    other = await _move(office, project, "negotiating", **{**body, "happened_on": "2016-03-02"})
    assert (other.status_code, other.json()["code"], other.json()["fields"]) == (409, "id_taken", ["happened_on"])


async def test_a_move_is_a_new_version_of_its_project_and_noted(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _move(office, project, "negotiating")
    assert (await office.get(project)).headers["etag"] == '"2"'
    rows = await world.pool.fetch(
        "SELECT resource, action, diff::text FROM changes WHERE resource <> 'user' ORDER BY seq"
    )
    assert [(r["resource"], r["action"]) for r in rows][1:] == [("stage_transition", "created"), ("project", "updated")]
    assert '"stage": ["reserve", "negotiating"]' in rows[-1]["diff"]
    assert '"to_stage": [null, "negotiating"]' in rows[-2]["diff"]


async def test_history_is_never_rewritten(world: World) -> None:
    project = await _project(await world.user("dispatcher"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.pool.execute("UPDATE stage_transitions SET reason = 'x'")
    office = await world.user("dispatcher")
    assert (await office.delete(project, etag='"1"')).status_code == 204


async def test_the_rules_are_served_as_data(world: World) -> None:
    rules = (await (await world.user("rater")).get("/stage-rules")).json()
    assert [s["code"] for s in rules["stages"]] == [*ORDER, "terminated"]
    negotiating = rules["stages"][1]
    assert (negotiating["label_zh"], negotiating["label_en"], negotiating["stale_days"]) == ("洽谈", "Negotiating", 30)
    assert {(m["from_stage"], m["to_stage"]) for m in rules["transitions"]} == set(MOVES)
    known = {c["code"] for c in rules["conditions"]}
    assert {c for m in rules["transitions"] for c in m["conditions"]} == known
