"""The figures of the county meetings, exactly; and what the statistics say of past days, parties and scopes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from app.uow import SHANGHAI
from tests.rows_of_ledgers import AS_OF, Rows, county_a, county_b
from tests.world import COUNTY_A, COUNTY_B, Client, World

FEBRUARY: dict[str, Any] = {"year": "2016", "as_of": "2016-02-29"}


async def figures(
    client: Client, group_by: str, headers: dict[str, str] | None = None, **params: Any
) -> dict[str, Any]:
    answer = await client.get("/statistics/projects", params={"group_by": group_by, **params}, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def by_key(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {group["key"]: group[name] for group in body["groups"]}


async def test_county_a_by_stage_and_what_waits_for_land(world: World) -> None:
    await county_a(world)
    office = await world.user("dispatcher", COUNTY_A)
    body = await figures(office, "stage")
    assert [(g["key"], g["count"]) for g in body["groups"]] == [("negotiating", 30), ("landed", 23), ("started", 11)]
    waiting: dict[str, Any] = {"stage": "landed", "location": "县项目园区", "land_status": "pending"}
    assert (await figures(office, "location", **waiting))["total"]["count"] == 11


async def test_county_a_by_leader_and_department_counts_each_project_once_in_the_total(world: World) -> None:
    await county_a(world)
    office = await world.user("dispatcher", COUNTY_A)
    body = await figures(office, "department")
    counts = [g["count"] for g in body["groups"]]
    assert body["total"]["count"] == 64 < sum(counts)
    assert counts == sorted(counts, reverse=True)
    assert sum(by_key(await figures(office, "leader"), "count").values()) == 64


async def test_county_b_by_the_figures_of_its_meeting(world: World) -> None:
    await county_b(world)
    office = await world.user("dispatcher", COUNTY_B)
    body = await figures(office, "category", **FEBRUARY, annual_plan_at_least=10000)
    total = body["total"]
    assert (total["count"], total["total_investment"]) == (249, 3809600)
    assert (total["at_least_count"], total["at_least_share"]) == (19, 7.63)
    assert by_key(body, "count") == {"new_start": 60, "continued": 160, "preliminary": 29}
    assert [g["label"] for g in body["groups"]] == ["新建", "续建", "前期"]
    assert sum(by_key(body, "at_least_count").values()) == 19

    body = await figures(office, "sector", **FEBRUARY, category="continued")
    assert body["total"] == {
        "count": 160, "total_investment": body["total"]["total_investment"], "annual_plan": 845900,
        "completed": 79600, "completion_rate": 9.41, "time_progress": 16.67, "gap_points": -7.26,
        # Rows put in behind the service's back have no lights.
        "lights": {"green": 0, "yellow": 0, "red": 0, "none": 160},
    }  # fmt: skip
    rates = by_key(body, "completion_rate")
    assert (rates["industry"], rates["urban"], rates["transport"]) == (16.91, 14.03, 17.43)
    assert [g["key"] for g in body["groups"]][:3] == ["industry", "urban", "transport"]
    assert [g["label"] for g in body["groups"]][:3] == ["工业", "城建", "交通"]


async def test_the_figures_are_those_in_force_on_the_day(world: World) -> None:
    rows = Rows(world)
    project = rows.project(COUNTY_A, "甲", since=date(2016, 1, 1))
    rows.plan(project, 300)
    rows.plan(project, 1000, year=2015)
    rows.figure(project, 900, date(2015, 12, 31))
    rows.figure(project, 10, date(2016, 1, 31))
    rows.figure(project, 20.5, AS_OF)
    rows.figure(project, 20.0005, AS_OF)
    rows.figure(project, 100, date(2016, 3, 31))
    rows.figure(project, None, date(2016, 6, 30), physical_text="主体封顶")
    await rows.write()
    office = await world.user("dispatcher")
    expected = {
        "2016-01-30": (300, 0, 0.0, 8.06), "2016-01-31": (300, 10, 3.33, 8.33),
        "2016-02-29": (300, 20.0005, 6.67, 16.67),
        "2016-06-30": (300, 100, 33.33, 50.0), "2017-01-01": (0, 0, None, 0.27), "2015-12-31": (0, 0, None, 100.0),
    }  # fmt: skip
    for day, figures_then in expected.items():
        total = (await figures(office, "stage", as_of=day))["total"]
        told = tuple(total[name] for name in ("annual_plan", "completed", "completion_rate", "time_progress"))
        assert told == figures_then, day
    total = (await figures(office, "stage", year=2015))["total"]
    assert (total["completed"], total["completion_rate"], total["gap_points"]) == (900, 90, -10)


async def test_a_hair_behind_is_no_gap(world: World) -> None:
    rows = Rows(world)
    project = rows.project(COUNTY_A, "甲")
    rows.plan(project, 100000)
    rows.figure(project, 99999.9999, date(2016, 12, 31))
    await rows.write()
    answer = await (await world.user("viewer")).get("/statistics/projects?group_by=stage&as_of=2016-12-31")
    assert '"completion_rate":100,"time_progress":100,"gap_points":0}' in answer.text


async def test_a_past_day_has_its_own_stages_departments_and_leaders(world: World) -> None:
    rows = Rows(world)
    old, new = rows.project(COUNTY_A, "老", "signed", date(2016, 1, 10)), rows.project(COUNTY_A, "新", "reserve")
    rows.move(old, "signed", "landed", date(2016, 2, 1))
    rows.move(old, "landed", "started", date(2016, 3, 1))
    first, second = rows.party("departments", COUNTY_A, "甲局"), rows.party("departments", COUNTY_A, "乙局")
    change = date(2016, 2, 15)
    rows.assign(old, "responsible", date(2016, 1, 10), change, department_id=first)
    rows.assign(old, "responsible", change, department_id=second)
    rows.assign(old, "owner", date(2016, 1, 10), department_id=second)
    leader = rows.party("leaders", COUNTY_A, "李")
    rows.assign(old, "sponsor", date(2016, 1, 10), change, leader_id=leader)
    rows.add("suspensions", project_id=old, reason="停工", since=date(2016, 2, 10), until=date(2016, 2, 20))
    await rows.write()
    office = await world.user("dispatcher")

    async def counts(group_by: str, day: str | None = None, **params: Any) -> dict[str, int]:
        then: dict[str, Any] = {"as_of": day} if day else {}
        body = await figures(office, group_by, **then, **params)
        return {group["label"]: group["count"] for group in body["groups"]}

    assert await counts("stage", "2016-01-09") == {}
    assert await counts("stage", "2016-01-31") == {"签约": 1}
    assert await counts("stage", "2016-02-29") == {"储备": 1, "落地": 1}
    assert await counts("stage") == {"储备": 1, "开工": 1}
    assert await counts("stage", "2016-02-01", stage="landed") == {"落地": 1}
    assert await counts("department", "2016-02-14") == {"甲局": 1}
    assert await counts("department", "2016-02-15") == {"乙局": 1}
    assert await counts("department") == {"乙局": 1, "未指定": 1}
    assert await counts("stage", "2016-02-14", department_id=str(first)) == {"落地": 1}
    assert await counts("stage", department_id=str(first)) == {}
    assert await counts("leader", "2016-02-14", leader_id=str(leader)) == {"李": 1}
    assert await counts("leader") == {"未指定": 2}
    assert await counts("stage", "2016-02-19", suspended="true") == {"落地": 1}
    assert await counts("stage", "2016-02-20", suspended="true") == {}
    assert await counts("stage", "2016-02-19", suspended="false") == {}
    assert new != old


async def test_labels_follow_the_language_and_the_keyless_group_comes_last(world: World) -> None:
    rows = Rows(world)
    for i, location in enumerate(["城关", "城关", None, None, None, "龙山"]):
        rows.project(COUNTY_A, f"项目{i}", location=location, sector="urban" if i else "industry")
    await rows.write()
    office = await world.user("dispatcher")
    body = await figures(office, "location", headers={"Accept-Language": "en"})
    assert [(g["key"], g["label"], g["count"]) for g in body["groups"]] == [
        ("城关", "城关", 2), ("龙山", "龙山", 1), (None, "Unassigned", 3),
    ]  # fmt: skip
    assert [g["label"] for g in (await figures(office, "category"))["groups"]] == ["未指定"]
    sectors = await figures(office, "sector", headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert [g["label"] for g in sectors["groups"]] == ["Industry", "Urban construction"]


async def test_regions_are_those_directly_below_the_one_asked_for(world: World) -> None:
    rows = Rows(world)
    for region in (COUNTY_A, "990101001", "990101001", COUNTY_B, "990102001", "9901"):
        rows.project(region, region)
    await rows.write()
    prefecture, county = await world.user("dispatcher", "9901"), await world.user("viewer", COUNTY_A)
    assert by_key(await figures(prefecture, "region"), "count") == {"9901": 1, COUNTY_A: 3, COUNTY_B: 2}
    assert by_key(await figures(prefecture, "region", region=COUNTY_A), "count") == {COUNTY_A: 1, "990101001": 2}
    assert by_key(await figures(prefecture, "region", region="99"), "count") == {"9901": 6}
    assert by_key(await figures(county, "region"), "count") == {COUNTY_A: 1, "990101001": 2}
    assert by_key(await figures(county, "region", region="990101001"), "count") == {"990101001": 2}
    labels = [g["label"] for g in (await figures(prefecture, "region"))["groups"]]
    assert labels == ["示范州", "甲县", "乙县"]


async def test_everyone_counts_only_what_they_see(world: World) -> None:
    await county_b(world)
    departments = await world.pool.fetch("SELECT id, name FROM departments")
    mine = next(row["id"] for row in departments if row["name"] == "县工信局")
    department = await world.user("department", COUNTY_B, department_id=mine)
    assert (await figures(department, "sector"))["total"]["count"] == 46
    neighbour = await world.user("dispatcher", COUNTY_A)
    assert (await figures(neighbour, "sector", region=COUNTY_B))["total"]["count"] == 0
    auditor = await world.user("auditor", COUNTY_B)
    assert (await auditor.get("/statistics/projects?group_by=stage")).status_code == 403


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("", "group_by", "missing"),
        ("group_by=colour", "group_by", "invalid_value"),
        ("group_by=stage&colour=red", "colour", "unknown_parameter"),
        ("group_by=stage&limit=10", "limit", "unknown_parameter"),
        ("group_by=stage&sort=name", "sort", "unknown_parameter"),
        ("group_by=stage&annual_plan_at_least=NaN", "annual_plan_at_least", "wrong_type"),
        ("group_by=stage&year=1", "year", "out_of_range"),
        ("group_by=stage&as_of=2016-02-30", "as_of", "wrong_type"),
    ],
)
async def test_wrong_parameters_are_named(world: World, query: str, pointer: str, code: str) -> None:
    answer = await (await world.user("dispatcher")).get(f"/statistics/projects?{query}")
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_what_may_be_asked_for_is_listed_in_the_language_asked_in(world: World) -> None:
    office = await world.user("dispatcher")
    for language, listed in (("zh", "、'light'"), ("en", " or 'light'")):
        answer = await office.get("/statistics/projects?group_by=colour", headers={"Accept-Language": language})
        [fault] = answer.json()["errors"]
        assert listed in fault["message"]
        assert (" or " in fault["message"]) == (language == "en")


async def test_every_filter_of_the_list_chooses_the_same_projects(world: World) -> None:
    await county_a(world)
    await county_b(world)
    office = await world.user("dispatcher", "9901")
    leader = await world.pool.fetchval("SELECT leader_id FROM assignments WHERE role = 'sponsor' LIMIT 1")
    department = await world.pool.fetchval("SELECT department_id FROM assignments WHERE role = 'responsible' LIMIT 1")
    filters = [
        f"region={COUNTY_A}", "region=9901", "stage=landed&stage=started", "sector=industry", "location=县城",
        "land_status=pending", f"department_id={department}", f"owner_id={department}", f"leader_id={leader}",
        "category=continued&year=2016", "programme=new_countryside", "key_year=2016", "major=true", "suspended=false",
        "total_investment_at_least=20000", "code=990101-000001", "stale=true", "stale=false&stale_days=30", "q=项目",
    ]  # fmt: skip
    days = ("", "&as_of=2016-02-29")
    for query in [f + day for f in filters for day in days]:
        listed = (await office.get(f"/projects?count=true&limit=1&{query}")).json()["total"]
        for group_by in ("category", "leader"):
            answer = await office.get(f"/statistics/projects?group_by={group_by}&{query}")
            assert (answer.status_code, answer.json()["total"]["count"]) == (200, listed), query


async def test_nothing_there_gives_zeros(world: World) -> None:
    office = await world.user("dispatcher")
    body = await figures(office, "stage", annual_plan_at_least=1)
    assert body["groups"] == []
    assert (body["total"]["count"], body["total"]["completion_rate"], body["total"]["at_least_share"]) == (
        0,
        None,
        None,
    )
    today = datetime.now(SHANGHAI).date()
    assert (body["as_of"], body["year"]) == (str(today), today.year)
