"""Targets, figures and letters written by many at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.world import COUNTY_A, Client, World, new_id

N = 6


async def at_once(*requests: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*requests))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_one_id_makes_one_row(world: World) -> None:
    office = await world.user("dispatcher")
    target = {"id": str(new_id()), "region_code": COUNTY_A, "year": 2016, "indicator": "gdp", "value": 100}
    made = await at_once(*[office.post("/targets", target) for _ in range(N)])
    assert statuses(made) == {201: 1, 200: N - 1}
    assert len({answer.content for answer in made}) == 1
    entry = {"as_of": "2016-03-31", "value": 20}
    entered = await at_once(*[office.post(f"/targets/{target['id']}/actuals", entry) for _ in range(N)])
    assert statuses(entered) == {201: 1, 200: N - 1}
    figure = {"region_code": COUNTY_A, "indicator": "gdp", "year": 2015, "month": 12, "value": 90}
    told = await at_once(*[office.post("/indicator-values", figure) for _ in range(N)])
    assert statuses(told) == {201: 1, 200: N - 1}
    for table in ("targets", "target_revisions", "target_actuals", "indicator_values"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 1, table


async def test_one_target_of_a_kind(world: World) -> None:
    office = await world.user("dispatcher")
    target = {"region_code": COUNTY_A, "year": 2016, "indicator": "gdp", "value": 100}
    made = await at_once(*[office.post("/targets", target) for _ in range(N)])
    assert statuses(made) == {201: 1, 409: N - 1}


async def test_corrections_of_a_day_stand_in_the_order_they_were_told(world: World) -> None:
    office = await world.user("dispatcher")
    body = {"region_code": COUNTY_A, "year": 2016, "indicator": "gdp", "value": 100}
    path = f"/targets/{(await office.created('/targets', body))['id']}/actuals"
    answers = await at_once(*[office.post(path, {"as_of": "2016-03-31", "value": n}) for n in range(N)])
    assert statuses(answers) == {201: N}
    listed = (await office.get(path, params={"sort": "-recorded_at"})).json()["items"]
    assert len({item["recorded_at"] for item in listed}) == N
    figures = (await office.get("/statistics/targets", params={"as_of": "2016-03-31"})).json()["items"]
    assert figures[0]["actual"] == listed[0]["value"]


async def test_an_adjustment_is_made_once(world: World) -> None:
    office = await world.user("dispatcher")
    body = {"region_code": COUNTY_A, "year": 2016, "indicator": "gdp", "value": 100}
    path = f"/targets/{(await office.created('/targets', body))['id']}"
    answers = await at_once(*[office.patch(path, {"value": 101 + n, "reason": "调整"}, etag='"1"') for n in range(N)])
    assert statuses(answers) == {200: 1, 412: N - 1}
    assert len((await office.get(path)).json()["revisions"]) == 2


async def _letter(world: World, office: Client) -> dict[str, Any]:
    item = {"name": "新开工项目", "value": 5, "due_on": "2016-12-31", "weight": 100}
    body = {"department_id": await world.department(), "year": 2016, "title": "责任状", "superior_name": "县政府"}
    return await office.created("/responsibility-letters", {**body, "items": [item]})


async def test_a_letter_is_signed_once_and_never_changed_meanwhile(world: World) -> None:
    office = await world.user("dispatcher")
    letter = await _letter(world, office)
    path = f"/responsibility-letters/{letter['id']}"
    etag = {"If-Match": '"1"'}
    answers = await at_once(
        *[office.post(f"{path}/signature", {"signed_on": "2016-02-15"}, headers=etag) for _ in range(N)],
        *[office.patch(path, {"items": []}, etag='"1"') for _ in range(N)],
    )
    assert sum(answer.status_code < 300 for answer in answers) == 1
    assert set(statuses(answers)) <= {200, 201, 409, 412}
    now = (await office.get(path)).json()
    assert (now["status"], len(now["items"])) in {("signed", 1), ("draft", 0)}


async def test_supplements_are_numbered_one_after_the_other(world: World) -> None:
    office = await world.user("dispatcher")
    letter = await _letter(world, office)
    path = f"/responsibility-letters/{letter['id']}"
    await office.created(f"{path}/signature", {"signed_on": "2016-02-15"}, headers={"If-Match": '"1"'})
    item = letter["items"][0]["id"]
    body = {"signed_on": "2016-08-01", "reason": "同意", "change": [{"item_id": item, "value": 6}]}
    one = {**body, "id": str(new_id())}
    answers = await at_once(*[office.post(f"{path}/supplements", one, headers={"If-Match": '"2"'}) for _ in range(N)])
    assert statuses(answers) == {201: N}
    late = await office.post(f"{path}/supplements", body, headers={"If-Match": '"3"'})
    assert [e["code"] for e in late.json()["errors"]] == ["unknown_reference"]
    now = (await office.get(path)).json()
    assert ([s["number"] for s in now["supplements"]], len(now["items"])) == ([1], 2)
