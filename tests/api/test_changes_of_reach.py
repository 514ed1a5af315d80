"""The change feed of those who see only what they are assigned to: told what comes and what goes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.services import due_grants, project_parties
from app.uow import SHANGHAI
from tests.api.test_changes import brief, everything
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

ACCESS = ["project_access", "reach"]


def day(offset: int) -> str:
    return str(datetime.now(SHANGHAI).date() + timedelta(days=offset))


async def told(client: Client, after: str | None = None) -> list[tuple[str, str | None]]:
    items, _ = await everything(client, after, resource=ACCESS)
    return [(item["action"], item["project_id"]) for item in items]


async def _project(office: Client, region: str = COUNTY_A) -> str:
    project = await office.created("/projects", {"name": "甲项目", "region_code": region})
    return str(project["id"])


async def _assign(office: Client, project: str, **party: Any) -> str:
    made = await office.created(f"/projects/{project}/assignments", party)
    return f"/assignments/{made['id']}"


async def _end(office: Client, address: str, on: str) -> None:
    ended = await office.patch(address, {"valid_to": on}, etag='"1"')
    assert ended.status_code == 200, ended.text


async def _pass_a_day(world: World) -> None:
    """Nobody writes to an assignment meanwhile."""
    await world.pool.execute("UPDATE assignments SET valid_from = valid_from - 1, valid_to = valid_to - 1")


async def test_a_reporter_hears_of_a_project_that_comes_and_of_one_that_goes(world: World) -> None:
    office, reporter, other = [await world.user(role) for role in ("dispatcher", "reporter", "reporter")]
    project = await _project(office)
    assert await told(reporter) == []
    address = await _assign(office, project, role="reporter", user_id=str(reporter.user_id))
    assert await told(reporter) == [("added", project)]
    _, cursor = await everything(reporter)
    await _end(office, address, day(0))
    assert await told(reporter, cursor) == [("removed", project)]
    for client in (office, other):
        assert await told(client) == []


async def test_a_department_hears_of_a_transfer_to_another(world: World) -> None:
    office = await world.user("dispatcher")
    old, new = await world.department(name="甲局"), await world.department(name="乙局")
    loses, gains = [await world.user("department", department_id=d) for d in (old, new)]
    project = await _project(office)
    address = await _assign(office, project, role="responsible", department_id=old)
    cursors = [(await everything(client))[1] for client in (loses, gains)]
    await _end(office, address, day(0))
    await _assign(office, project, role="responsible", department_id=new)
    assert await told(loses, cursors[0]) == [("removed", project)]
    assert await told(gains, cursors[1]) == [("added", project)]


async def test_who_keeps_a_project_in_another_role_does_not_hear_that_it_goes(world: World) -> None:
    office, reporter = await world.user("dispatcher"), await world.user("reporter")
    project = await _project(office)
    address = await _assign(office, project, role="reporter", user_id=str(reporter.user_id))
    await _assign(office, project, role="contact", user_id=str(reporter.user_id))
    department = await world.department(name="甲局")
    both = await world.user("reporter")
    await world.grant(both.user_id, "department", COUNTY_A, department)
    answers = await _assign(office, project, role="responsible", department_id=department)
    await _assign(office, project, role="crew", user_id=str(both.user_id))
    cursors = [(await everything(client))[1] for client in (reporter, both)]
    await _end(office, address, day(0))
    await _end(office, answers, day(0))
    assert await told(reporter, cursors[0]) == []
    assert await told(both, cursors[1]) == []
    assert (await both.get(f"/projects/{project}")).status_code == 200


async def test_what_the_calendar_brings_about_is_told_once(world: World) -> None:
    office, leaves, comes = [await world.user(role) for role in ("dispatcher", "reporter", "reporter")]
    project = await _project(office)
    await _assign(office, project, role="reporter", user_id=str(leaves.user_id), valid_to=day(1))
    await _assign(office, project, role="reporter", user_id=str(comes.user_id), valid_from=day(1))
    cursors = [(await everything(client))[1] for client in (leaves, comes)]
    db, now = world.app.state.db, datetime.now(SHANGHAI)
    assert await project_parties.announce(db, now) == 0
    await _pass_a_day(world)
    # A write on that day, before the housekeeping gets to it, takes nothing from anybody.
    etag = (await office.get(f"/projects/{project}")).headers["etag"]
    assert (await office.patch(f"/projects/{project}", {"remark": "新"}, etag=etag)).status_code == 200
    assert sum(await asyncio.gather(*[project_parties.announce(db, now) for _ in range(3)])) >= 1
    assert await project_parties.announce(db, now) == 0
    assert await told(leaves, cursors[0]) == [("removed", project)]
    assert await told(comes, cursors[1]) == [("added", project)]


async def test_a_project_that_moves_out_of_a_grant_goes_and_into_one_comes(world: World) -> None:
    prefecture, reporter = await world.user("dispatcher", "9901"), await world.user("reporter", COUNTY_A)
    wide = await world.user("reporter", "9901")
    project = await _project(prefecture)
    for client in (reporter, wide):
        # An account of the county's, whatever its grants reach.
        await world.pool.execute("UPDATE users SET region_code = $2 WHERE id = $1", client.user_id, COUNTY_A)
        await _assign(prefecture, project, role="reporter", user_id=str(client.user_id))
    cursors = [(await everything(client))[1] for client in (reporter, wide)]
    etag = (await prefecture.get(f"/projects/{project}")).headers["etag"]
    moved = await prefecture.patch(f"/projects/{project}", {"region_code": COUNTY_B}, etag=etag)
    assert moved.status_code == 200, moved.text
    assert await told(reporter, cursors[0]) == [("removed", project)]
    assert await told(wide, cursors[1]) == [("added", project)]
    assert (await reporter.get(f"/projects/{project}")).status_code == 404


async def test_rows_from_before_a_project_came_can_be_read_from_then_on(world: World) -> None:
    office, reporter = await world.user("dispatcher"), await world.user("reporter")
    project = await _project(office)
    milestone = await office.created(f"/projects/{project}/milestones", {"name": "设计"})
    _, cursor = await everything(reporter)
    await _assign(office, project, role="reporter", user_id=str(reporter.user_id))
    assert await told(reporter, cursor) == [("added", project)]
    fetched = await reporter.get(f"/projects/{project}/milestones")
    assert [item["id"] for item in fetched.json()["items"]] == [milestone["id"]]
    items, _ = await everything(reporter, project_id=project)
    assert "milestone.created" in brief(items)


async def test_many_projects_at_once_are_told_in_portions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_parties, "PORTION", 2)
    office, reporter = await world.user("dispatcher"), await world.user("reporter")
    projects = [await _project(office) for _ in range(5)]
    await world.pool.executemany(
        "INSERT INTO assignments (id, project_id, role, user_id, valid_from) VALUES ($1, $2, 'reporter', $3, $4)",
        [(new_id(), UUID(p), reporter.user_id, datetime.now(SHANGHAI).date()) for p in projects],
    )
    db, now = world.app.state.db, datetime.now(SHANGHAI)
    assert await project_parties.announce(db, now) == 5
    assert await told(reporter) == [("added", p) for p in sorted(projects)]


async def test_an_account_hears_that_its_grants_changed(world: World) -> None:
    security, reporter, other = [await world.user(role) for role in ("security_admin", "reporter", "reporter")]
    body = {"user_id": str(reporter.user_id), "role": "viewer", "region_code": COUNTY_A}
    made = await security.created("/grants", body)
    assert await told(reporter) == [("changed", None)]
    _, cursor = await everything(reporter)
    assert (await security.delete(f"/grants/{made['id']}", etag='"1"')).status_code == 204
    assert await told(reporter, cursor) == [("changed", None)]
    assert await told(other) == []


async def test_a_grant_that_runs_out_is_told_on_its_day(world: World) -> None:
    security, reporter = [await world.user(role) for role in ("security_admin", "reporter")]
    body = {"user_id": str(reporter.user_id), "role": "viewer", "region_code": COUNTY_A}
    await security.created("/grants", {**body, "valid_to": day(1)})
    await security.created("/grants", {**body, "role": "leader", "valid_from": day(2)})
    _, cursor = await everything(reporter)
    db, now = world.app.state.db, datetime.now(SHANGHAI)
    assert await due_grants.announce(db, now) == 0
    for days, expected in ((1, 1), (2, 1), (2, 0), (3, 0)):
        turned = await asyncio.gather(*[due_grants.announce(db, now + timedelta(days=days)) for _ in range(3)])
        assert sum(turned) == expected, days
    assert await told(reporter, cursor) == [("changed", None)] * 2
