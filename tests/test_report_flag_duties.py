"""Flags are worked out a moment after a report was handed in: never forgotten, never taken for "nothing odd"."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.services import report_flag_duties, report_flags
from scripts.live_server import free_port
from tests.accounts import log_of
from tests.reports import FRIDAY, Site, site
from tests.servers import kill, serve
from tests.world import World, new_id

PLAIN: dict[str, Any] = {"problems": [], "physical_percent": None}
NEXT_WEEK: dict[str, Any] = {"week": "2016-05-23", "as_of": "2016-05-27"}
DUTIES = "SELECT count(*) FROM report_flag_duties"


@pytest.fixture
async def here(world: World) -> Site:
    return await site(world, on=FRIDAY + timedelta(days=7))


async def _fallen(here: Site) -> dict[str, Any]:
    """A report whose figure is below an earlier one."""
    await here.put(**PLAIN, completed=300)
    return await here.put(**PLAIN, **NEXT_WEEK, completed=250)


async def _open_flags(here: Site, report: dict[str, Any]) -> Any:
    listed = (await here.office.get("/reports", params={"project_id": here.project_id})).json()["items"]
    return next(item["open_flags"] for item in listed if item["id"] == report["id"])


async def test_not_worked_out_yet_is_not_none(world: World, here: Site) -> None:
    report = await _fallen(here)
    assert report["open_flags"] is None
    assert await _open_flags(here, report) is None
    now = world.app.state.clock()
    assert await report_flag_duties.keep_up(world.app.state.db, now) is False
    assert (await _open_flags(here, report), await world.pool.fetchval(DUTIES)) == (1, 0)
    [raised] = await log_of(world, "report_flag", "created")
    assert (raised["actor_id"], raised["at"]) == (None, now)


ASKING = (
    "/reports/{id}",
    "/reports/{id}/flags",
    "/report-flags",
    "/reports?has_flags=true",
    "/projects/{project_id}/reports?has_flags=true",
)


@pytest.mark.parametrize("path", ASKING)
async def test_who_asks_for_flags_waits_for_them(world: World, here: Site, path: str) -> None:
    report = await _fallen(here)
    answer = (await here.office.get(path.format(**report))).json()
    assert answer["open_flags"] == 1 if "open_flags" in answer else len(answer["items"]) == 1
    assert await _open_flags(here, report) == 1


async def test_more_may_ask_at_once_than_there_are_connections(here: Site) -> None:
    """Who waits for flags to be worked out must not hold what working them out needs."""
    reports = [await here.put(**PLAIN, completed=300 - n) for n in range(40)]
    answers = await asyncio.gather(*[here.office.get(f"/reports/{report['id']}/flags") for report in reports])
    assert {answer.status_code for answer in answers} == {200}


async def test_a_project_in_hand_keeps_no_reader_and_no_other_report_waiting(world: World, here: Site) -> None:
    """As by an import, for longer than a reader waits."""
    elsewhere = await site(world, on=FRIDAY + timedelta(days=7), name="另一项目")
    held, free = await here.put(**PLAIN), await _fallen(elsewhere)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('report flags:' || $1::text, 0))", here.project_id
        )
        assert await report_flag_duties.keep_up(world.app.state.db, world.app.state.clock()) is False
        assert await _open_flags(elsewhere, free) == 1
        shown = await here.office.get(f"/reports/{held['id']}")
        assert (shown.status_code, shown.json()["open_flags"]) == (200, None)
        assert len((await elsewhere.office.get("/report-flags")).json()["items"]) == 1
        flags = await here.office.get(f"/reports/{held['id']}/flags")
        assert (flags.status_code, flags.headers["retry-after"]) == (503, "1")
    assert (await here.office.get(f"/reports/{held['id']}")).json()["open_flags"] == 0
    assert await world.pool.fetchval(DUTIES) == 0


@pytest.mark.parametrize("asked", [True, False])
async def test_many_of_a_project_in_hand_keep_no_newer_one_back(
    world: World, here: Site, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setattr(report_flag_duties, "_AT_ONCE", 2)
    elsewhere = await site(world, on=FRIDAY + timedelta(days=7), name="另一项目")
    for n in range(5):
        await here.put(**PLAIN, completed=n)
    report = await _fallen(elsewhere)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('report flags:' || $1::text, 0))", here.project_id
        )
        if asked:
            assert len((await elsewhere.office.get("/report-flags")).json()["items"]) == 1
        else:
            await report_flag_duties.keep_up(world.app.state.db, world.app.state.clock())
        assert await _open_flags(elsewhere, report) == 1


async def test_changing_a_report_or_reviewing_it_works_them_out(world: World, here: Site) -> None:
    report = await _fallen(here)
    changed = await here.reporter.patch(f"/reports/{report['id']}", {"completed": 240}, "*")
    assert changed.json()["open_flags"] == 1
    first = await here.put(**PLAIN, completed=300)
    assert (await here.review(first))["open_flags"] == 0


async def test_each_is_worked_out_in_its_own_turn_only(
    world: World, here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once more for every earlier one: of a day's many reports that would be each with each."""
    turns: list[set[str]] = []
    found = report_flags._known

    async def counting(uow: Any, report_ids: Any) -> Any:
        known = await found(uow, report_ids)
        turns.append({str(report_id) for report_id in known})
        return known

    monkeypatch.setattr(report_flags, "_known", counting)
    first, second = await here.put(**PLAIN, completed=300), await here.put(**PLAIN, completed=290)
    last = await here.put(**PLAIN, **NEXT_WEEK, completed=250)
    for report in (first, second):
        await here.office.get(f"/reports/{report['id']}")
    assert turns == [{first["id"]}, {second["id"]}]
    assert [await _open_flags(here, report) for report in (first, second, last)] == [0, 1, None]
    assert (await here.office.get(f"/reports/{last['id']}")).json()["open_flags"] == 1
    # Those that have had their turn follow what is changed later.
    await here.reporter.patch(f"/reports/{first['id']}", {"completed": 240}, "*")
    assert turns[-1] == {first["id"], second["id"], last["id"]}
    assert [await _open_flags(here, report) for report in (first, second, last)] == [0, 0, 1]


