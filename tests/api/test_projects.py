from __future__ import annotations

import asyncio
from collections import Counter

from tests.world import COUNTY_A, COUNTY_B, World


async def test_a_project_is_created_seen_and_changed(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.post("/projects", {"name": " 钛项目 ", "region_code": COUNTY_A, "total_investment": 20100.0001})
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"1"'
    body = made.json()
    assert (body["name"], body["stage"], body["code"][:7]) == ("钛项目", "reserve", "990101-")
    assert '"total_investment":20100.0001' in made.text

    address = made.headers["location"].removeprefix("/api/v1")
    seen = await office.get(address)
    assert seen.json() == body
    assert (await office.get(address, headers={"If-None-Match": '"1"'})).status_code == 304

    changed = await office.patch(address, {"sector": "industry", "total_investment": None}, etag='"1"')
    assert changed.status_code == 200, changed.text
    assert (changed.json()["sector"], changed.json()["total_investment"]) == ("industry", None)
    assert changed.headers["etag"] == '"2"'
    assert (await office.delete(address, etag='"2"')).status_code == 204
    assert (await office.get(address)).status_code == 404


async def test_a_stale_change_is_refused_with_the_current_content(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "甲", "region_code": COUNTY_A})
    address = f"/projects/{project['id']}"
    assert (await office.patch(address, {"name": "乙"}, etag='"1"')).status_code == 200
    assert (await office.patch(address, {"name": "丙"})).status_code == 428
    wish: dict[str, object] = {"name": "丙", "sector": "other", "total_investment": None, "key_years": []}
    refused = await office.patch(address, wish, etag='"1"')
    assert refused.status_code == 412
    problem = refused.json()
    assert problem["code"] == "precondition_failed"
    assert problem["current"]["name"] == "乙"
    assert problem["fields"] == ["name"]


async def test_of_twenty_parallel_changes_one_wins(world: World) -> None:
    office = await world.user("dispatcher")
    project = await office.created("/projects", {"name": "甲", "region_code": COUNTY_A})
    answers = await asyncio.gather(
        *[office.patch(f"/projects/{project['id']}", {"name": f"第{i}"}, etag='"1"') for i in range(20)]
    )
    assert Counter(a.status_code for a in answers) == {200: 1, 412: 19}


async def test_a_foreign_project_looks_like_a_missing_one(world: World) -> None:
    project = await world.project(COUNTY_A)
    other = await world.user("dispatcher", COUNTY_B)
    foreign = await other.get(f"/projects/{project['id']}")
    missing = await other.get("/projects/0199c1a0-7c00-7000-8000-000000000001")
    assert foreign.status_code == missing.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    assert (await other.get("/projects")).json()["items"] == []


async def test_pages_follow_each_other_under_inserts(world: World) -> None:
    office = await world.user("dispatcher")
    names = [f"项目{i:02}" for i in range(7)]
    for name in names:
        await office.created("/projects", {"name": name, "region_code": COUNTY_A})
    seen: list[str] = []
    path = "/projects?limit=3&sort=name&count=true"
    while path:
        page = await office.get(path)
        assert page.json()["total"] >= 7
        seen += [item["name"] for item in page.json()["items"]]
        link = page.headers.get("link")
        path = link[1 : link.index(">")].removeprefix("/api/v1") if link else ""
        await office.created("/projects", {"name": "A先到", "region_code": COUNTY_A})
    assert seen == names


