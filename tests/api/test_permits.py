"""Permits: what is said of them, what happens to them, whose days it took, and who may do what."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.parallel import all_at_once
from tests.world import COUNTY_A, Client, World, new_id

TODAY = datetime(2026, 3, 20, 4, tzinfo=UTC)  # a Friday at noon in Shanghai


@pytest.fixture(autouse=True)
async def a_known_day(world: World) -> None:
    world.app.state.clock = lambda: TODAY


async def _permit(office: Client, region: str = COUNTY_A, **fields: Any) -> str:
    project = await office.created("/projects", {"name": "测试项目", "region_code": region})
    body = {"kind": "construction_permit", **fields}
    made = await office.created(f"/projects/{project['id']}/permits", body)
    return f"/permits/{made['id']}"


async def _record(client: Client, permit: str, *events: tuple[str, str], **fields: Any) -> dict[str, Any]:
    for kind, day in events:
        await client.created(f"{permit}/events", {"kind": kind, "happened_on": day, **fields})
    return await _get(client, permit)


async def _get(client: Client, path: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_a_permit_from_application_to_issue(world: World) -> None:
    office = await world.user("dispatcher")
    bureau = await world.department(name="住建局")
    permit = await _permit(office, department_id=bureau, planned_application_on="2026-03-02")
    new = await _get(office, permit)
    assert (new["state"], new["time_limit_days"], new["mandatory"], new["mandatory_in_force"]) == (
        "not_applied", 7, None, True,
    )  # fmt: skip
    assert new["department"] == {"id": bureau, "name": "住建局"}
    assert (new["clock"]["remaining_days"], new["clock"]["due_on"], new["clock"]["running"]) == (None, None, False)
    assert new["clock"]["expected_issue_on"] == "2026-03-31"  # seven working days from today

    asked = await _record(
        office, permit, ("applied", "2026-03-02"), ("accepted", "2026-03-04"), ("supplement_requested", "2026-03-06")
    )
    assert (asked["state"], asked["clock"]["due_on"], asked["clock"]["overdue"]) == ("supplementing", None, False)
    assert {k: asked["clock"][k] for k in ("authority_days", "applicant_days", "remaining_days")} == {
        "authority_days": 2, "applicant_days": 10, "remaining_days": 5,
    }  # fmt: skip
    back = await _record(office, permit, ("supplemented", "2026-03-16"))
    assert {k: back["clock"][k] for k in ("authority_days", "applicant_days", "remaining_days", "due_on")} == {
        "authority_days": 6, "applicant_days": 6, "remaining_days": 1, "due_on": "2026-03-23",
    }  # fmt: skip
    assert (back["clock"]["running"], back["clock"]["overdue_from"]) == (True, "2026-03-24")
    issued = await _record(office, permit, ("issued", "2026-03-19"), document_number="520000202603190101")
    assert [issued[k] for k in ("state", "state_since", "applied_on", "accepted_on", "decided_on")] == [
        "issued", "2026-03-19", "2026-03-02", "2026-03-04", "2026-03-19",
    ]  # fmt: skip
    assert issued["document_number"] == "520000202603190101"
    assert [e["kind"] for e in issued["events"]] == [
        "applied", "accepted", "supplement_requested", "supplemented", "issued",
    ]  # fmt: skip
    assert (issued["clock"]["authority_days"], issued["clock"]["overdue"]) == (5, False)

    past = await _get(office, permit, as_of="2026-03-10")
    assert [past[k] for k in ("state", "state_since", "accepted_on", "decided_on", "document_number")] == [
        "supplementing", "2026-03-06", "2026-03-04", None, None,
    ]  # fmt: skip
    assert [e["kind"] for e in past["events"]] == ["applied", "accepted", "supplement_requested"]
    assert (await _get(office, permit, as_of="2026-03-20")) == issued
    then = past["clock"]
    assert [then[k] for k in ("as_of", "state", "authority_days", "applicant_days", "due_on")] == [
        "2026-03-10", "supplementing", 2, 2, None,
    ]  # fmt: skip
    before = await _get(office, permit, as_of="2026-02-01")
    assert [before[k] for k in ("state", "state_since", "applied_on", "events")] == ["not_applied", None, None, []]
    assert before["clock"]["state"] == "not_applied"


async def test_late_is_late_from_the_working_day_after(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office, time_limit_days=5)
    await _record(office, permit, ("accepted", "2026-03-06"))  # due on Friday the 13th
    for day, overdue, remaining in (("2026-03-13", False, 0), ("2026-03-15", False, 0), ("2026-03-16", True, -1)):
        clock = (await _get(office, permit, as_of=day))["clock"]
        assert (clock["overdue"], clock["remaining_days"], clock["due_on"]) == (overdue, remaining, "2026-03-13"), day


async def test_decided_late_is_late_no_more(world: World) -> None:
    """One permit, the lists and their filter say the same."""
    office = await world.user("dispatcher")
    permit = await _permit(office, time_limit_days=2)
    await _record(office, permit, ("accepted", "2026-03-02"))  # due on the 4th

    async def overdue() -> tuple[bool, list[bool], int]:
        listed = (await _get(office, "/permits"))["items"]
        late = (await _get(office, "/permits", overdue=True))["items"]
        return (await _get(office, permit))["clock"]["overdue"], [p["clock"]["overdue"] for p in listed], len(late)

    assert await overdue() == (True, [True], 1)
    decided = await _record(office, permit, ("issued", "2026-03-19"))
    assert await overdue() == (False, [False], 0)
    assert (decided["clock"]["remaining_days"], decided["clock"]["due_on"]) == (-11, "2026-03-04")
    assert (await _get(office, permit, as_of="2026-03-18"))["clock"]["overdue"] is True


async def test_a_mistake_is_corrected_by_saying_so(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office)
    await _record(office, permit, ("applied", "2026-03-02"), ("accepted", "2026-03-04"), document_number="甲1")
    accepted = (await _get(office, permit))["events"][1]["id"]
    wrong = {"kind": "accepted", "corrects": accepted, "happened_on": "2026-03-05"}
    refused = await office.post(f"{permit}/events", wrong)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/reason", "reason_required")]
    corrected = await office.created(f"{permit}/events", {**wrong, "reason": "看错日期"})
    assert (corrected["corrects"], corrected["document_number"], corrected["in_force"]) == (accepted, "甲1", True)
    assert (await _get(office, permit))["accepted_on"] == "2026-03-05"
    again = await office.post(f"{permit}/events", {**wrong, "reason": "再改"})
    assert (again.status_code, again.json()["code"]) == (409, "already_corrected")
    assert again.json()["corrected_by"] == corrected["id"]

    annulled = await office.created(
        f"{permit}/events", {"kind": "annulled", "corrects": corrected["id"], "reason": "登错项目"}
    )
    assert (await _get(office, permit))["state"] == "applied"
    everything = (await _get(office, f"{permit}/events", sort="recorded_at"))["items"]
    assert [(e["kind"], e["in_force"]) for e in everything] == [
        ("applied", True), ("accepted", False), ("accepted", False), ("annulled", False),
    ]  # fmt: skip
    assert [e["corrected_by"] for e in everything] == [None, corrected["id"], annulled["id"], None]
    counting = (await _get(office, f"{permit}/events", in_force=True))["items"]
    assert [e["kind"] for e in counting] == ["applied"]
    assert (await _get(office, f"/permit-events/{accepted}"))["happened_on"] == "2026-03-04"
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE permit_events SET happened_on = '2026-01-01'")


async def test_what_cannot_have_happened_is_refused(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office)
    await _record(office, permit, ("applied", "2026-03-02"), ("accepted", "2026-03-04"), ("issued", "2026-03-12"))
    for kind, day, state in (
        ("accepted", "2026-03-05", "accepted"),
        ("withdrawn", "2026-03-13", "issued"),
        ("supplemented", "2026-03-03", "applied"),
    ):
        refused = await office.post(f"{permit}/events", {"kind": kind, "happened_on": day})
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["state"]) == (409, "permit_event_out_of_order", state)
        assert problem["entry"] == {"id": None, "kind": kind, "on": day}
    events = (await _get(office, permit))["events"]
    gone = await office.post(f"{permit}/events", {"kind": "annulled", "corrects": events[0]["id"], "reason": "误"})
    assert gone.status_code == 201, "accepted without an application on record"
    # A request entered late, between what is there already, moves the clock back.
    late = await _record(office, permit, ("supplement_requested", "2026-03-05"), ("supplemented", "2026-03-10"))
    assert (late["state"], late["clock"]["authority_days"], late["clock"]["applicant_days"]) == ("issued", 3, 3)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"kind": "applied", "happened_on": "2026-03-21"}, "/happened_on", "in_the_future"),
        ({"kind": "annulled"}, "/corrects", "missing"),
        ({"kind": "annulled", "corrects": str(new_id()), "reason": "x"}, "/corrects", "unknown_reference"),
        ({"kind": "granted"}, "/kind", "invalid_value"),
        ({"kind": "applied", "note": "a\x00b"}, "/note", "invalid_text"),
        ({"kind": "applied", "happened_on": 20260301}, "/happened_on", "wrong_type"),
        ({"kind": "applied", "by": "x"}, "/by", "unknown_field"),
    ],
)
async def test_wrong_events_are_refused(world: World, body: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post(f"{await _permit(office)}/events", body)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"kind": "nothing"}, "/kind", "unknown_code"),
        ({"kind": "other", "time_limit_days": 0}, "/time_limit_days", "out_of_range"),
        ({"kind": "other", "time_limit_days": 10**30}, "/time_limit_days", "out_of_range"),
        ({"kind": "other", "department_id": str(new_id())}, "/department_id", "unknown_reference"),
        ({"kind": "other", "milestone_ids": [str(new_id())]}, "/milestone_ids/0", "unknown_reference"),
        ({"kind": "other", "expected_on": "2026-02-30"}, "/expected_on", "wrong_type"),
        ({"kind": "other", "state": "issued"}, "/state", "unknown_field"),
    ],
)
async def test_wrong_permits_are_refused(world: World, body: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A})
    answer = await office.post(f"/projects/{project['id']}/permits", body)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_patched_with_the_current_version_and_deleted_while_nothing_happened(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office)
    assert (await office.patch(permit, {"note": "x"})).status_code == 428
    changed = await office.patch(permit, {"time_limit_days": 3, "mandatory": False}, etag='"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"'), changed.text
    assert (changed.json()["mandatory_in_force"], changed.json()["clock"]["state"]) == (False, "not_applied")
    assert (await office.patch(permit, {}, etag='"2"')).headers["etag"] == '"2"'
    stale = await office.patch(permit, {"note": "x"}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["note"])
    assert (await office.patch(permit, {"time_limit_days": None}, etag='"2"')).status_code == 422
    event = await office.created(f"{permit}/events", {"kind": "accepted", "happened_on": "2026-03-02"})
    assert (await _get(office, permit))["clock"]["due_on"] == "2026-03-05"
    longer = await office.patch(permit, {"time_limit_days": 10}, etag='"3"')
    assert (longer.status_code, longer.json()["clock"]["due_on"]) == (200, "2026-03-16")
    kept = await office.delete(permit, etag='"4"')
    assert (kept.status_code, kept.json()["code"]) == (409, "permit_has_events")
    await office.created(f"{permit}/events", {"kind": "annulled", "corrects": event["id"], "reason": "误"})
    assert (await office.delete(permit, etag='"5"')).status_code == 409
    other = await _permit(office)
    assert (await office.delete(other)).status_code == 428
    assert (await office.delete(other, etag='"1"')).status_code == 204
    assert (await office.get(other)).status_code == 404


async def test_sent_twice_it_is_one(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office)
    project = f"/projects/{(await _get(office, permit))['project_id']}"
    body = {"id": str(new_id()), "kind": "other", "time_limit_days": 9}
    first, second = [await office.post(f"{project}/permits", body) for _ in range(2)]
    assert (first.status_code, second.status_code, second.json()) == (201, 200, first.json())
    assert (await office.post(f"{project}/permits", {**body, "time_limit_days": 8})).json()["code"] == "id_taken"
    event = {"id": str(new_id()), "kind": "applied", "happened_on": "2026-03-02"}
    one, two = [await office.post(f"{permit}/events", event) for _ in range(2)]
    assert (one.status_code, two.status_code, two.json()) == (201, 200, one.json())
    assert one.headers["location"] == f"/api/v1/permit-events/{event['id']}"
    other = await office.post(f"{permit}/events", {**event, "happened_on": "2026-03-03"})
    assert (other.status_code, other.json()["fields"]) == (409, ["happened_on"])
    assert (await office.post(f"/permits/{body['id']}/events", event)).json()["code"] == "id_taken"


async def test_of_parallel_acceptances_one_holds(world: World) -> None:
    office = await world.user("dispatcher")
    permit = await _permit(office)
    project_id = (await _get(office, permit))["project_id"]
    asks = [office.post(f"{permit}/events", {"kind": "accepted", "happened_on": f"2026-03-0{i}"}) for i in range(2, 8)]
    answers = await all_at_once(world, project_id, asks)
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 5}
    now = await _get(office, permit)
    assert (now["version"], len(now["events"]), now["state"]) == (2, 1, "accepted")


async def test_a_department_records_what_it_accepts_and_nothing_else(world: World) -> None:
    office = await world.user("dispatcher")
    bureau, owner = await world.department(name="住建局"), await world.department(name="业主")
    permit = await _permit(office, department_id=bureau)
    project = f"/projects/{(await _get(office, permit))['project_id']}"
    foreign = await office.created(f"{project}/permits", {"kind": "other"})
    await office.created(f"{project}/assignments", {"role": "owner", "department_id": owner})
    accepting = await world.user("department", department_id=bureau)
    answering = await world.user("department", department_id=owner)
    event = {"kind": "accepted", "happened_on": "2026-03-02"}

    assert (await accepting.get(project)).status_code == 404
    assert [p["id"] for p in (await _get(accepting, "/permits"))["items"]] == [permit.removeprefix("/permits/")]
    recorded = await accepting.post(f"{permit}/events", event)
    assert recorded.status_code == 201, recorded.text
    assert (await accepting.get(recorded.headers["location"].removeprefix("/api/v1"))).status_code == 200
    assert (await accepting.post(f"/permits/{foreign['id']}/events", event)).status_code == 404
    assert (await accepting.patch(permit, {"note": "x"}, etag='"2"')).status_code == 403

    assert len((await _get(answering, f"{project}/permits"))["items"]) == 2
    assert (await answering.get(recorded.headers["location"].removeprefix("/api/v1"))).status_code == 200
    assert (await answering.post(f"{permit}/events", {**event, "kind": "issued"})).status_code == 403

    def told(items: list[dict[str, Any]]) -> set[str]:
        return {f"{i['resource']}.{i['action']}" for i in items if i["resource"].startswith("permit")}

    for client in (office, accepting, answering):
        changes = (await _get(client, "/changes", limit=100))["items"]
        assert {"permit.updated", "permit_event.created"} <= told(changes)
    assert not [i for i in (await _get(accepting, "/changes", limit=100))["items"] if i["resource"] == "project"]


async def test_recording_is_activity(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created(
        "/projects", {"name": "老项目", "region_code": COUNTY_A, "stage": "negotiating", "stage_since": "2025-01-01"}
    )
    permit = await office.created(f"/projects/{project['id']}/permits", {"kind": "project_approval"})
    await office.created(f"/permits/{permit['id']}/events", {"kind": "issued", "happened_on": "2024-12-01"})
    assert (await _get(office, f"/projects/{project['id']}"))["last_activity_on"] == "2026-03-20"
