from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.domain.dictionaries import OPEN
from app.domain.labels import LABELS
from app.permissions import ROLES
from tests.world import COUNTY_A, Client, World


@pytest.fixture(autouse=True)
async def entries_as_shipped(world: World) -> AsyncIterator[None]:
    """Dictionary entries come with the migration and outlive a test: what a test adds is taken away."""
    columns = "dictionary, code, label_zh, label_en, position, active, version, created_at, updated_at"
    shipped = await world.pool.fetch(f"SELECT {columns} FROM dictionary_entries")
    yield
    await world.pool.execute("TRUNCATE dictionary_entries")
    await world.pool.copy_records_to_table("dictionary_entries", records=shipped, columns=columns.split(", "))


async def dictionary(client: Client, name: str) -> dict[str, Any]:
    answer = await client.get(f"/dictionaries/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def test_every_code_list_comes_in_one_answer(world: World) -> None:
    rater = await world.user("rater")
    answer = await rater.get("/dictionaries")
    assert answer.status_code == 200, answer.text
    lists = {d["name"]: d for d in answer.json()["dictionaries"]}
    assert set(lists) == {*LABELS, "role", *OPEN}
    assert {name for name, d in lists.items() if d["open"]} == set(OPEN)
    for name, labels in LABELS.items():
        assert [(e["code"], e["label_zh"], e["label_en"]) for e in lists[name]["entries"]] == [
            (code, zh, en) for code, (zh, en) in labels.items()
        ]
    assert [e["code"] for e in lists["role"]["entries"]] == list(ROLES)
    assert lists["sector"]["entries"][0] == {
        "code": "industry",
        "label_zh": "工业",
        "label_en": "Industry",
        "active": True,
        "position": 0,
    }
    assert await dictionary(rater, "sector") == lists["sector"]
    assert await dictionary(rater, "stage") == lists["stage"]
    assert (await rater.get("/dictionaries/colour")).status_code == 404
    assert (await world.anonymous().get("/dictionaries")).status_code == 401


async def test_a_client_keeps_them_until_something_changes(world: World) -> None:
    viewer, admin = await world.user("viewer"), await world.user("system_admin")
    paths = ["/dictionaries", "/dictionaries/sector", "/dictionaries/stage"]
    etags = [(await viewer.get(path)).headers["etag"] for path in paths]

    async def again() -> list[int]:
        return [
            (await viewer.get(p, headers={"If-None-Match": e})).status_code for p, e in zip(paths, etags, strict=True)
        ]

    assert len(set(etags)) == 3
    assert await again() == [304, 304, 304]
    await admin.created("/dictionaries/sector/entries", {"code": "tourism", "label_zh": "文旅", "label_en": "Tourism"})
    assert await again() == [200, 200, 304]


async def test_an_entry_is_added_changed_and_retired(world: World) -> None:
    admin, office = await world.user("system_admin"), await world.user("dispatcher")
    before = [e["code"] for e in (await dictionary(office, "sector"))["entries"]]
    made = await admin.post(
        "/dictionaries/sector/entries", {"code": "tourism", "label_zh": " 文旅 ", "label_en": "Tourism"}
    )
    assert made.status_code == 201, made.text
    body = made.json()
    last = max(e["position"] for e in (await dictionary(office, "sector"))["entries"])
    assert [body[k] for k in ("dictionary", "code", "label_zh", "active", "position", "version")] == [
        "sector", "tourism", "文旅", True, last, 1,
    ]  # fmt: skip
    assert [e["code"] for e in (await dictionary(office, "sector"))["entries"]] == [*before, "tourism"]
    address = made.headers["location"].removeprefix("/api/v1")
    assert (await office.get(address)).json() == body
    assert (await office.get(address, headers={"If-None-Match": '"1"'})).status_code == 304
    project = {"name": "古城", "region_code": COUNTY_A, "sector": "tourism"}
    await office.created("/projects", project)

    assert (await admin.patch(address, {"active": False})).status_code == 428
    retired = await admin.patch(address, {"active": False, "position": 0}, etag='"1"')
    assert (retired.status_code, retired.json()["active"], retired.headers["etag"]) == (200, False, '"2"')
    stale = await admin.patch(address, {"label_zh": "旅游"}, etag='"1"')
    assert (stale.status_code, stale.json()["current"], stale.json()["fields"]) == (412, retired.json(), ["label_zh"])
    entries = {e["code"]: e for e in (await dictionary(office, "sector"))["entries"]}
    assert entries["tourism"]["active"] is False
    refused = await office.post("/projects", project)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_code")
    assert (await admin.delete(address, etag='"2"')).status_code == 405
    log = await world.pool.fetch(
        "SELECT action, resource_id, diff FROM changes WHERE resource = 'dictionary_entry' ORDER BY seq"
    )
    assert [(row["action"], row["resource_id"]) for row in log] == [
        ("created", "sector/tourism"),
        ("updated", "sector/tourism"),
    ]
    assert '"active": [true, false]' in log[1]["diff"]


async def test_what_is_refused(world: World) -> None:
    admin = await world.user("system_admin")
    entry = {"code": "x", "label_zh": "某", "label_en": "Some"}
    for path, method, body, status, code in (
        ("/dictionaries/stage/entries", "POST", entry, 409, "dictionary_closed"),
        ("/dictionaries/role/entries", "POST", entry, 409, "dictionary_closed"),
        ("/dictionaries/stage/entries/reserve", "PATCH", {"label_zh": "改"}, 409, "dictionary_closed"),
        ("/dictionaries/colour/entries", "POST", entry, 404, "not_found"),
        ("/dictionaries/sector/entries", "POST", {**entry, "code": "industry"}, 409, "duplicate"),
        ("/dictionaries/sector/entries", "POST", {**entry, "code": "a/b"}, 422, "invalid_content"),
        ("/dictionaries/sector/entries", "POST", {**entry, "label_en": ""}, 422, "invalid_content"),
        ("/dictionaries/sector/entries/nothing", "PATCH", {"label_zh": "改"}, 404, "not_found"),
        ("/dictionaries/sector/entries/industry", "PATCH", {"code": "x"}, 422, "invalid_content"),
        ("/dictionaries/sector/entries/industry", "PATCH", {"label_zh": None}, 422, "invalid_content"),
    ):
        answer = await admin.request(method, path, json=body, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, answer.text)
    for role in ("dispatcher", "viewer", "security_admin"):
        other = await world.user(role)
        assert (await other.post("/dictionaries/sector/entries", entry)).status_code == 403
        changed = await other.patch("/dictionaries/sector/entries/industry", {"label_zh": "改"}, etag='"1"')
        assert changed.status_code == 403
    assert (await admin.get("/dictionaries/sector/entries/nothing")).status_code == 404
    assert (await admin.get("/dictionaries/stage/entries/reserve")).status_code == 404


async def test_a_code_that_is_not_there_is_refused_with_those_that_are(world: World) -> None:
    office = await world.user("dispatcher")
    project = f"/projects/{(await world.project())['id']}"
    item = {"key": "a", "name": "甲", "kind": "none", "duration_days": 1}
    indicator = {"code": "own", "label_zh": "甲", "label_en": "a", "region_code": COUNTY_A, "unit": "none"}
    target = {"region_code": COUNTY_A, "year": 2016, "value": 1, "indicator": "none"}
    asked: dict[str, tuple[str, dict[str, Any], str]] = {
        "fiscal": ("/funding-records", {"region_code": COUNTY_A, "year": 2016, "channel": "none"}, "/channel"),
        "project_approval": (f"{project}/permits", {"kind": "none"}, "/kind"),
        "land": (f"{project}/milestones", {"name": "甲", "kind": "none"}, "/kind"),
        "design": ("/milestone-templates", {"region_code": COUNTY_A, "name": "甲", "milestones": [item]},
                   "/milestones/0/kind"),
        "wan_yuan": ("/indicators", indicator, "/unit"),
        "key_projects": ("/targets", target, "/indicator"),
    }  # fmt: skip
    for known, (path, body, pointer) in asked.items():
        answer = await office.post(path, body, headers={"Accept-Language": "en"})
        told = {e["pointer"]: e for e in answer.json()["errors"]}
        assert (answer.status_code, told[pointer]["code"]) == (422, "unknown_code"), answer.text
        assert known in told[pointer]["message"].partition("known: ")[2].split(", "), answer.text
