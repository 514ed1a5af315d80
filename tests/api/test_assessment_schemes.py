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
        ("yanan_2017", 1, None), ("ningxiang", 1, None),
    ]  # fmt: skip
    # What is shipped can be sent back under a code of one's own.
    for shipped in listed:
        body = {**_scheme(code=f"my_{shipped['code']}"), "definition": shipped["definition"]}
        assert (await office.post("/assessment-schemes", body)).status_code == 201
    refused = await office.post("/assessment-schemes", _scheme(code="ningxiang"))
    assert (refused.status_code, refused.json()["code"]) == (409, "scheme_shipped")


async def test_versions_are_counted_and_never_changed(world: World) -> None:
    office, elsewhere = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    made = await asyncio.gather(*[office.post("/assessment-schemes", _scheme()) for _ in range(4)])
    assert sorted(a.json()["version"] for a in made) == [1, 2, 3, 4]
    one = made[0].json()
    assert (await office.get(f"/assessment-schemes/{one['id']}")).json() == one
    assert (await elsewhere.get(f"/assessment-schemes/{one['id']}")).status_code == 404
    assert len((await elsewhere.get("/assessment-schemes")).json()["items"]) == 2
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
