"""The figures of the county dispatch meetings, asserted exactly: ledger in, statistics out, all over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.ledger_files import COUNTY_A_LEDGER, COUNTY_B_LEDGER, add_places, load_county_a, load_county_b, previewed
from tests.world import COUNTY_A, COUNTY_B, Client, World

FACTS = json.loads((Path(__file__).parents[1] / "data" / "meetings.json").read_text(encoding="utf-8"))
LEDGERS = Path(__file__).parents[1] / "data" / "ledgers"


async def _figures(office: Client, group_by: str, **filters: Any) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """(figures by key, total)."""
    answer = await office.get("/statistics/projects", params={"group_by": group_by, **filters})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return {group["key"]: group for group in body["groups"]}, body["total"]


async def test_county_a_pipeline(world: World) -> None:
    facts = FACTS["county_a"]
    await add_places(world)
    office = await load_county_a(world)
    for day in ({}, {"as_of": "2006-12-31"}):
        stages, total = await _figures(office, "stage", region=COUNTY_A, year=facts["year"], **day)
        assert {stage: figures["count"] for stage, figures in stages.items()} == facts["pipeline"]
        assert total["count"] == sum(facts["pipeline"].values())


async def test_county_a_projects_waiting_for_land(world: World) -> None:
    await add_places(world)
    office = await load_county_a(world)
    waiting = {"stage": "landed", "land_status": "pending", "location": "县项目园区"}
    expected = FACTS["county_a"]["landed_in_park_waiting_for_land"]
    assert (await office.get("/projects", params={**waiting, "count": "true"})).json()["total"] == expected
    places, _ = await _figures(office, "location", region=COUNTY_A, stage="landed", land_status="pending")
    assert {place: figures["count"] for place, figures in places.items()} == {"县项目园区": expected}
    # The park is a region of its own, so its projects are counted there too.
    regions, _ = await _figures(office, "region", region=COUNTY_A, stage="landed", land_status="pending")
    assert regions["990101002"]["count"] == expected


async def test_county_b_key_projects(world: World) -> None:
    facts = FACTS["county_b"]["key_projects"]
    await add_places(world)
    office = await load_county_b(world)
    day = {"region": COUNTY_B, "year": 2016, "as_of": "2016-02-29"}
    _, total = await _figures(office, "sector", annual_plan_at_least=10000, **day)
    assert total["count"] == facts["count"]
    assert total["total_investment"] == facts["total_investment"]
    assert total["at_least_count"] == facts["annual_plan_at_least_10000"]["count"]
    assert total["at_least_share"] == facts["annual_plan_at_least_10000"]["share_percent"]


async def test_county_b_under_construction(world: World) -> None:
    facts = FACTS["county_b"]["under_construction"]
    await add_places(world)
    office = await load_county_b(world)
    day = {"region": COUNTY_B, "year": 2016, "as_of": FACTS["county_b"]["as_of"]}
    sectors, total = await _figures(office, "sector", category="continued", **day)
    assert _progress(total) == {key: facts[key] for key in ("annual_plan", "completed", "completion_percent")}
    assert total["time_progress"] == facts["time_progress_percent"]
    assert total["gap_points"] == facts["gap_to_time_progress_points"]
    for sector, expected in facts["by_sector"].items():
        assert _progress(sectors[sector]) == expected, sector
    categories, _ = await _figures(office, "category", **day)
    assert _progress(categories["continued"]) == _progress(total)


def _progress(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "annual_plan": figures["annual_plan"],
        "completed": figures["completed"],
        "completion_percent": figures["completion_rate"],
    }


async def test_every_row_of_both_ledgers_is_understood_as_it_was_meant(world: World) -> None:
    """The ledgers come with what they mean, row by row."""
    await add_places(world)
    office_a, office_b = await load_county_a(world), await load_county_b(world)
    for office, region, file, ledger in (
        (office_a, COUNTY_A, "county-a-pipeline", COUNTY_A_LEDGER),
        (office_b, COUNTY_B, "county-b-2016-02", COUNTY_B_LEDGER),
    ):
        expected = json.loads((LEDGERS / f"{file}.expected.json").read_text(encoding="utf-8"))["projects"]
        projects = await _all_projects(office)
        again = await previewed(office, ledger, region, **({"year": "2006"} if region == COUNTY_A else {}))
        assert again["counts"] == {"created": 0, "changed": 0, "unchanged": len(expected), "rejected": 0}
        assert all(check["agrees"] for check in again["totals"])
        assert len(projects) == len(expected)
        for meant in expected:
            _compare(projects[meant["name"]], meant)


async def _all_projects(office: Client) -> dict[str, dict[str, Any]]:
    items: list[dict[str, Any]] = []
    path = "/projects?limit=100"
    while path:
        page = await office.get(path)
        items += page.json()["items"]
        link = page.headers.get("link")
        path = link[1 : link.index(">")].removeprefix("/api/v1") if link else ""
    return {item["name"]: item for item in items}


def _compare(project: dict[str, Any], meant: dict[str, Any]) -> None:
    for field in ("stage", "sector", "location", "total_investment"):
        if field in meant:
            assert project[field] == meant[field], (meant["name"], field)
    assert [(s["name"], s["title"]) for s in project["sponsors"]] == [(meant["leader"], meant["leader_title"])]
    departments = meant.get("departments") or [meant["department"]]
    assert [d["name"] for d in project["responsible_departments"]] == departments
    if "major" in meant:
        assert project["major"] == meant["major"]
