"""Most reports are taken by one statement before routing; whatever it is, both ways say and store the same."""

from __future__ import annotations

import asyncio
import json
import random
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.resources.report_intake import intake
from app.schemas.reports import ReportIn
from app.services import reports
from app.uow import UnitOfWork
from tests.accounts import log_of
from tests.reports import FRIDAY, Site, site
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

LONG_WAY = {"Content-Type": "application/vnd.diaodu+json"}
"""Taken for JSON by the route, and by nothing before it."""
PHOTO: dict[str, Any] = {"taken_at": "2016-05-20T10:30:00.25+08:00", "longitude": 106.52, "latitude": 26.58}


def _at(longitude: float, latitude: float) -> dict[str, Any]:
    return {"id": str(new_id()), "longitude": longitude, "latitude": latitude, "taken_at": "2016-05-20T10:30:00.1Z"}


STORED = {
    "reports": "SELECT * FROM reports ORDER BY id",
    "rounds": "SELECT * FROM report_rounds ORDER BY report_id",
    "photos": "SELECT * FROM report_photos ORDER BY report_id, position",
    "duties": "SELECT * FROM report_flag_duties ORDER BY report_id",
    "projects": "SELECT id, version, last_activity_on, updated_at FROM projects ORDER BY id",
    "changes": "SELECT at, actor_id, resource, resource_id, action, version, region_code, project_id, department_ids,"
    " user_ids, diff FROM changes WHERE (resource, action) IN (('report', 'created'), ('project', 'updated'))"
    " ORDER BY seq",
}


@pytest.fixture
async def here(world: World) -> Site:
    return await site(world)


