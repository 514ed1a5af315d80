"""Wide regions are added up from sums kept per county: always what adding up every project gives."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.main import system_clock
from app.services import county_figures
from app.uow import SHANGHAI
from tests.rows_of_ledgers import county_a, county_b
from tests.world import COUNTY_A, COUNTY_B, Client, World

GROUPS = ("stage", "sector", "category", "region")
QUERIES: list[dict[str, Any]] = [
    {},
    {"year": "2016"},
    {"year": "2016", "stage": ["started", "landed"]},
    {"year": "2016", "category": "continued"},
    {"year": "2016", "sector": ["industry", "urban"], "category": ["continued", "new_start"]},
    {"year": "2016", "region": "99"},
    {"year": "2016", "region": "9901"},
    {"year": "2016", "region": "990"},
    {"region": "98"},
    {"as_of": "2016-02-29"},
    {"as_of": "2016-02-29", "stage": "started"},
    {"as_of": "2016-02-29", "category": "continued", "sector": "industry", "region": "9901"},
    {"as_of": "2006-06-30", "year": "2016"},
]


async def ask(client: Client, **params: Any) -> dict[str, Any]:
    answer = await client.get("/statistics/projects", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
async def direct(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Turn the sums off: every project is added up."""

    def without() -> pytest.MonkeyPatch:
        monkeypatch.setattr(county_figures, "wide", lambda scopes, region: None)
        return monkeypatch

    return without


@pytest.mark.parametrize("group_by", GROUPS)
async def test_they_give_what_adding_up_every_project_gives(world: World, direct: Any, group_by: str) -> None:
    await county_a(world)
    await county_b(world)
    province = await world.user("viewer", "99")
    summed = [await ask(province, group_by=group_by, **query) for query in QUERIES]
    assert await world.pool.fetchval("SELECT count(*) FROM county_figures") > 0
    direct()
    assert summed == [await ask(province, group_by=group_by, **query) for query in QUERIES]
    assert summed[1]["total"]["count"] == 64 + 249


async def test_a_write_counts_at_once_and_only_its_county_is_made_again(world: World) -> None:
    await county_b(world)
    province, office = await world.user("viewer", "99"), await world.user("dispatcher", COUNTY_A)
    before = (await ask(province, group_by="region"))["total"]["count"]
    made = await world.pool.fetch("SELECT county_code, mark, xmin::text FROM county_figure_states ORDER BY 1")
    project: dict[str, Any] = {}
    for number in range(3):
        project = await office.created("/projects", {"name": f"新{number}", "region_code": COUNTY_A})
        assert (await ask(province, group_by="region"))["total"]["count"] == before + number + 1
    now = await world.pool.fetch("SELECT county_code, mark, xmin::text FROM county_figure_states ORDER BY 1")
    changed = [a["county_code"] for a, b in zip(made, now, strict=True) if tuple(a) != tuple(b)]
    assert changed == [COUNTY_A]
    address = f"/projects/{project['id']}"
    await office.delete(address, etag=(await office.get(address)).headers["etag"])
    assert (await ask(province, group_by="stage"))["total"]["count"] == before + 2


async def test_another_day_makes_them_again(world: World) -> None:
    province = await world.user("viewer", "99")
    await world.project()
    await ask(province, group_by="region")
    days = "SELECT DISTINCT day FROM county_figure_states ORDER BY day"
    (first,) = await world.pool.fetch(days)
    world.app.state.clock = lambda: system_clock() + timedelta(days=1)
    await county_figures.keep_up(world.app.state.db, world.app.state.clock())
    made = [row["day"] for row in await world.pool.fetch(days)]
    # Yesterday's stay for who is still being answered; half an hour before midnight the day after is there, too.
    assert made[:2] == [first["day"], first["day"] + timedelta(days=1)]
    await county_figures.clear(world.app.state.db, system_clock() + timedelta(days=4))
    assert await world.pool.fetch(days) == []


async def test_made_beforehand_for_wide_grants_and_before_midnight(world: World) -> None:
    db, evening = world.app.state.db, datetime(2026, 12, 31, 23, 45, tzinfo=SHANGHAI)
    await world.project()
    made = "SELECT DISTINCT year, day FROM county_figure_states ORDER BY year, day"
    await county_figures.keep_up(db, evening)
    assert await world.pool.fetch(made) == []
    await world.user("viewer", "99")
    known = await county_figures.keep_up(db, evening)
    old, new = date(2026, 12, 31), date(2027, 1, 1)
    assert [tuple(row) for row in await world.pool.fetch(made)] == [
        (2025, old), (2026, old), (2026, new), (2027, new),
    ]  # fmt: skip
    # A year that was asked for is kept up from then on, if it is one of those that many ask for.
    for year in (2027, 1999):
        await county_figures.refresh(db, ["99"], year, old)
    await county_figures.keep_up(db, evening)
    stamps = "SELECT county_code, year, day, xmin::text FROM county_figure_states WHERE year > 1999 ORDER BY 1, 2, 3"
    before = await world.pool.fetch(stamps)
    await world.project(COUNTY_A)
    assert (await county_figures.keep_up(db, evening, known)) != known
    after = await world.pool.fetch(stamps)
    changed = [tuple(a)[:3] for a, b in zip(before, after, strict=True) if tuple(a) != tuple(b)]
    assert changed == [(COUNTY_A, year, day) for year in (2025, 2026, 2027) for day in (old, new)]


