from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from app.access import Actor, Grant
from app.errors import AppError
from app.schemas.regions import RegionIn
from app.services import regions
from app.uow import UnitOfWork
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id


async def codes(client: Client, query: str) -> list[str]:
    page = await client.get(f"/regions?{query}")
    assert page.status_code == 200, page.text
    return [item["code"] for item in page.json()["items"]]


async def administrator_of_98(world: World) -> Client:
    """Of another province, of which only the top is there."""
    await world.pool.execute("INSERT INTO regions (code, name, kind) VALUES ('98', '另一省', 'province')")
    return await world.user("system_admin", "98")


async def test_everyone_sees_the_whole_tree(world: World) -> None:
    rater = await world.user("rater", COUNTY_A)
    assert await codes(rater, "") == ["99", "9901", COUNTY_A, "990101001", COUNTY_B, "990102001"]
    assert await codes(rater, f"under={COUNTY_B}") == [COUNTY_B, "990102001"]
    assert await codes(rater, "under=9901020") == ["990102001"]
    assert await codes(rater, "parent=9901") == [COUNTY_A, COUNTY_B]
    assert await codes(rater, "kind=park&kind=township&sort=-code") == ["990102001", "990101001"]
    assert await codes(rater, "q=城工") == ["990101001"]
    assert await codes(rater, "q=%25") == []
    assert (await rater.get("/regions/990101001")).json() | {"created_at": "", "updated_at": ""} == {
        "code": "990101001",
        "name": "柳城工业园区",
        "kind": "park",
        "parent_code": COUNTY_A,
        "version": 1,
        "created_at": "",
        "updated_at": "",
    }
    assert (await rater.get("/regions/990109")).status_code == 404
    assert (await world.anonymous().get("/regions")).status_code == 401


async def test_pages_follow_each_other(world: World) -> None:
    viewer = await world.user("viewer")
    seen, path = [], "/regions?limit=4&sort=name&count=true"
    while path:
        page = await viewer.get(path)
        assert page.json()["total"] == 6
        seen += [item["name"] for item in page.json()["items"]]
        link = page.headers.get("link")
        path = link[1 : link.index(">")].removeprefix("/api/v1") if link else ""
    assert (len(seen), seen) == (6, sorted(seen))


async def test_unknown_parameters_and_codes_are_refused(world: World) -> None:
    viewer = await world.user("viewer")
    refused = await viewer.get("/regions?level=2")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "unknown_parameter"
    for path in (
        "/regions?kind=city",
        "/regions?sort=kind",
        "/regions?limit=101",
        "/regions?parent=1",
        "/regions/99010",
    ):
        assert (await viewer.get(path)).status_code == 422, path


async def test_an_administrator_adds_renames_and_removes_a_region(world: World) -> None:
    admin = await world.user("system_admin", COUNTY_B)
    made = await admin.post("/regions", {"code": "９９０１０２００２", "name": " 大河镇 "})
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/api/v1/regions/990102002"
    region = made.json()
    assert [region[k] for k in ("code", "name", "kind", "parent_code")] == ["990102002", "大河镇", "township", COUNTY_B]

    assert (await admin.patch("/regions/990102002", {"kind": "park"})).status_code == 428
    changed = await admin.patch("/regions/990102002", {"kind": "park", "name": "大河园区"}, etag='"1"')
    assert (changed.status_code, changed.headers["etag"], changed.json()["kind"]) == (200, '"2"', "park")
    stale = await admin.patch("/regions/990102002", {"name": "大河镇"}, etag='"1"')
    assert (stale.status_code, stale.json()["current"]["name"], stale.json()["fields"]) == (412, "大河园区", ["name"])

    assert (await admin.delete("/regions/990102002")).status_code == 428
    assert (await admin.delete("/regions/990102002", etag='"2"')).status_code == 204
    assert (await admin.get("/regions/990102002")).status_code == 404
    log = await world.pool.fetch("SELECT action, region_code FROM changes WHERE resource = 'region' ORDER BY seq")
    assert [tuple(row) for row in log] == [(verb, "990102002") for verb in ("created", "updated", "deleted")]


