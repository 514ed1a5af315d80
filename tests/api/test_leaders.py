from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from typing import Any

import pytest

from app.domain.leaders import body_of
from tests.world import COUNTY_A, COUNTY_B, Client, World


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("县委书记", "party_committee"),
        ("县 委 副书记", "party_committee"),
        ("县委常委、副县长", "party_committee"),
        ("州委常委", "party_committee"),
        ("县纪委书记", "party_committee"),
        ("中共登高县委员会书记", "party_committee"),
        ("县人大常委会主任", "peoples_congress"),
        ("县人大副主任", "peoples_congress"),
        ("县人民代表大会常务委员会副主任", "peoples_congress"),
        ("县政协副主席", "cppcc"),
        ("政协登高县委员会主席", "cppcc"),
        ("县长", "government"),
        ("县政府副县长", "government"),
        ("常务副县长", "government"),
        ("县发改委主任", "government"),
        ("开发区管委会主任", "government"),
        ("", "government"),
        (None, "government"),
    ],
)
def test_the_title_tells_the_body(title: str | None, body: str) -> None:
    assert body_of(title) == body


async def supervise(client: Client, leader: str, department: str, start: str, end: str | None = None) -> Any:
    return await client.post(
        f"/leaders/{leader}/supervisions", {"department_id": department, "valid_from": start, "valid_to": end}
    )