async def test_a_past_day_is_kept_as_long_as_it_is_fresh(world: World) -> None:
    province, db = await world.user("viewer", "99"), world.app.state.db
    office = await world.user("dispatcher", COUNTY_A)
    project = await office.created(
        "/projects", {"name": "甲", "region_code": COUNTY_A, "stage": "reserve", "stage_since": "2016-01-10"}
    )
    asked = {"group_by": "stage", "as_of": "2016-02-29"}
    stamps = "SELECT county_code, xmin::text FROM county_figure_states WHERE day = '2016-02-29' ORDER BY 1"

    async def stages() -> dict[str, int]:
        return {group["key"]: group["count"] for group in (await ask(province, **asked))["groups"]}

    assert await stages() == {"reserve": 1}
    first = await world.pool.fetch(stamps)
    assert await stages() == {"reserve": 1}
    assert await world.pool.fetch(stamps) == first
    # What was done later is not of that day.
    move = {"to_stage": "negotiating", "happened_on": "2016-03-05"}
    await office.created(f"/projects/{project['id']}/stage-transitions", move, headers={"If-Match": "*"})
    assert await stages() == {"reserve": 1}
    assert await world.pool.fetch(stamps) != first
    # Sums made for today are not taken for those of a day gone by, nor are old ones about to be cleared away.
    for change in ("past = false", "made_at = made_at - interval '13 hours'"):
        await world.pool.execute(f"UPDATE county_figure_states SET {change}")
        await world.pool.execute("UPDATE county_figures SET count = 99")
        assert await stages() == {"reserve": 1}
    await county_figures.clear(db, system_clock() + timedelta(hours=23))
    assert await world.pool.fetch(stamps) != []
    await county_figures.clear(db, system_clock() + timedelta(hours=25))
    assert await world.pool.fetch(stamps) == []
    assert await world.pool.fetchval("SELECT count(*) FROM county_figures WHERE day = '2016-02-29'") == 0


async def test_not_every_day_there_is_has_its_sums_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(county_figures, "PAST_AT_MOST", 2)
    province = await world.user("viewer", "99")
    await world.project(stage_since="2016-01-10")
    days = ("2016-02-27", "2016-02-28", "2016-02-29", "2016-02-27", "2090-01-01")
    counted = [(await ask(province, group_by="stage", as_of=day))["total"]["count"] for day in days]
    assert counted == [1] * len(days)
    kept = await world.pool.fetch("SELECT DISTINCT day FROM county_figure_states ORDER BY day")
    assert [str(row["day"]) for row in kept] == list(days[:2])


async def test_readers_and_writers_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is answered counts at least what was there when it was asked for."""
    monkeypatch.setattr(county_figures, "PORTION", 1)
    province = await world.user("viewer", "99")
    offices = [await world.user("dispatcher", county) for county in (COUNTY_A, COUNTY_B)]

    async def write(office: Client, county: str) -> None:
        for number in range(10):
            await office.created("/projects", {"name": f"项目{number}", "region_code": county})

    async def read() -> None:
        seen = 0
        while seen < 20:
            there = await world.pool.fetchval("SELECT count(*) FROM projects")
            seen = (await ask(province, group_by="region"))["total"]["count"]
            assert seen >= there

    writers = [write(office, county) for office, county in zip(offices, (COUNTY_A, COUNTY_B), strict=True)]
    await asyncio.gather(*writers, read(), read(), read())


async def test_who_sees_less_than_whole_counties_is_answered_from_projects(world: World) -> None:
    department = await world.department()
    for role, region, extra in (
        ("viewer", COUNTY_A, {}), ("viewer", "990101001", {}), ("department", "99", {"department_id": department}),
    ):  # fmt: skip
        client = await world.user(role, region, **extra)
        await ask(client, group_by="stage")
    province = await world.user("viewer", "99")
    for query in ({"region": COUNTY_A}, {"major": "true"}, {"annual_plan_at_least": "1"}):
        await ask(province, group_by="region", **query)
    await ask(province, group_by="leader")
    assert await world.pool.fetchval("SELECT count(*) FROM county_figure_states") == 0


async def test_several_regions_at_once(world: World, direct: Any) -> None:
    await county_a(world)
    await county_b(world)
    client = await world.user("viewer", "9901")
    await world.grant(client.user_id, "viewer", COUNTY_A)
    await world.grant(client.user_id, "viewer", COUNTY_B)
    world.app.state.authenticator.forget()
    summed = await ask(client, group_by="region")
    direct()
    assert summed == await ask(client, group_by="region")


async def test_sums_longer_than_an_amount(world: World) -> None:
    for _ in range(3):
        await world.project(total_investment="99999999999999.9999")
    province = await world.user("viewer", "99")
    answer = await province.get("/statistics/projects.csv", params={"group_by": "sector"})
    assert "299999999999999.9997" in answer.text