async def test_only_within_the_own_region(world: World) -> None:
    admin = await world.user("system_admin", COUNTY_B)
    for code in ("990101002", "990103", "98"):
        refused = await admin.post("/regions", {"code": code, "name": "某地"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), code
    assert (await admin.patch(f"/regions/{COUNTY_A}", {"name": "改"}, etag='"1"')).status_code == 403
    assert (await admin.delete("/regions/990101001", etag='"1"')).status_code == 403
    office = await world.user("dispatcher", COUNTY_B)
    assert (await office.post("/regions", {"code": "990102002", "name": "大河镇"})).status_code == 403


async def test_a_region_hangs_below_the_nearest_one_there_is(world: World) -> None:
    admin = await administrator_of_98(world)
    assert (await admin.created("/regions", {"code": "980101001", "name": "某镇"}))["parent_code"] == "98"

    assert (await admin.created("/regions", {"code": "980101", "name": "某县"}))["parent_code"] == "98"
    moved = (await admin.get("/regions/980101001")).json()
    assert (moved["parent_code"], moved["version"]) == ("980101", 2)
    assert (await admin.created("/regions", {"code": "9801", "name": "某市"}))["parent_code"] == "98"
    assert (await admin.get("/regions/980101")).json()["parent_code"] == "9801"
    assert (await admin.get("/regions/980101001")).json()["parent_code"] == "980101"


async def test_only_a_province_needs_no_parent(world: World) -> None:
    """Over HTTP nobody gets here: whoever may make a region has one above it. So the service is asked itself."""
    anywhere = Actor(new_id(), "operator", (Grant("system_admin", "9"),))
    uow = UnitOfWork(world.app.state.db, datetime.now(UTC), actor=anywhere)
    try:
        with pytest.raises(AppError) as refused:
            await regions.create(uow, RegionIn(code="980101", name="某县"))
        assert [(e.code, e.params) for e in refused.value.errors] == [("parent_missing", {"parent": "9801"})]
        assert (await regions.create(uow, RegionIn(code="98", name="另一省"))).parent_code is None
    finally:
        await uow.close()


async def test_levels_made_at_the_same_time_still_hang_together(world: World) -> None:
    admin = await administrator_of_98(world)
    chain = ["98", "9801", "980101", "980101001", "980101001001"]
    await asyncio.gather(*[admin.created("/regions", {"code": c, "name": f"地{c}"}) for c in reversed(chain[1:])])
    rows = await world.pool.fetch("SELECT code, parent_code FROM regions WHERE code LIKE '98%' ORDER BY code")
    assert [tuple(r) for r in rows] == list(zip(chain, [None, *chain], strict=False))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "990102002", "name": "某镇", "kind": "county"}, "kind_does_not_fit"),
        ({"code": "9902", "name": "某州", "kind": "park"}, "kind_does_not_fit"),
        ({"code": "99010", "name": "某县"}, "invalid_value"),
        ({"code": "990103", "name": " "}, "too_short"),
        ({"code": "990103", "name": "a\u0000"}, "invalid_text"),
        ({"code": "990103", "name": "某县", "parent_code": "99"}, "unknown_field"),
        ({"code": "990103", "name": "某县", "kind": "village"}, "kind_does_not_fit"),
    ],
)
async def test_wrong_content_is_refused(world: World, body: dict[str, str], code: str) -> None:
    admin = await world.user("system_admin", "99")
    refused = await admin.post("/regions", body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code), refused.text


async def test_a_code_is_taken_once(world: World) -> None:
    admin = await world.user("system_admin", "99")
    answers = await asyncio.gather(*[admin.post("/regions", {"code": "990103", "name": f"丙{i}"}) for i in range(5)])
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 4}
    wrong = await admin.patch("/regions/990103", {"kind": "park"}, etag='"1"')
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "kind_does_not_fit")
    cleared = await admin.patch("/regions/990103", {"name": None}, etag='"1"')
    assert (cleared.status_code, cleared.json()["errors"][0]["code"]) == (422, "missing")


async def test_a_region_in_use_stays(world: World) -> None:
    admin = await world.user("system_admin", "99")
    await world.department("990102001", "城关镇政府", "township")
    for code in (COUNTY_B, "990102001"):  # one has regions below it, the other a department
        refused = await admin.delete(f"/regions/{code}", etag='"1"')
        assert (refused.status_code, refused.json()["code"]) == (409, "still_referenced"), code
        assert (await admin.get(f"/regions/{code}")).status_code == 200
    assert (await admin.delete("/regions/990101001", etag='"1"')).status_code == 204


async def test_a_new_name_gives_the_projects_of_the_region_a_new_etag(world: World) -> None:
    here, below = await world.project(COUNTY_A), await world.project("990101001")
    admin, office = await world.user("system_admin", COUNTY_A), await world.user("dispatcher", COUNTY_A)
    assert (await admin.patch(f"/regions/{COUNTY_A}", {"name": "新甲县"}, etag='"1"')).status_code == 200
    seen = await office.get(f"/projects/{here['id']}", headers={"If-None-Match": '"1"'})
    assert (seen.status_code, seen.json()["region_name"]) == (200, "新甲县")
    assert (await office.get(f"/projects/{below['id']}", headers={"If-None-Match": '"1"'})).status_code == 304
