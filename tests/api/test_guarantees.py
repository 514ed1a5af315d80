"""What was promised and once did not hold: who reaches what, what is told, what is answered twice."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.security.ratelimit import RateLimiter
from tests.accounts import OTHER_PASSWORD
from tests.ledger_files import COUNTY_A_LEDGER, previewed, send, workbook
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def _told(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/changes", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    assert not answer.json()["more"]
    return answer.json()["items"]  # type: ignore[no-any-return]  # JSON


async def test_who_takes_a_project_out_of_a_county_answers_for_both(world: World) -> None:
    project = await world.project(COUNTY_B)
    address = f"/projects/{project['id']}"
    department = await world.department(COUNTY_B)
    office = await world.user("dispatcher", COUNTY_B)
    await office.created(f"{address}/assignments", {"role": "responsible", "department_id": department})
    both = await world.user("department", COUNTY_B, department_id=department)
    await world.grant(both.user_id, "dispatcher", COUNTY_A)
    before = await both.get(address)

    refused = await both.patch(address, {"region_code": COUNTY_A}, etag=before.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    after = await both.get(address)
    assert (after.headers["etag"], after.json()) == (before.headers["etag"], before.json())

    same = await both.patch(address, {"region_code": COUNTY_B, "remark": "补"}, etag=before.headers["etag"])
    assert same.status_code == 200, same.text
    prefecture = await world.user("dispatcher", "9901")
    moved = await prefecture.patch(address, {"region_code": COUNTY_A}, etag=same.headers["etag"])
    assert (moved.status_code, moved.json()["region_code"]) == (200, COUNTY_A)


async def test_what_a_project_is_about_is_in_the_log(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "甲", "region_code": COUNTY_A, "content": "旧"})
    changed = await office.patch(f"/projects/{project['id']}", {"content": "新"}, etag='"1"')
    assert changed.status_code == 200, changed.text
    [updated] = [item for item in await _told(office, project_id=project["id"]) if item["action"] == "updated"]
    assert (updated["version"], updated["diff"]) == (2, {"content": ["旧", "新"]})


async def test_a_form_sent_again_is_the_same_whatever_its_boundary(world: World) -> None:
    office = await world.user("dispatcher")
    answers = [await send(office, COUNTY_A_LEDGER, COUNTY_A, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    first, second = answers
    assert [a.status_code for a in answers] == [201, 201], second.text
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
    assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
    assert await world.pool.fetchval("SELECT count(*) FROM imports") == 1

    other = await send(office, workbook([]), COUNTY_A, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_kept_answer_needs_the_very_reach_it_was_given_under(world: World) -> None:
    both = await world.user("dispatcher", COUNTY_A)
    await world.grant(both.user_id, "dispatcher", COUNTY_B)
    world.app.state.authenticator.forget()
    key, body = {"Idempotency-Key": "wo"}, {"name": "甲县的", "region_code": COUNTY_A}
    assert (await both.post("/projects", body, headers=key)).status_code == 201
    assert (await both.post("/projects", body, headers=key)).headers["idempotency-replayed"] == "true"
    await world.pool.execute(
        "UPDATE grants SET valid_to = valid_from WHERE user_id = $1 AND region_code = $2", both.user_id, COUNTY_A
    )
    world.app.state.authenticator.forget()
    assert (await both.post("/projects", body, headers=key)).status_code == 403
    await world.grant(both.user_id, "dispatcher", "9901")
    world.app.state.authenticator.forget()
    assert (await both.post("/projects", body, headers=key)).status_code == 201


async def test_a_kept_answer_is_not_for_who_lost_the_grant(world: World) -> None:
    office = await world.user("dispatcher")

    async def ask() -> httpx.Response:
        body = {"name": "甲", "region_code": COUNTY_A}
        return await office.post("/projects", body, headers={"Idempotency-Key": "k"})

    assert [(await ask()).status_code for _ in range(2)] == [201, 201]
    await world.pool.execute("UPDATE grants SET valid_to = valid_from WHERE user_id = $1", office.user_id)
    world.app.state.authenticator.forget()
    refused = await ask()
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "idempotency-replayed" not in refused.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "dd_nobody_guessed"},
        {"Authorization": "Bearer guessed"},
        {"Authorization": "Basic guessed"},
    ],
)
async def test_guessing_credentials_is_metered_by_address(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    office = await world.user("dispatcher")
    monkeypatch.setitem(app.state._state, "address_limiter", RateLimiter(1, 2))
    stranger = Client(app, world.http, headers, uuid.UUID(int=0))
    answers = [await stranger.get("/projects") for _ in range(3)]
    assert [a.status_code for a in answers] == [401, 401, 429]
    told = ', error="invalid_token"' if headers.get("Authorization", "").startswith("Bearer") else ""
    assert answers[0].headers["www-authenticate"] == f'Bearer realm="diaodu"{told}'
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await office.get("/projects")).status_code == 200


async def test_no_password_is_set_for_who_may_more(world: World) -> None:
    admin = await world.user("system_admin")
    security, wide, plain = [await world.user(role) for role in ("security_admin", "viewer", "viewer")]
    await world.grant(wide.user_id, "viewer", "9901")
    for client, status in ((security, 403), (wide, 403), (plain, 204)):
        answer = await admin.put(f"/users/{client.user_id}/password", {"password": OTHER_PASSWORD})
        assert answer.status_code == status, answer.text
    able = await world.pool.fetch("SELECT id FROM users WHERE password_hash IS NOT NULL")
    assert [row["id"] for row in able] == [plain.user_id]


async def _renamed(
    world: World, party: dict[str, str], address: str, rename: dict[str, str], renamer: Client
) -> tuple[str, dict[str, Any]]:
    """A project with that party in one assignment, and another without; the party renamed, the first read again."""
    office = await world.user("dispatcher")
    project, other = [await world.project(), await world.project()]
    assignment = await office.created(f"/projects/{project['id']}/assignments", party)
    addresses = [f"/projects/{project['id']}", f"/assignments/{assignment['id']}", f"/projects/{other['id']}"]
    before = [(await office.get(a)).headers["etag"] for a in addresses]
    start = (await office.get("/changes?after=now")).json()["next"]

    current = await renamer.get(address)
    answer = await renamer.patch(address, rename, etag=current.headers["etag"])
    assert answer.status_code == 200, answer.text
    after = [await office.get(a) for a in addresses]
    assert [a.headers["etag"] == tag for a, tag in zip(after, before, strict=True)] == [False, False, True]
    # Who holds the old copy is not told that it is still good.
    assert (await office.get(addresses[0], headers={"If-None-Match": before[0]})).status_code == 200
    told = [i for i in await _told(office, after=start) if (i["resource"], i["action"]) == ("project", "updated")]
    assert [(i["id"], i["project_id"], i["version"]) for i in told] == [
        (project["id"], project["id"], after[0].json()["version"])
    ]
    return after[0].text, after[1].json()


async def test_a_leaders_new_name_is_a_new_version_of_whatever_shows_it(world: World) -> None:
    leader = await world.leader(name="王建国")
    office = await world.user("dispatcher")
    party = {"role": "sponsor", "leader_id": leader}
    project, _ = await _renamed(world, party, f"/leaders/{leader}", {"name": "刘洋"}, office)
    assert "刘洋" in project
    assert "王建国" not in project


async def test_an_accounts_new_name_is_a_new_version_of_whatever_shows_it(world: World) -> None:
    reporter = await world.user("reporter")
    admin = await world.user("system_admin")
    party = {"role": "reporter", "user_id": str(reporter.user_id)}
    address = f"/users/{reporter.user_id}"
    project, assignment = await _renamed(world, party, address, {"display_name": "张三丰"}, admin)
    assert "张三丰" in project
    assert assignment["version"] == 2


async def test_an_error_never_shows_what_was_in_the_statement(app: FastAPI) -> None:
    assert app.state.db.engine.sync_engine.hide_parameters is True


async def test_a_change_of_nothing_is_no_change(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "甲", "region_code": COUNTY_A})
    department, leader = await world.department(), await world.leader(name="王建国")
    before = await world.pool.fetch("SELECT seq FROM changes")
    for address, same in (
        (f"/projects/{project['id']}", {"name": "甲"}),
        (f"/departments/{department}", {"name": "发改委"}),
        (f"/leaders/{leader}", {"name": "王建国"}),
    ):
        seen = await office.get(address)
        for body in ({}, same):
            answer = await office.patch(address, body, etag='"1"')
            assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, '"1"', seen.json())
        assert (await office.patch(address, {}, etag='"7"')).status_code == 412
    assert await world.pool.fetch("SELECT seq FROM changes") == before


async def test_an_application_that_would_write_nothing_leaves_the_import_open(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    rows = [("甲厂", "甲局"), ("乙厂", "乙局")]
    made = await previewed(office, workbook(rows, ("项目名称", "责任单位")))
    address = f"/imports/{made['id']}"
    refused = await office.post(f"{address}/application", {"create_missing": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_apply")
    assert (await office.get(address)).json()["status"] == "previewed"
    assert await world.pool.fetchval("SELECT count(*) FROM projects") == 0

    applied = await office.post(f"{address}/application", {"create_missing": True})
    assert applied.status_code == 200, applied.text
    assert (await office.get(address)).json()["status"] == "applied"
    assert await world.pool.fetchval("SELECT count(*) FROM projects") == 2


async def test_a_project_sent_again_under_its_own_id_is_the_same_project(world: World) -> None:
    office, foreign = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    body = {"id": str(new_id()), "name": "甲", "region_code": COUNTY_A, "total_investment": 20.5, "key_years": [2016]}
    made = await office.post("/projects", body)
    again = await office.post("/projects", body)
    assert (made.status_code, again.status_code) == (201, 200), again.text
    assert (again.json(), again.headers["etag"]) == (made.json(), '"1"')
    assert len(await _told(office, resource="project")) == 1

    other = await office.post("/projects", {**body, "name": "乙", "total_investment": 20.50})
    problem = other.json()
    assert (other.status_code, problem["code"], problem["fields"]) == (409, "id_taken", ["name"])
    assert problem["current"] == made.json()

    hidden = await foreign.post("/projects", {**body, "region_code": COUNTY_B})
    assert (hidden.status_code, hidden.json()["code"]) == (409, "id_taken")
    assert "current" not in hidden.json()
    assert "20.5" not in hidden.text
    assert (await office.get(f"/projects/{body['id']}")).json() == made.json()