async def test_a_leader_is_created_seen_and_changed(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.post("/leaders", {"region_code": COUNTY_A, "name": " 张敏 ", "title": "县人大常委会主任"})
    assert made.status_code == 201, made.text
    body = made.json()
    assert [body[k] for k in ("name", "title", "body", "active", "supervised_departments")] == [
        "张敏", "县人大常委会主任", "peoples_congress", True, [],
    ]  # fmt: skip
    address = made.headers["location"].removeprefix("/api/v1")
    assert (await office.get(address)).json() == body
    # Whom a leader supervises turns with the day, not with the version: never "not modified".
    assert (await office.get(address, headers={"If-None-Match": '"1"'})).status_code == 200
    changed = await office.patch(address, {"title": "县委书记", "active": False}, etag='"1"')
    assert (changed.json()["title"], changed.json()["body"], changed.json()["version"]) == (
        "县委书记", "peoples_congress", 2,
    )  # fmt: skip
    assert (await office.patch(address, {"body": "party_committee"}, etag='"1"')).status_code == 412
    assert (await office.patch(address, {"body": "party_committee"})).status_code == 428
    assert (await office.patch(address, {"body": None}, etag='"2"')).status_code == 422
    stated = await office.created(
        "/leaders", {"region_code": COUNTY_A, "name": "李志强", "title": "县委副书记、县长", "body": "government"}
    )
    assert stated["body"] == "government"
    again = await office.post("/leaders", {"region_code": COUNTY_A, "name": "李志强"})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    beyond = await office.post("/leaders", {"region_code": COUNTY_B, "name": "李志强"})
    assert beyond.status_code == 403


async def test_lists_are_filtered(world: World) -> None:
    office = await world.user("dispatcher", "9901")
    for region, name, title in (
        (COUNTY_A, "王建国", "县委书记"),
        (COUNTY_A, "王涛", "县长"),
        (COUNTY_B, "周涛", "县人大副主任"),
    ):
        await office.created("/leaders", {"region_code": region, "name": name, "title": title})

    async def names(query: str) -> list[str]:
        page = await office.get(f"/leaders?sort=name&{query}")
        assert page.status_code == 200, page.text
        return sorted(item["name"] for item in page.json()["items"])

    assert await names("") == ["周涛", "王建国", "王涛"]
    assert await names(f"region={COUNTY_A}") == ["王建国", "王涛"]
    assert await names("body=government&body=peoples_congress") == ["周涛", "王涛"]
    assert await names("q=王") == ["王建国", "王涛"]
    assert await names("name=王涛&active=true") == ["王涛"]
    assert (await office.get("/leaders?count=true&limit=1")).json()["total"] == 3
    assert (await office.get("/leaders?title=县长")).json()["errors"][0]["code"] == "unknown_parameter"


async def test_leaders_of_another_county_are_not_there(world: World) -> None:
    office, theirs = await world.user("dispatcher", COUNTY_A), await world.user("dispatcher", COUNTY_B)
    own_leader = await world.leader(COUNTY_A, "林海")
    leader, department = await world.leader(COUNTY_B), await world.department(COUNTY_B)
    supervision = (await supervise(theirs, leader, department, "2016-01-01")).json()
    mine = await world.department(COUNTY_A)
    for answer in (
        await office.get(f"/leaders/{leader}"),
        await office.patch(f"/leaders/{leader}", {"name": "改"}, etag='"1"'),
        await office.get(f"/leaders/{leader}/supervisions"),
        await supervise(office, leader, mine, "2016-01-01"),
        await office.get(f"/supervisions/{supervision['id']}"),
        await office.patch(f"/supervisions/{supervision['id']}", {"valid_to": "2016-02-01"}, etag='"1"'),
        await office.get("/leaders/0199c1a0-7c00-7000-8000-000000000001/supervisions"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [x["id"] for x in (await office.get("/leaders")).json()["items"]] == [own_leader]


async def test_who_reads_does_not_write(world: World) -> None:
    leader, department = await world.leader(), await world.department()
    viewer, rater = await world.user("viewer"), await world.user("rater")
    assert (await viewer.get(f"/leaders/{leader}/supervisions")).json()["items"] == []
    assert (await supervise(viewer, leader, department, "2016-01-01")).status_code == 403
    assert (await rater.get("/leaders")).status_code == 403


async def test_who_supervised_what_when_survives_a_transfer(world: World) -> None:
    office = await world.user("dispatcher")
    leader = await world.leader()
    bureau, roads = await world.department(name="工信局"), await world.department(name="交通局")
    first = await supervise(office, leader, bureau, "2016-01-01")
    assert first.status_code == 201, first.text
    assert (await supervise(office, leader, roads, "2016-03-01")).status_code == 201
    seen = (await office.get(f"/leaders/{leader}")).json()
    assert [(d["name"], d["since"]) for d in seen["supervised_departments"]] == [
        ("工信局", "2016-01-01"),
        ("交通局", "2016-03-01"),
    ]

    address = first.headers["location"].removeprefix("/api/v1")
    assert (await office.patch(address, {"valid_to": "2016-07-01"})).status_code == 428
    etag = (await office.get(f"/leaders/{leader}")).headers["etag"]
    ended = await office.patch(address, {"valid_to": "2016-07-01"}, etag=first.headers["etag"])
    assert (ended.status_code, ended.json()["valid_to"], ended.json()["version"]) == (200, "2016-07-01", 2)
    assert (await office.patch(address, {"valid_to": "2016-08-01"}, etag=first.headers["etag"])).status_code == 412
    now = await office.get(f"/leaders/{leader}", headers={"If-None-Match": etag})
    assert [d["name"] for d in now.json()["supervised_departments"]] == ["交通局"]

    async def held(query: str) -> list[str]:
        page = await office.get(f"/leaders/{leader}/supervisions?count=true&{query}")
        assert page.status_code == 200, page.text
        assert page.json()["total"] == len(page.json()["items"])
        return [item["department_name"] for item in page.json()["items"]]

    assert await held("") == ["工信局", "交通局"]
    assert await held("as_of=2015-12-31") == []
    assert await held("as_of=2016-01-01") == ["工信局"]
    assert await held("as_of=2016-06-30") == ["工信局", "交通局"]
    assert await held("as_of=2016-07-01") == ["交通局"]
    assert await held(f"department_id={bureau}&sort=-valid_from") == ["工信局"]
    log = await world.pool.fetch(
        "SELECT action, region_code, diff FROM changes WHERE resource = 'supervision' ORDER BY seq"
    )
    assert [(row["action"], row["region_code"]) for row in log] == [
        ("created", COUNTY_A), ("created", COUNTY_A), ("updated", COUNTY_A),
    ]  # fmt: skip
    assert '"valid_to": [null, "2016-07-01"]' in log[2]["diff"]


async def test_a_period_ahead_is_not_shown_as_current(world: World) -> None:
    office, leader = await world.user("dispatcher"), await world.leader()
    department, other = await world.department(name="工信局"), await world.department(name="交通局")
    assert (await supervise(office, leader, department, "2199-01-01")).status_code == 201
    assert (await supervise(office, leader, other, "2016-01-01", "2199-01-01")).status_code == 201
    seen = (await office.get(f"/leaders/{leader}")).json()
    assert [d["name"] for d in seen["supervised_departments"]] == ["交通局"]


async def test_periods_of_a_pair_do_not_overlap(world: World) -> None:
    office, leader = await world.user("dispatcher"), await world.leader()
    department = await world.department()
    made = await supervise(office, leader, department, "2016-03-01", "2016-06-01")
    assert made.status_code == 201, made.text
    for start, end, status in (
        ("2016-05-31", None, 409),
        ("2016-01-01", None, 409),
        ("2016-01-01", "2016-03-02", 409),
        ("2016-04-01", "2016-05-01", 409),
        ("2016-01-01", "2016-03-01", 201),
        ("2016-06-01", None, 201),
        ("2017-01-01", "2017-02-01", 409),
    ):
        answer = await supervise(office, leader, department, start, end)
        assert answer.status_code == status, (start, end, answer.text)
        if status == 409:
            assert answer.json()["code"] == "periods_overlap"
    address = f"/supervisions/{made.json()['id']}"
    for end, status, code in (
        ("2016-06-02", 409, "periods_overlap"),
        (None, 409, "periods_overlap"),
        ("2016-03-01", 422, "invalid_content"),
    ):
        answer = await office.patch(address, {"valid_to": end}, etag='"1"')
        assert (answer.status_code, answer.json()["code"]) == (status, code), (end, answer.text)
    assert (await office.patch(address, {"valid_to": "2016-05-01"}, etag='"1"')).status_code == 200
    someone_else = await world.leader(name="刘洋")
    assert (await supervise(office, someone_else, department, "2016-04-01")).status_code == 201


async def test_of_parallel_overlapping_periods_one_is_kept(world: World) -> None:
    office, leader = await world.user("dispatcher"), await world.leader()
    department = await world.department()
    async with world.pool.acquire() as connection, connection.transaction():
        # Whoever holds the leader keeps all ten waiting, so that they really run side by side.
        await connection.execute("SELECT FROM leaders WHERE id = $1 FOR UPDATE", uuid.UUID(leader))
        running = [
            asyncio.create_task(supervise(office, leader, department, f"2016-01-{day:02}", "2016-06-01"))
            for day in range(1, 11)
        ]
        while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < len(
            running
        ):  # no event tells of another process's locks
            await asyncio.sleep(0.01)
    answers = await asyncio.gather(*running)
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 9}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"periods_overlap"}


async def test_what_a_leader_cannot_supervise(world: World) -> None:
    office = await world.user("dispatcher", "9901")
    leader, in_park = await world.leader(COUNTY_A), await world.leader("990101001", "园区主任")
    park, bureau = await world.department("990101001", "园区管委会"), await world.department(COUNTY_A, "工信局")
    foreign = await world.department(COUNTY_B, "乙县发改局")
    assert (await supervise(office, leader, park, "2016-01-01")).status_code == 201
    assert (await supervise(office, in_park, bureau, "2016-01-01")).status_code == 201
    for department, start, end, pointer, code in (
        (foreign, "2016-01-01", None, "/department_id", "outside_region"),
        ("0199c1a0-7c00-7000-8000-000000000001", "2016-01-01", None, "/department_id", "unknown_reference"),
        (bureau, "2016-01-01", "2016-01-01", "/valid_to", "dates_out_of_order"),
        (bureau, "2016-1-1", None, "/valid_from", "wrong_type"),
        (bureau, "2016-02-30", None, "/valid_from", "wrong_type"),
    ):
        refused = await supervise(office, leader, department, start, end)
        assert refused.status_code == 422, refused.text
        assert [refused.json()["errors"][0][k] for k in ("pointer", "code")] == [pointer, code]
    local = await world.user("dispatcher", COUNTY_A)
    unseen = await supervise(local, leader, foreign, "2016-01-01")
    assert unseen.json()["errors"][0]["code"] == "unknown_reference"


@pytest.mark.parametrize("change", [{"name": "王立国"}, {"title": "县长"}])
async def test_a_new_name_or_title_shows_in_projects(world: World, change: dict[str, str]) -> None:
    leader, project = await world.leader(), await world.project()
    await world.pool.execute(
        "INSERT INTO assignments (id, project_id, role, leader_id, valid_from)"
        " VALUES (gen_random_uuid(), $1, 'sponsor', $2, '2016-01-01')",
        project["id"],
        leader,
    )
    office = await world.user("dispatcher")
    assert (await office.patch(f"/leaders/{leader}", {"body": "cppcc"}, etag='"1"')).status_code == 200
    assert (await office.get(f"/projects/{project['id']}", headers={"If-None-Match": '"1"'})).status_code == 304
    assert (await office.patch(f"/leaders/{leader}", change, etag='"2"')).status_code == 200
    seen = await office.get(f"/projects/{project['id']}", headers={"If-None-Match": '"1"'})
    assert (seen.status_code, seen.json()["version"]) == (200, 2)
    assert seen.json()["sponsors"][0] | change == seen.json()["sponsors"][0]
