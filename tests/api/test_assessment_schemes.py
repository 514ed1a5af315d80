from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.world import COUNTY_A, COUNTY_B, World, new_id

ITEM: dict[str, Any] = {"code": "n", "name": "项目数", "function": "count", "points": 1}


def _scheme(*items: Any, **fields: Any) -> dict[str, Any]:
    definition = {"items": list(items) or [ITEM], **fields.pop("definition", {})}
    return {"region_code": COUNTY_A, "code": "own", "label_zh": "甲县办法", "definition": definition, **fields}


async def test_shipped_schemes_are_there_and_their_codes_taken(world: World) -> None:
    office = await world.user("dispatcher")
    listed = (await office.get("/assessment-schemes")).json()["items"]
    assert [(s["code"], s["version"], s["region_code"]) for s in listed] == [
        ("yanan_2017", 1, None), ("ningxiang", 1, None), ("ningxiang", 2, None),
    ]  # fmt: skip
    # What is shipped can be sent back under a code of one's own.
    for shipped in listed[:2]:
        body = {**_scheme(code=f"my_{shipped['code']}"), "definition": shipped["definition"]}
        assert (await office.post("/assessment-schemes", body)).status_code == 201
    refused = await office.post("/assessment-schemes", _scheme(code="ningxiang"))
    assert (refused.status_code, refused.json()["code"]) == (409, "scheme_shipped")


async def test_a_shipped_scheme_is_made_ones_own_in_one_call(world: World) -> None:
    office, elsewhere = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    shipped = (await office.get("/assessment-schemes")).json()["items"][2]
    path = f"/assessment-schemes/{shipped['id']}/copies"
    body = {"id": str(new_id()), "region_code": COUNTY_A, "code": "own", "label_zh": "甲县办法"}
    made = await office.post(path, body)
    assert made.status_code == 201, made.text
    own = made.json()
    assert (own["code"], own["version"], own["region_code"], own["label_zh"]) == ("own", 1, COUNTY_A, "甲县办法")
    assert (own["label_en"], own["description"]) == (shipped["label_en"], shipped["description"])
    assert [i["code"] for i in own["definition"]["items"]] == [i["code"] for i in shipped["definition"]["items"]]
    assert (await office.post(path, body)).status_code == 200
    other = await office.post(path, {**body, "description": "别的"})
    assert (other.status_code, other.json()["fields"]) == (409, ["description"])
    # A copy of the own one, changed, is its next version; and a scheme not seen is not copied.
    copies = f"/assessment-schemes/{own['id']}/copies"
    changed = {"region_code": COUNTY_A, "code": "own", "definition": {"items": [ITEM]}}
    second = await office.created(copies, changed)
    assert (second["version"], second["label_zh"], len(second["definition"]["items"])) == (2, "甲县办法", 1)
    assert (await elsewhere.post(copies, {"region_code": COUNTY_B, "code": "x"})).status_code == 404
    assert (await office.post(path, {"region_code": COUNTY_B, "code": "x"})).status_code == 403
    taken = await office.post(path, {"region_code": COUNTY_A, "code": "ningxiang"})
    assert (taken.status_code, taken.json()["code"]) == (409, "scheme_shipped")
    bad = await office.post(path, {**changed, "definition": {"items": [{**ITEM, "where": {"entered": ["x"]}}]}})
    assert bad.json()["errors"][0]["pointer"] == "/definition/items/0/where/entered/0"


async def test_versions_are_counted_and_never_changed(world: World) -> None:
    office, elsewhere = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    made = await asyncio.gather(*[office.post("/assessment-schemes", _scheme()) for _ in range(4)])
    assert sorted(a.json()["version"] for a in made) == [1, 2, 3, 4]
    one = made[0].json()
    assert (await office.get(f"/assessment-schemes/{one['id']}")).json() == one
    assert (await elsewhere.get(f"/assessment-schemes/{one['id']}")).status_code == 404
    assert len((await elsewhere.get("/assessment-schemes")).json()["items"]) == 3
    taken = await elsewhere.post("/assessments", {"region_code": COUNTY_B, "scheme_id": one["id"],
        "period": {"kind": "year", "year": 2016}, "subject_kind": "bureau"})  # fmt: skip
    assert taken.json()["errors"][0]["pointer"] == "/scheme_id"
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE assessment_schemes SET label_zh = '改'")


