"""Money of projects and regions: records, entries, corrections; and the database refuses what the steps forbid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from tests.funding import DAY, enter, project_money, region_money, totals
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def _project(office: Client, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return str(made["id"])


async def test_money_goes_through_its_steps(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    path = await project_money(office, project)
    made = await office.get(path)
    assert made.headers["etag"] == '"1"'
    body = made.json()
    assert (body["level"], body["project_name"], body["region_code"], body["region_name"]) == (
        "project", "测试项目", COUNTY_A, "甲县",
    )  # fmt: skip
    assert [body[step] for step in ("applied", "approved", "received", "paid", "available")] == [0] * 5
    await enter(office, path, applied=1000, approved=800, received=500.000001, paid=100.5)
    again = await office.get(path)
    assert '"received":500.000001,' in again.text
    assert again.json()["available"] == 399.500001
    assert again.headers["etag"] == '"5"'
    entries = (await office.get(f"{path}/entries")).json()["items"]
    assert [e["step"] for e in entries] == ["applied", "approved", "received", "paid"]
    assert entries[0]["recorded_by"]["id"] == str(office.user_id)
    assert (await office.get(f"/funding-entries/{entries[1]['id']}")).json() == entries[1]
    assert [e["step"] for e in (await office.get(f"{path}/entries?step=paid")).json()["items"]] == ["paid"]


async def test_amounts_are_exact_to_the_fen_and_no_finer(world: World) -> None:
    office = await world.user("dispatcher")
    path = await region_money(office)
    raw = '{"step": "approved", "happened_on": "2015-01-31", "amount": 12345678901234.567891}'
    sent = await office.http.post(
        f"/api/v1{path}/entries", content=raw, headers={**office.headers, "content-type": "application/json"}
    )
    assert sent.status_code == 201, sent.text
    assert '"amount":12345678901234.567891,' in sent.text
    assert '"approved":12345678901234.567891,' in (await office.get(path)).text
    for amount in (0.0000001, 123456789012345, -1, 0, "x", None, True):
        refused = await office.post(f"{path}/entries", {"step": "paid", "happened_on": DAY, "amount": amount})
        assert refused.status_code == 422, (amount, refused.text)
    nan = await office.http.post(
        f"/api/v1{path}/entries",
        content='{"amount": NaN}',
        headers={**office.headers, "content-type": "application/json"},
    )
    assert nan.status_code == 400
    # Each amount can be kept, their sum cannot.
    beyond = {"step": "approved", "happened_on": "2015-01-31", "amount": 99_999_999_999_999}
    answer = await office.post(f"{path}/entries", beyond)
    assert answer.status_code == 422
    assert "合计数过大" in answer.json()["errors"][0]["message"]


async def test_no_step_goes_beyond_the_one_before_without_a_reason(world: World) -> None:
    office = await world.user("dispatcher")
    path = await region_money(office)
    await enter(office, path, approved=100)
    over = {"step": "received", "happened_on": DAY, "amount": 120}
    refused = await office.post(f"{path}/entries", over)
    assert (refused.status_code, refused.json()["code"]) == (409, "received_exceeds_approved")
    assert refused.json()["totals"] == {"approved": 100, "received": 120, "paid": 0, "allocated": 0}
    assert "120" in refused.json()["detail"]
    await office.created(f"{path}/entries", {**over, "excess_reason": "省里追加"})
    assert (await office.get(path)).json()["received_over_reason"] == "省里追加"
    # The reason covers what it was given for.
    more = await office.post(f"{path}/entries", {**over, "amount": 1})
    assert more.json()["code"] == "received_exceeds_approved"
    paid = await office.post(f"{path}/entries", {"step": "paid", "happened_on": DAY, "amount": 120.000001})
    assert (paid.status_code, paid.json()["code"]) == (409, "paid_exceeds_received")
    await enter(office, path, paid=120)
    # Approved afterwards: the excess and its reason are gone, and a new one needs a new reason.
    await enter(office, path, approved=20)
    assert (await office.get(path)).json()["received_over_reason"] is None
    assert (await office.post(f"{path}/entries", {**over, "amount": 0.01})).status_code == 409
    assert (await totals(world, path))["received"] == 120


async def test_a_correction_takes_the_place_of_what_it_names(world: World) -> None:
    office = await world.user("dispatcher")
    path = await region_money(office)
    made = await enter(office, path, approved=100, received=90)
    wrong = made["received"]["id"]
    fix = {"step": "received", "happened_on": "2015-07-01", "amount": 60, "corrects_id": wrong, "reason": "录错"}
    for change, pointer, code in (
        ({"reason": None}, "/reason", "reason_required"),
        ({"corrects_id": None}, "/corrects_id", "missing"),
        ({"step": "paid"}, "/step", "invalid_value"),
        ({"corrects_id": str(new_id())}, "/corrects_id", "unknown_reference"),
        ({"happened_on": "2199-01-01"}, "/happened_on", "in_the_future"),
    ):
        answer = await office.post(f"{path}/entries", {**fix, **change})
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    second = await office.created(f"{path}/entries", fix)
    assert (await totals(world, path))["received"] == 60
    twice = await office.post(f"{path}/entries", {**fix, "amount": 10})
    assert (twice.status_code, twice.json()["code"]) == (409, "entry_already_corrected")
    assert twice.json()["corrected_by_id"] == second["id"]
    await enter(office, path, paid=60)
    lower = {**fix, "corrects_id": second["id"], "amount": 59}
    assert (await office.post(f"{path}/entries", lower)).json()["code"] == "paid_exceeds_received"
    other = await region_money(office, year=2014)
    stolen = await office.post(f"{other}/entries", {**fix, "corrects_id": second["id"]})
    assert stolen.json()["errors"][0]["code"] == "unknown_reference"
    shown = (await office.get(f"{path}/entries", params={"step": "received"})).json()["items"]
    assert [(e["amount"], e["corrected_by_id"], e["reason"]) for e in shown] == [
        (90, second["id"], None), (60, None, "录错"),
    ]  # fmt: skip
    in_force = (await office.get(f"{path}/entries?in_force=true&step=received")).json()["items"]
    assert [e["id"] for e in in_force] == [second["id"]]


async def test_the_same_again_is_no_second_entry(world: World) -> None:
    office = await world.user("dispatcher")
    record = {"id": str(new_id()), "region_code": COUNTY_A, "year": 2015, "channel": "fiscal"}
    first = await office.post("/funding-records", record)
    second = await office.post("/funding-records", record)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = await office.post("/funding-records", {**record, "year": 2016})
    assert (other.status_code, other.json()["code"], other.json()["fields"]) == (409, "id_taken", ["year"])
    path = f"/funding-records/{record['id']}/entries"
    entry = {"id": str(new_id()), "step": "approved", "happened_on": DAY, "amount": 5}
    answers = [await office.post(path, entry) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert (await office.post(path, {**entry, "amount": 6})).json()["code"] == "id_taken"
    assert (await totals(world, f"/funding-records/{record['id']}"))["approved"] == 5
    same_sum = await office.post("/funding-records", {**record, "id": None})
    assert (same_sum.status_code, same_sum.json()["code"]) == (409, "duplicate")
    await office.created("/funding-records", {**record, "id": None, "name": "第二笔"})


@pytest.mark.parametrize(
    ("change", "status", "pointer", "code"),
    [
        ({"channel": "lottery"}, 422, "/channel", "unknown_code"),
        ({"channel": "special_construction_fund"}, 422, "/batch", "missing"),
        ({"batch": 0}, 422, "/batch", "out_of_range"),
        ({"year": 1900}, 422, "/year", "out_of_range"),
        ({"region_code": None}, 422, "/project_id", "one_party"),
        ({"region_code": "990101009"}, 422, "/region_code", "unknown_reference"),
        ({"project_id": str(new_id()), "region_code": None}, 422, "/project_id", "unknown_reference"),
        ({"name": "a\x00b"}, 422, "/name", "invalid_text"),
        ({"amount": 1}, 422, "/amount", "unknown_field"),
    ],
)
async def test_wrong_records_are_refused(
    world: World, change: dict[str, Any], status: int, pointer: str, code: str
) -> None:
    office = await world.user("dispatcher")
    answer = await office.post(
        "/funding-records", {"region_code": COUNTY_A, "year": 2015, "channel": "fiscal", **change}
    )
    assert answer.status_code == status, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_a_record_is_renamed_and_removed_while_empty(world: World) -> None:
    office = await world.user("dispatcher")
    path = await region_money(office)
    assert (await office.patch(path, {"name": "年初预算"})).status_code == 428
    changed = await office.patch(path, {"name": "年初预算", "remark": "县本级"}, etag='"1"')
    assert (changed.status_code, changed.json()["name"], changed.headers["etag"]) == (200, "年初预算", '"2"')
    stale = await office.patch(path, {"name": "x"}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["name"])
    assert (await office.patch(path, {"year": 2016}, etag='"2"')).status_code == 422
    assert (await office.delete(path, etag='"1"')).status_code == 412
    assert (await office.delete(path, etag='"2"')).status_code == 204
    assert (await office.get(path)).status_code == 404
    used = await region_money(office)
    await enter(office, used, approved=1)
    kept = await office.delete(used, etag='"2"')
    assert (kept.status_code, kept.json()["code"]) == (409, "funding_has_entries")


async def test_who_sees_and_who_writes(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    department = await world.department()
    await office.created(f"/projects/{project}/assignments", {"role": "responsible", "department_id": department})
    own, other = await project_money(office, project), await project_money(office, await _project(office, name="别的"))
    region = await region_money(office)
    bureau = await world.user("department", department_id=department)
    viewer, stranger = await world.user("viewer"), await world.user("dispatcher", COUNTY_B)
    reporter = await world.user("reporter", department_id=department)
    entry = {"step": "applied", "happened_on": DAY, "amount": 5}
    for client, path, reads, writes in (
        (bureau, own, 200, 201), (bureau, other, 404, 404), (bureau, region, 404, 404),
        (viewer, own, 200, 403), (viewer, region, 200, 403), (reporter, own, 200, 403), (reporter, region, 404, 403),
        (stranger, own, 404, 404), (stranger, region, 404, 404),
    ):  # fmt: skip
        assert (await client.get(path)).status_code == reads
        assert (await client.get(f"{path}/entries")).status_code == reads
        assert (await client.get(f"{path}/allocations")).status_code == reads
        assert (await client.post(f"{path}/entries", entry)).status_code == writes
    assert [r["id"] for r in (await bureau.get("/funding-records")).json()["items"]] == [own.split("/")[2]]
    assert (await stranger.get("/funding-records")).json()["items"] == []
    new = {"region_code": COUNTY_A, "year": 2016, "channel": "fiscal"}
    assert (await bureau.post("/funding-records", new)).status_code == 403
    assert (await stranger.post("/funding-records", new)).status_code == 403
    foreign = await stranger.post("/funding-records", {"project_id": project, "year": 2016, "channel": "fiscal"})
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (422, "unknown_reference")
    assert (await bureau.post("/funding-records", {"project_id": project, "year": 2016, "channel": "fiscal"})
    ).status_code == 201  # fmt: skip
    changes = (await bureau.get("/changes")).json()["items"]
    assert {c["id"] for c in changes if c["resource"] == "funding_record"} >= {own.split("/")[2]}
    assert region.split("/")[2] not in {c["id"] for c in changes}
    everything = (await office.get("/changes")).json()["items"]
    assert region.split("/")[2] in {c["id"] for c in everything}
    told = [c for c in everything if c["id"] == own.split("/")[2] and c["action"] == "updated"]
    assert told[0]["diff"] == {"applied": [0, 5]}


async def test_filters_find_money(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, name="大桥", sector="transport")
    bond = await project_money(office, project)
    fund = await region_money(office, channel="special_construction_fund", batch=2)
    town = await region_money(office, "990101001", year=2014)

    async def found(**params: Any) -> list[str]:
        items = (await office.get("/funding-records", params=params)).json()["items"]
        return [f"/funding-records/{item['id']}" for item in items]

    assert await found() == [bond, fund, town]
    assert await found(level="region") == [fund, town]
    assert await found(project_id=project) == await found(sector="transport") == await found(q="大桥") == [bond]
    assert await found(year=2014) == await found(region="990101001") == [town]
    assert await found(channel="special_construction_fund", batch=2) == [fund]
    assert await found(sort="-year") == [fund, bond, town]
    assert (await office.get("/funding-records?batch=x")).status_code == 422


async def test_money_on_record_keeps_its_project(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await project_money(office, project)
    kept = await office.delete(f"/projects/{project}", etag='"1"')
    assert (kept.status_code, kept.json()["code"]) == (409, "still_referenced")


_ENTRY = (
    "INSERT INTO funding_entries (id, funding_record_id, step, happened_on, amount, corrects_id, reason, excess_reason,"
    " recorded_at) VALUES ($1, $2::text::uuid, $3, '2015-01-01', $4, $5, $6, $7, now())"
)


async def test_the_database_itself_refuses(world: World) -> None:
    """Past the service: plain SQL, by whoever has the database's password."""
    office = await world.user("dispatcher")
    path = await region_money(office)
    record = path.split("/")[2]
    await enter(office, path, approved=100, received=80, paid=50)
    received = await world.pool.fetchval("SELECT id FROM funding_entries WHERE step = 'received'")

    async def refused(statement: str, *values: Any) -> str:
        with pytest.raises(asyncpg.PostgresError) as caught:
            await world.pool.execute(statement, *values)
        return str(getattr(caught.value, "constraint_name", None) or caught.value)

    def entry(step: str, amount: str, corrects: Any = None, reason: str | None = None) -> tuple[Any, ...]:
        return (new_id(), record, step, Decimal(amount), corrects, reason, None)

    name = "ck_funding_records_"
    assert await refused(_ENTRY, *entry("received", "20.000001")) == name + "received_within_approved"
    assert await refused(_ENTRY, *entry("paid", "30.000001")) == name + "paid_within_received"
    assert await refused(_ENTRY, *entry("received", "49", received, "少了")) == name + "paid_within_received"
    assert await refused(_ENTRY, *entry("paid", "-1")) == "ck_funding_entries_amount_positive"
    assert await refused(_ENTRY, *entry("approved", "NaN")) == "ck_funding_entries_amount_sane"
    assert await refused(_ENTRY, *entry("paid", "1", received, "挪用")) == "fk_funding_entries_corrects"
    assert await refused(_ENTRY, *entry("received", "60", received)) == "ck_funding_entries_correction_has_reason"
    assert await refused(_ENTRY, *entry("spent", "1")) == "ck_funding_entries_step_known"
    made_up = "INSERT INTO funding_records (id, region_code, year, channel, paid) "
    made_up += "VALUES (gen_random_uuid(), '99', 1999, 'other', 5)"
    for statement in (
        "UPDATE funding_records SET received = 1000, received_over = 900, received_over_reason = 'x'",
        "UPDATE funding_records SET paid = 0",
        "UPDATE funding_records SET year = 2016",
        "UPDATE funding_entries SET amount = 1",
        "DELETE FROM funding_entries",
        made_up,
    ):
        assert "never change" in (said := await refused(statement)) or "come from its entries" in said, statement
    assert await refused("DELETE FROM funding_records") == "fk_funding_entries_record"
    assert await totals(world, path) == {"applied": 0, "approved": 100, "received": 80, "paid": 50, "allocated": 0}
    # With a reason on record it may be.
    await world.pool.execute(_ENTRY, *entry("received", "30")[:-1], "省里追加")
    await world.pool.execute(_ENTRY, *entry("received", "60", received, "少了"))
    assert (await totals(world, path))["received"] == 90
