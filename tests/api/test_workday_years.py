from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from app.services import workdays
from app.uow import UnitOfWork
from tests.world import World

NOTICE: dict[str, Any] = {
    "holidays": ["2027-01-01", "2027-02-05", "2027-02-08"],
    "makeup_days": ["2027-02-20", "2026-12-27"],
    "source": "国务院办公厅关于2027年部分节假日安排的通知",
}
YEAR = "/workday-years/2027"


async def _calendar(world: World) -> Any:
    return await workdays.load(UnitOfWork(world.app.state.db, world.app.state.clock()))


async def test_next_years_notice_is_entered_replaced_and_taken_back(world: World) -> None:
    admin = await world.user("system_admin")
    assert (await admin.get(YEAR)).status_code == 404
    assert (await _calendar(world)).is_provisional(date(2027, 2, 5))
    made = await admin.put(YEAR, NOTICE)
    assert (made.status_code, made.headers["etag"], made.headers["location"]) == (201, '"1"', f"/api/v1{YEAR}")
    assert made.json()["makeup_days"] == ["2026-12-27", "2027-02-20"]
    calendar = await _calendar(world)
    assert not calendar.is_provisional(date(2027, 2, 5))
    assert not calendar.is_workday(date(2027, 2, 5))
    assert calendar.is_workday(date(2026, 12, 27))

    assert (await admin.put(YEAR, NOTICE)).status_code == 200  # the same again
    other = {**NOTICE, "makeup_days": []}
    assert (await admin.put(YEAR, other)).status_code == 428
    assert (await admin.put(YEAR, other, headers={"If-Match": '"4"'})).json()["fields"] == ["makeup_days"]
    assert (await admin.put(YEAR, other, headers={"If-Match": '"1"'})).headers["etag"] == '"2"'
    assert (await admin.get(YEAR, headers={"If-None-Match": '"2"'})).status_code == 304
    assert not (await _calendar(world)).is_workday(date(2026, 12, 27))

    assert (await admin.delete(YEAR)).status_code == 428
    assert (await admin.delete(YEAR, etag='"2"')).status_code == 204
    assert (await admin.delete(YEAR, etag='"2"')).status_code == 404
    assert (await _calendar(world)).is_provisional(date(2027, 2, 5))
    logged = await world.pool.fetch("SELECT action FROM changes WHERE resource = 'workday_year' ORDER BY seq")
    assert [row["action"] for row in logged] == ["created", "updated", "deleted"]


async def test_what_ships_is_listed_and_may_be_overruled(world: World) -> None:
    office, viewer = await world.user("dispatcher"), await world.user("viewer")
    shipped = await viewer.get("/workday-years/2026")
    assert (shipped.json()["shipped"], shipped.headers["etag"]) == (True, '"0"')
    assert "2026-10-10" in shipped.json()["makeup_days"]
    assert (await viewer.get("/workday-years/2026", headers={"If-None-Match": '"0"'})).status_code == 304
    assert (await office.put("/workday-years/2026", {"holidays": ["2026-01-01"], "source": "x"})).status_code == 201
    await office.put(YEAR, NOTICE)
    years = {item["year"]: item for item in (await viewer.get("/workday-years")).json()["items"]}
    assert list(years) == list(range(2004, 2028))
    assert (years[2026]["shipped"], years[2026]["holidays"], years[2025]["shipped"]) == (False, ["2026-01-01"], True)
    assert (await _calendar(world)).is_workday(date(2026, 10, 1))
    assert (await office.delete("/workday-years/2026", etag='"1"')).status_code == 204
    assert not (await _calendar(world)).is_workday(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"holidays": []}, "/holidays", "too_short"),
        ({"holidays": ["2026-11-30"]}, "/holidays/0", "outside_year"),
        ({"holidays": ["2028-01-01"]}, "/holidays/0", "outside_year"),
        ({"holidays": ["2027-01-01", "2027-01-01"]}, "/holidays/0", "repeated"),
        ({"makeup_days": ["2027-02-19"]}, "/makeup_days/0", "not_a_weekend"),
        ({"holidays": ["2027-02-20"], "makeup_days": ["2027-02-20"]}, "/makeup_days/0", "both_off_and_worked"),
        ({"holidays": ["2027-02-30"]}, "/holidays/0", "wrong_type"),
        ({"source": "\x00"}, "/source", "invalid_text"),
        ({"source": " "}, "/source", "too_short"),
    ],
)
async def test_wrong_notices_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    admin = await world.user("system_admin")
    answer = await admin.put(YEAR, {**NOTICE, **change})
    assert answer.status_code == 422, answer.text
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (pointer, code)


async def test_of_parallel_first_entries_one_is_new(world: World) -> None:
    admin = await world.user("system_admin")
    answers = await asyncio.gather(*[admin.put(YEAR, NOTICE) for _ in range(4)])
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]


async def test_others_only_read(world: World) -> None:
    for role in ("leader", "viewer", "reporter", "auditor"):
        client = await world.user(role)
        assert (await client.put(YEAR, NOTICE)).status_code == 403
        assert (await client.get("/workday-years/2026")).status_code == 200