async def test_sent_twice_is_one(world: World) -> None:
    office = await world.user("dispatcher")
    body = _scheme(id=str(new_id()))
    answers = await asyncio.gather(*[office.post("/assessment-schemes", body) for _ in range(3)])
    assert sorted(a.status_code for a in answers) == [200, 200, 201]
    other = await office.post("/assessment-schemes", {**body, "label_zh": "别的"})
    assert (other.status_code, other.json()["fields"]) == (409, ["label_zh"])


WRONG: list[tuple[Any, str, str]] = [
    ({**ITEM, "function": "eval"}, "/definition/items/0", "invalid_value"),
    ({**ITEM, "function": ["count"]}, "/definition/items/0", "invalid_value"),
    ({"code": "n", "name": "n", "points": 1}, "/definition/items/0", "missing"),
    ({**ITEM, "points": None}, "/definition/items/0/points", "wrong_type"),
    ({**ITEM, "points": 1e9}, "/definition/items/0/points", "out_of_range"),
    ({**ITEM, "points": "__import__('os')"}, "/definition/items/0/points", "wrong_type"),
    ({**ITEM, "expression": "1+1"}, "/definition/items/0/expression", "unknown_field"),
    ({**ITEM, "where": {"sql": "1=1"}}, "/definition/items/0/where/sql", "unknown_field"),
    ({**ITEM, "where": {"entered": ["nonsense"]}}, "/definition/items/0/where/entered/0", "unknown_code"),
    ({**ITEM, "at_least": 5, "at_most": 1}, "/definition/items/0/at_most", "out_of_range"),
    ({**ITEM, "name": "a\x00b"}, "/definition/items/0/name", "invalid_text"),
    (
        {"code": "s", "name": "s", "function": "sum", "fact": "password", "per": 1, "points": 1},
        "/definition/items/0/fact",
        "invalid_value",
    ),
    (
        {"code": "s", "name": "s", "function": "sum", "fact": "completed", "per": 0, "points": 1},
        "/definition/items/0/per",
        "out_of_range",
    ),
    (
        {"code": "b", "name": "b", "function": "bands", "fact": "completed",
         "bands": [{"at_least": 1, "points": 1}, {"at_least": 1, "points": 2}]},
        "/definition/items/0/bands/1/at_least",
        "repeated_code",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("item", "pointer", "code"), WRONG)
async def test_what_is_no_scheme_is_told_where(world: World, item: Any, pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    refused = await office.post("/assessment-schemes", _scheme(item))
    assert refused.status_code == 422, refused.text
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]


async def test_codes_of_items_are_their_own(world: World) -> None:
    office = await world.user("dispatcher")
    refused = await office.post("/assessment-schemes", _scheme(ITEM, ITEM))
    assert refused.json()["errors"][0]["pointer"] == "/definition/items/1/code"
    assert (await office.post("/assessment-schemes", _scheme(region_code=COUNTY_B))).status_code == 403


FACT: dict[str, Any] = {
    "region_code": COUNTY_A, "kind": "criticism", "happened_on": "2016-05-01", "document": "通报1号",
}  # fmt: skip


async def test_a_filter_by_a_code_there_is_not_names_those_there_are(world: World) -> None:
    office = await world.user("dispatcher")
    english = {"Accept-Language": "en"}
    for path, pointer, named in (
        ("/assessment-facts?kind=martian", "kind", "criticism"),
        ("/assessments?scheme=martian", "scheme", "yanan_2017, ningxiang"),
    ):
        refused = await office.get(path, headers=english)
        assert refused.status_code == 422, refused.text
        [error] = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "unknown_code")
        assert named in error["message"]
    await office.created("/assessment-schemes", _scheme())
    for path in ("/assessment-facts?kind=operation", "/assessments?scheme=own", "/assessments?scheme=ningxiang"):
        assert (await office.get(path)).json()["items"] == []
    refused = await office.post("/assessment-facts", {**FACT, "kind": "martian"})
    assert "criticism" in refused.json()["errors"][0]["message"]


