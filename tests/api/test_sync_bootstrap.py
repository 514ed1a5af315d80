"""All that a phone needs for the day, in one small answer, and the place in the feed to go on from."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from app.gzipped import accepts_gzip
from app.reading import compile_statement
from app.resources import sync_bootstrap
from tests.api.test_changes import brief, everything
from tests.phones import operation, patch, put, statuses, sync
from tests.photo_files import Phone, quarters, saved
from tests.reports import FRIDAY, site
from tests.world import COUNTY_B, Client, World, new_id


async def bootstrap(client: Client) -> dict[str, Any]:
    answer = await client.get("/sync/bootstrap")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_a_reporter_gets_all_for_the_day(world: World) -> None:
    here = await site(world)
    address = f"/projects/{here.project_id}"
    plan = {"category": "continued", "planned_investment": 3000}
    assert (await here.office.put(f"{address}/annual-plans/2016", plan)).status_code == 201
    await here.office.created(f"{address}/progress-figures", {"as_of": "2016-05-13", "completed": 1100.5})
    steps = [{"name": "打桩", "done": False, "done_on": None}]
    far = {"planned_finish": "2031-05-01"}
    todo = await here.office.created(f"{address}/milestones", {"name": "主体", "steps": steps, "note": "抓紧", **far})
    for name, finish in (("近", "2016-05-01"), ("远", "2016-01-31")):
        await here.office.created(f"{address}/milestones", {"name": name, "status": "done", "actual_finish": finish})
    found = await bootstrap(here.reporter)

    [project] = found["projects"]
    assert (project["id"], project["stage"], project["annual_plan"]) == (here.project_id, "started", 3000)
    assert (project["figure"]["as_of"], project["figure"]["completed"]) == ("2016-05-13", 1100.5)
    assert [m["name"] for m in found["milestones"]] == ["主体", "近"]
    assert (found["milestones"][0]["id"], found["milestones"][0]["steps"]) == (todo["id"], steps)
    assert [m["provisional"] for m in found["milestones"]] == [True, False]
    assert [(d["week"], d["due_at"][:16], d["stages"]) for d in found["due"]] == [
        ("2016-05-16", "2016-05-20T18:00", ["landed", "started"]),
        ("2016-05-23", "2016-05-27T18:00", ["landed", "started"]),
    ]
    assert found["server_time"] == FRIDAY.isoformat()
    assert {d["name"] for d in found["dictionaries"]} == {
        "report_status", "report_verdict", "problem_kind", "milestone_status", "milestone_kind", "stage", "sector",
    }  # fmt: skip
    assert (found["limits"]["operations"], found["limits"]["body_bytes"]) == (200, 1024 * 1024)
    assert (found["returned"], found["reports"], found["more_projects"]) == ([], [], False)


async def test_what_was_returned_comes_with_what_to_mend_and_can_be_mended(world: World) -> None:
    here = await site(world)
    old = await here.put(week="2016-03-07", as_of="2016-03-11")
    await here.put(week="2016-03-14", as_of="2016-03-18")
    mine, photos = await here.put(photos=[{"id": str(new_id()), "caption": "东"}]), 1
    await here.put(here.office)
    await here.review(old, "returned", "请补充照片")
    found = await bootstrap(here.reporter)
    [returned] = found["returned"]
    assert (returned["id"], returned["review"]["comment"], returned["version"]) == (old["id"], "请补充照片", 2)
    [recent] = found["reports"]
    assert (recent["id"], recent["status"], recent["review"]) == (mine["id"], "submitted", None)
    assert (len(recent["photos"]), recent["completed"], recent["problems"]) == (photos, 1250.5, mine["problems"])
    edit = patch(returned["id"], returned["version"], note="已补")
    assert statuses(await sync(here.reporter, edit)) == ["applied"]
    assert (await bootstrap(here.reporter))["returned"] == []


async def test_each_gets_what_it_takes_part_in(world: World) -> None:
    here, there = await site(world), await site(world, name="别处")
    department = await world.user("department", department_id=here.department)
    for client, expected in (
        (here.reporter, [here.project_id]),
        (there.reporter, [there.project_id]),
        (department, [here.project_id]),
        (here.office, []),
        (await world.user("dispatcher", COUNTY_B), []),
    ):
        assert [p["id"] for p in (await bootstrap(client))["projects"]] == expected
    member = {"role": "crew", "user_id": str(here.office.user_id)}
    await there.office.created(f"/projects/{there.project_id}/assignments", member)
    assert [p["id"] for p in (await bootstrap(here.office))["projects"]] == [there.project_id]
    # A colleague's report is the colleague's to mend.
    report = await here.put()
    await here.review(report, "returned", "请补充")
    assert (await bootstrap(department))["returned"] == []
    for role in ("viewer", "leader", "rater", "system_admin"):
        assert (await (await world.user(role)).get("/sync/bootstrap")).status_code == 403
    assert (await world.anonymous().get("/sync/bootstrap")).status_code == 401


async def test_a_project_that_is_no_longer_ones_own_is_gone_with_all_that_hangs_on_it(world: World) -> None:
    here = await site(world)
    await here.office.created(f"/projects/{here.project_id}/milestones", {"name": "主体"})
    await here.put()
    parts = "projects", "milestones", "reports", "due"
    before = await bootstrap(here.reporter)
    assert all(before[part] for part in parts)
    await world.pool.execute("UPDATE assignments SET valid_to = valid_from WHERE user_id = $1", here.reporter.user_id)
    after = await bootstrap(here.reporter)
    assert not any(after[part] for part in parts)


async def test_the_cursor_leads_on_without_a_gap(world: World) -> None:
    here = await site(world)
    for _ in range(5):
        made = put(here)
        found: dict[str, Any]
        found, _ = await asyncio.gather(bootstrap(here.reporter), sync(here.reporter, made))
        items, _ = await everything(here.reporter, found["changes"])
        told = {item["id"] for item in items} | {r["id"] for r in found["reports"]}
        assert made["resource_id"] in told
    start = await bootstrap(here.reporter)
    edit = operation("milestone.patch", str(new_id()), {})
    made = put(here)
    await sync(here.reporter, made, edit)
    items, _ = await everything(here.reporter, start["changes"], resource="report")
    assert brief(items) == ["report.created"]


async def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    here = await site(world)
    answer = await here.reporter.get("/sync/bootstrap")
    tag = answer.headers["etag"]
    assert tag.startswith('W/"')
    world.app.state.clock = lambda: FRIDAY + timedelta(minutes=7)
    again = await here.reporter.get("/sync/bootstrap", headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await here.put()
    changed = await here.reporter.get("/sync/bootstrap", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    # A shared cache between must not mix up accounts.
    other = await world.user("reporter"), await world.user("reporter")
    tags = [(await client.get("/sync/bootstrap")).headers["etag"] for client in other]
    assert tags[0] != tags[1]


async def test_what_may_be_sent_as_a_file_need_not_be_tried(world: World) -> None:
    phone = Phone(await world.user("reporter"))
    other = Phone(await world.user("reporter"))
    content = saved(quarters())
    before = (await bootstrap(phone.client))["limits"]["uploads"]
    settings = world.app.state.settings
    assert (before["file_bytes"], before["picture_pixels"]) == (settings.upload_max_bytes, settings.photo_max_pixels)
    assert before["day"] == {"bytes": settings.upload_bytes_per_day, "used": 0}
    assert before["in_all"] == {"bytes": settings.upload_bytes_in_all, "used": 0}
    for media_type in before["media_types"]:
        form = media_type.partition("/")[2].upper().replace("HEIC", "HEIF")
        photo_id = await phone.sent(saved(quarters(), form))
        assert (await phone.photo(photo_id))["media_type"] == media_type
    begun = await bootstrap(phone.client)
    await phone.begin(len(content), str(new_id()))
    after = await bootstrap(phone.client)
    for quota in ("day", "in_all"):
        used = [found["limits"]["uploads"][quota]["used"] for found in (begun, after)]
        assert used[1] - used[0] == len(content)
    await other.sent(content)
    assert (await bootstrap(phone.client))["limits"] == after["limits"]
    # A new day: what is held stays.
    world.app.state.clock = lambda: datetime.now(UTC) + timedelta(days=1)
    morrow = (await bootstrap(phone.client))["limits"]["uploads"]
    assert (morrow["day"]["used"], morrow["in_all"]["used"]) == (0, after["limits"]["uploads"]["in_all"]["used"])


async def test_it_is_compressed_for_who_asks(world: World) -> None:
    here = await site(world)
    bodies = []
    for accepted, encoding in (("gzip, br", "gzip"), ("identity", None), ("gzip;q=0", None), ("*", "gzip")):
        headers = {**here.reporter.headers, "Accept-Encoding": accepted}
        request = world.http.build_request("GET", "/api/v1/sync/bootstrap", headers=headers)
        answer = await world.http.send(request, stream=True)
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == encoding, accepted
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(raw)
        bodies.append(json.loads(gzip.decompress(raw) if encoding else raw))
        if encoding:
            assert len(raw) < len(json.dumps(bodies[-1])) / 2
    assert all(body["projects"] == bodies[0]["projects"] for body in bodies)


def test_what_an_accept_encoding_asks_for() -> None:
    for header, expected in {
        "": False, "gzip": True, "GZIP": True, "br": False, "br, gzip;q=0.5": True, "gzip; q=0": False, "*": True,
        "*;q=0": False, "gzip;q=0, *": False, "x-gzip": True, "gzip;q=nonsense": False, ",;,": False,
    }.items():  # fmt: skip
        assert accepts_gzip(header) is expected, header


async def test_too_many_projects_are_told_of(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(sync_bootstrap, "MOST_PROJECTS", 0)
    monkeypatch.setattr("app.services.sync_bootstrap.prepared", lambda _, build: compile_statement(build()))
    here = await site(world)
    found = await bootstrap(here.reporter)
    assert (found["projects"], found["more_projects"]) == ([], True)
