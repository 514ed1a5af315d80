from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest

from tests.accounts import log_of
from tests.reports import FRIDAY, Site, site
from tests.world import World, new_id


async def _figures(here: Site) -> list[tuple[Any, ...]]:
    items = (await here.office.get(f"/projects/{here.project_id}/progress-figures")).json()["items"]
    return [(i["as_of"], i["completed"], i["physical_percent"], i["source"], i["report_id"]) for i in items]


async def test_returned_mended_and_accepted_with_every_round_kept(world: World) -> None:
    here = await site(world)
    made = await here.put()
    path = f"/reports/{made['id']}"
    refused = await here.office.post(f"{path}/reviews", {"verdict": "returned"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "reason_required")
    returned = await here.review(made, "returned", "请核对累计数")
    assert (returned["status"], returned["version"]) == ("returned", 2)
    assert (await here.office.post(f"{path}/reviews", {"verdict": "accepted"})).json()["code"] == "report_not_submitted"
    assert await _figures(here) == []

    change = {"completed": 1280, "made_at": "2016-05-20T12:30:00+08:00"}
    mended = await here.reporter.patch(path, change, etag='"2"')
    assert (mended.status_code, mended.json()["status"], mended.headers["etag"]) == (200, "submitted", '"3"'), (
        mended.text
    )
    accepted = await here.review(made)
    assert [
        (r["number"], r["version"], r["content"]["completed"], r["verdict"], r["comment"]) for r in accepted["rounds"]
    ] == [(1, 1, 1250.5, "returned", "请核对累计数"), (2, 3, 1280, "accepted", None)]
    assert accepted["rounds"][1]["reviewed_by"]["id"] == str(here.office.user_id)
    assert (accepted["status"], accepted["late"]) == ("accepted", False)
    assert await _figures(here) == [("2016-05-20", 1280, 42.5, "report", made["id"])]
    figures = (await here.office.get(f"/projects/{here.project_id}/figures", params={"year": 2016})).json()
    assert (figures["completed"], figures["physical_text"]) == (1280, "主体结构施工至三层")

    refused = await here.reporter.patch(path, {"note": "x"}, etag='"4"')
    assert (refused.status_code, refused.json()["code"]) == (409, "report_accepted")
    [item] = (await here.office.get("/reports")).json()["items"]
    assert item["comment"] is None
    assert [row["action"] for row in await world.pool.fetch("SELECT * FROM changes WHERE resource = 'report'")] == [
        "created", "updated", "updated", "updated",
    ]  # fmt: skip
    # What was sent at first is still the same thing; so is what it says now.
    again = here.said(completed=1250.5)
    assert (await here.reporter.put(path, again)).status_code == 200
    assert (await here.reporter.put(path, {**again, "completed": 1280})).status_code == 200
    assert (await here.reporter.put(path, {**again, "completed": 1})).status_code == 409


async def test_a_change_before_the_review_stays_in_its_round(world: World) -> None:
    here = await site(world)
    photos = [{"id": str(new_id()), "caption": c} for c in "甲乙"]
    made = await here.put(photos=photos)
    path = f"/reports/{made['id']}"
    assert (await here.reporter.patch(path, {"note": "x"})).status_code == 428
    same = await here.reporter.patch(path, {"note": made["note"], "photos": photos}, etag='"1"')
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    third = {"id": str(new_id()), "caption": "丙"}
    changed = await here.reporter.patch(path, {"photos": [third, photos[0]], "problems": []}, etag='"1"')
    assert [(p["caption"], p["position"]) for p in changed.json()["photos"]] == [("丙", 0), ("甲", 1)]
    assert [(r["number"], r["version"]) for r in changed.json()["rounds"]] == [(1, 1), (1, 2)]
    assert [len(r["content"]["photos"]) for r in changed.json()["rounds"]] == [2, 2]
    assert changed.json()["problems"] == []
    stale = await here.reporter.patch(path, {"note": "y"}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"], stale.json()["current"]["version"]) == (412, ["note"], 2)
    wrong = await here.reporter.patch(path, {"as_of": "2016-05-21", "photos": None}, etag='"2"')
    assert wrong.json()["errors"][0]["code"] == "in_the_future"
    for name in ("photos", "problems", "milestones_done", "as_of"):
        cleared = await here.reporter.patch(path, {name: None}, etag='"2"')
        assert [(e["pointer"], e["code"]) for e in cleared.json()["errors"]] == [(f"/{name}", "missing")]
    other = await here.put(photos=[photos[1]])  # named by no report any more
    taken = await here.reporter.patch(path, {"photos": other["photos"]}, etag='"2"')
    assert taken.status_code == 422  # position is not the phone's to say
    taken = await here.reporter.patch(path, {"photos": [photos[1]]}, etag='"2"')
    assert (taken.status_code, taken.json()["code"]) == (409, "photo_id_taken")


async def test_who_changes_and_who_reviews(world: World) -> None:
    here = await site(world)
    made = await here.put()
    path = f"/reports/{made['id']}"
    department = await world.user("department", department_id=here.department)
    refused = await department.patch(path, {"note": "x"}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_report")
    assert (await here.office.patch(path, {"note": "x"}, etag='"1"')).status_code == 200
    for client in (department, here.reporter, await world.user("leader")):
        assert (await client.post(f"{path}/reviews", {"verdict": "accepted"})).status_code == 403
    own = await here.put(here.office)
    refused = await here.office.post(f"/reports/{own['id']}/reviews", {"verdict": "accepted"})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_report")
    colleague = await world.user("dispatcher")
    accepted = await colleague.post(f"/reports/{own['id']}/reviews", {"verdict": "accepted"})
    assert accepted.status_code == 201, accepted.text


async def test_only_the_version_looked_at_is_accepted(world: World) -> None:
    here = await site(world)
    path = f"/reports/{(await here.put())['id']}"
    await here.reporter.patch(path, {"completed": 9999}, etag='"1"')
    refused = await here.office.post(f"{path}/reviews", {"verdict": "accepted"}, headers={"If-Match": '"1"'})
    assert refused.status_code == 412
    seen = await here.office.post(f"{path}/reviews", {"verdict": "accepted"}, headers={"If-Match": '"2"'})
    assert seen.status_code == 201


async def test_of_reviews_and_changes_at_once_each_sees_the_other(world: World) -> None:
    here = await site(world)
    made = await here.put()
    path = f"/reports/{made['id']}"
    answers = await asyncio.gather(
        *[here.office.post(f"{path}/reviews", {"verdict": "accepted"}) for _ in range(4)],
        *[here.reporter.patch(path, {"completed": 1300 + n}, etag='"1"') for n in range(4)],
    )
    codes = [a.status_code for a in answers]
    assert codes[:4].count(201) == 1
    assert set(codes) <= {200, 201, 409, 412}
    report = (await here.office.get(path)).json()
    assert report["status"] == "accepted"
    assert await _figures(here) == [("2016-05-20", report["completed"], 42.5, "report", made["id"])]
    assert [r["verdict"] for r in report["rounds"]][-1] == "accepted"


async def test_milestones_reported_done_are_done_once_it_is_accepted(world: World) -> None:
    here = await site(world)
    names = ["基础", "主体", "封顶"]
    address = f"/projects/{here.project_id}/milestones"
    first, second, third = [(await here.office.created(address, {"name": name}))["id"] for name in names]
    done = {"status": "done", "actual_finish": "2016-04-01"}
    assert (await here.office.patch(f"/milestones/{third}", done, etag="*")).status_code == 200
    said = [{"milestone_id": first, "actual_finish": "2016-05-18"}, {"milestone_id": second}, {"milestone_id": third}]
    made = await here.put(milestones_done=said)
    assert (await here.office.get(f"/milestones/{first}")).json()["status"] == "planned"
    await here.review(made)
    found = [(await here.office.get(f"/milestones/{i}")).json() for i in (first, second, third)]
    assert [(m["status"], m["actual_finish"]) for m in found] == [
        ("done", "2016-05-18"), ("done", "2016-05-20"), ("done", "2016-04-01"),
    ]  # fmt: skip


async def test_what_does_not_fit_the_project_is_named_and_nothing_is_taken_over(world: World) -> None:
    here, there = await site(world), await site(world, name="别的项目")
    address = f"/projects/{here.project_id}/milestones"
    mine = await here.office.created(address, {"name": "基础"})
    begun = await here.office.created(address, {"name": "主体", "status": "in_progress", "actual_start": "2016-05-19"})
    gone = await here.office.created(address, {"name": "封顶"})
    theirs = await there.office.created(f"/projects/{there.project_id}/milestones", {"name": "基础"})
    said = [{"milestone_id": m["id"], "actual_finish": "2016-05-18"} for m in (mine, begun, gone, theirs)]
    made = await here.put(milestones_done=said)
    assert (await here.office.delete(f"/milestones/{gone['id']}", etag="*")).status_code == 204
    refused = await here.office.post(f"/reports/{made['id']}/reviews", {"verdict": "accepted"})
    assert (refused.status_code, refused.json()["code"]) == (409, "report_cannot_be_accepted")
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/milestones_done/1/actual_finish", "dates_out_of_order"),
        ("/milestones_done/2/milestone_id", "unknown_reference"),
        ("/milestones_done/3/milestone_id", "unknown_reference"),
    ]
    assert (await here.office.get(f"/milestones/{mine['id']}")).json()["status"] == "planned"
    assert await _figures(here) == []
    assert (await here.office.get(f"/reports/{made['id']}")).json()["status"] == "submitted"


async def test_a_correction_takes_the_place_of_what_was_accepted(world: World) -> None:
    here = await site(world)
    wrong = await here.put(completed=12505)
    refused = await here.reporter.put(f"/reports/{new_id()}", here.said(corrects=wrong["id"]))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_correctable")
    await here.review(wrong)
    world.app.state.clock = lambda: FRIDAY + timedelta(days=10)
    differs = here.said(corrects=wrong["id"], week="2016-05-23", as_of="2016-05-27")
    refused = await here.reporter.put(f"/reports/{new_id()}", differs)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/week", "correction_differs"), ("/as_of", "correction_differs"),
    ]  # fmt: skip
    right = await here.put(corrects=wrong["id"], completed=1250.5, physical_text=None, physical_percent=None)
    refused = await here.reporter.patch(f"/reports/{right['id']}", {"as_of": "2016-05-19"}, etag='"1"')
    assert refused.json()["errors"][0]["code"] == "correction_differs"
    assert (await here.office.get(f"/reports/{wrong['id']}")).json()["corrected_by"] is None
    await here.review(right)
    assert (await here.office.get(f"/reports/{wrong['id']}")).json()["corrected_by"] == right["id"]
    assert await _figures(here) == [
        ("2016-05-20", 12505, 42.5, "report", wrong["id"]),
        ("2016-05-20", 1250.5, 42.5, "report", right["id"]),
    ]
    assert (await here.office.get(f"/projects/{here.project_id}/figures")).json()["completed"] == 1250.5
    there = await site(world, name="别的项目")
    refused = await there.reporter.put(f"/reports/{new_id()}", there.said(corrects=wrong["id"]))
    assert refused.json()["errors"][0]["code"] == "unknown_reference"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
async def test_of_several_corrections_the_last_accepted_stands(world: World, order: tuple[int, ...]) -> None:
    """In one moment, as those that waited for each other; also for the corrections before it."""
    here = await site(world)
    wrong = await here.put(completed=900)
    await here.review(wrong)
    corrections = [await here.put(corrects=wrong["id"], completed=1000 + n) for n in range(3)]
    pending = corrections[order[-1]]
    for n in order:
        assert (await here.office.get(f"/reports/{pending['id']}")).json()["corrected_by"] is None
        await here.review(corrections[n])
        now = {r["id"]: r["corrected_by"] for r in (await here.office.get("/reports")).json()["items"]}
        assert now[wrong["id"]] == corrections[n]["id"]
        assert now[corrections[n]["id"]] is None
        figures = (await here.office.get(f"/projects/{here.project_id}/figures")).json()
        assert figures["completed"] == 1000 + n
        before = [corrections[earlier]["id"] for earlier in order[: order.index(n)]]
        assert {now[identity] for identity in before} <= {corrections[n]["id"]}
    told = [
        (change["resource_id"], *json.loads(change["diff"])["corrected_by"])
        for change in await log_of(world, "report", "updated")
        if "corrected_by" in change["diff"]
    ]
    first, second, third = (corrections[n]["id"] for n in order)
    assert told == [
        (wrong["id"], None, first), (wrong["id"], first, second), (first, None, second),
        (wrong["id"], second, third), (first, second, third), (second, None, third),
    ]  # fmt: skip


async def test_corrections_accepted_at_once_leave_the_figure_of_the_one_that_stands(world: World) -> None:
    here = await site(world)
    start = monotonic()
    world.app.state.clock = lambda: FRIDAY + timedelta(seconds=monotonic() - start)
    wrong = await here.put(completed=900)
    await here.review(wrong)
    corrections = [await here.put(corrects=wrong["id"], completed=1000 + n) for n in range(6)]
    await asyncio.gather(*[here.review(each) for each in corrections])
    stands = (await here.office.get(f"/reports/{wrong['id']}")).json()["corrected_by"]
    figures = (await here.office.get(f"/projects/{here.project_id}/figures")).json()
    assert figures["completed"] == next(each["completed"] for each in corrections if each["id"] == stands)


async def test_an_amount_left_unsaid_goes_on_and_nothing_said_is_no_figure(world: World) -> None:
    here = await site(world)
    await here.review(await here.put(week="2016-05-09", as_of="2016-05-13", completed=800))
    await here.review(await here.put(completed=None, physical_percent=45))
    assert [f[:3] for f in await _figures(here)] == [("2016-05-13", 800, 42.5), ("2016-05-20", 800, 45)]
    await here.review(await here.put(as_of="2016-05-19", completed=None, physical_percent=None, physical_text=None))
    assert len(await _figures(here)) == 2


async def test_an_accepted_figure_turns_the_light(world: World) -> None:
    here = await site(world)
    enrolled = await here.office.patch(f"/projects/{here.project_id}", {"enrolled_on": "2016-01-10"}, etag="*")
    assert enrolled.status_code == 200
    plan = {"category": "continued", "planned_investment": 3000}
    assert (await here.office.put(f"/projects/{here.project_id}/annual-plans/2016", plan)).status_code == 201
    made = await here.put(completed=1500)
    light = f"/projects/{here.project_id}/light"
    before = (await here.office.get(light)).json()
    await here.review(made)
    after = (await here.office.get(light)).json()
    assert (before["light"], after["light"]) == ("red", "green")
