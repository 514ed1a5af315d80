from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ledger_files import COUNTY_B_LEDGER, apply_ledger
from tests.permits import let_start_without
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

MEETINGS = json.loads((Path(__file__).parent.parent / "data" / "meetings.json").read_text("utf-8"))
TARGETS_2016: dict[str, int] = MEETINGS["county_b"]["targets_2016"]
DAY = {"as_of": "2016-02-29"}


async def figures(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/statistics/targets", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]  # JSON


def a_target(**fields: Any) -> dict[str, Any]:
    return {"region_code": COUNTY_A, "year": 2016, "indicator": "key_projects", "value": 4, **fields}


async def test_county_b_stands_as_its_meeting_heard(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    await apply_ledger(office, COUNTY_B_LEDGER)
    made = {}
    for indicator, value in TARGETS_2016.items():
        body = {"region_code": COUNTY_B, "year": 2016, "indicator": indicator, "value": value}
        made[indicator] = await office.created("/targets", body)
    rows = {row["indicator"]: row for row in await figures(office, **DAY)}
    assert {code: row["target"] for code, row in rows.items()} == TARGETS_2016
    key = rows["key_projects"]
    assert (key["actual"], key["actual_source"], key["completion_rate"], key["status"]) == (
        249, "computed", 100.0, "achieved",
    )  # fmt: skip
    assert key["label"] == "重点项目数"
    assert (key["time_progress"], key["gap_points"]) == (16.67, 83.33)
    investment = rows["fixed_asset_investment_over_500"]
    assert (investment["actual"], investment["status"], investment["unit_label"]) == (None, "no_data", "万元")
    assert (rows["new_statistics_enrolments_over_5000"]["actual"], rows["key_projects"]["year"]) == (0, 2016)

    path = f"/targets/{made['fixed_asset_investment_over_500']['id']}/actuals"
    await office.created(path, {"as_of": "2016-02-29", "value": 145000})
    [investment] = await figures(office, indicator="fixed_asset_investment_over_500", **DAY)
    assert (investment["actual"], investment["actual_source"]) == (145000, "entered")
    assert (investment["completion_rate"], investment["gap_points"], investment["status"]) == (12.5, -4.17, "behind")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"indicator": "happiness"}, "/indicator", "unknown_code"),
        ({"region_code": None}, "/region_code", "missing"),
        ({"quarters": [1, 2, 1, 4]}, "/quarters/2", "less_than_before"),
        ({"quarters": [1, 2, 3, 3]}, "/quarters", "last_quarter_differs"),
        ({"quarters": [1, 2, 3]}, "/quarters", "too_short"),
        ({"indicator": "gdp", "actual_from": "computed"}, "/actual_from", "invalid_value"),
        ({"department_id": str(new_id())}, "/department_id", "unknown_reference"),
        ({"year": 1}, "/year", "out_of_range"),
        ({"value": 10**20}, "/value", "out_of_range"),
        ({"value": "四"}, "/value", "wrong_type"),
        ({"note": "\x00"}, "/note", "invalid_text"),
        ({"colour": 1}, "/colour", "unknown_field"),
    ],
)
async def test_wrong_targets_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/targets", a_target(**change))
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_an_adjusted_target_keeps_what_it_was(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/targets", a_target(quarters=[1, 2, 3, 4]))
    path = f"/targets/{made['id']}"
    body: dict[str, Any] = {"value": 6, "valid_from": "2016-07-01"}
    assert (await office.patch(path, body)).status_code == 428
    refused = await office.patch(path, body, etag='"1"')
    assert [e["code"] for e in refused.json()["errors"]] == ["reason_required"]
    adjusted = await office.patch(path, {**body, "reason": "上调"}, etag='"1"')
    assert (adjusted.status_code, adjusted.headers["etag"]) == (200, '"2"'), adjusted.text
    told = adjusted.json()
    assert (told["value"], told["quarters"], told["valid_from"]) == (6, None, "2016-07-01")
    assert [(r["value"], r["valid_from"], r["reason"]) for r in told["revisions"]] == [
        (4, "2016-01-01", None), (6, "2016-07-01", "上调"),
    ]  # fmt: skip
    assert [(await figures(office, as_of=day))[0]["target"] for day in ("2016-06-30", "2016-07-01")] == [4, 6]
    assert await figures(office, as_of="2015-12-31", year=2016) == []
    before = await office.patch(path, {"value": 7, "valid_from": "2016-06-30", "reason": "补"}, etag='"2"')
    assert [(e["pointer"], e["code"]) for e in before.json()["errors"]] == [("/valid_from", "dates_out_of_order")]
    stale = await office.patch(path, {"note": "新"}, etag='"1"')
    assert (stale.status_code, stale.json()["fields"]) == (412, ["note"])
    nothing = await office.patch(path, {"value": 6}, etag='"2"')
    assert nothing.headers["etag"] == '"2"'
    # The year is over: without a day, a correction holds from where the value it corrects began.
    corrected = await office.patch(path, {"value": 5, "reason": "录入有误"}, etag='"2"')
    assert corrected.json()["valid_from"] == "2016-07-01"
    assert (await figures(office, as_of="2016-07-01"))[0]["target"] == 5


async def test_quarters_are_cumulative(world: World) -> None:
    office = await world.user("dispatcher")
    body = a_target(indicator="fixed_asset_investment", value=1000, quarters=[300, 500, 800, 1000])
    made = await office.created("/targets", body)
    for day, value in (("2016-02-29", 120), ("2016-03-31", 310), ("2016-05-31", 400)):
        await office.created(f"/targets/{made['id']}/actuals", {"as_of": day, "value": value})
    rows = await figures(office, as_of="2016-05-31", by="quarter")
    assert [(r["quarter"], r["target"], r["actual"], r["status"], r["as_of"]) for r in rows] == [
        (1, 300, 310, "achieved", "2016-03-31"),
        (2, 500, 400, "running", "2016-05-31"),
        (3, 800, None, "not_begun", "2016-05-31"),
        (4, 1000, None, "not_begun", "2016-05-31"),
    ]
    assert [(r["completion_rate"], r["year_rate"], r["time_progress"], r["gap_points"]) for r in rows[:2]] == [
        (103.33, 31.0, 25.0, 6.0), (80.0, 40.0, 41.67, -1.67),
    ]  # fmt: skip
    late = await figures(office, as_of="2016-12-31", by="quarter")
    assert [r["status"] for r in late] == ["achieved", "missed", "missed", "missed"]


async def test_what_is_counted_follows_the_day(world: World) -> None:
    office = await world.user("dispatcher")
    world.app.state.clock = lambda: datetime(2016, 6, 30, 4, tzinfo=UTC)
    fields = {"region_code": COUNTY_A, "land_status": "settled", "location": "城关镇", "investors": ["某公司"]}
    ids = []
    for n, size in enumerate((4999, 5000, 20000)):
        body = {"name": f"项目{n}", "stage": "landed", "stage_since": "2016-01-15", "total_investment": size,
                "key_years": [2016], "enrolled_on": f"2016-0{n + 2}-10", **fields}  # fmt: skip
        ids.append((await office.created("/projects", body))["id"])
    await let_start_without(office)
    for project, day in zip(ids, ("2016-02-01", "2016-03-01", "2016-04-01"), strict=True):
        await office.created(f"/projects/{project}/stage-transitions", {"to_stage": "started", "happened_on": day})
        await office.created(f"/projects/{project}/progress-figures", {"as_of": day, "completed": 100.5})
    back = {"to_stage": "landed", "happened_on": "2016-05-01", "reason": "停工"}
    await office.created(f"/projects/{ids[0]}/stage-transitions", back)
    codes = (
        "key_projects",
        "starts",
        "starts_over_10000",
        "new_statistics_enrolments_over_5000",
        "completed_investment",
    )
    for code in codes:
        await office.created("/targets", a_target(indicator=code))

    async def on(day: str) -> list[Any]:
        rows = {row["indicator"]: row["actual"] for row in await figures(office, as_of=day)}
        return [rows[code] for code in codes]

    assert await on("2016-01-14") == [0, 0, 0, 0, None]
    assert await on("2016-02-29") == [3, 1, 0, 0, 100.5]
    assert await on("2016-03-31") == [3, 2, 0, 1, 201]
    assert await on("2016-04-30") == [3, 3, 1, 2, 301.5]
    assert await on("2016-06-30") == [3, 2, 1, 2, 301.5]


async def test_a_departments_target_counts_what_it_answers_for(world: World) -> None:
    office = await world.user("dispatcher")
    mine, theirs = await world.department(name="工信局"), await world.department(name="交通局")
    for n, department in enumerate((mine, mine, theirs)):
        body = {"name": f"项目{n}", "region_code": COUNTY_A, "key_years": [2016], "stage_since": "2016-01-01"}
        project = await office.created("/projects", body)
        party = {"role": "responsible", "department_id": department, "valid_from": "2016-02-01"}
        await office.created(f"/projects/{project['id']}/assignments", party)
    for target in ({"department_id": mine, "region_code": None}, {"department_id": theirs}, {}):
        made = await office.created("/targets", a_target(**target))
        assert made["region_code"] == COUNTY_A
    rows = await figures(office, **DAY)
    assert [(r["department_name"], r["actual"]) for r in rows] == [(None, 3), ("交通局", 1), ("工信局", 2)]
    assert [r["actual"] for r in await figures(office, as_of="2016-01-31", of="department")] == [0, 0]
    people = await world.user("department", department_id=mine)
    assert [r["actual"] for r in await figures(people, **DAY)] == [2]
    seen = (await people.get("/targets")).json()["items"]
    assert [t["department_id"] for t in seen] == [mine]
    assert (await people.patch(f"/targets/{seen[0]['id']}", {"note": "改"}, etag='"1"')).status_code == 403
    hidden = rows[0]["target_id"]
    assert (await people.get(f"/targets/{hidden}")).status_code == 404
    assert (await people.get(f"/targets/{hidden}/actuals")).status_code == 404
    told = (await people.get("/changes", params={"resource": "target"})).json()["items"]
    assert [item["id"] for item in told] == [seen[0]["id"]]


async def test_the_same_id_twice_is_one_target(world: World) -> None:
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    body = a_target(id=str(new_id()))
    first, again = [await office.post("/targets", body) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    clash = await office.post("/targets", {**body, "value": 5})
    assert (clash.status_code, clash.json()["code"], clash.json()["fields"]) == (409, "id_taken", ["value"])
    foreign = await other.post("/targets", {**body, "region_code": COUNTY_B})
    assert (foreign.status_code, "current" in foreign.json()) == (409, False)
    double = await office.post("/targets", a_target())
    assert (double.status_code, double.json()["code"]) == (409, "duplicate")
    assert (await other.post("/targets", a_target(indicator="starts"))).status_code == 403


async def test_entries_are_added_never_changed(world: World) -> None:
    office = await world.user("dispatcher")
    made = await office.created("/targets", a_target(indicator="gdp", value=100))
    path = f"/targets/{made['id']}/actuals"
    body = {"as_of": "2016-03-31", "value": 20}
    first = await office.post(path, body)
    assert (first.status_code, (await office.post(path, body)).status_code) == (201, 200)
    await office.created(path, {**body, "value": 21})
    await office.created(path, body)
    items = (await office.get(path, params={"count": "true"})).json()
    assert ([i["value"] for i in items["items"]], items["total"]) == ([20, 21, 20], 3)
    assert (await figures(office, as_of="2016-04-15"))[0]["actual_as_of"] == "2016-03-31"
    for change, code in (({"as_of": "2999-01-01"}, "wrong_type"), ({"as_of": "2015-12-31"}, "dates_out_of_order")):
        refused = await office.post(path, {**body, **change})
        assert refused.status_code == 422, refused.text
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/as_of"], code
    ahead = await office.post(path, {**body, "as_of": "2199-01-01"})
    assert [e["code"] for e in ahead.json()["errors"]] == ["in_the_future"]
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE target_actuals SET value = 1")
    one = f"/target-actuals/{items['items'][0]['id']}"
    assert (await office.get(one)).json() == items["items"][0]
    assert (await office.delete(f"/targets/{made['id']}", etag='"1"')).status_code == 204
    assert (await office.get(one)).status_code == 404


async def test_a_county_adds_an_indicator_of_its_own(world: World) -> None:
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    body = {"code": "tea_output", "region_code": COUNTY_A, "label_zh": "茶叶产量", "label_en": "Tea output",
            "unit": "tonne"}  # fmt: skip
    made = await office.post("/indicators", body)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/indicators/tea_output"), made.text
    for double in (body, {**body, "code": "gdp"}):
        assert (await office.post("/indicators", double)).json()["code"] == "duplicate"
    assert (await other.post("/indicators", {**body, "code": "rice"})).status_code == 403
    assert (await other.get("/indicators/tea_output")).json()["label_zh"] == "茶叶产量"
    assert (await other.patch("/indicators/tea_output", {"label_zh": "茶"}, etag='"1"')).status_code == 403
    changed = await office.patch("/indicators/tea_output", {"active": False}, etag='"1"')
    assert (changed.status_code, changed.json()["active"]) == (200, False)
    unused = await office.post("/targets", a_target(indicator="tea_output"))
    assert [e["code"] for e in unused.json()["errors"]] == ["inactive"]
    shipped = await office.get("/indicators/gdp")
    assert shipped.json()["shipped"] is True
    again = await office.get("/indicators/gdp", headers={"If-None-Match": shipped.headers["etag"]})
    assert again.status_code == 304
    assert (await office.patch("/indicators/gdp", {"active": False}, etag='"1"')).json()["code"] == "dictionary_closed"
    assert (await office.get("/indicators/nothing")).status_code == 404
    codes = [i["code"] for i in (await office.get("/indicators")).json()["items"]]
    assert codes[0] == "key_projects"
    assert codes[-1] == "tea_output"
    active = (await office.get("/indicators", params={"active": "true"})).json()["items"]
    assert len(active) == len(codes) - 1
    odd = {"unit": "stone", "computation": "series_growth", "threshold": 5, "code": "odd"}
    errors = (await office.post("/indicators", {**body, **odd})).json()["errors"]
    assert [e["pointer"] for e in errors] == ["/unit", "/series", "/threshold"]
