"""Operations that come before the one they build on: held, then carried out in order, or told why not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.services import sync_operations, sync_work
from tests.parallel import all_at_once
from tests.phones import codes, outcome, patch, put, statuses, sync
from tests.reports import FRIDAY, site
from tests.world import World, new_id


async def test_the_second_edit_before_the_first_waits_for_it(world: World) -> None:
    here = await site(world)
    made = put(here)
    first = patch(made, after=made, note="一", completed=1300)
    second = patch(made, after=first, note="二")
    third = patch(made, after=second, physical_text="三")
    held = await sync(here.reporter, third, second)
    assert statuses(held) == ["held", "held"]
    until = {r["held_until"] for r in held["results"]}
    assert until == {(FRIDAY + timedelta(days=7)).isoformat()}
    assert (await outcome(here.reporter, second))["status"] == "held"
    assert statuses(await sync(here.reporter, first)) == ["held"]
    answer = await sync(here.reporter, made)
    assert statuses(answer) == ["applied"]
    assert {o["id"]: o["status"] for o in answer["earlier"]} == {o["id"]: "applied" for o in (first, second, third)}
    report = (await here.reporter.get(f"/reports/{made['resource_id']}")).json()
    assert (report["note"], report["completed"], report["physical_text"]) == ("二", 1300, "三")
    assert report["version"] == 4
    # Sent again, the answer is what came of them; for a day it also comes by itself.
    assert statuses(await sync(here.reporter, third, second, first)) == ["applied"] * 3
    assert len((await sync(here.reporter))["earlier"]) == 3
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=25)
    assert (await sync(here.reporter))["earlier"] == []


async def test_the_wrong_way_round_in_one_batch_is_put_right(world: World) -> None:
    here = await site(world)
    made = put(here)
    first = patch(made, after=made, note="一")
    second = patch(made, after=first, note="二")
    answer = await sync(here.reporter, second, first, made)
    assert statuses(answer) == ["applied"] * 3
    assert [r["version"] for r in answer["results"]] == [3, 2, 1]
    assert (await here.reporter.get(f"/reports/{made['resource_id']}")).json()["note"] == "二"


async def test_requests_that_cross_leave_nothing_waiting(world: World) -> None:
    here = await site(world)
    for _ in range(5):
        made = put(here)
        edits = [patch(made, after=made, note="一")]
        edits.append(patch(made, after=edits[0], note="二"))
        requests = [here.reporter.post("/sync", {"operations": [o]}) for o in (edits[1], made, edits[0])]
        answers = await all_at_once(world, here.project_id, requests)
        assert {a.status_code for a in answers} == {200}
        assert statuses(await sync(here.reporter, made, *edits)) == ["applied"] * 3


async def test_what_waited_is_carried_out_in_the_order_it_came(world: World) -> None:
    here = await site(world)
    made = put(here)
    first, second = patch(made, after=made, note="一"), patch(made, after=made, completed=1)
    third, fourth = patch(made, after=first, note="三"), patch(made, after=second, completed=2)
    for minute, edit in enumerate((first, second, third, fourth)):
        world.app.state.clock = lambda minutes=minute: FRIDAY + timedelta(minutes=minutes)
        assert statuses(await sync(here.reporter, edit)) == ["held"]
    told = {o["id"]: o["version"] for o in (await sync(here.reporter, made))["earlier"]}
    assert [told[edit["id"]] for edit in (first, second, third, fourth)] == [2, 3, 4, 5]


async def test_what_waits_for_something_refused_is_refused_with_it(world: World) -> None:
    here = await site(world)
    made = put(here, completed=-1)
    first = patch(made, after=made, note="一")
    second = patch(made, after=first, note="二")
    assert statuses(await sync(here.reporter, second, first)) == ["held", "held"]
    answer = await sync(here.reporter, made)
    assert codes(answer) == ["invalid_content"]
    assert [o["problem"]["code"] for o in answer["earlier"]] == ["earlier_operation_failed"] * 2
    kept = await outcome(here.reporter, first)
    assert (kept["status"], kept["body"]) == ("refused", {"note": "一"})
    assert made["id"] in kept["problem"]["detail"]
    assert codes(await sync(here.reporter, patch(made, after=made, note="三"))) == ["earlier_operation_failed"]


async def test_what_waits_too_long_expires_and_can_still_be_read(world: World) -> None:
    here = await site(world)
    made = put(here)
    first = patch(made, after=made, note="一")
    other = patch(made, after=made, note="二")
    assert statuses(await sync(here.reporter, first, other)) == ["held", "held"]
    world.app.state.clock = lambda: FRIDAY + timedelta(days=7)
    answer = await sync(here.reporter, made)
    assert statuses(answer) == ["applied"]
    assert [(o["status"], o["problem"]["code"]) for o in answer["earlier"]] == [("expired", "operation_expired")] * 2
    assert (await outcome(here.reporter, first))["body"] == {"note": "一"}
    assert (await here.reporter.get(f"/reports/{made['resource_id']}")).json()["version"] == 1
    assert codes(await sync(here.reporter, patch(made, after=first, note="三"))) == ["earlier_operation_failed"]


async def test_the_service_lets_them_expire_by_itself_and_clears_what_is_old(world: World) -> None:
    here = await site(world)
    made, early = put(here), put(here)
    late = patch(made, after=made, note="一")
    await sync(here.reporter, late, early)
    db = world.app.state.db
    await sync_operations.clear(db, FRIDAY + timedelta(days=7, seconds=-1))
    assert (await outcome(here.reporter, late))["status"] == "held"
    await sync_operations.clear(db, FRIDAY + timedelta(days=7))
    told = await outcome(here.reporter, late)
    assert (told["status"], told["problem"]["code"], told["body"]) == ("expired", "operation_expired", {"note": "一"})
    assert "7" in told["problem"]["detail"]
    assert made["id"] in told["problem"]["detail"]
    await sync_operations.clear(db, FRIDAY + timedelta(days=60, seconds=1))
    for gone in (late, early):
        assert (await here.reporter.get(f"/sync/operations/{gone['id']}")).status_code == 404
    # Without its outcome, the same report again is still the same report.
    again = await sync(here.reporter, early)
    assert statuses(again) == ["applied"]
    assert len((await here.office.get("/reports")).json()["items"]) == 1


async def test_no_account_makes_the_service_wait_for_ever_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_work, "MOST_HELD", 3)
    here = await site(world)
    made = put(here)
    edits = [patch(made, after=made, note=str(i)) for i in range(5)]
    answer = await sync(here.reporter, *edits)
    assert codes(answer) == [None, None, None, "too_many_held", "too_many_held"]
    assert "held" not in statuses(await sync(here.reporter, made, *edits[:3]))
    assert statuses(await sync(here.reporter, patch(made, after=put(here), note="x"))) == ["held"]


async def test_what_would_wait_for_itself_is_refused_at_once(world: World) -> None:
    here = await site(world)
    report = await here.put()
    one = patch(report["id"], 1, note="一")
    one["after"] = one["id"]
    answer = await sync(here.reporter, one)
    assert (statuses(answer), codes(answer)) == (["refused"], ["operation_in_a_circle"])
    assert (await outcome(here.reporter, one))["body"] == {"note": "一"}
    # A whole circle in one batch: the first of it is refused, and what builds on that.
    circle = [patch(report["id"], 1, note=f"{n}") for n in range(3)]
    for n, each in enumerate(circle):
        each["after"] = circle[n - 1]["id"]
    answer = await sync(here.reporter, *circle)
    assert codes(answer) == ["operation_in_a_circle", *["earlier_operation_failed"] * 2]
    assert codes(await sync(here.reporter, *circle)) == codes(answer)
    assert (await here.reporter.get(f"/reports/{report['id']}")).json()["version"] == 1


async def test_a_circle_that_closes_later_holds_nothing(world: World) -> None:
    here = await site(world)
    report = await here.put()
    a, b, c, beside = (patch(report["id"], 1, note=f"{n}") for n in range(4))
    a["after"], b["after"], c["after"], beside["after"] = b["id"], c["id"], a["id"], a["id"]
    assert statuses(await sync(here.reporter, a, b, beside)) == ["held"] * 3
    answer = await sync(here.reporter, c)
    assert codes(answer) == ["operation_in_a_circle"]
    assert c["after"] in answer["results"][0]["problem"]["detail"]
    told = {o["id"]: o["problem"]["code"] for o in answer["earlier"]}
    assert told == {o["id"]: "earlier_operation_failed" for o in (a, b, beside)}


async def test_other_batches_go_on_while_one_waits_for_a_project(world: World) -> None:
    """Only batches of one account wait for each other."""
    here, there = await site(world), await site(world, name="乙项目")
    other = await world.user("dispatcher")
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM projects WHERE id = $1::text::uuid FOR UPDATE", here.project_id)
        made = put(here)
        waits = asyncio.ensure_future(sync(here.reporter, made, patch(made, after=made, note="一")))
        free = put(there)
        assert statuses(await sync(other, free, patch(free, after=free, note="二"))) == ["applied"] * 2
        assert not waits.done()
    assert statuses(await waits) == ["applied"] * 2


async def test_an_operation_after_one_of_another_thing_only_keeps_the_order(world: World) -> None:
    here = await site(world)
    report, made = await here.put(), put(here)
    edit = patch(report["id"], 1, after=made, note="后")
    lost = patch(report["id"], after=made, note="后")
    assert statuses(await sync(here.reporter, edit, lost)) == ["held", "held"]
    answer = await sync(here.reporter, made, edit, lost, patch(str(new_id()), after=made, note="无"))
    assert statuses(answer) == ["applied", "applied", "refused", "refused"]
    assert answer["results"][2]["problem"]["errors"][0]["pointer"] == "base_version"
