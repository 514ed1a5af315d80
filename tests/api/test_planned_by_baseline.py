"""Once a schedule is adopted, planned dates are the baseline's, whoever writes; another decision changes them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import openpyxl
import pytest

from app.problems import from_database
from tests.ledger_files import COUNTY_C_LEDGER, apply_ledger, project_named
from tests.milestones import chain, project_of
from tests.parallel import all_at_once
from tests.phones import operation, sync
from tests.world import Client, World, new_id

DECISION = {"decision_reference": "县长办公会议纪要〔2026〕5号", "reason": "征地推迟"}
PLANNED = ("planned_start", "planned_finish")


@pytest.fixture(autouse=True)
def _tuesday(world: World) -> Iterator[None]:
    world.app.state.clock = lambda: datetime(2026, 9, 1, 1, tzinfo=UTC)
    return iter(())


async def adopt(office: Client, project: str, deadline: str, **decision: str) -> dict[str, Any]:
    proposed = await office.created(f"{project}/schedules", {"deadline": deadline})
    return await office.created(f"/schedules/{proposed['id']}/adoption", decision)


async def dates(office: Client, milestone: str) -> tuple[Any, ...]:
    seen = (await office.get(f"/milestones/{milestone}")).json()
    return tuple(seen[name] for name in PLANNED)


async def test_planned_dates_are_free_until_a_baseline_and_its_own_from_then_on(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    first, second = [each["id"] for each in await chain(office, project, "设计", "施工")]
    path = f"/milestones/{first}"
    free = await office.patch(path, {"planned_finish": "2026-09-18"}, etag="*")
    assert (free.status_code, free.json()["planned_finish"]) == (200, "2026-09-18")
    await adopt(office, project, "2026-09-30")
    planned = await dates(office, first)
    assert planned == ("2026-09-17", "2026-09-22")

    for body in (
        {"planned_finish": "2026-10-20"},
        {"planned_start": None},
        {"planned_finish": "2026-10-20", "note": "悄悄"},
    ):
        refused = await office.patch(path, body, etag="*")
        assert (refused.status_code, refused.json()["code"]) == (409, "planned_by_baseline"), refused.text
    told = (await office.patch(path, {"planned_finish": "2026-10-20"}, etag="*")).json()
    assert "decision_reference" in told["detail"]
    assert told["errors"] == [
        {
            "pointer": "/planned_finish",
            "code": "baseline_plans",
            "message": "节点“设计”的计划日期由第 1 号基线确定",
        }
    ]
    assert told["baseline"] == 1
    assert told["milestones"] == [{"id": first, "name": "设计", **dict(zip(PLANNED, planned, strict=True))}]
    assert (await office.get(path)).json()["note"] is None, "nothing of it was written"
    same = await office.patch(path, {"planned_finish": planned[1], "note": "照旧"}, etag="*")
    assert (same.status_code, same.json()["note"]) == (200, "照旧")

    await adopt(office, project, "2026-10-30", **DECISION)
    moved = await dates(office, first)
    assert moved > planned
    back = await office.patch(path, dict(zip(PLANNED, planned, strict=True)), etag="*")
    assert back.json()["baseline"] == 2
    rows = (await office.get(f"{project}/variance")).json()["milestones"]
    assert [row["rescheduled_days"] > 0 for row in rows] == [True, True]
    assert await dates(office, second) == tuple(rows[1]["current"][name] for name in PLANNED)


async def test_what_no_baseline_names_is_still_free(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    [gone] = await chain(office, project, "设计")
    await adopt(office, project, "2026-09-30")
    added = await office.created(f"{project}/milestones", {"name": "后加", "planned_finish": "2026-12-01"})
    moved = await office.patch(f"/milestones/{added['id']}", {"planned_finish": "2026-12-08"}, etag="*")
    assert moved.status_code == 200, moved.text
    # Deleted and made again under its id, it is the milestone the baseline planned.
    assert (await office.delete(f"/milestones/{gone['id']}", etag="*")).status_code == 204
    again = {"id": gone["id"], "name": "设计", "planned_finish": "2026-12-01"}
    refused = await office.post(f"{project}/milestones", again)
    assert (refused.status_code, refused.json()["code"]) == (409, "planned_by_baseline")
    as_planned = {"planned_start": "2026-09-23", "planned_finish": "2026-09-30"}
    assert (await office.post(f"{project}/milestones", again | as_planned)).status_code == 201


async def test_a_plan_put_as_a_whole_keeps_the_baseline(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    made = await chain(office, project, "设计", "施工")
    await adopt(office, project, "2026-09-30")
    planned = [await dates(office, each["id"]) for each in made]
    bare = [{name: each[name] for name in ("id", "name", "duration_days", "predecessor_ids")} for each in made]
    match = {"If-Match": "*"}
    extra = {"id": str(new_id()), "name": "后加", "planned_finish": "2026-12-01"}
    put = await office.put(f"{project}/milestone-set", {"milestones": [*bare, extra]}, headers=match)
    assert put.status_code == 200, put.text
    shown = [tuple(each[name] for name in PLANNED) for each in put.json()["milestones"]]
    assert shown == [*planned, (None, "2026-12-01")]
    wrong = [{**bare[0], "planned_start": None}, {**bare[1], "planned_finish": "2026-10-09"}, extra]
    refused = await office.put(f"{project}/milestone-set", {"milestones": wrong}, headers=match)
    assert (refused.status_code, refused.json()["code"]) == (409, "planned_by_baseline")
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/milestones/0", "/milestones/1"]


async def test_a_phone_cannot_move_it_either(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    [only] = await chain(office, project, "设计")
    await adopt(office, project, "2026-09-30")
    edit = operation("milestone.patch", only["id"], {"planned_finish": "2026-10-09"}, base_version=2)
    [result] = (await sync(office, edit))["results"]
    assert (result["status"], result["problem"]["code"]) == ("refused", "planned_by_baseline")
    assert await dates(office, only["id"]) == ("2026-09-23", "2026-09-30")


async def test_the_database_holds_to_it_whoever_writes(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    [only] = await chain(office, project, "设计")
    await adopt(office, project, "2026-09-30")
    with pytest.raises(asyncpg.CheckViolationError, match="planned by a baseline") as refused:
        await world.pool.execute("UPDATE milestones SET planned_finish = '2026-10-09'")
    told = from_database(refused.value)
    assert told is not None
    assert told.code == "planned_by_baseline"
    await world.pool.execute("UPDATE milestones SET status = 'in_progress', note = 'x', version = version + 1")
    assert await dates(office, only["id"]) == ("2026-09-23", "2026-09-30")


async def test_changed_and_adopted_at_once_the_plan_is_the_baselines(world: World) -> None:
    office = await world.user("dispatcher")
    project = await project_of(office)
    [only] = await chain(office, project, "设计")
    proposed = await office.created(f"{project}/schedules", {"deadline": "2026-09-30"})
    asks = [
        office.patch(f"/milestones/{only['id']}", {"planned_finish": f"2026-10-{day}"}, etag="*")
        for day in (20, 21, 22)
    ]
    asks.insert(1, office.post(f"/schedules/{proposed['id']}/adoption", {}))
    answers = await all_at_once(world, project.removeprefix("/projects/"), asks)
    assert {a.status_code for a in answers} <= {200, 201, 409}
    assert answers[1].status_code == 201
    assert await dates(office, only["id"]) == ("2026-09-23", "2026-09-30")


async def test_a_ledger_with_other_days_comes_in_and_its_row_tells(world: World) -> None:
    county = "990103"
    await world.pool.execute(
        "INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, '丙县', 'county', '9901')", county
    )
    office = await world.user("dispatcher", county)
    when = {"year": "2013", "as_of": "2013-03-01"}
    await apply_ledger(office, COUNTY_C_LEDGER, county, **when)
    project = f"/projects/{(await project_named(office, '2万吨净水厂'))['id']}"
    for each in (await office.get(f"{project}/milestones")).json()["items"]:
        await office.patch(f"/milestones/{each['id']}", {"duration_days": 10}, etag="*")
    await adopt(office, project, "2027-01-29")
    planned = {
        each["name"]: tuple(each[name] for name in PLANNED)
        for each in (await office.get(f"{project}/milestones")).json()["items"]
    }
    book = openpyxl.load_workbook(io.BytesIO(COUNTY_C_LEDGER))
    assert book.active is not None
    book.active["H4"], book.active["I4"], book.active["H5"] = "2013.4.28", "已完成", "2013.5.20"
    out = io.BytesIO()
    book.save(out)
    done = await apply_ledger(office, out.getvalue(), county, **when)
    assert done["counts"] == {"created": 0, "changed": 2, "unchanged": 13, "rejected": 0}
    row = done["rows"][0]
    assert row["changes"] == {"milestones.拆迁": [{"status": "planned"}, {"status": "done"}]}
    notes = [(note["cell"], note["code"], note["message"]) for note in row["notes"]]
    assert ("H4", "baseline_kept") in [note[:2] for note in notes]
    assert all("采用" in message for _, code, message in notes if code == "baseline_kept")
    after = (await office.get(f"{project}/milestones")).json()["items"]
    assert {each["name"]: tuple(each[name] for name in PLANNED) for each in after} == planned
    # Of a project without a baseline the day is the ledger's.
    free = await world.pool.fetchval(
        "SELECT planned_finish FROM milestones m JOIN projects p ON p.id = m.project_id"
        " WHERE p.name = '大道绿化工程' AND m.name = '融资'"
    )
    assert free == date(2013, 5, 20)