async def _send(client: Client, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.request("PUT", path, content=content, headers={"Content-Type": "application/json", **headers})


async def _outcome(world: World, answer: httpx.Response, names: dict[str, str]) -> Any:
    """All that can be seen of a request, ids told by their names."""
    stored = {name: [dict(row) for row in await world.pool.fetch(sql)] for name, sql in STORED.items()}
    headers = {name: answer.headers.get(name) for name in ("etag", "location", "content-type", "cache-control")}
    said: Any = answer.text
    if not answer.is_success:
        said = answer.json()
        said.pop("request_id")
    text = json.dumps([answer.status_code, headers, said, stored], default=str, sort_keys=True, ensure_ascii=False)
    for identity, name in names.items():
        text = text.replace(identity, name)
    return json.loads(text)


async def _both(world: World, body: Callable[[Site], Any], who: Callable[[World, Site], Any] | None = None) -> Any:
    """The outcome of sending it the short way and the long way, each to an empty county; they must be alike."""
    found = []
    for headers in ({}, LONG_WAY):
        await world.reset()
        world.app.state.authenticator.forget()
        here = await site(world)
        client = await who(world, here) if who is not None else here.reporter
        report_id = str(new_id())
        said = body(here)
        names = {report_id: "report", here.project_id: "project"}
        names |= {str(here.reporter.user_id): "reporter", here.department: "department"}
        names |= {str(here.office.user_id): "office", str(client.user_id): "me"}
        names |= {photo["id"]: f"photo {n}" for n, photo in enumerate(_photos(said))}
        answer = await _send(client, f"/reports/{report_id}", said, headers)
        found.append(await _outcome(world, answer, names))
    assert found[0] == found[1]
    return found[0]


def _photos(said: Any) -> list[Any]:
    return said.get("photos", []) if isinstance(said, dict) and isinstance(said.get("photos"), list) else []


async def _dispatcher(_: World, here: Site) -> Client:
    return here.office


async def _department(world: World, here: Site) -> Client:
    return await world.user("department", department_id=here.department)


async def _of_other_county(world: World, _: Site) -> Client:
    return await world.user("dispatcher", COUNTY_B)


async def _stranger(world: World, _: Site) -> Client:
    return await world.user("reporter")


async def _viewer(world: World, _: Site) -> Client:
    return await world.user("viewer")


async def _nobody(world: World, _: Site) -> Client:
    return Client(world.app, world.http, {"Authorization": "Bearer no-token"}, uuid.UUID(int=0))


TAKEN: dict[str, tuple[dict[str, Any], Any]] = {
    "a usual one": ({}, None),
    "with photos": ({"photos": [{**PHOTO, "id": str(new_id()), "caption": "三层"}, {"id": str(new_id())}]}, None),
    "in odd places": ({"photos": [_at(0, -0.0), _at(180, 1e-5), _at(0.0001, 30.1 + 1e-13)]}, None),
    "of nothing": ({"completed": None, "physical_text": None, "physical_percent": None, "problems": []}, None),
    "with milestones": ({"milestones_done": [{"milestone_id": str(new_id()), "actual_finish": "2016-05-18"}]}, None),
    "exact amounts": (
        {"completed": 1234567.0001, "physical_percent": 100.0, "note": ' "open_flags":null\\ 😀\t\n/</é\u2028'},
        None,
    ),
    "less than nothing": ({"completed": -0.0, "physical_percent": -0.0}, None),
    "late": ({"week": "2016-05-09", "as_of": "2016-05-13"}, None),
    "by the dispatch office": ({}, _dispatcher),
    "by the department": ({}, _department),
}


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Reports that the route is asked to store, from now on."""
    found: list[uuid.UUID] = []
    put = reports.put

    async def counted(uow: UnitOfWork, report_id: uuid.UUID, body: ReportIn) -> bool:
        found.append(report_id)
        return await put(uow, report_id, body)

    monkeypatch.setattr(reports, "put", counted)
    return found


@pytest.mark.parametrize("case", TAKEN)
async def test_what_is_taken_is_stored_and_shown_alike(
    world: World, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    changes, who = TAKEN[case]
    through_route = _counted(monkeypatch)
    outcome = await _both(world, lambda here: here.said(**changes), who)
    assert outcome[0] == 201
    assert len(through_route) == 1, "only the long way goes through the route"
    assert outcome[3]["duties"] == [{"report_id": "report"}]


async def test_numbers_and_times_are_written_as_the_database_writes_them(world: World, here: Site) -> None:
    """Fifty odd places and moments, to the letter; the other half of the promise that one ETag is one text."""
    chance = random.Random(20160520)
    photos = [
        _at(
            chance.choice([-1, 1]) * chance.random() * 10 ** chance.randint(-8, 2),
            round(chance.uniform(-90, 90), n % 9),
        )
        | {"taken_at": f"2016-05-20T10:30:00.{chance.randrange(10**6):06}"[: 20 + n % 7].rstrip(".") + "Z"}
        for n in range(50)
    ]
    path = f"/reports/{new_id()}"
    made = await here.reporter.put(path, here.said(photos=photos))
    again = await _send(here.reporter, path, here.said(photos=photos), LONG_WAY)
    assert (made.status_code, again.status_code) == (201, 200)
    for one, other in zip(made.text.split(", "), again.text.split(", "), strict=True):
        assert one == other


REFUSED: dict[str, tuple[Callable[[Site], Any], Any, int]] = {
    "another county": (lambda here: here.said(), _of_other_county, 404),
    "not taking part": (lambda here: here.said(), _stranger, 404),
    "wrong role": (lambda here: here.said(), _viewer, 403),
    "nobody": (lambda here: here.said(), _nobody, 401),
    "no such project": (lambda here: here.said(project_id=str(new_id())), None, 404),
    "not open yet": (lambda here: here.said(week="2016-05-30"), None, 422),
    "ahead": (lambda here: here.said(as_of="2016-05-21"), None, 422),
    "no Monday": (lambda here: here.said(week="2016-05-17"), None, 422),
    "unknown field": (lambda here: here.said(colour="red"), None, 422),
    "no object": (lambda _: [], None, 422),
    "no JSON": (lambda _: b'{"week": NaN}', None, 400),
    "half a JSON": (lambda _: b'{"week": ', None, 400),
    "no text": (lambda _: b"\xff\xfe{", None, 400),
    "too deep": (lambda _: b"[" * 40 + b"]" * 40, None, 422),
    "half a character": (lambda here: json.dumps(here.said()).replace("\\u9650", "\\ud800").encode(), None, 201),
    "a control character": (lambda here: here.said(note="a\x00b"), None, 422),
    "oversized": (lambda here: here.said(note="长" * 600_000), None, 413),
    "a large one": (lambda here: here.said(note="x" * 70_000), None, 422),
    "a number of no size": (lambda here: b'{"completed": 1e99999999999999999999}', None, 400),
    "corrects nothing known": (lambda here: here.said(corrects=str(new_id())), None, 422),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_is_refused_alike(world: World, case: str) -> None:
    body, who, status = REFUSED[case]
    assert (await _both(world, body, who))[0] == status


@pytest.mark.parametrize("headers", [{}, LONG_WAY])
async def test_only_an_id_of_the_phones_own_making(here: Site, headers: dict[str, str]) -> None:
    answer = await _send(here.reporter, f"/reports/{uuid.uuid4()}", here.said(), headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "report_id")
    answer = await _send(here.reporter, f"/reports/{new_id()}?x=1", here.said(), headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_parameter")


@pytest.mark.parametrize("headers", [{}, LONG_WAY])
async def test_an_id_in_capitals_is_the_same_id(here: Site, headers: dict[str, str]) -> None:
    report_id = str(new_id())
    answer = await _send(here.reporter, f"/reports/{report_id.upper()}", here.said(), headers)
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/reports/{report_id}")


@pytest.mark.parametrize(("first", "second"), [({}, {}), ({}, LONG_WAY), (LONG_WAY, {})])
async def test_sent_again_either_way(here: Site, first: dict[str, str], second: dict[str, str]) -> None:
    path, photo = f"/reports/{new_id()}", {**PHOTO, "id": str(new_id())}
    made = await _send(here.reporter, path, here.said(photos=[photo]), first)
    again = await _send(here.reporter, path, here.said(photos=[photo]), second)
    assert (made.status_code, again.status_code, again.json()) == (201, 200, made.json())
    other = await _send(here.reporter, path, here.said(photos=[photo], completed=1), second)
    assert (other.status_code, other.json()["code"], other.json()["fields"]) == (409, "id_taken", ["completed"])
    taken = await _send(here.reporter, f"/reports/{new_id()}", here.said(photos=[photo]), second)
    assert (taken.status_code, taken.json()["code"]) == (409, "photo_id_taken")


async def test_twenty_at_once_under_one_id_are_one_report(world: World, here: Site) -> None:
    path, body = f"/reports/{new_id()}", here.said(photos=[{**PHOTO, "id": str(new_id())}])
    sending = [_send(here.reporter, path, body, LONG_WAY if n % 2 else {}) for n in range(20)]
    answers = await asyncio.gather(*sending)
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await log_of(world, "report", "created")) == 1
    assert await world.pool.fetchval("SELECT count(*) FROM report_rounds") == 1


async def test_one_that_cannot_be_taken_keeps_no_other_back(world: World, here: Site) -> None:
    """Many accounts at once, some with a photo that is another report's, one from elsewhere."""
    taken = str(new_id())
    await here.put(photos=[{"id": taken}])
    stranger = await world.user("reporter")
    who = [(here.reporter, None), (here.office, None), (here.reporter, taken)] * 5 + [(stranger, None)]
    sending = [
        _send(client, f"/reports/{new_id()}", here.said(photos=[{"id": photo or str(new_id())}], completed=n), {})
        for n, (client, photo) in enumerate(who)
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*sending)]
    assert statuses == [201, 201, 409] * 5 + [404]
    assert await world.pool.fetchval("SELECT count(*) FROM reports") == 11
    # Its first report of the day was told once.
    assert [row["at"] for row in await log_of(world, "project", "updated")].count(FRIDAY) == 1


