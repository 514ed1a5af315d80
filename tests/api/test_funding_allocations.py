"""A region's money goes to projects, never more than came, whoever allocates at the same moment."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Sequence
from decimal import Decimal

import asyncpg
import httpx
import pytest

from tests.funding import DAY, enter, region_money, totals
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _projects(office: Client, count: int, **fields: object) -> list[str]:
    sent = [{"name": f"项目{i}", "region_code": COUNTY_A, **fields} for i in range(count)]
    return [str((await office.created("/projects", body))["id"]) for body in sent]


async def _held(
    world: World, path: str, requests: Sequence[Awaitable[httpx.Response]], most: int
) -> list[httpx.Response]:
    """Hold the record until as many requests as there are connections wait for it, then let go."""
    async with world.pool.acquire() as connection:
        async with connection.transaction():
            record = uuid.UUID(path.split("/")[2])
            await connection.execute("SELECT FROM funding_records WHERE id = $1 FOR UPDATE", record)
            tasks = [asyncio.ensure_future(request) for request in requests]
            end = asyncio.get_running_loop().time() + 3
            while await world.pool.fetchval(_WAITING) < most and asyncio.get_running_loop().time() < end:
                await asyncio.sleep(0.01)
        return list(await asyncio.gather(*tasks))


async def test_a_share_is_received_by_the_project(world: World) -> None:
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    path = await region_money(office, channel="special_construction_fund", batch=3, name="第三批")
    await enter(office, path, approved=1000, received=600)
    body = {"project_id": project, "happened_on": DAY, "amount": 250, "document_number": "县财预12号"}
    booked = await office.created(f"{path}/allocations", body)
    assert (booked["step"], booked["amount"], booked["project_id"]) == ("received", 250, project)
    await office.created(f"{path}/allocations", {**body, "amount": 50})
    [share] = (await office.get(f"{path}/allocations")).json()["items"]
    assert (share["received"], share["approved"], share["source_id"]) == (300, 0, path.split("/")[2])
    assert (share["channel"], share["batch"], share["name"]) == ("special_construction_fund", 3, "第三批")
    above = (await office.get(path)).json()
    assert (above["allocated"], above["available"]) == (300, 300)
    own = f"/funding-records/{share['id']}"
    await enter(office, own, paid=300)
    assert (await office.post(f"{own}/entries", {"step": "paid", "happened_on": DAY, "amount": 1})).status_code == 409
    approved = await office.post(f"{own}/entries", {"step": "approved", "happened_on": DAY, "amount": 1})
    assert approved.json()["errors"][0]["code"] == "not_for_allocated"
    # More of it comes by the same lock and the same rule.
    await office.created(f"{own}/entries", {"step": "received", "happened_on": DAY, "amount": 300})
    beyond = await office.post(f"{own}/entries", {"step": "received", "happened_on": DAY, "amount": 0.01})
    assert (beyond.status_code, beyond.json()["code"]) == (409, "allocation_exceeds_received")
    assert beyond.json()["totals"] == {"approved": 1000, "received": 600, "paid": 0, "allocated": 600.01}


async def test_a_refused_share_says_what_was_paid_already(world: World) -> None:
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    path = await region_money(office)
    await enter(office, path, approved=100, received=100, paid=30)
    refused = await office.post(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 71})
    told = refused.json()
    assert told["code"] == "allocation_exceeds_received"
    assert told["detail"] == "分配合计 71 连同已支付 30 将超过到位合计 100（万元）。"


async def test_a_share_is_taken_back_by_correcting_it(world: World) -> None:
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    path = await region_money(office)
    made = await enter(office, path, approved=100, received=100)
    booked = await office.created(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 80})
    lower = {
        "step": "received", "happened_on": DAY, "amount": 79, "corrects_id": made["received"]["id"], "reason": "退回",
    }  # fmt: skip
    for reasons in ({}, {"excess_reason": "先行分配"}):
        refused = await office.post(f"{path}/entries", {**lower, **reasons})
        assert (refused.status_code, refused.json()["code"]) == (409, "allocation_exceeds_received")
    share = f"/funding-records/{booked['funding_record_id']}/entries"
    back = {**lower, "amount": 30, "corrects_id": booked["id"], "reason": "调减"}
    await office.created(share, back)
    assert (await totals(world, path))["allocated"] == 30
    await office.created(f"{path}/entries", lower)
    assert (await totals(world, path))["received"] == 79
    # What the region paid itself is not there to allocate.
    await enter(office, path, paid=40)
    more = await office.post(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 10})
    assert more.json()["code"] == "allocation_exceeds_received"


async def test_wrong_allocations_are_refused(world: World) -> None:
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    path = await region_money(office, "990101001")
    await enter(office, path, approved=10, received=10)
    body = {"project_id": project, "happened_on": DAY, "amount": 1}
    outside = await office.post(f"{path}/allocations", body)
    assert (outside.status_code, outside.json()["errors"][0]["code"]) == (422, "outside_region")
    [inside] = await _projects(office, 1, region_code="990101001")
    body["project_id"] = inside
    for change, code in (
        ({"project_id": str(new_id())}, "unknown_reference"),
        ({"happened_on": "2199-01-01"}, "in_the_future"),
        ({"amount": 0}, "out_of_range"),
    ):
        answer = await office.post(f"{path}/allocations", {**body, **change})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), answer.text
    booked = await office.created(f"{path}/allocations", {**body, "id": str(new_id())})
    again = await office.post(f"{path}/allocations", {**body, "id": booked["id"]})
    assert (again.status_code, again.json()["id"]) == (200, booked["id"])
    nested = await office.post(f"/funding-records/{booked['funding_record_id']}/allocations", body)
    assert (nested.status_code, nested.json()["code"]) == (409, "not_a_regions_money")
    assert (await totals(world, path))["allocated"] == 1
    stranger = await world.user("dispatcher", COUNTY_B)
    assert (await stranger.post(f"{path}/allocations", body)).status_code == 404


async def test_a_department_spends_its_share_but_does_not_widen_it(world: World) -> None:
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    department = await world.department()
    await office.created(f"/projects/{project}/assignments", {"role": "responsible", "department_id": department})
    bureau = await world.user("department", department_id=department)
    path = await region_money(office)
    await enter(office, path, approved=10, received=10)
    booked = await office.created(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 4})
    own = f"/funding-records/{booked['funding_record_id']}"
    await enter(bureau, own, paid=2)
    wider = await bureau.post(f"{own}/entries", {"step": "received", "happened_on": DAY, "amount": 1})
    assert wider.status_code == 403
    assert (await bureau.get(own)).json()["source_id"] == path.split("/")[2]


@pytest.mark.parametrize("one_project", [True, False])
async def test_twenty_allocations_at_once_never_exceed_what_came(world: World, one_project: bool) -> None:
    office = await world.user("dispatcher")
    projects = (await _projects(office, 1)) * 20 if one_project else await _projects(office, 20)
    path = await region_money(office)
    await enter(office, path, approved=100, received=100)
    requests = [
        office.post(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 9})
        for project in projects
    ]
    answers = await _held(world, path, requests, 8)
    assert Counter(a.status_code for a in answers) == {201: 11, 409: 9}, [a.text for a in answers][:3]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"allocation_exceeds_received"}
    assert (await totals(world, path))["allocated"] == 99
    booked = await world.pool.fetchval("SELECT sum(amount) FROM funding_entries WHERE step = 'received' AND amount = 9")
    assert booked == 99
    shares = (await office.get(f"{path}/allocations?limit=100")).json()["items"]
    assert sum(share["received"] for share in shares) == 99
    assert len(shares) == (1 if one_project else 11)


async def test_allocating_and_taking_away_at_once(world: World) -> None:
    """Received is corrected down to 10 while shares of 9 are given: what stands in the end adds up."""
    office = await world.user("dispatcher")
    projects = await _projects(office, 6)
    path = await region_money(office)
    made = await enter(office, path, approved=100, received=100)
    lower = {"step": "received", "happened_on": DAY, "corrects_id": made["received"]["id"], "reason": "退回"}
    requests = [
        office.post(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 9})
        for project in projects
    ]
    requests.insert(3, office.post(f"{path}/entries", {**lower, "amount": 10}))
    answers = await _held(world, path, requests, 7)
    assert {a.status_code for a in answers} <= {201, 409}
    now = await totals(world, path)
    assert now["allocated"] <= now["received"]
    assert now["allocated"] == 9 * sum(
        a.status_code == 201 for a in answers if "corrects_id" not in a.request.content.decode()
    )


async def test_two_corrections_of_one_entry_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    path = await region_money(office)
    made = await enter(office, path, approved=100)
    fix = {"step": "approved", "happened_on": DAY, "corrects_id": made["approved"]["id"], "reason": "录错"}
    requests = [office.post(f"{path}/entries", {**fix, "amount": amount}) for amount in (90, 91, 92, 93)]
    answers = await _held(world, path, requests, 4)
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 3}
    [kept] = [a.json()["amount"] for a in answers if a.status_code == 201]
    assert (await totals(world, path))["approved"] == kept


async def test_plain_sql_in_parallel_is_held_too(world: World) -> None:
    """Twenty connections insert allocations past the service."""
    office = await world.user("dispatcher")
    [project] = await _projects(office, 1)
    path = await region_money(office)
    await enter(office, path, approved=100, received=100)
    share = (await office.created(f"{path}/allocations", {"project_id": project, "happened_on": DAY, "amount": 1}))[
        "funding_record_id"
    ]

    async def take() -> bool:
        statement = (
            "INSERT INTO funding_entries (id, funding_record_id, step, happened_on, amount, recorded_at)"
            " VALUES ($1, $2, 'received', '2015-01-01', $3, now())"
        )
        try:
            await world.pool.execute(statement, new_id(), uuid.UUID(share), Decimal(9))
        except asyncpg.CheckViolationError:
            return False
        return True

    assert sum(await asyncio.gather(*[take() for _ in range(20)])) == 11
    assert await totals(world, path) == {"applied": 0, "approved": 100, "received": 100, "paid": 0, "allocated": 100}