async def test_facts_about_a_project_name_it_and_whoever_answered_for_it(world: World) -> None:
    office = await world.user("dispatcher")
    one, two, leader = await world.department(), await world.department(name="交通局"), await world.leader()
    project = (await office.created("/projects", {"name": "桥", "region_code": COUNTY_A}))["id"]
    address = f"/projects/{project}/assignments"
    held = {"role": "responsible", "department_id": one, "valid_from": "2016-01-01"}
    made = await office.created(address, held)
    assert (await office.patch(f"/assignments/{made['id']}", {"valid_to": "2016-05-02"}, '"1"')).status_code == 200
    await office.created(address, {"role": "responsible", "department_id": two, "valid_from": "2016-05-02"})
    await office.created(address, {"role": "sponsor", "leader_id": leader, "valid_from": "2016-05-01"})
    for wrong, pointer, code in (
        ({"kind": "operation", "department_id": one}, "/project_id", "about_a_project"),
        ({"kind": "provincial_assessment", "leader_id": leader}, "/project_id", "about_a_project"),
        ({"project_id": project, "department_id": two}, "/department_id", "not_answering"),
        ({"project_id": project, "department_id": one, "happened_on": "2016-05-02"}, "/department_id", "not_answering"),
        ({"project_id": project, "leader_id": leader, "happened_on": "2016-04-30"}, "/leader_id", "not_answering"),
        ({"project_id": project, "leader_id": leader, "department_id": one}, "/leader_id", "invalid_value"),
        ({"project_id": str(new_id()), "department_id": one}, "/project_id", "unknown_reference"),
    ):
        refused = await office.post("/assessment-facts", {**FACT, **wrong})
        told = [(e["pointer"], e["code"]) for e in refused.json().get("errors", [])]
        assert (refused.status_code, told) == (422, [(pointer, code)]), (wrong, refused.text)
    for right in ({"kind": "operation"}, {"department_id": one}, {"leader_id": leader}):
        made = await office.created("/assessment-facts", {**FACT, "project_id": project, **right})
        assert made["project_id"] == project
    both = made["id"]
    back = await office.created(f"/assessment-facts/{both}/retraction", {"document": "撤"})
    assert (back["leader_id"], back["project_id"]) == (leader, project)
    with pytest.raises(Exception, match="one_subject"):
        await world.pool.execute(
            "INSERT INTO assessment_facts (id, region_code, kind, happened_on, department_id, leader_id, document,"
            " entered_at) VALUES (gen_random_uuid(), $1, 'criticism', '2016-01-01', $2, $3, 'x', now())",
            COUNTY_A, one, leader,
        )  # fmt: skip


async def test_facts_are_about_one_thing_of_the_region(world: World) -> None:
    office = await world.user("dispatcher")
    own, other = await world.department(), await world.department(COUNTY_B, "乙县局")
    leader = await world.leader()
    for wrong, pointer, code in (
        ({}, "/department_id", "invalid_value"),
        ({"department_id": own, "leader_id": leader}, "/leader_id", "invalid_value"),
        ({"department_id": other}, "/department_id", "unknown_reference"),
        ({"department_id": own, "kind": "nonsense"}, "/kind", "unknown_code"),
        ({"department_id": own, "happened_on": "2199-01-01"}, "/happened_on", "in_the_future"),
        ({"department_id": own, "value": "NaN"}, "/value", "out_of_range"),
        ({"department_id": own, "document": " "}, "/document", "too_short"),
    ):
        refused = await office.post("/assessment-facts", {**FACT, **wrong})
        assert refused.status_code == 422, (wrong, refused.text)
        assert (refused.json()["errors"][0]["pointer"], pointer) == (pointer, pointer)
        assert refused.json()["errors"][0]["code"] in {code, "wrong_type"}
    viewer = await world.user("viewer")
    assert (await viewer.get("/assessment-facts")).status_code == 403
    assert (await viewer.post("/assessment-facts", {**FACT, "department_id": own})).status_code == 403
    made = await office.created("/assessment-facts", {**FACT, "department_id": own, "value": 1.5})
    assert (made["value"], made["retracted"]) == (1.5, False)
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE assessment_facts SET document = '改'")
