from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World

MONTHS = [0, 0.5, 900, 900, 900, 900, 900, 900, 1100, 1100, 1100, 1565.5]
PLAN = {"category": "continued", "planned_investment": 10266, "monthly": MONTHS, "planned_completion": "2016-12"}


async def _plan(office: Client, **fields: Any) -> str:
    made = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return f"/projects/{made['id']}/annual-plans/2016"


async def test_a_plan_is_put_seen_replaced_and_taken_away(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    project, plans = path.removesuffix("/annual-plans/2016"), path.removesuffix("/2016")
    assert (await office.get(path)).status_code == 404
    made = await office.put(path, PLAN)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    assert made.headers["location"] == f"/api/v1{path}"
    assert {name: made.json()[name] for name in PLAN} == PLAN
    assert made.json()["planned_start"] is None
    assert "10266.0" not in made.text
    assert (await office.get(path)).json() == made.json()
    assert (await office.get(path, headers={"If-None-Match": '"1"'})).status_code == 304

    replaced = await office.put(path, {"category": "new_start"}, headers={"If-Match": '"1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"')
    assert replaced.json()["monthly"] is replaced.json()["planned_completion"] is None
    await office.put(f"{plans}/2017", PLAN)
    assert [p["year"] for p in (await office.get(plans)).json()["items"]] == [2016, 2017]
    [first, second] = (await office.get(project)).json()["annual_plans"]
    assert (first["year"], first["category"], second["monthly"]) == (2016, "new_start", MONTHS)
    assert (await office.get(project)).headers["etag"] == '"4"'

    assert (await office.delete(path)).status_code == 428
    assert (await office.delete(path, etag='"1"')).status_code == 412
    assert (await office.delete(path, etag='"2"')).status_code == 204
    assert (await office.get(path)).status_code == 404
    assert (await office.delete(path, etag='"2"')).status_code == 404
    logged = await world.pool.fetch(
        "SELECT action, version, diff::text FROM changes WHERE resource = 'annual_plan' ORDER BY seq"
    )
    assert [(r["action"], r["version"]) for r in logged] == [
        ("created", 1), ("updated", 2), ("created", 1), ("deleted", 2),
    ]  # fmt: skip
    assert '"category": ["continued", "new_start"]' in logged[1]["diff"]
    assert '"category": ["new_start", null]' in logged[3]["diff"]


async def test_the_same_again_changes_nothing_and_needs_no_version(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    made = await office.put(path, PLAN)
    for headers in ({}, {"If-Match": '"1"'}, {"If-Match": '"9"'}):
        again = await office.put(path, {**PLAN, "planned_start": None}, headers=headers)
        assert (again.status_code, again.headers["etag"], again.json()) == (200, '"1"', made.json())
    assert await world.pool.fetchval("SELECT count(*) FROM changes WHERE resource = 'annual_plan'") == 1


async def test_another_content_needs_the_current_version(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    await office.put(path, PLAN)
    other = {**PLAN, "category": "new_start"}
    assert (await office.put(path, other)).status_code == 428
    refused = await office.put(path, other, headers={"If-Match": '"7"'})
    assert (refused.status_code, refused.json()["fields"]) == (412, ["category"])
    assert refused.json()["current"]["category"] == "continued"
    nothing = await office.put(path.replace("2016", "2018"), PLAN, headers={"If-Match": '"1"'})
    assert (nothing.status_code, nothing.json()["current"]) == (412, None)


async def test_of_parallel_first_plans_one_is_created(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    bodies = [{"category": "continued", "planned_investment": i} for i in range(6)]
    answers = await all_at_once(world, path.split("/")[2], [office.put(path, body) for body in bodies])
    assert Counter(a.status_code for a in answers) == {201: 1, 428: 5}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"monthly": [1] * 12}, "/monthly", "does_not_add_up"),
        ({"monthly": [*MONTHS[:11], 1565.4999]}, "/monthly", "does_not_add_up"),
        ({"monthly": MONTHS[:11]}, "/monthly", "too_short"),
        ({"monthly": [*MONTHS, 0]}, "/monthly", "too_long"),
        ({"monthly": [-1, *MONTHS[1:]]}, "/monthly/0", "out_of_range"),
        ({"planned_investment": None}, "/planned_investment", "missing"),
        ({"planned_investment": -1}, "/planned_investment", "out_of_range"),
        ({"category": "old"}, "/category", "invalid_value"),
        ({"planned_start": "2016-13"}, "/planned_start", "invalid_value"),
        ({"planned_start": "2017"}, "/planned_completion", "dates_out_of_order"),
        ({"year": 2016}, "/year", "unknown_field"),
    ],
)
async def test_wrong_plans_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.put(await _plan(office), {**PLAN, **change})
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_both_sums_are_named(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.put(await _plan(office), {**PLAN, "monthly": [100.5] * 12})
    assert answer.json()["errors"][0]["message"] == "分月合计 1206 与年度计划 10266 不符"


@pytest.mark.parametrize("year", ["1948", "2200", "x", "2016.5"])
async def test_years_are_sane(world: World, year: str) -> None:
    office = await world.user("dispatcher")
    path = (await _plan(office)).replace("2016", year)
    assert (await office.put(path, PLAN)).status_code == 422
    assert (await office.get(path)).status_code == 422


async def test_the_start_may_lie_in_the_year_of_completion(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    body = {"category": "new_start", "planned_start": "2016-03-15", "planned_completion": "2016"}
    assert (await office.put(path, body)).status_code == 201


async def test_only_the_office_plans_and_only_its_own(world: World) -> None:
    office = await world.user("dispatcher")
    path = await _plan(office)
    project = path.removesuffix("/annual-plans/2016")
    department = await world.department()
    await office.created(f"{project}/assignments", {"role": "owner", "department_id": department})
    people = await world.user("department", department_id=department)
    await office.put(path, PLAN)
    assert (await people.get(path)).status_code == 200
    assert (await people.put(path, {**PLAN, "monthly": None})).status_code == 403
    other = await world.user("dispatcher", COUNTY_B)
    assert (await other.get(path)).status_code == 404
    assert (await other.put(path, PLAN)).status_code == 404
    assert (await other.delete(path, etag='"1"')).status_code == 404
