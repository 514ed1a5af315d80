"""Polling statistics: 304 while nothing changed in the regions they are of, never when something did."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from app.data_versions import DataVersions, covering
from app.main import system_clock
from app.uow import UnitOfWork
from tests.world import COUNTY_A, COUNTY_B, Client, World

STAGES: dict[str, Any] = {"params": {"group_by": "stage"}}


async def tag(client: Client, path: str = "/statistics/projects", **kw: Any) -> str:
    answer = await client.get(path, **(kw or STAGES))
    assert answer.status_code == 200, answer.text
    found: str = answer.headers["etag"]
    assert found.startswith('W/"')
    return found


async def poll(client: Client, known: str, path: str = "/statistics/projects", **kw: Any) -> int:
    kw = kw or STAGES
    headers = {**kw.pop("headers", {}), "If-None-Match": known}
    return (await client.get(path, headers=headers, **kw)).status_code


@pytest.mark.parametrize("extension", ["", ".csv", ".xlsx", ".svg"])
@pytest.mark.parametrize("path", ["/statistics/projects", "/statistics/overview"])
async def test_unchanged_figures_are_not_sent_again(world: World, path: str, extension: str) -> None:
    viewer = await world.user("viewer")
    params: dict[str, Any] = {"params": {"group_by": "stage"} if path.endswith("projects") else {"region": COUNTY_A}}
    known = await tag(viewer, path + extension, **params)
    answer = await viewer.get(path + extension, headers={"If-None-Match": known}, **params)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == known
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Authorization, X-API-Key, Accept, Accept-Language"
    assert "ratelimit-remaining" in answer.headers
    assert await poll(viewer, '"other", ' + known, path + extension, **params) == 304
    assert await poll(viewer, '"other"', path + extension, **params) == 200
    await world.project()
    assert await poll(viewer, known, path + extension, **params) == 200


async def test_every_write_that_figures_show_changes_the_tag(world: World) -> None:
    office = await world.user("dispatcher")
    project = await world.project()
    department = await world.department()
    address = f"/projects/{project['id']}"
    assignment: dict[str, Any] = {}

    async def version() -> str:
        return str((await office.get(address)).headers["etag"])

    async def assigned() -> Any:
        answer = await office.post(f"{address}/assignments", {"role": "responsible", "department_id": department})
        assignment.update(answer.json())
        return answer

    async def renamed() -> Any:
        path = f"/departments/{department}"
        return await office.patch(path, {"name": "改名局"}, etag=(await office.get(path)).headers["etag"])

    async def region_renamed() -> Any:
        path = "/regions/9901"
        mine = await world.user("system_admin", "99")
        return await mine.patch(path, {"name": "新州"}, etag=(await mine.get(path)).headers["etag"])

    async def sector() -> Any:
        code = f"t{uuid.uuid4().hex[:8]}"
        mine = await world.user("system_admin", "99")
        return await mine.post(
            "/dictionaries/sector/entries", {"code": code, "label_zh": "旅游", "label_en": "Tourism"}
        )

    steps: dict[str, Callable[[], Awaitable[Any]]] = {
        "patched": lambda: version_patch(office, address, {"total_investment": 5}),
        "planned": lambda: office.put(
            f"{address}/annual-plans/2016", {"category": "continued", "planned_investment": 9}
        ),
        "figure": lambda: office.post(f"{address}/progress-figures", {"as_of": "2016-02-29", "completed": 1}),
        "moved": lambda: office.post(f"{address}/stage-transitions", {"to_stage": "negotiating"}),
        "suspended": lambda: office.post(f"{address}/suspensions", {"reason": "等待"}),
        "assigned": assigned,
        "department renamed": renamed,
        "region above renamed": region_renamed,
        "dictionary": sector,
        "deleted": lambda: version_delete(office, address),
    }
    for name, step in steps.items():
        known = await tag(office)
        answer = await step()
        assert answer.status_code < 300, (name, answer.text)
        assert await poll(office, known) == 200, name


async def version_patch(client: Client, address: str, body: dict[str, Any]) -> Any:
    return await client.patch(address, body, etag=(await client.get(address)).headers["etag"])


async def version_delete(client: Client, address: str) -> Any:
    return await client.delete(address, etag=(await client.get(address)).headers["etag"])


async def test_a_project_that_moves_changes_the_figures_of_both_counties(world: World) -> None:
    province = await world.user("dispatcher", "99")
    there, here = await world.user("viewer", COUNTY_A), await world.user("viewer", COUNTY_B)
    project = await world.project()
    known = await tag(there), await tag(here)
    moved = await version_patch(province, f"/projects/{project['id']}", {"region_code": COUNTY_B})
    assert moved.status_code == 200, moved.text
    assert [await poll(there, known[0]), await poll(here, known[1])] == [200, 200]


async def test_an_import_changes_the_tag_and_another_countys_does_not(world: World) -> None:
    viewer, office_b = await world.user("viewer"), await world.user("dispatcher", COUNTY_B)
    province = await world.user("viewer", "99")
    known, known_above = await tag(viewer), await tag(province)
    narrowed: dict[str, Any] = {"params": {"group_by": "stage", "region": COUNTY_A}}
    known_narrow = await tag(province, **narrowed)
    await office_b.created("/projects", {"name": "乙县项目", "region_code": "990102001"})
    assert await poll(viewer, known) == 304
    assert await poll(province, known_narrow, **narrowed) == 304
    assert await poll(province, known_above) == 200


async def test_signing_in_and_the_like_change_nothing(world: World) -> None:
    viewer = await world.user("viewer")
    known = await tag(viewer)
    admin = await world.user("system_admin")
    body = {
        "username": "zhang.san",
        "display_name": "张三",
        "region_code": COUNTY_A,
        "password": "correct horse battery",
    }
    assert (await admin.post("/users", body)).status_code == 201
    assert await poll(viewer, known) == 304


async def test_the_tag_is_of_one_question_only(world: World) -> None:
    viewer, leader = await world.user("viewer"), await world.user("leader")
    known = await tag(viewer)
    assert await poll(leader, known) == 200
    others: list[dict[str, Any]] = [
        {"params": {"group_by": "sector"}},
        {"params": {"group_by": "stage", "year": "2015"}},
        {"params": {"group_by": "stage"}, "headers": {"Accept-Language": "en"}},
        {"params": {"group_by": "stage"}, "headers": {"Accept": "text/csv"}},
    ]
    for other in others:
        assert await poll(viewer, known, **other) == 200


async def test_another_day_and_another_reach_have_another_tag(world: World) -> None:
    viewer = await world.user("viewer")
    known = await tag(viewer)
    world.app.state.clock = lambda: system_clock() + timedelta(days=1)
    try:
        tomorrow = await world.sign_in(viewer.user_id)
        assert await poll(tomorrow, known) == 200
    finally:
        world.app.state.clock = system_clock
    assert await poll(viewer, known) == 304
    await world.grant(viewer.user_id, "viewer", COUNTY_B)
    world.app.state.authenticator.forget()
    assert await poll(viewer, known) == 200


async def test_who_may_not_is_told_so_whatever_it_knows(world: World) -> None:
    viewer, rater = await world.user("viewer"), await world.user("rater")
    known = await tag(viewer)
    assert await poll(rater, known) == 403
    assert await poll(rater, "*") == 403
    assert await poll(world.anonymous(), known) == 401
    assert await poll(viewer, "*", params={"group_by": "colour"}) == 422
    assert await poll(viewer, "*") == 200


@asynccontextmanager
async def writing(world: World, region: str = COUNTY_A) -> AsyncIterator[UnitOfWork]:
    """A unit of work that has written a project and not yet committed."""
    uow = UnitOfWork(world.app.state.db, system_clock())
    identity = uow.new_id()
    connection = await uow.session.connection()
    await connection.exec_driver_sql(
        "INSERT INTO projects (id, region_code, code, name, stage, stage_since, last_activity_on)"
        f" VALUES ('{identity}', '{region}', '{identity}', '慢', 'started', '2016-01-01', '2016-01-01')"
    )
    uow.record_plain("project.created", resource_id=str(identity), region_code=region, project_id=identity)
    try:
        yield uow
    finally:
        await uow.close()


async def test_a_slower_transaction_that_commits_later_is_seen(world: World) -> None:
    viewer = await world.user("viewer")
    async with writing(world) as slow:
        await slow.flush()
        async with writing(world) as quick:
            await quick.commit()
        known = await tag(viewer)
        assert await poll(viewer, known) == 304
        await slow.commit()
    assert await poll(viewer, known) == 200
    async with writing(world) as undone:
        await undone.flush()
        known = await tag(viewer)
    assert await poll(viewer, known) == 304


async def test_writers_wait_for_each_other_only_while_they_commit(world: World) -> None:
    """The slower one has written and logged, and holds nothing the quicker one needs."""
    async with writing(world) as slow:
        await slow.flush()
        async with writing(world) as quick:
            await asyncio.wait_for(quick.commit(), 3)
        await slow.commit()
    marks = await world.pool.fetch("SELECT region_code FROM data_versions")
    assert [row["region_code"] for row in marks] == [COUNTY_A]


async def test_writers_of_many_counties_at_once_do_not_wait_in_a_circle(world: World) -> None:
    async def both(first: str, second: str) -> None:
        async with writing(world, first) as uow:
            uow.record_plain("project.updated", resource_id=str(uow.new_id()), region_code=second)
            await uow.commit()

    await asyncio.gather(*[both(*(pair)) for pair in [(COUNTY_A, COUNTY_B), (COUNTY_B, COUNTY_A)] * 6])
    assert await world.pool.fetchval("SELECT count(*) FROM changes WHERE resource = 'project'") == 24


async def test_pollers_and_writers_together_never_agree_on_old_figures(world: World) -> None:
    """Whoever is told 304 after a write was acknowledged would be told a lie."""
    office, viewer = await world.user("dispatcher"), await world.user("viewer")

    async def write() -> None:
        for number in range(15):
            await office.created("/projects", {"name": f"项目{number}", "region_code": COUNTY_A})

    async def watch() -> int:
        known, count = "", 0
        while count < 30:
            before = await world.pool.fetchval("SELECT count(*) FROM projects")
            answer = await viewer.get("/statistics/projects", params=STAGES["params"], headers={"If-None-Match": known})
            if answer.status_code == 200:
                known, count = answer.headers["etag"], answer.json()["total"]["count"]
            assert count >= before
        return count

    seen = await asyncio.gather(watch(), watch(), watch(), write(), write())
    assert list(seen) == [30, 30, 30, None, None]


async def test_those_who_ask_at_once_share_one_lookup_that_starts_after_them(world: World) -> None:
    versions, regions = DataVersions(world.app.state.db), covering([COUNTY_A])
    states = await asyncio.gather(*[versions.state(regions) for _ in range(50)])
    assert len(set(states)) == 1
    assert not versions._waiting
    assert not versions._running
    await world.project()
    assert await versions.state(regions) != states[0]


def test_what_covers_a_region() -> None:
    assert covering([COUNTY_A]) == (("", "99", "9901", "990101"), ())
    assert covering(["990101001"]) == (("", "99", "9901", "990101"), ())
    assert covering(["9901"]) == (("", "99", "9901"), ("9901",))
    assert covering([""]) == (("",), ("",))
