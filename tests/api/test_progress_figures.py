from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.access import Actor
from app.domain.progress import Figure
from app.services.progress_figures import record_figures
from app.uow import SHANGHAI, UnitOfWork
from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

FEBRUARY = {"as_of": "2016-02-29", "completed": 474, "physical_text": "主体施工", "physical_percent": 40.25}


async def _project(office: Client, **fields: Any) -> str:
    made = await office.created(
        "/projects", {"name": "测试项目", "region_code": COUNTY_A, "stage_since": "2016-01-05", **fields}
    )
    return f"/projects/{made['id']}"


async def _figures(client: Client, project: str, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{project}/progress-figures{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]  # JSON


async def test_a_figure_is_recorded_and_shown(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    made = await office.post(f"{project}/progress-figures", FEBRUARY)
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in FEBRUARY} == FEBRUARY
    assert (made.json()["year"], made.json()["source"], made.json()["recorded_by"]["name"]) == (
        2016,
        "api",
        "dispatcher",
    )
    assert (await office.get(made.headers["location"].removeprefix("/api/v1"))).json() == made.json()
    seen = await office.get(project)
    assert seen.json()["latest_progress"] == {**FEBRUARY, "year": 2016}
    assert (seen.json()["last_activity_on"], seen.headers["etag"]) == ("2016-02-29", '"2"')
    logged = await world.pool.fetchrow(
        "SELECT action, project_id::text, region_code, diff::text FROM changes WHERE resource = 'progress_figure'"
    )
    assert tuple(logged)[:3] == ("created", project[10:], COUNTY_A)
    assert '"completed": [null, 474]' in logged["diff"]


async def test_the_same_again_is_no_news_and_a_correction_is_added(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    first = await office.post(f"{project}/progress-figures", FEBRUARY)
    for same in (FEBRUARY, {"as_of": "2016-02-29", "completed": 474.0}, {**FEBRUARY, "year": 2016}):
        again = await office.post(f"{project}/progress-figures", same)
        assert (again.status_code, again.json()) == (200, first.json())
    assert (await office.get(project)).headers["etag"] == '"2"'
    corrected = await office.post(f"{project}/progress-figures", {**FEBRUARY, "completed": 480})
    assert corrected.status_code == 201
    assert [f["completed"] for f in await _figures(office, project)] == [474, 480]
    assert (await office.get(project)).json()["latest_progress"]["completed"] == 480
    # Back to the first: that is news again.
    assert (await office.post(f"{project}/progress-figures", FEBRUARY)).status_code == 201
    assert (await office.get(project)).json()["latest_progress"]["completed"] == 474


async def test_physical_progress_left_out_of_a_correction_stands_and_null_clears_it(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await office.created(f"{project}/progress-figures", FEBRUARY)
    more = await office.created(f"{project}/progress-figures", {"as_of": "2016-02-29", "completed": 500})
    assert (more["physical_text"], more["physical_percent"]) == ("主体施工", 40.25)
    cleared = await office.created(
        f"{project}/progress-figures", {"as_of": "2016-02-29", "completed": 500, "physical_text": None}
    )
    assert (cleared["physical_text"], cleared["physical_percent"]) == (None, 40.25)
    # Nobody said anything of how it stands in March.
    march = await office.created(f"{project}/progress-figures", {"as_of": "2016-03-31", "completed": 900})
    assert (march["physical_text"], march["physical_percent"]) == (None, None)


async def test_late_news_of_an_early_day_do_not_take_over(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    await office.created(f"{project}/progress-figures", {"as_of": "2016-03-31", "completed": 900})
    await office.created(f"{project}/progress-figures", {"as_of": "2016-02-29", "completed": 474})
    seen = (await office.get(project)).json()
    assert (seen["latest_progress"]["as_of"], seen["last_activity_on"]) == ("2016-03-31", "2016-03-31")


async def test_what_was_known_when(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    for as_of, completed in {"2015-12-31": 80, "2016-01-31": 1, "2016-02-29": 2}.items():
        await office.created(f"{project}/progress-figures", {"as_of": as_of, "completed": completed})
    assert [f["completed"] for f in await _figures(office, project, "?year=2016")] == [1, 2]
    assert [f["completed"] for f in await _figures(office, project, "?as_of=2016-02-28")] == [80, 1]
    assert [f["completed"] for f in await _figures(office, project, "?sort=-as_of&limit=1")] == [2]
    today = datetime.now(SHANGHAI).date()
    assert len(await _figures(office, project, f"?known_on={today}")) == 3
    assert await _figures(office, project, f"?known_on={today - timedelta(days=1)}") == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"as_of": "2199-01-01"}, "/as_of", "in_the_future"),
        ({"year": 2017}, "/year", "dates_out_of_order"),
        ({"completed": -1}, "/completed", "out_of_range"),
        ({"completed": None}, "/completed", "wrong_type"),
        ({"completed": 0.00001}, "/completed", "out_of_range"),
        ({"physical_percent": 100.01}, "/physical_percent", "out_of_range"),
        ({"physical_percent": 1.001}, "/physical_percent", "out_of_range"),
        ({"physical_text": ""}, "/physical_text", "too_short"),
        ({"as_of": 20160229}, "/as_of", "wrong_type"),
        ({"id": "7a1e6c0e-5a53-4b7e-9d6b-1c5a3c1f0a11"}, "/id", "wrong_type"),
    ],
)
async def test_wrong_figures_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post(f"{await _project(office)}/progress-figures", {**FEBRUARY, **change})
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_a_year_may_be_settled_in_the_next(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    settled = await office.created(f"{project}/progress-figures", {"year": 2015, "as_of": "2016-01-20", "completed": 5})
    assert settled["year"] == 2015


async def test_parallel_figures_of_a_day_leave_the_last_in_force(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    bodies = [{"as_of": "2016-02-29", "completed": i} for i in (1, 1, 1, 2, 2, 2)]
    answers = await all_at_once(
        world, project[10:], [office.post(f"{project}/progress-figures", body) for body in bodies]
    )
    assert Counter(a.status_code for a in answers).keys() <= {200, 201}
    rows = await world.pool.fetch("SELECT completed, recorded_at FROM progress_figures ORDER BY recorded_at")
    assert all(a["completed"] != b["completed"] for a, b in pairwise(rows))
    assert len({row["recorded_at"] for row in rows}) == len(rows)


async def test_a_correction_is_the_later_one_even_when_its_request_is_not(world: World) -> None:
    """A request that began earlier and waited for the lock must still have the last word."""
    office = await world.user("dispatcher")
    project = await _project(office)
    now = datetime.now(UTC)
    for completed, clock in ((1, now), (2, now - timedelta(seconds=5))):
        world.app.state.clock = lambda clock=clock: clock
        await office.created(f"{project}/progress-figures", {"as_of": "2016-02-29", "completed": completed})
    assert (await office.get(project)).json()["latest_progress"]["completed"] == 2


async def test_figures_are_never_rewritten(world: World) -> None:
    office = await world.user("dispatcher")
    await office.created(f"{await _project(office)}/progress-figures", FEBRUARY)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.pool.execute("UPDATE progress_figures SET completed = 0")


async def test_an_id_sent_again_is_the_same_figure(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {**FEBRUARY, "id": str(new_id())}
    made = await office.created(f"{project}/progress-figures", body)
    await office.created(f"{project}/progress-figures", {**FEBRUARY, "completed": 480})
    again = await office.post(f"{project}/progress-figures", body)
    assert (again.status_code, again.json()) == (200, made)
    other = await office.post(f"{project}/progress-figures", {**body, "completed": 1})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    assert (other.json()["current"]["completed"], other.json()["sent"]["completed"]) == (474, 1)


async def test_only_the_office_enters_and_only_for_its_own(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    department = await world.department()
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    people, other = await world.user("department", department_id=department), await world.user("dispatcher", COUNTY_B)
    assert (await people.post(f"{project}/progress-figures", FEBRUARY)).status_code == 403
    assert (await other.post(f"{project}/progress-figures", FEBRUARY)).status_code == 404
    made = await office.created(f"{project}/progress-figures", FEBRUARY)
    for path in (f"{project}/progress-figures", f"{project}/figures", f"/progress-figures/{made['id']}"):
        assert (await people.get(path)).status_code == 200
        assert (await other.get(path)).status_code == 404


async def test_plan_against_completed(world: World) -> None:
    """County B's sums of February 2016, as if they were one project's."""
    office = await world.user("dispatcher")
    project = await _project(office)
    nothing = (await office.get(f"{project}/figures?as_of=2016-02-29")).json()
    assert (nothing["year"], nothing["annual_plan"], nothing["completed"], nothing["gap_points"]) == (2016, *[None] * 3)
    assert nothing["time_progress"] == 16.67
    plan = {"category": "continued", "planned_investment": 845900}
    assert (await office.put(f"{project}/annual-plans/2016", plan)).status_code == 201
    await office.created(f"{project}/progress-figures", {"as_of": "2016-01-31", "completed": 12345.6789})
    await office.created(f"{project}/progress-figures", {"as_of": "2016-02-29", "completed": 79600})
    answer = await office.get(f"{project}/figures?as_of=2016-02-29")
    assert answer.json() == {
        "project_id": project[10:], "year": 2016, "as_of": "2016-02-29", "category": "continued",
        "annual_plan": 845900, "completed": 79600, "figure_as_of": "2016-02-29", "physical_text": None,
        "physical_percent": None, "completion_rate": 9.41, "time_progress": 16.67, "gap_points": -7.26,
    }  # fmt: skip
    assert (await office.get(f"{project}/figures?as_of=2016-02-28")).json()["completed"] == 12345.6789
    later = (await office.get(f"{project}/figures?year=2016")).json()
    assert (later["time_progress"], later["completion_rate"]) == (100, 9.41)
    assert (await office.get(f"{project}/figures?when=now")).status_code == 422


async def test_a_ledger_writes_thousands_at_once(world: World) -> None:
    office = await world.user("dispatcher")
    ids = [UUID((await _project(office, name=f"项目{i}"))[10:]) for i in range(3)]
    actor = Actor(office.user_id, "dispatcher", ())
    february, march = date(2016, 2, 29), date(2016, 3, 31)

    async def record(figures: list[tuple[UUID, Figure]]) -> list[bool]:
        uow = UnitOfWork(world.app.state.db, datetime.now(UTC), actor=actor)
        recorded = await record_figures(uow, figures, source="import:x")
        await uow.commit()
        await uow.close()
        return [r.new for r in recorded]

    ledger = [(i, Figure(2016, february, Decimal(n))) for n, i in enumerate(ids)]
    assert await record(ledger) == [True] * 3
    assert await record(ledger) == [False] * 3
    corrected = [(ids[0], Figure(2016, february, Decimal(9))), ledger[1], (ids[0], Figure(2016, march, Decimal(9)))]
    assert await record(corrected) == [True, False, True]
    # The same day twice in one ledger: the last word counts.
    assert await record([(ids[2], Figure(2016, february, Decimal(n))) for n in (5, 5, 6)]) == [True, False, True]
    assert await record([(ids[2], Figure(2016, february, Decimal(6)))]) == [False]
    many = [(i, Figure(year, date(year, 12, 31), Decimal(year))) for i in ids for year in range(1950, 2016)]
    assert await record(many) == [True] * len(many)
    shown = await office.get(f"/projects/{ids[2]}/figures?as_of=2016-02-29")
    assert json.loads(shown.text, parse_int=str)["completed"] == "6"
    assert [f["source"] for f in await _figures(office, f"/projects/{ids[1]}", "?year=2016")] == ["import:x"]