async def test_a_report_moved_past_another_is_no_longer_before_it(here: Site) -> None:
    await here.put(**PLAIN, as_of="2016-05-16", completed=300)
    moving = await here.put(**PLAIN, as_of="2016-05-17", completed=250)
    last = await here.put(**PLAIN, as_of="2016-05-18", completed=280)
    for report, count in ((moving, 1), (last, 0)):
        assert (await here.office.get(f"/reports/{report['id']}")).json()["open_flags"] == count
    for day, count in (("2016-05-20", 1), ("2016-05-17", 0)):
        await here.reporter.patch(f"/reports/{moving['id']}", {"as_of": day}, "*")
        assert await _open_flags(here, last) == count


async def test_several_processes_share_the_work(world: World, here: Site) -> None:
    db, now = world.app.state.db, world.app.state.clock()
    reports = [await here.put(**PLAIN, **NEXT_WEEK, completed=300 - n) for n in range(12)]
    await asyncio.gather(
        *[report_flag_duties.keep_up(db, now) for _ in range(4)],
        *[report_flag_duties.catch_up(db, now) for _ in range(2)],
        *[here.office.get(f"/reports/{report['id']}") for report in reports],
    )
    assert await world.pool.fetchval(DUTIES) == 0
    standing = await world.pool.fetch("SELECT report_id FROM report_flags WHERE withdrawn_at IS NULL")
    assert len(standing) == len(set(standing))


async def test_one_that_fails_keeps_no_other_back(world: World, here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, report = await here.put(**PLAIN, completed=300), await here.put(**PLAIN, **NEXT_WEEK, completed=250)
    work_out = report_flags.of_reports

    async def failing(uow: Any, report_ids: Any) -> None:
        if any(str(each) == broken["id"] for each in report_ids):
            raise RuntimeError("out of order")
        await work_out(uow, report_ids)

    monkeypatch.setattr(report_flags, "of_reports", failing)
    with pytest.raises(RuntimeError, match="out of order"):
        await report_flag_duties.keep_up(world.app.state.db, world.app.state.clock())
    shown = await here.office.get(f"/reports/{broken['id']}")
    assert (shown.status_code, shown.json()["open_flags"]) == (200, None)
    assert (await here.office.get("/report-flags")).status_code == 200
    monkeypatch.undo()
    assert await _open_flags(here, report) == 1
    assert await world.pool.fetchval(DUTIES) == 1
    await report_flag_duties.keep_up(world.app.state.db, world.app.state.clock())
    assert await world.pool.fetchval(DUTIES) == 0


async def test_killed_between_reports_and_their_flags(world: World, database_url: str, settings: Any) -> None:
    """Whatever was answered 201 is there, and its flags are worked out by whoever comes next."""
    here = await site(world, on=FRIDAY + timedelta(days=7))
    port = free_port()
    process = await serve(database_url, settings.var_dir, port, DIAODU_FLAGS_SECONDS="0")
    acknowledged: list[str] = []
    enough = asyncio.Event()

    async def write(client: httpx.AsyncClient, writer: int) -> None:
        for n in range(10_000):
            report_id = str(new_id())
            body = here.said(**PLAIN, completed=1000 - n - writer / 10)
            try:
                answer = await client.put(f"/api/v1/reports/{report_id}", json=body, headers=here.reporter.headers)
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.append(report_id)
            if len(acknowledged) >= 60:
                enough.set()

    async def kill_in_the_middle() -> None:
        await enough.wait()
        await kill(process)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        await asyncio.gather(kill_in_the_middle(), *[write(client, n) for n in range(8)])
    stored = {str(row["id"]) for row in await world.pool.fetch("SELECT id FROM reports")}
    due = {str(row["report_id"]) for row in await world.pool.fetch("SELECT report_id FROM report_flag_duties")}
    logged = {row["resource_id"] for row in await log_of(world, "report", "created")}
    rounds = {str(row["report_id"]) for row in await world.pool.fetch("SELECT report_id FROM report_rounds")}
    assert set(acknowledged) <= stored
    assert stored == due == logged == rounds
    while await report_flag_duties.keep_up(world.app.state.db, world.app.state.clock()):
        pass
    assert await world.pool.fetchval(DUTIES) == 0


async def test_a_running_service_does_it_by_itself(world: World, database_url: str, settings: Any) -> None:
    report = await _fallen(await site(world, on=FRIDAY + timedelta(days=7)))
    process = await serve(database_url, settings.var_dir, free_port())
    try:
        async with asyncio.timeout(60):
            while await world.pool.fetchval(DUTIES):
                await asyncio.sleep(0.05)
    finally:
        await kill(process)
    assert await world.pool.fetchval("SELECT count(*) FROM report_flags WHERE report_id = $1", report["id"]) == 1
