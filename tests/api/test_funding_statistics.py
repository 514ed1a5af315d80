"""Money in figures, held against what one county published and against sums by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.funding import enter, project_money, region_money
from tests.world import COUNTY_A, COUNTY_B, Client, World

PUBLISHED = json.loads((Path(__file__).parent.parent / "data" / "meetings.json").read_text("utf-8"))["county_b"][
    "funding_2015"
]
BATCHES = (11000, 11500, 10900, 12000, 10000)


async def _step(office: Client, path: str, step: str, amount: Any, day: str, **more: Any) -> dict[str, Any]:
    return await office.created(f"{path}/entries", {"step": step, "amount": amount, "happened_on": day, **more})


async def _sum(office: Client, amount: Any, year: int = 2015, day: str | None = None, **fields: Any) -> str:
    """A region's record, approved and received in full."""
    path = await region_money(office, COUNTY_B, year=year, **fields)
    for step in ("approved", "received"):
        await _step(office, path, step, amount, day or f"{year}-12-31")
    return path


async def _statistics(client: Client, **params: Any) -> dict[str, Any]:
    answer = await client.get("/statistics/funding", params={"region": COUNTY_B, "year": 2015, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def _county_b(world: World) -> Client:
    office = await world.user("dispatcher", COUNTY_B)
    await _sum(office, PUBLISHED["previous_year_total"], 2014, channel="other", name="2014年合计")
    for channel, amount in PUBLISHED["channels"].items():
        if channel != "special_construction_fund":
            await _sum(office, amount, channel=channel)
    assert sum(BATCHES) == PUBLISHED["channels"]["special_construction_fund"]["total"]
    for batch, amount in enumerate(BATCHES, 1):
        await _sum(office, amount, channel="special_construction_fund", batch=batch)
    return office


async def test_the_published_figures_of_a_county_come_out(world: World) -> None:
    office = await _county_b(world)
    by_channel = await _statistics(office, group_by="channel")
    assert {i["key"]: i["received"] for i in by_channel["items"] if i["received"]} == {
        "fiscal": 311500, "central_budget_investment": 40120, "special_construction_fund": 55400,
        "vehicle_purchase_tax": 6000,
    }  # fmt: skip
    total = by_channel["total"]
    assert (total["received"], total["previous"], total["change_percent"], total["share"]) == (
        PUBLISHED["total"], PUBLISHED["previous_year_total"], PUBLISHED["yoy_percent"], 100,
    )  # fmt: skip
    assert [i["share"] for i in by_channel["items"]] == [75.42, 9.71, 13.41, 1.45, 0]
    other = by_channel["items"][-1]
    assert (other["key"], other["received"], other["previous"], other["change_percent"]) == ("other", 0, 110000, -100)
    assert by_channel["items"][0]["change_percent"] is None
    assert by_channel["items"][0]["label"] == "财政渠道"
    by_batch = await _statistics(office, group_by="batch", channel="special_construction_fund")
    assert [(i["key"], i["received"]) for i in by_batch["items"]] == [
        (str(n), amount) for n, amount in enumerate(BATCHES, 1)
    ]
    by_year = await _statistics(office, group_by="year")
    assert [(i["key"], i["received"], i["previous"], i["change_percent"]) for i in by_year["items"]] == [
        ("2014", 110000, 0, None), ("2015", 413020, 110000, 275.47),
    ]  # fmt: skip
    assert (by_year["total"]["received"], by_year["total"]["change_percent"]) == (523020, None)


async def test_a_running_year_is_held_against_the_same_part_of_the_last(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    for year, days in ((2015, ("2015-03-01", "2015-09-01")), (2016, ("2016-02-29",))):
        path = await region_money(office, COUNTY_B, year=year)
        for day in days:
            await _step(office, path, "approved", 10, day)
            await _step(office, path, "received", 10, day)
    early = await _statistics(office, group_by="channel", year=2016, as_of="2016-02-29")
    assert (early["previous_as_of"], early["total"]["previous"]) == ("2015-02-28", 0)
    later = await _statistics(office, group_by="channel", year=2016, as_of="2016-06-30")
    assert (later["total"]["received"], later["total"]["previous"], later["total"]["change_percent"]) == (10, 10, 0)
    assert (await _statistics(office, group_by="channel", year=2016))["total"]["previous"] == 20
    assert (await _statistics(office, group_by="channel", as_of="2015-06-30"))["total"]["received"] == 10


async def test_corrected_entries_count_as_corrected(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    path = await region_money(office, COUNTY_B)
    wrong = await _step(office, path, "approved", 90, "2015-03-01")
    await _step(office, path, "approved", 60.000001, "2015-05-01", corrects_id=wrong["id"], reason="录错")
    assert (await _statistics(office, group_by="channel"))["total"]["approved"] == 60.000001
    assert (await _statistics(office, group_by="channel", as_of="2015-04-01"))["total"]["approved"] == 0


async def test_every_yuan_counts_once(world: World) -> None:
    """Allocated money stands with the project, the rest with the region; two departments double no total."""
    office = await world.user("dispatcher", COUNTY_B)
    bridge = (await office.created("/projects", {"name": "大桥", "region_code": COUNTY_B, "sector": "transport"}))["id"]
    school = (await office.created("/projects", {"name": "学校", "region_code": "990102001", "sector": "social"}))["id"]
    departments = [await world.department(COUNTY_B, name) for name in ("交通局", "财政局")]
    for department in departments:
        body = {"role": "responsible", "department_id": department, "valid_from": "2015-01-01"}
        await office.created(f"/projects/{bridge}/assignments", body)
    path = await region_money(office, COUNTY_B)
    await enter(office, path, applied=200, approved=120, received=100, paid=5)
    for project, amount in ((bridge, 30), (school, 20)):
        share = await office.created(
            f"{path}/allocations", {"project_id": project, "amount": amount, "happened_on": "2015-07-01"}
        )
        await _step(office, f"/funding-records/{share['funding_record_id']}", "paid", amount / 2, "2015-08-01")
    own = await project_money(office, bridge)
    await enter(office, own, approved=10, received=10)
    steps = ("applied", "approved", "received", "paid")

    async def figures(**params: Any) -> dict[Any, list[Any]]:
        found = await _statistics(office, **params)
        assert [found["total"][s] for s in steps] == [200, 130, 110, 30], params
        return {i["label"]: [i[s] for s in steps] for i in found["items"]}

    rest = [200, 70, 50, 5]
    assert await figures(group_by="project") == {
        "大桥": [0, 40, 40, 15], "学校": [0, 20, 20, 10], "区划资金（未分配）": rest,
    }  # fmt: skip
    assert await figures(group_by="sector") == {"交通": [0, 40, 40, 15], "社会事业": [0, 20, 20, 10], "未指定": rest}
    assert await figures(group_by="department") == {
        "交通局": [0, 40, 40, 15], "财政局": [0, 40, 40, 15], "未指定": [200, 90, 70, 15],
    }  # fmt: skip
    assert await figures(group_by="region") == {"乙县": [200, 110, 90, 20], "城关镇": [0, 20, 20, 10]}
    assert await figures(group_by="channel") == {"财政渠道": [200, 120, 100, 30], "专项债": [0, 10, 10, 0]}
    before = await _statistics(office, group_by="project", as_of="2015-06-30")
    assert [(i["label"], i["received"]) for i in before["items"]] == [("大桥", 10), ("区划资金（未分配）", 100)]
    chosen = await _statistics(office, group_by="channel", department_id=departments[0])
    assert [chosen["total"][s] for s in steps] == [0, 40, 40, 15]
    assert (await _statistics(office, group_by="channel", level="region"))["total"]["received"] == 50
    bureau = await world.user("department", COUNTY_B, department_id=departments[0])
    assert (await _statistics(bureau, group_by="channel"))["total"]["received"] == 40
    stranger = await world.user("viewer", COUNTY_A)
    nothing = await _statistics(stranger, group_by="channel")
    assert (nothing["items"], nothing["total"]["received"], nothing["total"]["share"]) == ([], 0, None)

    funding = (await office.get(f"/projects/{bridge}/funding")).json()
    assert [(i["key"], i["received"], i["pay_out_rate"]) for i in funding["items"]] == [
        ("fiscal", 30, 50), ("special_bond", 10, 0),
    ]  # fmt: skip
    assert (funding["total"]["secured"], funding["total"]["gap"], funding["total"]["pay_out_rate"]) == (40, None, 37.5)
    assert (await stranger.get(f"/projects/{bridge}/funding")).status_code == 404


async def test_a_projects_gap_and_rates(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    project = (await office.created("/projects", {"name": "厂", "region_code": COUNTY_B, "total_investment": 1000}))[
        "id"
    ]
    bond, loan = (
        await project_money(office, project),
        await project_money(office, project, channel="bank_loan", year=2014),
    )
    await enter(office, bond, approved=300, received=200, paid=50)
    await enter(office, loan, approved=100)
    over = {"step": "received", "happened_on": "2015-06-30", "amount": 150, "excess_reason": "追加授信"}
    await office.created(f"{loan}/entries", over)
    total = (await office.get(f"/projects/{project}/funding")).json()["total"]
    # Secured counts what came where that is more than what was approved.
    assert (total["approved"], total["received"], total["secured"], total["gap"]) == (400, 350, 450, 550)
    assert (total["secured_rate"], total["received_rate"], total["pay_out_rate"]) == (45, 77.78, 14.29)
    early = (await office.get(f"/projects/{project}/funding?as_of=2015-01-01")).json()
    assert (early["items"], early["total"]["gap"], early["total"]["pay_out_rate"]) == ([], 1000, None)


async def test_projects_that_money_holds_up(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)

    async def project(name: str, stage: str = "started", **steps: Any) -> str:
        body = {"name": name, "region_code": COUNTY_B, "stage": stage, "stage_since": "2015-01-01"}
        made = await office.created("/projects", {**body, "total_investment": 100})
        if steps:
            await enter(office, await project_money(office, made["id"]), **steps)
        return name

    wide = await project("缺口大", approved=50, received=50, paid=50)
    slow = await project("支付慢", approved=100, received=100, paid=49.99)
    both = await project("都有", approved=79, received=10)
    await project("够了", approved=81, received=81, paid=41)
    await project("没有登记")
    await project("储备", "reserve", approved=1)

    async def held(**params: Any) -> list[tuple[str, str]]:
        found = (await office.get("/statistics/funding-gaps", params=params)).json()
        assert found["total"]["count"] >= len(found["items"])
        return [(i["name"], i["held_up_by"]) for i in found["items"]]

    assert await held() == [(wide, "gap"), (both, "gap,slow_pay_out"), (slow, "slow_pay_out")]
    assert await held(gap_share_at_least=50) == [(wide, "gap"), (both, "slow_pay_out"), (slow, "slow_pay_out")]
    assert await held(gap_at_least=21.01, pay_out_below=0) == [(wide, "gap")]
    assert (await held(unrecorded=True))[0] == ("没有登记", "gap")
    assert ("储备", "gap") in await held(stage="reserve")
    # Money that came a moment ago may still lie.
    assert await held(as_of="2015-07-01") == [(wide, "gap"), (both, "gap")]
    assert len(await held(limit=1)) == 1
    answer = (await office.get("/statistics/funding-gaps")).json()
    assert answer["total"] == {
        "count": 3, "short_count": 2, "slow_count": 2, "total_investment": 300, "secured": 229, "received": 160,
        "paid": 99.99, "gap": 71, "unrecorded_count": 1,
    }  # fmt: skip
    [first, *_] = answer["items"]
    assert (first["gap"], first["secured_rate"], first["pay_out_rate"]) == (50, 50, 100)
    assert (first["sector"], first["sector_label"]) == ("other", "其他")
    for language, words in (("zh", "其他,开工"), ("en", "Other,Started")):
        table = await office.get("/statistics/funding-gaps.csv", headers={"Accept-Language": language})
        assert words in table.text
    assert (await (await world.user("viewer", COUNTY_A)).get("/statistics/funding-gaps")).json()["items"] == []
    assert (await office.get("/statistics/funding-gaps?pay_out_below=101")).status_code == 422
    assert (await office.get("/statistics/funding?group_by=colour")).status_code == 422
