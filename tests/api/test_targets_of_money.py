"""Targets whose actual is money of the year: approved, received, paid."""

from __future__ import annotations

from typing import Any

from tests.funding import project_money, region_money
from tests.world import COUNTY_A, Client, World

PARK = f"{COUNTY_A}001"
CODES = ("funds_approved", "funds_received", "funds_paid")


async def enter_on(office: Client, path: str, day: str, **steps: Any) -> dict[str, Any]:
    return {
        step: await office.created(f"{path}/entries", {"step": step, "happened_on": day, "amount": amount})
        for step, amount in steps.items()
    }


async def reached(client: Client, day: str) -> dict[str | None, list[Any]]:
    """The three actuals of 2016 by department, else by region."""
    params = {"as_of": day, "year": 2016, "indicator": list(CODES)}
    told: dict[str | None, dict[str, Any]] = {}
    for row in (await client.get("/statistics/targets", params=params)).json()["items"]:
        told.setdefault(row["department_name"] or row["region_code"], {})[row["indicator"]] = row["actual"]
    return {of: [actuals[code] for code in CODES] for of, actuals in told.items()}


async def test_money_of_the_year_is_reached_as_the_statistics_add_it_up(world: World) -> None:
    office = await world.user("dispatcher")
    roads = await world.department(name="交通局")
    ids = []
    for n, region in enumerate((PARK, COUNTY_A)):
        made = await office.created("/projects", {"name": f"路{n}", "region_code": region, "total_investment": 900 + n})
        ids.append(made["id"])
    party = {"role": "responsible", "department_id": roads, "valid_from": "2016-01-01"}
    await office.created(f"/projects/{ids[0]}/assignments", party)
    for of in ({"region_code": COUNTY_A}, {"region_code": PARK}, {"department_id": roads}):
        for code in CODES:
            await office.created("/targets", {"year": 2016, "indicator": code, "value": 1000, **of})
    nothing: list[Any] = [None, None, None]
    assert await reached(office, "2016-12-31") == {COUNTY_A: nothing, PARK: nothing, "交通局": nothing}

    fiscal = await region_money(office, year=2016)
    await enter_on(office, fiscal, "2016-01-20", approved=700.000001)
    came = await enter_on(office, fiscal, "2016-02-20", received=600, paid=10)
    share = {"project_id": ids[0], "happened_on": "2016-03-20", "amount": 200.5}
    given = await office.created(f"{fiscal}/allocations", share)
    await enter_on(office, f"/funding-records/{given['funding_record_id']}", "2016-03-25", paid=20)
    bond = await project_money(office, ids[1], year=2016)
    await enter_on(office, bond, "2016-04-20", approved=50, received=40, paid=30)
    # Money of another year is not of this one's target, and what comes later has not come yet.
    other = await project_money(office, ids[1], year=2015)
    await enter_on(office, other, "2016-04-20", approved=9, received=9, paid=9)
    await enter_on(office, bond, "2017-01-20", received=10)

    assert (await reached(office, "2016-01-31"))[COUNTY_A] == [700.000001, 0, 0]
    assert (await reached(office, "2016-02-29"))[COUNTY_A] == [700.000001, 600, 10]
    shared = [200.5, 200.5, 20]
    whole = {COUNTY_A: [750.000001, 640, 60], PARK: shared, "交通局": shared}
    assert await reached(office, "2016-12-31") == whole
    assert await reached(office, "2017-06-30") == whole, "a year's target is settled as its year ended"

    params = {"group_by": "channel", "year": 2016, "as_of": "2016-12-31"}
    for region, told in ((COUNTY_A, whole[COUNTY_A]), (PARK, shared)):
        total = (await office.get("/statistics/funding", params={**params, "region": region})).json()["total"]
        assert [total[step] for step in ("approved", "received", "paid")] == told

    mended = {"step": "received", "happened_on": "2016-02-20", "amount": 500, "corrects_id": came["received"]["id"]}
    await office.created(f"{fiscal}/entries", {**mended, "reason": "记错"})
    assert (await reached(office, "2016-12-31"))[COUNTY_A] == [750.000001, 540, 60]
    half = {"step": "received", "happened_on": "2016-03-20", "amount": 100, "corrects_id": given["id"]}
    await office.created(f"/funding-records/{given['funding_record_id']}/entries", {**half, "reason": "分配有误"})
    assert await reached(office, "2016-12-31") == {
        COUNTY_A: [750.000001, 540, 60], PARK: [100, 100, 20], "交通局": [100, 100, 20],
    }  # fmt: skip


async def test_a_county_counts_money_of_its_large_projects(world: World) -> None:
    office = await world.user("dispatcher")
    indicator = {"code": "funds_of_large", "region_code": COUNTY_A, "label_zh": "大项目到位资金",
                 "label_en": "Received by large projects", "unit": "wan_yuan", "computation": "funding_received",
                 "threshold": 1000}  # fmt: skip
    await office.created("/indicators", indicator)
    target = {"region_code": COUNTY_A, "year": 2016, "indicator": "funds_of_large", "value": 100}
    await office.created("/targets", target)
    fiscal = await region_money(office, year=2016)
    await enter_on(office, fiscal, "2016-01-20", approved=700, received=600)
    for investment, amount in ((999, 1), (1000, 50)):
        project = {"name": f"项目{investment}", "region_code": COUNTY_A, "total_investment": investment}
        made = await office.created("/projects", project)
        share = {"project_id": made["id"], "happened_on": "2016-03-20", "amount": amount}
        await office.created(f"{fiscal}/allocations", share)
    [row] = (await office.get("/statistics/targets", params={"as_of": "2016-12-31"})).json()["items"]
    assert (row["actual"], row["actual_source"], row["completion_rate"], row["gap_points"]) == (
        50, "computed", 50.0, -50.0,
    )  # fmt: skip
