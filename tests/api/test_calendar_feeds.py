"""The calendar an account subscribes to: its own deadlines, under a secret address, as a calendar program reads it."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar

from app.middleware import without_secrets
from app.security.ratelimit import RateLimiter
from tests.accounts import within_a_second
from tests.world import COUNTY_A, COUNTY_B, Client, World

TODAY = datetime(2026, 3, 20, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def a_known_day(world: World) -> None:
    world.app.state.clock = lambda: TODAY


async def _address(client: Client) -> str:
    answer = await client.post("/me/calendar-feed")
    assert answer.status_code == 201, answer.text
    return str(urlsplit(answer.json()["url"]).path).removeprefix("/api/v1")


async def _read(world: World, address: str) -> Calendar:
    answer = await world.anonymous().get(address)
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    assert isinstance(calendar, Calendar)
    return calendar


def _said(calendar: Calendar) -> dict[str, date]:
    return {str(event["summary"]): event.start for event in calendar.events}


async def _summaries(world: World, client: Client) -> dict[str, date]:
    world.app.state.authenticator.forget()
    return _said(await _read(world, await _address(client)))


async def _project(office: Client, name: str = "园区一期", region: str = COUNTY_A, **fields: Any) -> str:
    made = await office.created("/projects", {"name": name, "region_code": region, **fields})
    return f"/projects/{made['id']}"


async def _milestone(office: Client, project: str, name: str, finish: str, **fields: Any) -> dict[str, Any]:
    return await office.created(f"{project}/milestones", {"name": name, "planned_finish": finish, **fields})


async def test_the_address_is_where_the_service_was_called(world: World) -> None:
    office = await world.user("dispatcher")
    here = await office.post("/me/calendar-feed", headers={"Host": "10.1.2.3:8106"})
    assert here.json()["url"].startswith("http://10.1.2.3:8106/api/v1/calendars/ddc_")
    configured = world.app.state.settings.model_copy(update={"public_url": "https://diaodu.example/"})
    kept, world.app.state.settings = world.app.state.settings, configured
    try:
        there = await office.post("/me/calendar-feed", headers={"Host": "10.1.2.3:8106"})
    finally:
        world.app.state.settings = kept
    assert there.json()["url"].startswith("https://diaodu.example/api/v1/calendars/ddc_")


async def test_the_office_reads_its_deadlines(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office, planned_start="2026-04", planned_completion="2026", stage="landed")
    await _project(office, "早已竣工", planned_completion="2026-05", stage="completed")
    await _milestone(office, project, "封顶", "2026-04-30")
    await _milestone(office, project, "已完成", "2026-03-10", status="done", actual_finish="2026-03-09")
    await _milestone(office, project, "太久以后", "2027-04-30")
    await _milestone(office, project, "上月", "2026-03-01")
    permit = await office.created(f"{project}/permits", {"kind": "construction_permit"})
    await office.created(f"/permits/{permit['id']}/events", {"kind": "accepted", "happened_on": "2026-03-16"})
    stopped = await office.created(f"{project}/permits", {"kind": "other", "name": "等补正"})
    for kind in ("accepted", "supplement_requested"):
        await office.created(f"/permits/{stopped['id']}/events", {"kind": kind, "happened_on": "2026-03-16"})
    assert await _summaries(world, office) == {
        "节点：封顶（园区一期）": date(2026, 4, 30),
        "节点：上月（园区一期）": date(2026, 3, 1),
        "手续到期：施工许可证（园区一期）": date(2026, 3, 25),
        "计划开工：园区一期": date(2026, 4, 30),
    }
    gone = await office.post(f"{project}/stage-transitions", {"to_stage": "terminated", "reason": "停建"})
    assert gone.status_code == 201, gone.text
    assert await _summaries(world, office) == {}


async def test_each_account_reads_its_own(world: World) -> None:
    office, neighbour = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    viewer, reporter = await world.user("viewer"), await world.user("reporter")
    owner, bureau = await world.department(name="业主"), await world.department(name="住建局")
    one, two = await _project(office, "甲"), await _project(office, "乙")
    await _project(neighbour, "邻县", COUNTY_B, planned_completion="2026-06")
    await _milestone(office, one, "封顶", "2026-04-30", responsible_user_id=str(viewer.user_id))
    await _milestone(office, two, "验收", "2026-05-29")
    await office.created(f"{one}/assignments", {"role": "owner", "department_id": owner})
    await office.created(f"{two}/assignments", {"role": "reporter", "user_id": str(reporter.user_id)})
    permit = await office.created(f"{two}/permits", {"kind": "other", "department_id": bureau})
    await office.created(f"/permits/{permit['id']}/events", {"kind": "accepted", "happened_on": "2026-03-02"})
    accepting = await world.user("department", department_id=bureau)
    answering = await world.user("department", department_id=owner)

    everything = {"节点：封顶（甲）", "节点：验收（乙）", "手续到期：其他手续（乙）"}
    assert set(await _summaries(world, office)) == everything
    assert set(await _summaries(world, await world.user("leader"))) == everything
    assert set(await _summaries(world, viewer)) == {"节点：封顶（甲）"}, "only looks on, but has one of its own"
    assert set(await _summaries(world, answering)) == {"节点：封顶（甲）"}
    assert set(await _summaries(world, accepting)) == {"手续到期：其他手续（乙）"}
    assert set(await _summaries(world, reporter)) == everything - {"节点：封顶（甲）"}
    assert set(await _summaries(world, neighbour)) == {"计划竣工：邻县"}
    assert await _summaries(world, await world.user("rater")) == {}
    await world.pool.execute("UPDATE grants SET valid_to = valid_from WHERE user_id = $1", viewer.user_id)
    assert await _summaries(world, viewer) == {}


async def test_a_leader_reads_what_he_sponsors_and_supervises(world: World) -> None:
    office, account = await world.user("dispatcher"), await world.user("leader")
    leader, other = await world.leader(), await world.leader(name="别的领导")
    bureau, former = await world.department(name="住建局"), await world.department(name="交通局")
    for department, period in ((bureau, {}), (former, {"valid_from": "2025-01-01", "valid_to": "2026-03-20"})):
        body = {"department_id": department, "valid_from": "2026-01-01", **period}
        await office.created(f"/leaders/{leader}/supervisions", body)
    parties: dict[str, dict[str, Any]] = {
        "包扶": {"role": "sponsor", "leader_id": leader},
        "分管": {"role": "responsible", "department_id": bureau},
        "不再分管": {"role": "responsible", "department_id": former},
        "别人": {"role": "sponsor", "leader_id": other},
    }
    projects = {}
    for name, party in parties.items():
        projects[name] = await _project(office, name, planned_completion="2026-06", stage="started")
        await office.created(f"{projects[name]}/assignments", {"valid_from": "2026-01-01", **party})
        await _milestone(office, projects[name], "封顶", "2026-04-30")
    mine = {"name": "本人的", "finish": "2026-05-08", "responsible_user_id": str(account.user_id)}
    await _milestone(office, projects["别人"], **mine)
    for name, department in (("包扶", former), ("别人", bureau), ("别人", former)):
        permit = await office.created(f"{projects[name]}/permits", {"kind": "other", "department_id": department})
        await office.created(f"/permits/{permit['id']}/events", {"kind": "accepted", "happened_on": "2026-03-16"})
    assert len(await _summaries(world, account)) == 11, "all of the county, as long as it is no leader's"
    await world.pool.execute("UPDATE users SET leader_id = $1 WHERE id = $2", leader, account.user_id)
    assert set(await _summaries(world, account)) == {
        "节点：封顶（包扶）", "计划竣工：包扶", "手续到期：其他手续（包扶）", "节点：封顶（分管）", "计划竣工：分管",
        "节点：本人的（别人）", "手续到期：其他手续（别人）",
    }  # fmt: skip
    await world.pool.execute(
        "INSERT INTO grants (id, user_id, role, region_code, valid_from)"
        " SELECT gen_random_uuid(), user_id, 'dispatcher', region_code, valid_from FROM grants WHERE user_id = $1",
        account.user_id,
    )
    assert len(await _summaries(world, account)) == 11, "the office answers for all of it"


async def test_days_of_a_year_not_announced_are_tentative(world: World) -> None:
    world.app.state.clock = lambda: datetime(2030, 11, 20, 4, tzinfo=UTC)
    office = await world.user("dispatcher")
    project = await _project(office)
    for day, name in (("2030-12-16", "今年"), ("2031-01-15", "明年")):
        entered = {"holidays": [f"{day[:4]}-01-01"], "makeup_days": [], "source": "通知"}
        assert (await office.put(f"/workday-years/{day[:4]}", entered)).status_code == 201
        await _milestone(office, project, name, day)
    address = await _address(office)

    async def tentative() -> set[str]:
        found = (await _read(world, address)).events
        told = {str(e["summary"]) for e in found if "暂定" in str(e["description"])}
        assert told == {str(e["summary"]) for e in found if str(e.get("status", "")) == "TENTATIVE"}
        return told

    assert await tentative() == set()
    assert (await office.delete("/workday-years/2031", etag="*")).status_code == 204
    assert await tentative() == {"节点：明年（园区一期）"}


async def test_what_is_only_foretold_is_not_told_as_planned(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await office.created(f"{project}/milestones", {"name": "验收", "forecast_finish": "2026-05-11"})
    [event] = (await _read(world, await _address(office))).events
    assert event.start == date(2026, 5, 11)
    assert "预计完成：2026-05-11" in str(event["description"])
    assert "计划" not in str(event["description"])


async def test_a_calendar_program_understands_it(world: World) -> None:
    office = await world.user("dispatcher")
    long_name = "某某县新能源汽车零部件产业园一期（含标准化厂房、研发楼、宿舍楼及附属工程）；二期, 三期建设项目" * 2
    project = await _project(office, long_name)
    milestone = await _milestone(office, project, "主体结构封顶", "2026-04-30", forecast_finish="2026-05-11")
    address = await _address(office)
    answer = await world.anonymous().get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    for line in lines:
        line.decode()  # folded between characters, not within
    [event] = (await _read(world, address)).events
    assert (str(event["uid"]), event["sequence"]) == (f"milestone-{milestone['id']}@diaodu", 0)
    assert str(event["summary"]) == f"节点：主体结构封顶（{long_name}）"
    assert "计划完成：2026-04-30" in str(event["description"])
    assert "预计完成：2026-05-11" in str(event["description"])
    assert (event.start, event.end) == (date(2026, 4, 30), date(2026, 5, 1))
    assert type(event.start) is date, "all day"
    assert event.stamp == event.last_modified == TODAY

    later = TODAY + timedelta(minutes=5)
    world.app.state.clock = lambda: later
    moved = await office.patch(f"/milestones/{milestone['id']}", {"planned_finish": "2026-05-08"}, etag='"1"')
    assert moved.status_code == 200, moved.text
    [again] = (await _read(world, address)).events
    assert (again["uid"], again["sequence"]) == (event["uid"], 1)
    assert (again.start, again.last_modified) == (date(2026, 5, 8), later)


async def test_asked_again_it_answers_only_what_is_new(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await _milestone(office, project, "封顶", "2026-04-30")
    address = await _address(office)
    first = await world.anonymous().get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["etag"]}
    same = await world.anonymous().get(address, headers=tag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    renamed = await office.patch(project, {"name": "园区二期"}, etag=(await office.get(project)).headers["etag"])
    assert renamed.status_code == 200, renamed.text
    other = await world.anonymous().get(address, headers=tag)
    assert (other.status_code, "园区二期" in other.text) == (200, True)


async def test_one_address_counts_and_it_can_be_taken_back(world: World) -> None:
    office = await world.user("dispatcher")
    assert (await office.get("/me/calendar-feed")).json() == {"created_at": None}
    assert (await office.delete("/me/calendar-feed")).status_code == 204
    first = await _address(office)
    second = await _address(office)
    assert first != second
    assert (await world.anonymous().get(first)).status_code == 404
    assert (await world.anonymous().get(second)).status_code == 200
    told = (await office.get("/me/calendar-feed")).json()
    assert datetime.fromisoformat(told.pop("created_at")) == TODAY
    assert told == {}
    assert (await office.delete("/me/calendar-feed")).status_code == 204
    await within_a_second(lambda: world.anonymous().get(second), 404)
    auditor = await world.user("auditor")
    logged = [i for i in (await auditor.get("/changes")).json()["items"] if i["resource"] == "calendar_feed"]
    assert [(i["action"], i["id"]) for i in logged] == [
        ("created", str(office.user_id)), ("created", str(office.user_id)), ("revoked", str(office.user_id)),
    ]  # fmt: skip
    assert "ddc_" not in str(logged)


async def test_a_disabled_account_has_no_calendar(world: World) -> None:
    office = await world.user("dispatcher")
    address = await _address(office)
    await world.pool.execute("UPDATE users SET disabled = true WHERE id = $1", office.user_id)
    world.app.state.authenticator.forget()
    gone, never = await world.anonymous().get(address), await world.anonymous().get("/calendars/ddc_x.ics")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert {**gone.json(), "request_id": ""} == {**never.json(), "request_id": ""}


async def test_the_secret_is_kept_nowhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    office = await world.user("dispatcher")
    key = {"Idempotency-Key": "k"}
    made, again = [await office.post("/me/calendar-feed", headers=key) for _ in range(2)]
    assert (again.status_code, again.json()) == (201, {**made.json(), "url": None})
    address = urlsplit(made.json()["url"]).path
    secret = address.rsplit("/", 1)[1].removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        for method, path in (("GET", address), ("POST", address), ("GET", address.removesuffix(".ics"))):
            await world.http.request(method, path)
        await world.http.get(f"{address}/more")
    seen = [str(vars(record)) for record in caplog.records if record.name.startswith("diaodu")]
    assert len(seen) == 4
    assert not [line for line in seen if secret in line]
    assert secret not in (await world.http.get("/metrics")).text
    columns = await world.pool.fetch("SELECT row_to_json(f)::text AS row FROM calendar_feeds f")
    assert not [row for row in columns if secret in row["row"]]
    assert without_secrets("/api/v1/projects/1") == "/api/v1/projects/1"


async def test_guessing_addresses_is_metered(app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.state._state, "address_limiter", RateLimiter(1, 2))
    answers = [await world.anonymous().get("/calendars/ddc_guess.ics") for _ in range(3)]
    assert [a.status_code for a in answers] == [404, 404, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize("secret", ["x", "%00", "ddc_" + "é" * 43, "a" * 300, "..", "ddc_" + "a" * 43 + "%0a"])
async def test_odd_addresses_are_not_there(world: World, secret: str) -> None:
    answer: httpx.Response = await world.http.get(f"/api/v1/calendars/{secret}.ics")
    assert answer.status_code in {404, 422}, answer.text


async def test_keys_make_no_calendars(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.post(
        "/api-keys", {"name": "屏", "permissions": ["projects.read"], "expires_at": "2027-01-30T00:00:00+08:00"}
    )
    key = Client(world.app, world.http, {"X-API-Key": made.json()["key"]}, office.user_id)
    assert (await key.post("/me/calendar-feed")).status_code == 403