async def test_a_project_that_somebody_holds_keeps_no_other_back(world: World, here: Site) -> None:
    """As an import does, for a minute and more."""
    elsewhere = await site(world, name="另一项目")
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM projects WHERE id = $1 FOR NO KEY UPDATE", uuid.UUID(here.project_id))
        held = asyncio.create_task(here.reporter.put(f"/reports/{new_id()}", here.said()))
        for _ in range(3):
            await elsewhere.put()
    assert (await held).status_code == 201
    line = await world.app.state.db.line()
    assert await line.fetchval("SHOW lock_timeout") == "250ms"


async def _until_waiting(world: World, count: int) -> None:
    """So many wait for what others hold."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(10):
        while await world.pool.fetchval(waiting) < count:
            await asyncio.sleep(0.002)


HELD = {
    "a project": "UPDATE projects SET remark = 'x' WHERE id = (SELECT project_id FROM reports)",
    "an id": "INSERT INTO reports SELECT (jsonb_populate_record(r, jsonb_build_object('id', '{}'))).* FROM reports r",
}


@pytest.mark.parametrize("what", HELD)
async def test_who_waits_keeps_nobody_of_the_county_waiting(world: World, here: Site, what: str) -> None:
    """Not even the one it waits for, who needs the county's mark to come to an end."""
    await here.put()
    await world.pool.execute("UPDATE projects SET last_activity_on = '2016-05-01'")
    report_id = new_id()
    async with world.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(HELD[what].format(report_id))
        sending = asyncio.create_task(_send(here.reporter, f"/reports/{report_id}", here.said(), {}))
        await _until_waiting(world, 1)
        assert await connection.fetch("SELECT region_code FROM data_versions FOR UPDATE NOWAIT")
        await transaction.rollback()
    assert (await sending).status_code == 201


