"""Batches of offline operations: each by itself, in order, safe to send again whole."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_changes import brief, everything
from tests.phones import codes, operation, outcome, patch, put, statuses, sync
from tests.reports import FRIDAY, Site, site
from tests.world import COUNTY_B, World, new_id


async def milestone(here: Site, **fields: Any) -> dict[str, Any]:
    return await here.office.created(f"/projects/{here.project_id}/milestones", {"name": "主体", **fields})


async def test_a_day_offline_arrives_in_one_batch(world: World) -> None:
    here = await site(world)
    step = await milestone(here)
    made = put(here)
    done = operation("milestone.patch", step["id"], {"status": "done", "actual_finish": "2016-05-19"}, base_version=1)
    answer = await sync(
        here.reporter, made, patch(made, after=made, completed=1300, made_at=made["body"]["made_at"]), done
    )
    assert statuses(answer) == ["applied"] * 3, answer
    assert [r["version"] for r in answer["results"]] == [1, 2, 2]
    assert not any(r["again"] or r["problem"] or r["held_until"] for r in answer["results"])
    report = (await here.reporter.get(f"/reports/{made['resource_id']}")).json()
    assert (report["completed"], report["status"], report["version"]) == (1300, "submitted", 2)
    assert report["made_at"] == made["body"]["made_at"].replace("11:05:00+08:00", "03:05:00+00:00")
    assert (await here.reporter.get(f"/milestones/{step['id']}")).json()["actual_finish"] == "2016-05-19"


async def test_one_wrong_operation_refuses_only_itself(world: World) -> None:
    here, elsewhere = await site(world), await site(world, name="别处")
    wrong = [
        put(here, completed=-1),
        put(here, nonsense=True),
        put(elsewhere),
        put(here, as_of="2016-05-21"),
        operation("report.put", "00000000-0000-4000-8000-000000000001", here.said()),
        operation("milestone.patch", str(new_id()), {"status": "done"}, base_version=1),
        patch(str(new_id()), 1, note="无"),
    ]
    good = [put(here), put(here)]
    answer = await sync(here.reporter, wrong[0], good[0], *wrong[1:], good[1])
    assert codes(answer) == [
        "invalid_content", None, "invalid_content", "not_found", "invalid_content", "invalid_content", "not_found",
        "not_found", None,
    ]  # fmt: skip
    assert statuses(answer) == ["refused", "applied", *["refused"] * 6, "applied"]
    pointers = [[e["pointer"] for e in r["problem"]["errors"]] for r in answer["results"] if r["problem"]]
    assert pointers == [["/completed"], ["/nonsense"], [], ["/as_of"], ["resource_id"], [], []]
    listed = (await here.office.get("/reports")).json()["items"]
    assert {r["id"] for r in listed} == {o["resource_id"] for o in good}


async def test_the_same_batch_again_changes_nothing(world: World) -> None:
    here = await site(world)
    made = put(here)
    batch = [made, patch(made, after=made, note="改"), put(here, completed=-1)]
    first = await sync(here.reporter, *batch)
    _, cursor = await everything(here.office)
    again = await sync(here.reporter, *batch)
    for result in (*first["results"], *again["results"]):
        if result["problem"]:
            del result["problem"]["request_id"]
    assert [r | {"again": False} for r in again["results"]] == first["results"]
    assert all(r["again"] for r in again["results"])
    assert (await everything(here.office, cursor))[0] == []
    # Parts of it, in another order, with something new between.
    new = put(here)
    mixed = await sync(here.reporter, batch[1], new, batch[0])
    assert [r["again"] for r in mixed["results"]] == [True, False, True]
    assert statuses(mixed) == ["applied"] * 3


async def test_an_id_used_for_something_else_is_told_and_what_it_did_stays(world: World) -> None:
    here = await site(world)
    made = put(here)
    await sync(here.reporter, made)
    for other in (
        {**made, "body": {**made["body"], "completed": 1}},
        {**made, "resource_id": str(new_id())},
        {**made, "made_at": "2016-05-20T12:00:00+08:00"},
        {**made, "type": "report.patch"},
    ):
        assert codes(await sync(here.reporter, other)) == ["operation_id_reused"]
    assert (await outcome(here.reporter, made))["status"] == "applied"
    assert (await here.reporter.get(f"/reports/{made['resource_id']}")).json()["completed"] == 1250.5
    # Within one batch, too; and the same twice is done once.
    twice = put(here)
    answer = await sync(here.reporter, twice, twice, {**twice, "body": here.said(note="别")})
    assert statuses(answer) == ["applied", "applied", "refused"]
    assert [r["again"] for r in answer["results"]] == [False, True, False]
    assert (await here.reporter.get(f"/reports/{twice['resource_id']}")).json()["version"] == 1


async def test_operations_are_each_accounts_own(world: World) -> None:
    here = await site(world)
    made = put(here)
    await sync(here.reporter, made)
    assert (await here.office.get(f"/sync/operations/{made['id']}")).status_code == 404
    # Another phone may come by the same id; its report is another matter.
    answer = await sync(here.office, made)
    assert statuses(answer) == ["applied"]
    assert not answer["results"][0]["again"]
    assert len((await here.office.get("/reports")).json()["items"]) == 1


@pytest.mark.parametrize("size", [1, 12])
async def test_the_same_batch_twice_at_once_is_done_once(world: World, size: int) -> None:
    here = await site(world)
    batch = [put(here) for _ in range(size)]
    edits = [patch(made, after=made, note="改") for made in batch]
    answers = await asyncio.gather(
        *[sync(here.reporter, *batch, *edits) for _ in range(3)],
        sync(here.reporter, *edits),
        sync(here.reporter, *batch),
    )
    assert {s for answer in answers[:3] for s in statuses(answer)} == {"applied"}
    assert sum(not r["again"] for answer in answers for r in answer["results"]) == 2 * size
    rows = await world.pool.fetch("SELECT version FROM reports")
    assert [row["version"] for row in rows] == [2] * size
    notes = await world.pool.fetchval("SELECT count(*) FROM changes WHERE resource = 'report'")
    assert notes == 2 * size


async def test_batches_of_two_accounts_over_the_same_projects_do_not_stop_each_other(world: World) -> None:
    sites = [await site(world, name=f"项目{i}") for i in range(4)]
    accounts = [await world.user("dispatcher") for _ in range(2)]
    made = [[put(s) for s in sites], [put(s) for s in reversed(sites)]]
    batches = [[o for m in own for o in (m, patch(m, after=m, note="改"))] for own in made]
    answers = await asyncio.gather(*[sync(a, *b) for a, b in zip(accounts, batches, strict=True)])
    assert {s for answer in answers for s in statuses(answer)} == {"applied"}


async def test_a_photo_id_of_another_report_refuses_only_that_report(world: World) -> None:
    here = await site(world)
    photo = {"id": str(new_id())}
    await here.put(photos=[photo])
    before = [put(here) for _ in range(3)]
    answer = await sync(here.reporter, *before[:2], put(here, photos=[photo]), before[2])
    assert codes(answer) == [None, None, "photo_id_taken", None]
    assert len((await here.office.get("/reports")).json()["items"]) == 4


async def test_a_report_known_already_is_the_same_or_a_conflict(world: World) -> None:
    here = await site(world)
    known = await here.put()
    answer = await sync(here.reporter, put(here, known["id"]), put(here, known["id"], completed=1))
    assert statuses(answer) == ["applied", "conflict"]
    problem = answer["results"][1]["problem"]
    assert (problem["code"], problem["status"], problem["fields"]) == ("id_taken", 409, ["completed"])
    assert (problem["current"]["completed"], problem["sent"]["completed"]) == (1250.5, 1)


async def test_two_operations_may_make_the_same_report_once(world: World) -> None:
    here = await site(world)
    one = put(here)
    answer = await sync(here.reporter, one, put(here, one["resource_id"]), put(here, one["resource_id"], note="别的"))
    assert statuses(answer) == ["applied", "applied", "conflict"]
    assert [r["version"] for r in answer["results"]] == [1, 1, None]


async def test_what_is_late_is_decided_by_the_servers_clock_and_a_wrong_one_is_told(world: World) -> None:
    here = await site(world, on=FRIDAY + timedelta(days=1))
    made = put(here, made_at="2016-05-20T11:05:00+08:00")
    behind = (FRIDAY - timedelta(hours=5)).isoformat()
    answer = await sync(here.reporter, made, device_time=behind)
    seconds = -29 * 3600
    assert answer["clock"] | {"server_time": None} == {"server_time": None, "skew_seconds": seconds, "wrong": True}
    report = (await here.reporter.get(f"/reports/{made['resource_id']}")).json()
    assert (report["late"], report["made_at"]) == (True, "2016-05-20T03:05:00+00:00")
    assert (await outcome(here.reporter, made))["skew_seconds"] == seconds
    right = (FRIDAY + timedelta(days=1, minutes=5)).isoformat()
    clock = (await sync(here.reporter, put(here), device_time=right))["clock"]
    assert (clock["skew_seconds"], clock["wrong"]) == (300, False)
    clock = (await sync(here.reporter))["clock"]
    assert (clock["skew_seconds"], clock["wrong"]) == (None, False)


async def test_an_operations_own_time_stands_for_the_reports(world: World) -> None:
    here = await site(world)
    body = here.said()
    del body["made_at"]
    made = operation("report.put", body=body, made_at="2016-05-20T12:00:00+08:00")
    assert statuses(await sync(here.reporter, made)) == ["applied"]
    assert (await here.reporter.get(f"/reports/{made['resource_id']}")).json()["made_at"] == "2016-05-20T04:00:00+00:00"


async def test_who_may_send_what(world: World) -> None:
    here = await site(world)
    step = await milestone(here)
    made = put(here)
    edit = operation("milestone.patch", step["id"], {"note": "无"}, base_version=1)
    plan = operation("milestone.patch", step["id"], {"duration_days": 3}, base_version=1)
    department = await world.user("department", department_id=here.department)
    for client, expected in (
        (here.reporter, ["applied", "applied", "refused"]),
        (department, ["applied", "applied", "refused"]),
        (await world.user("reporter"), ["refused"] * 3),
        (await world.user("dispatcher", COUNTY_B), ["refused"] * 3),
    ):
        assert statuses(await sync(client, made, edit, plan)) == expected
    for role in ("viewer", "leader", "auditor"):
        answer = await (await world.user(role)).post("/sync", {"operations": [made]})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await world.anonymous().post("/sync", {"operations": []})).status_code == 401


async def test_a_right_that_ended_meanwhile_refuses_what_comes_later_and_hides_what_was(world: World) -> None:
    here = await site(world)
    known = await here.put()
    conflicting = put(here, known["id"], completed=1)
    early = put(here)
    late = patch(early, after=early, note="改")
    assert statuses(await sync(here.reporter, conflicting, late)) == ["conflict", "held"]
    assert "current" in (await outcome(here.reporter, conflicting))["problem"]
    await world.pool.execute("UPDATE assignments SET valid_to = valid_from WHERE user_id = $1", here.reporter.user_id)
    answer = await sync(here.reporter, early, conflicting)
    assert statuses(answer) == ["refused", "conflict"]
    assert "current" not in answer["results"][1]["problem"]
    assert "current" not in (await outcome(here.reporter, conflicting))["problem"]
    assert [o["problem"]["code"] for o in answer["earlier"]] == ["earlier_operation_failed"]


async def test_the_feed_tells_of_what_came_by_a_batch(world: World) -> None:
    here = await site(world)
    _, cursor = await everything(here.office)
    made = put(here)
    await sync(here.reporter, made, patch(made, after=made, note="改"), put(here, completed=-1))
    items, _ = await everything(here.office, cursor, resource="report")
    assert brief(items) == ["report.created", "report.updated"]
    assert {item["actor_id"] for item in items} == {str(here.reporter.user_id)}


async def test_an_empty_batch_is_answered(world: World) -> None:
    here = await site(world)
    answer = await sync(here.reporter)
    assert (answer["results"], answer["earlier"]) == ([], [])
