"""Edits made offline against what others did meanwhile: disjoint ones merge, the same field is told with both."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.phones import codes, operation, outcome, patch, put, statuses, sync
from tests.reports import site
from tests.world import World, new_id


async def _office_edits(here: Any, report: str, etag: str = '"1"', **said: Any) -> None:
    changed = await here.office.patch(f"/reports/{report}", said, etag=etag)
    assert changed.status_code == 200, changed.text


async def test_edits_of_different_fields_merge(world: World) -> None:
    here = await site(world)
    report = await here.put()
    await _office_edits(here, report["id"], note="办公室", completed=1260)
    answer = await sync(here.reporter, patch(report["id"], 1, physical_text="四层", physical_percent=50))
    assert statuses(answer) == ["applied"]
    now = (await here.reporter.get(f"/reports/{report['id']}")).json()
    assert (now["note"], now["completed"], now["physical_text"], now["physical_percent"]) == (
        "办公室",
        1260,
        "四层",
        50,
    )


async def test_the_same_field_is_a_conflict_with_both_and_nothing_is_lost(world: World) -> None:
    here = await site(world)
    report = await here.put()
    await _office_edits(here, report["id"], note="办公室", completed=1260)
    edit = patch(report["id"], 1, note="现场", completed=1260, physical_text="四层")
    answer = await sync(here.reporter, edit)
    assert statuses(answer) == ["conflict"]
    problem = answer["results"][0]["problem"]
    assert (problem["code"], problem["status"]) == ("edit_conflict", 409)
    # Of `completed` both say the same; nobody else touched `physical_text`.
    assert problem["fields"] == ["note"]
    assert problem["base"] == {"note": "雨天停工一日"}
    assert problem["sent"] == {"note": "现场", "completed": 1260, "physical_text": "四层"}
    assert (problem["current"]["note"], problem["current"]["version"]) == ("办公室", 2)
    now = (await here.reporter.get(f"/reports/{report['id']}")).json()
    assert (now["version"], now["physical_text"]) == (2, "主体结构施工至三层")
    kept = await outcome(here.reporter, edit)
    assert (kept["status"], kept["body"]) == ("conflict", edit["body"])
    assert kept["problem"]["fields"] == ["note"]
    # Decided, it is sent as a new operation on what is there now.
    assert statuses(await sync(here.reporter, patch(report["id"], 2, note="现场"))) == ["applied"]


async def test_ones_own_chain_of_edits_is_no_conflict_but_what_came_between_is(world: World) -> None:
    here = await site(world)
    made = put(here)
    first = patch(made, after=made, note="一")
    await sync(here.reporter, made, first)
    await _office_edits(here, made["resource_id"], '"2"', completed=1260)
    second = patch(made, after=first, note="二")
    third = patch(made, after=second, completed=1300)
    fourth = patch(made, after=third, note="四")
    answer = await sync(here.reporter, second, third, fourth)
    assert statuses(answer) == ["applied", "conflict", "applied"]
    problem = answer["results"][1]["problem"]
    assert (problem["fields"], problem["base"]) == (["completed"], {"completed": 1250.5})
    now = (await here.reporter.get(f"/reports/{made['resource_id']}")).json()
    assert (now["note"], now["completed"]) == ("四", 1260)


async def test_a_second_phone_of_the_same_account_is_another_editor(world: World) -> None:
    here = await site(world)
    report = await here.put()
    assert statuses(await sync(here.reporter, patch(report["id"], 1, note="手机一"))) == ["applied"]
    assert statuses(await sync(here.reporter, patch(report["id"], 1, note="手机二"))) == ["conflict"]


async def test_lists_are_compared_as_wholes(world: World) -> None:
    here = await site(world)
    photos = [{"id": str(new_id()), "caption": "东"}, {"id": str(new_id()), "caption": "西"}]
    report = await here.put(photos=photos[:1])
    await _office_edits(here, report["id"], photos=photos)
    same = patch(report["id"], 1, photos=[{**p, "taken_at": None} for p in photos])
    assert statuses(await sync(here.reporter, same)) == ["applied"]
    answer = await sync(here.reporter, patch(report["id"], 1, photos=photos[:1], problems=[]))
    assert (statuses(answer), answer["results"][0]["problem"]["fields"]) == (["conflict"], ["photos"])


async def test_milestones_merge_by_field_too(world: World) -> None:
    here = await site(world)
    step = await here.office.created(f"/projects/{here.project_id}/milestones", {"name": "主体", "note": "初"})
    changed = await here.office.patch(f"/milestones/{step['id']}", {"note": "办", "weight": 3}, etag='"1"')
    assert changed.status_code == 200
    edits = [
        operation("milestone.patch", step["id"], body, base_version=1)
        for body in ({"forecast_finish": "2016-06-01"}, {"note": "现场"}, {"status": "done"}, {"note": "办"})
    ]
    answer = await sync(here.reporter, *edits)
    assert statuses(answer) == ["applied", "conflict", "applied", "applied"]
    problem = answer["results"][1]["problem"]
    assert (problem["fields"], problem["base"], problem["sent"]) == (["note"], {"note": "初"}, {"note": "现场"})
    now = (await here.office.get(f"/milestones/{step['id']}")).json()
    assert (now["status"], now["forecast_finish"], now["note"], now["weight"]) == ("done", "2016-06-01", "办", 3)


async def test_an_edit_that_changes_nothing_makes_no_version(world: World) -> None:
    here = await site(world)
    report = await here.put()
    same = patch(report["id"], 1, note=report["note"])
    answer = await sync(here.reporter, same)
    assert (statuses(answer), answer["results"][0]["version"]) == (["applied"], 1)
    # It made nothing, so what another makes afterwards is not its own.
    await _office_edits(here, report["id"], note="办公室")
    assert statuses(await sync(here.reporter, patch(report["id"], after=same, note="现场"))) == ["conflict"]


async def test_what_a_patch_must_name(world: World) -> None:
    here = await site(world)
    report = await here.put()
    answer = await sync(here.reporter, patch(report["id"], note="一"), patch(report["id"], 9, note="一"))
    errors = [r["problem"]["errors"][0] for r in answer["results"]]
    assert [(e["pointer"], e["code"]) for e in errors] == [
        ("base_version", "missing"),
        ("base_version", "out_of_range"),
    ]


async def test_an_accepted_report_is_not_edited(world: World) -> None:
    here = await site(world)
    made = put(here)
    await sync(here.reporter, made)
    await here.review({"id": made["resource_id"]})
    late = patch(made, after=made, note="晚")
    assert codes(await sync(here.reporter, late)) == ["report_accepted"]
    assert (await outcome(here.reporter, late))["body"] == {"note": "晚"}
    # Not a conflict that could be decided, though others changed the field meanwhile.
    other = await here.put()
    await _office_edits(here, other["id"], note="办公室")
    await here.review(other)
    assert codes(await sync(here.reporter, patch(other["id"], 1, note="晚"))) == ["report_accepted"]


async def test_a_returned_report_mended_offline_is_submitted_again(world: World) -> None:
    here = await site(world)
    made = put(here)
    await sync(here.reporter, made)
    await here.review({"id": made["resource_id"]}, "returned", "请补充形象进度")
    answer = await sync(here.reporter, patch(made, 2, physical_text="三层完成"))
    assert statuses(answer) == ["applied"]
    now = (await here.reporter.get(f"/reports/{made['resource_id']}")).json()
    assert (now["status"], len(now["rounds"])) == ("submitted", 2)


async def test_edits_that_meet_merge_or_conflict_as_if_one_came_first(world: World) -> None:
    here = await site(world)
    report = await here.put()
    others = [await world.user("dispatcher") for _ in range(3)]
    notes = [sync(o, patch(report["id"], 1, note=f"注{i}")) for i, o in enumerate(others)]
    answers = await asyncio.gather(*notes, sync(here.reporter, patch(report["id"], 1, completed=1300)))
    assert sorted(s for a in answers[:3] for s in statuses(a)) == ["applied", "conflict", "conflict"]
    assert statuses(answers[3]) == ["applied"]
    now = (await here.reporter.get(f"/reports/{report['id']}")).json()
    assert (now["completed"], now["version"], len(now["rounds"])) == (1300, 3, 3)