async def test_a_project_deleted_meanwhile_is_not_there(world: World, here: Site) -> None:
    elsewhere = await site(world, name="另一项目")
    path = f"/reports/{new_id()}"
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM assignments WHERE project_id = $1", uuid.UUID(here.project_id))
        await connection.execute("DELETE FROM projects WHERE id = $1", uuid.UUID(here.project_id))
        sending = [asyncio.create_task(_send(here.reporter, path, here.said(), way)) for way in ({}, LONG_WAY)]
        await _until_waiting(world, 2)
        await elsewhere.put()
    outcomes = [(answer.status_code, answer.json()["code"]) for answer in await asyncio.gather(*sending)]
    # The one finds out that it is gone when it looks again, unless that was too early; the other as it writes.
    assert outcomes[0] in {(404, "not_found"), (503, "unavailable")}
    assert outcomes[1] == (503, "unavailable")
    answer = await here.reporter.put(path, here.said())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_other_rules_count_from_the_next_report_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    through_route = _counted(monkeypatch)
    here = await site(world, on=FRIDAY + timedelta(hours=8))
    week: dict[str, Any] = {"week": "2016-05-23", "as_of": "2016-05-20"}
    assert (await here.put(**week))["due_at"].startswith("2016-05-27T10:00:00")
    calendar = {"region_code": COUNTY_A, "valid_from": "2016-05-23", "weekday": 4, "due_time": "17:30"}
    await here.office.created("/reporting-calendars", {**calendar, "stages": ["started"]})
    assert (await here.put(**week))["due_at"].startswith("2016-05-26T09:30:00")
    # Reckoned with it now; then that Thursday turns out to be a holiday.
    assert (await here.put(**week))["due_at"].startswith("2016-05-26T09:30:00")
    off = {"holidays": ["2016-05-26"], "makeup_days": [], "source": "国办发明电〔2015〕18号"}
    assert (await here.office.put("/workday-years/2016", off)).status_code == 201
    assert (await here.put(**week))["due_at"].startswith("2016-05-25T09:30:00")
    assert (await here.office.delete("/workday-years/2016", "*")).status_code == 204
    assert (await here.put(**week))["due_at"].startswith("2016-05-26T09:30:00")
    await world.pool.execute("TRUNCATE reporting_calendars")
    assert (await here.put(**week))["due_at"].startswith("2016-05-27T10:00:00")
    assert not through_route