async def test_ten_parallel_posts_with_one_key_make_one_project(world: World) -> None:
    office = await world.user("dispatcher")
    body = {"name": "唯一", "region_code": COUNTY_A}
    answers = await asyncio.gather(
        *[office.post("/projects", body, headers={"Idempotency-Key": "k1"}) for _ in range(10)]
    )
    assert {a.status_code for a in answers} <= {201, 409}
    again = await office.post("/projects", body, headers={"Idempotency-Key": "k1"})
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert len({a.json()["id"] for a in [*answers, again] if a.status_code == 201}) == 1
    assert (await office.get("/projects?count=true")).json()["total"] == 1
    other = await office.post("/projects", {**body, "name": "另一"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_search_finds_two_characters(world: World) -> None:
    office = await world.user("dispatcher")
    await office.created("/projects", {"name": "登高煤电铝一体化项目", "region_code": COUNTY_A})
    await office.created("/projects", {"name": "污水处理厂", "region_code": COUNTY_A, "investors": ["登封公司"]})
    for q, found in {"煤电": 1, "登": 2, "项目": 1, "%": 0, "登封": 1, "电煤": 0}.items():
        page = await office.get("/projects", params={"q": q})
        assert len(page.json()["items"]) == found, q


async def test_stale_projects_and_past_pipelines(world: World) -> None:
    office = await world.user("dispatcher")
    old = {"region_code": COUNTY_A, "stage": "negotiating", "stage_since": "2016-01-05"}
    await office.created("/projects", {"name": "老项目", **old})
    await office.created("/projects", {"name": "新项目", "region_code": COUNTY_A, "stage": "negotiating"})

    async def names(query: str) -> list[str]:
        page = await office.get(f"/projects?{query}")
        assert page.status_code == 200, page.text
        return [item["name"] for item in page.json()["items"]]

    assert await names("stale=true") == ["老项目"]
    assert await names("stale=false") == ["新项目"]
    assert await names("as_of=2016-01-04") == []
    assert await names("as_of=2016-01-05&stage=negotiating") == ["老项目"]
    assert await names("stale=true&as_of=2016-02-03") == []
    assert await names("stale=true&as_of=2016-02-04") == ["老项目"]


async def test_a_past_list_shows_who_answered_and_what_was_paused_then(world: World) -> None:
    office = await world.user("dispatcher")
    before, after = await world.leader(name="前任"), await world.leader(name="后任")
    since = {"region_code": COUNTY_A, "stage": "negotiating", "stage_since": "2016-01-01"}
    project = await office.created("/projects", {"name": "交接项目", **since})
    address = f"/projects/{project['id']}"
    for leader, first in ((before, "2016-01-01"), (after, "2016-06-01")):
        sponsor = await office.created(
            f"{address}/assignments", {"role": "sponsor", "leader_id": leader, "valid_from": first}
        )
        if leader == before:
            seen = await office.get(f"/assignments/{sponsor['id']}")
            ended = await office.patch(
                f"/assignments/{sponsor['id']}", {"valid_to": "2016-06-01"}, etag=seen.headers["etag"]
            )
            assert ended.status_code == 200, ended.text
    paused = await office.created(f"{address}/suspensions", {"reason": "等待资金", "since": "2016-03-01"})
    ended = await office.patch(f"/suspensions/{paused['id']}", {"until": "2016-04-01"}, etag='"1"')
    assert ended.status_code == 200, ended.text

    async def then(query: str) -> list[dict[str, object]]:
        page = await office.get(f"/projects?{query}")
        assert page.status_code == 200, page.text
        return page.json()["items"]  # type: ignore[no-any-return]  # JSON

    assert [p["sponsors"][0]["name"] for p in await then("as_of=2016-05-31")] == ["前任"]  # type: ignore[index]  # JSON
    assert [p["sponsors"][0]["name"] for p in await then("as_of=2016-06-01")] == ["后任"]  # type: ignore[index]  # JSON
    assert [len(await then(f"as_of=2016-05-31&leader_id={leader}")) for leader in (before, after)] == [1, 0]
    assert [p["suspended_since"] for p in await then("as_of=2016-03-15&suspended=true")] == ["2016-03-01"]
    assert [p["suspended_since"] for p in await then("as_of=2016-04-01&suspended=false")] == [None]
    assert await then("as_of=2016-04-01&suspended=true") == []


async def test_what_does_not_go_together_is_told_all_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    wrong = {"longitude": 106.5, "planned_start": "2017", "planned_completion": "2016-12", "sector": "gold"}
    refused = await office.post("/projects", {"name": "甲", "region_code": COUNTY_A, **wrong})
    assert refused.status_code == 422
    told = {error["pointer"]: (error["code"], error["message"]) for error in refused.json()["errors"]}
    assert {pointer: code for pointer, (code, _) in told.items()} == {
        "/latitude": "missing", "/planned_completion": "dates_out_of_order", "/sector": "unknown_code",
    }  # fmt: skip
    assert "industry" in told["/sector"][1]


async def test_a_change_is_held_against_what_is_on_record(world: World) -> None:
    office = await world.user("dispatcher")
    fields = {"planned_start": "2016-03", "planned_completion": "2016", "longitude": 106.5, "latitude": 26.5}
    project = await office.created("/projects", {"name": "甲", "region_code": COUNTY_A, **fields})
    address = f"/projects/{project['id']}"
    wishes: list[tuple[dict[str, object], str]] = [
        ({"planned_start": "2017-01"}, "/planned_completion"),
        ({"planned_completion": "2016-02-29"}, "/planned_completion"),
        ({"longitude": None}, "/longitude"),
    ]
    for wish, pointer in wishes:
        refused = await office.patch(address, wish, etag='"1"')
        assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, [pointer])
    both = {"planned_start": "2017-01", "planned_completion": "2018", "longitude": None, "latitude": None}
    assert (await office.patch(address, both, etag='"1"')).status_code == 200
