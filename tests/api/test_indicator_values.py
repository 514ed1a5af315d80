from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

MEETINGS = json.loads((Path(__file__).parent.parent / "data" / "meetings.json").read_text("utf-8"))
SERIES = "fixed_asset_investment"


def published(month: int, value: float | None = None, **fields: Any) -> dict[str, Any]:
    body = {"region_code": COUNTY_A, "indicator": SERIES, "year": 2016, "month": month, **fields}
    body.setdefault("published_on", f"2016-{month + 1:02}-20" if month < 12 else "2017-01-20")
    return body if value is None else {**body, "value": value}


async def figures(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/statistics/indicators", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]  # JSON


async def test_county_b_tells_what_its_meeting_heard(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    told = MEETINGS["county_b"]["fixed_asset_investment_2015"]
    month = {"region_code": COUNTY_B, "year": 2015, "month": 12, "published_on": "2016-01-25"}
    entries: dict[str, dict[str, Any]] = {
        "fixed_asset_investment": {
            "value": told["total"],
            "previous_value": told["previous_year_total"],
            "growth_percent": told["yoy_percent"],
            "rank": told["rank_in_prefecture"],
            "contribution_percent": told["contribution_to_growth_percent"],
            "contribution_points": told["gdp_growth_points"],
        },
        "industrial_fixed_asset_investment": {
            "value": told["industrial"],
            "growth_percent": told["industrial_yoy_percent"],
        },
        "planned_projects_over_10000": {"value": told["planned_100_million_projects"]},
    }
    for indicator, fields in entries.items():
        made = await office.created("/indicator-values", {**month, "indicator": indicator, **fields})
        assert {name: made[name] for name in fields} == fields
    rows = {row["indicator"]: row for row in await figures(office, as_of="2016-02-29")}
    whole = rows["fixed_asset_investment"]
    assert {name: whole[name] for name in entries["fixed_asset_investment"]} == {
        "value": 1518300, "previous_value": 1223449, "growth_percent": 24.1, "rank": 2,
        "contribution_percent": 24, "contribution_points": 3.4,
    }  # fmt: skip
    assert (whole["growth_computed"], whole["growth_disagrees"]) == (24.1, False)
    assert (whole["rank_source"], whole["previous_source"], whole["unit_label"]) == ("entered", "entered", "万元")
    industrial = rows["industrial_fixed_asset_investment"]
    assert (industrial["value"], industrial["growth_percent"], industrial["growth_computed"]) == (911800, 34.06, None)
    # The other way: what the year before must have been, where its level was not published.
    assert (industrial["previous_value"], industrial["previous_computed"]) == (None, 680143.22)
    assert (rows["planned_projects_over_10000"]["value"], rows["planned_projects_over_10000"]["unit"]) == (34, "count")
    assert await figures(office, as_of="2016-01-24") == []


async def test_county_a_tells_a_rate_alone(world: World) -> None:
    office = await world.user("dispatcher")
    rate = MEETINGS["county_a"]["growth"]["industrial_value_added_yoy_percent"]
    body = {"region_code": COUNTY_A, "indicator": "industrial_value_added", "year": 2006, "month": 12}
    await office.created("/indicator-values", {**body, "growth_percent": rate, "published_on": "2007-01-20"})
    [row] = await figures(office, year=2006)
    assert (row["growth_percent"], row["value"], row["growth_disagrees"]) == (1.1, None, False)


async def test_a_correction_is_added_and_keeps_the_rest(world: World) -> None:
    office = await world.user("dispatcher")
    first = await office.created("/indicator-values", published(2, 1000, growth_percent=5, rank=1))
    same = await office.post("/indicator-values", published(2, 1000, growth_percent=5, rank=1))
    assert (same.status_code, same.json()["id"]) == (200, first["id"])
    second = await office.created("/indicator-values", published(2, 900, published_on="2016-04-02"))
    assert (second["growth_percent"], second["rank"]) == (5, 1)
    cleared = await office.created("/indicator-values", published(2, rank=None, published_on="2016-04-02"))
    assert (cleared["value"], cleared["rank"]) == (900, None)
    shown = [(await figures(office, as_of=day))[0] for day in ("2016-03-20", "2016-04-01", "2016-04-02")]
    assert [(row["value"], row["rank"], row["revisions"]) for row in shown] == [
        (1000, 1, 1),
        (1000, 1, 1),
        (900, None, 3),
    ]
    listed = (await office.get("/indicator-values", params={"count": "true", "indicator": SERIES})).json()
    assert ([i["value"] for i in listed["items"]], listed["total"]) == ([1000, 900, 900], 3)
    assert (await office.get("/indicator-values", params={"as_of": "2016-04-01"})).json()["items"] == [first]
    assert (await office.get("/indicator-values", params={"known_on": "2016-04-30"})).json()["items"] == []
    assert (await office.get(f"/indicator-values/{first['id']}")).json() == first
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE indicator_values SET value = 1")


async def test_growth_is_told_both_ways(world: World) -> None:
    office = await world.user("dispatcher")
    await office.created("/indicator-values", published(3, 1000, year=2015, published_on="2015-04-20"))
    await office.created("/indicator-values", published(3, 1099, growth_percent=9.9))
    [fits] = await figures(office, year=2016)
    assert (fits["previous_value"], fits["previous_source"], fits["growth_computed"], fits["growth_disagrees"]) == (
        1000, "series", 9.9, False,
    )  # fmt: skip
    assert fits["previous_computed"] == 1000
    await office.created("/indicator-values", published(3, growth_percent=12))
    [flagged] = await figures(office, year=2016)
    assert (flagged["growth_percent"], flagged["growth_computed"], flagged["growth_disagrees"]) == (12, 9.9, True)


async def test_a_missing_january_comes_with_february(world: World) -> None:
    office = await world.user("dispatcher")
    for month, value in ((2, 300), (3, 500), (4, 480.5)):
        await office.created("/indicator-values", published(month, value))
    rows = await figures(office, year=2016)
    assert [(r["month"], r["value_since"], r["months_since"]) for r in rows] == [
        (2, 300, 2),
        (3, 200, 1),
        (4, -19.5, 1),
    ]
    assert [r["month"] for r in await figures(office)] == [4]
    assert [r["month"] for r in await figures(office, year=2016, month=3)] == [3]


async def test_sister_counties_are_ranked_against_each_other(world: World) -> None:
    prefecture = await world.user("dispatcher", "9901")

    async def enter(month: int, region: str, value: int, **fields: Any) -> None:
        await prefecture.created("/indicator-values", published(month, value, region_code=region, **fields))

    await enter(3, COUNTY_A, 100, rank=7, previous_value=100)
    [alone] = await figures(prefecture, year=2016)
    assert (alone["rank"], alone["rank_source"], alone["ranked_among"]) == (7, "entered", None)
    await enter(3, COUNTY_B, 90, previous_value=60)
    await enter(4, COUNTY_A, 110, previous_value=100)
    await enter(4, COUNTY_B, 150, previous_value=150)
    rows = {(r["region_code"], r["month"]): r for r in await figures(prefecture, year=2016)}
    assert {
        key: (r["rank"], r["rank_movement"], r["growth_rank"], r["growth_rank_movement"]) for key, r in rows.items()
    } == {
        (COUNTY_A, 3): (1, None, 2, None),
        (COUNTY_B, 3): (2, None, 1, None),
        (COUNTY_A, 4): (2, -1, 1, 1),
        (COUNTY_B, 4): (1, 1, 2, -1),
    }
    assert rows[COUNTY_A, 3]["rank_entered"] == 7
    assert {r["rank_source"] for r in rows.values()} == {"computed"}
    assert {r["ranked_among"] for r in rows.values()} == {2}
    # A county reads its own rows alone, ranked all the same.
    county = await world.user("viewer", COUNTY_B)
    assert [(r["region_code"], r["rank"]) for r in await figures(county, year=2016)] == [(COUNTY_B, 2), (COUNTY_B, 1)]
    assert [r["region_code"] for r in await figures(county)] == [COUNTY_B]
    assert await figures(county, region=COUNTY_A) == []
    people = await world.user("department", COUNTY_B, department_id=await world.department(COUNTY_B))
    assert len(await figures(people, year=2016)) == 2
    # What is not yet published on a day ranks nobody.
    assert [r["rank"] for r in await figures(county, year=2016, month=3, as_of="2016-04-19")] == []
    assert (await figures(prefecture, region=COUNTY_B))[0]["rank"] == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"month": 13}, "/month", "out_of_range"),
        ({"value": None}, "/value", "missing"),
        ({"indicator": "happiness"}, "/indicator", "unknown_code"),
        ({"published_on": "2999-01-01"}, "/published_on", "out_of_range"),
        ({"published_on": "2199-01-01"}, "/published_on", "in_the_future"),
        ({"published_on": "2016-02-29"}, "/published_on", "dates_out_of_order"),
        ({"year": 2190, "published_on": None}, "/month", "in_the_future"),
        ({"rank": 3, "ranked_among": 2}, "/rank", "out_of_range"),
        ({"rank": 0}, "/rank", "out_of_range"),
        ({"growth_percent": 1.234}, "/growth_percent", "out_of_range"),
        ({"growth_percent": "NaN"}, "/growth_percent", "wrong_type"),
        ({"value": 10**15}, "/value", "out_of_range"),
        ({"source": "\x00"}, "/source", "invalid_text"),
    ],
)
async def test_wrong_figures_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/indicator-values", {**published(3, 5), **change})
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_only_the_office_publishes_and_only_its_own(world: World) -> None:
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    made = await office.created("/indicator-values", published(3, 5))
    assert (await other.post("/indicator-values", published(3, 5))).status_code == 403
    assert (await other.get(f"/indicator-values/{made['id']}")).status_code == 404
    assert (await other.get("/indicator-values")).json()["items"] == []
    viewer = await world.user("viewer")
    assert (await viewer.post("/indicator-values", published(3, 5))).status_code == 403
    told = (await viewer.get("/changes", params={"resource": "indicator_value"})).json()["items"]
    assert [item["id"] for item in told] == [made["id"]]
    body = published(4, 6, id=str(new_id()))
    answers = [await office.post("/indicator-values", body) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    clash = await office.post("/indicator-values", {**body, "value": 7})
    assert (clash.status_code, clash.json()["fields"]) == (409, ["value"])


async def test_a_target_is_held_against_what_was_published(world: World) -> None:
    office = await world.user("dispatcher")
    for indicator, value in ((SERIES, 1000), (f"{SERIES}_growth", 10)):
        await office.created(
            "/targets", {"region_code": COUNTY_A, "year": 2016, "indicator": indicator, "value": value}
        )
    await office.created("/indicator-values", published(3, 300, previous_value=290))
    answer = await office.get("/statistics/targets", params={"as_of": "2016-05-31"})
    level, rate = answer.json()["items"]
    assert (level["actual"], level["actual_source"], level["actual_as_of"]) == (300, "series", "2016-03-31")
    assert (level["completion_rate"], level["gap_points"], level["status"]) == (30, -11.67, "behind")
    assert (rate["actual"], rate["actual_source"], rate["status"]) == (3.45, "series", "behind")
    assert (rate["time_progress"], rate["gap_points"], rate["difference"]) == (None, None, -6.55)
    early = await office.get("/statistics/targets", params={"as_of": "2016-04-19"})
    assert [row["actual"] for row in early.json()["items"]] == [None, None]