async def test_the_nearest_region_says_when_it_is_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = await site(world, on=FRIDAY + timedelta(hours=8))
    week: dict[str, Any] = {"week": "2016-05-23", "as_of": "2016-05-20"}
    rule = (
        "INSERT INTO reporting_calendars"
        " (id, region_code, valid_from, weekday, due_time, stages, moves_before_holidays, entered_at)"
        " VALUES (gen_random_uuid(), $1, '2016-05-01', $2, '12:00', '{}', true, now())"
    )
    for region, weekday in (("99", 1), ("990101", 3), ("9901", 2), ("990102", 4)):
        await world.pool.execute(rule, region, weekday)
    through_route = _counted(monkeypatch)
    assert (await here.put(**week))["due_at"].startswith("2016-05-25T04:00:00")
    assert not through_route


async def test_figures_of_the_county_are_marked_as_changed(world: World, here: Site) -> None:
    marks = "SELECT region_code, mark FROM data_versions ORDER BY 1"
    before = dict(await world.pool.fetch(marks))
    await here.put()
    after = dict(await world.pool.fetch(marks))
    assert {code for code in after if after[code] != before.get(code)} == {COUNTY_A}


async def test_who_may_no_longer_report_is_told_so(world: World, here: Site) -> None:
    await here.put()
    await world.pool.execute("UPDATE assignments SET valid_to = '2016-05-20' WHERE role = 'reporter'")
    answer = await here.reporter.put(f"/reports/{new_id()}", here.said())
    assert answer.status_code == 404
    await world.pool.execute("UPDATE users SET disabled = true WHERE id = $1", here.reporter.user_id)
    world.app.state.authenticator.forget()
    answer = await here.reporter.put(f"/reports/{new_id()}", here.said())
    assert answer.status_code == 401


async def test_a_key_that_may_only_write_sees_no_project(world: World, here: Site) -> None:
    world.app.state.clock = lambda: FRIDAY
    expires = (FRIDAY + timedelta(days=30)).isoformat()
    key = {"name": "只写", "permissions": ["reports.write"], "expires_at": expires}
    made = await here.reporter.created("/api-keys", key)
    await world.pool.execute("UPDATE api_keys SET expires_at = now() + interval '1 day'")
    writer = Client(world.app, world.http, {"X-Api-Key": made["key"]}, here.reporter.user_id)
    for headers in ({}, LONG_WAY):
        answer = await _send(writer, f"/reports/{new_id()}", here.said(), headers)
        assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("photos", [False, True])
async def test_nothing_is_looked_through_also_while_tables_are_known_to_be_empty(world: World, photos: bool) -> None:
    """Of a table analysed while empty PostgreSQL thinks so until the next analysis, and would read all of it each time:
    by the county's thousandth report, a thousand."""
    line = await world.app.state.db.line()
    await line.execute("ANALYZE")
    await line.execute(f"PREPARE taken (text) AS {intake(photos).sql}")
    try:
        plan = "\n".join(row[0] for row in await line.fetch("EXPLAIN EXECUTE taken ('[]')"))
    finally:
        await line.execute("DEALLOCATE taken")
    looked_through = set(re.findall(r"Seq Scan on (\w+)", plan))
    assert "Index" in plan
    # Its one row is the whole of it.
    assert looked_through <= {"reporting_marks"}
