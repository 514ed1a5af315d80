from __future__ import annotations

from tests.world import COUNTY_A, COUNTY_B, Client, World


async def names(client: Client, query: str = "") -> list[str]:
    page = await client.get(f"/departments?sort=name&{query}")
    assert page.status_code == 200, page.text
    return [item["name"] for item in page.json()["items"]]


async def test_a_department_is_created_seen_and_changed(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.post(
        "/departments", {"region_code": COUNTY_A, "name": " 县工信局 ", "assessment_group": "综合"}
    )
    assert made.status_code == 201, made.text
    body = made.json()
    assert [body[k] for k in ("name", "kind", "assessment_group", "active", "version")] == [
        "县工信局", "bureau", "综合", True, 1,
    ]  # fmt: skip
    address = made.headers["location"].removeprefix("/api/v1")
    assert (await office.get(address)).json() == body
    assert (await office.get(address, headers={"If-None-Match": made.headers["etag"]})).status_code == 304

    assert (await office.patch(address, {"active": False})).status_code == 428
    changed = await office.patch(address, {"active": False, "assessment_group": None}, etag='"1"')
    assert changed.status_code == 200, changed.text
    assert (changed.json()["active"], changed.json()["assessment_group"]) == (False, None)
    stale = await office.patch(address, {"kind": "other"}, etag='"1"')
    assert (stale.status_code, stale.json()["current"], stale.json()["fields"]) == (412, changed.json(), ["kind"])
    assert (await office.delete(address, etag='"2"')).status_code == 405
    diff = await world.pool.fetchval("SELECT diff FROM changes WHERE action = 'updated'")
    assert '"active": [true, false]' in diff


async def test_a_department_belongs_to_a_county_township_or_park(world: World) -> None:
    office = await world.user("dispatcher")
    park = {"region_code": "990101001", "name": "园区管委会", "kind": "park_committee"}
    assert (await office.created("/departments", park))["region_code"] == "990101001"
    beyond = await office.post("/departments", {"region_code": COUNTY_B, "name": "某局"})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "forbidden")
    nowhere = await office.post("/departments", {"region_code": "990101009", "name": "某镇政府"})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["code"]) == (422, "unknown_reference")


async def test_names_are_unique_in_a_region_only(world: World) -> None:
    first, second = await world.user("dispatcher", COUNTY_A), await world.user("dispatcher", COUNTY_B)
    await first.created("/departments", {"region_code": COUNTY_A, "name": "发改局"})
    await second.created("/departments", {"region_code": COUNTY_B, "name": "发改局"})
    again = await first.post("/departments", {"region_code": COUNTY_A, "name": "发改局", "kind": "other"})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    other = await first.created("/departments", {"region_code": COUNTY_A, "name": "交通局"})
    taken = await first.patch(f"/departments/{other['id']}", {"name": "发改局"}, etag='"1"')
    assert (taken.status_code, taken.json()["code"]) == (409, "duplicate")


async def test_departments_of_another_county_are_not_there(world: World) -> None:
    foreign = await world.department(COUNTY_B, "乙县发改局")
    office = await world.user("dispatcher", COUNTY_A)
    missing = "0199c1a0-7c00-7000-8000-000000000001"
    for answer in (
        await office.get(f"/departments/{foreign}"),
        await office.patch(f"/departments/{foreign}", {"name": "改"}, etag='"1"'),
        await office.patch(f"/departments/{foreign}", {"name": "改"}),
        await office.get(f"/departments/{missing}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await names(office) == []
    assert await names(await world.user("dispatcher", "9901")) == ["乙县发改局"]


async def test_who_reads_does_not_write(world: World) -> None:
    department = await world.department(name="发改局")
    for role in ("viewer", "rater", "leader"):
        reader = await world.user(role)
        assert await names(reader) == ["发改局"]
        assert (await reader.post("/departments", {"region_code": COUNTY_A, "name": "某局"})).status_code == 403
        assert (await reader.patch(f"/departments/{department}", {"name": "改"}, etag='"1"')).status_code == 403
    admin = await world.user("system_admin")
    assert (await admin.patch(f"/departments/{department}", {"kind": "other"}, etag='"1"')).status_code == 200


async def test_lists_are_filtered_and_paged(world: World) -> None:
    office = await world.user("dispatcher")
    for region, name, kind, group in (
        (COUNTY_A, "发改局", "bureau", "综合"),
        (COUNTY_A, "交通局", "bureau", None),
        (COUNTY_A, "ABC公司", "owner", None),
        ("990101001", "园区管委会", "park_committee", "综合"),
    ):
        await office.created(
            "/departments", {"region_code": region, "name": name, "kind": kind, "assessment_group": group}
        )
    assert await names(office) == ["ABC公司", "交通局", "发改局", "园区管委会"]
    assert await names(office, "region=990101001") == ["园区管委会"]
    assert await names(office, "kind=bureau&kind=owner") == ["ABC公司", "交通局", "发改局"]
    assert await names(office, "q=改局") == ["发改局"]
    assert await names(office, "q=abc") == ["ABC公司"]
    assert await names(office, "q=_") == []
    assert await names(office, "name=交通局") == ["交通局"]
    assert await names(office, "assessment_group=综合") == ["发改局", "园区管委会"]
    assert await names(office, "active=false") == []
    page = (await office.get("/departments?sort=-name&limit=3&count=true")).json()
    assert ([i["name"] for i in page["items"]], page["total"]) == (["园区管委会", "发改局", "交通局"], 4)
    rest = (await office.get(f"/departments?sort=-name&limit=3&cursor={page['next_cursor']}")).json()
    assert ([i["name"] for i in rest["items"]], rest["next_cursor"]) == (["ABC公司"], None)
    assert (await office.get(f"/departments?sort=name&cursor={page['next_cursor']}")).status_code == 422
    assert (await office.get("/departments?kinds=bureau")).json()["errors"][0]["code"] == "unknown_parameter"


async def test_a_new_name_shows_wherever_the_old_one_did(world: World) -> None:
    department, other = await world.department(name="发改委"), await world.department(name="交通局")
    project, leader = await world.project(), await world.leader()
    office = await world.user("dispatcher")
    await world.pool.execute(
        "INSERT INTO assignments (id, project_id, role, department_id, valid_from)"
        " VALUES (gen_random_uuid(), $1, 'responsible', $2, '2016-01-01')",
        project["id"],
        department,
    )
    supervision = await office.created(
        f"/leaders/{leader}/supervisions", {"department_id": department, "valid_from": "2016-01-01"}
    )
    paths = [f"/projects/{project['id']}", f"/leaders/{leader}", f"/supervisions/{supervision['id']}"]
    before = [(await office.get(path)).headers["etag"] for path in paths]
    assert (await office.patch(f"/departments/{other}", {"name": "交通运输局"}, etag='"1"')).status_code == 200
    assert (await office.patch(f"/departments/{department}", {"name": "发改局"}, etag='"1"')).status_code == 200
    for path, etag in zip(paths, before, strict=True):
        after = await office.get(path, headers={"If-None-Match": etag})
        assert (after.status_code, "发改局" in after.text, after.headers["etag"]) == (
            200,
            True,
            f'"{int(etag[1:-1]) + 1}"',
        )
