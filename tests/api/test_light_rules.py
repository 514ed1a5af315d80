"""Rule sets: shipped and a county's own; which is in force where, from a day on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.light_days import PLAN, clock, light, planned
from tests.world import COUNTY_A, COUNTY_B, World, new_id

YINCHUAN, OUHAI, HAIKOU = (f"0199c1a0-7c00-7000-8000-0000000f000{n}" for n in (1, 2, 3))
STRICT = {
    "region_code": COUNTY_A,
    "code": "strict",
    "label_zh": "从严",
    "description": "低5个点亮黄灯，低20个点亮红灯",
    "practice": "yinchuan",
    "parameters": {"progress_yellow_points": 5, "progress_red_points": 20.5},
}


async def test_three_practices_are_shipped(world: World) -> None:
    viewer = await world.user("viewer")
    shipped = (await viewer.get("/light-rule-sets")).json()["items"]
    assert [(s["id"], s["code"], s["version"], s["region_code"]) for s in shipped] == [
        (YINCHUAN, "yinchuan", 1, None), (OUHAI, "ouhai", 1, None), (HAIKOU, "haikou", 1, None),
    ]  # fmt: skip
    assert shipped[0]["parameters"] == {
        "start_red_months": 3, "progress_yellow_points": 10, "progress_red_points": 30, "enrolment_yellow_months": 1,
        "enrolment_red_months": 2,
    }  # fmt: skip
    assert (await viewer.get(f"/light-rule-sets/{OUHAI}")).json() == shipped[1]
    choices = (await viewer.get("/light-rule-choices", params={"region": COUNTY_A})).json()
    assert choices == {"items": [], "in_force": {"id": YINCHUAN, "code": "yinchuan", "version": 1}}


async def test_the_same_choice_sent_again_is_the_same_choice(world: World) -> None:
    clock(world, "2016-02-29")
    office = await world.user("dispatcher")
    body = {"region_code": COUNTY_A, "rule_set_id": OUHAI}
    first = await office.post("/light-rule-choices", body)
    assert first.status_code == 201
    for again in (body, {**body, "from_day": "2016-02-29"}):
        answer = await office.post("/light-rule-choices", again)
        assert (answer.status_code, answer.json()) == (200, first.json())
    clock(world, "2016-03-01")
    assert (await office.post("/light-rule-choices", body)).json() == first.json(), "it is in force still"
    # Another day, set or reason is another choice.
    for other in ({"from_day": "2016-03-02"}, {"reason": "会议决定"}, {"rule_set_id": HAIKOU}):
        assert (await office.post("/light-rule-choices", {**body, **other})).status_code == 201, other
    assert (await office.post("/light-rule-choices", body)).status_code == 201, "the last one said Haikou"
    listed = (await office.get("/light-rule-choices", params={"region": COUNTY_A})).json()
    assert (len(listed["items"]), listed["in_force"]["code"]) == (5, "ouhai")


async def test_a_county_goes_by_its_own_rules_from_a_day_on(world: World) -> None:
    clock(world, "2016-02-29")
    office, prefecture = await world.user("dispatcher"), await world.user("dispatcher", "9901")
    neighbour = await world.user("dispatcher", COUNTY_B)
    plan = {"category": "continued", "planned_investment": 1000}
    mine, theirs = await planned(office, plan), await planned(neighbour, plan, region_code=COUNTY_B)
    for client, path in ((office, mine), (neighbour, theirs)):
        await client.created(f"{path}/progress-figures", {"as_of": "2016-02-29", "completed": 100})
    made = await office.post("/light-rule-sets", STRICT)
    assert made.status_code == 201, made.text
    own = made.json()
    assert made.headers["location"] == f"/api/v1/light-rule-sets/{own['id']}"
    assert own["parameters"]["progress_red_points"] == 20.5
    assert own["parameters"]["start_red_months"] == 3
    assert [(await light(office, mine))["light"], (await light(neighbour, theirs))["light"]] == ["green", "green"]

    version = (await office.get(mine)).json()["version"]
    chosen = await office.post("/light-rule-choices", {"region_code": COUNTY_A, "rule_set_id": own["id"]})
    assert (chosen.status_code, chosen.json()["from_day"]) == (201, "2016-02-29"), chosen.text
    found = await light(office, mine)
    assert (found["light"], found["rule_set"]) == ("yellow", {"id": own["id"], "code": "strict", "version": 1})
    assert (await office.get(mine)).json()["version"] == version + 1
    assert (await light(neighbour, theirs))["light"] == "green"
    log = (await office.get("/changes", params={"resource": ["light", "light_rule_set", "light_rule_choice"]})).json()
    assert [(c["resource"], c["diff"].get("light")) for c in log["items"]][-3:] == [
        ("light_rule_set", None), ("light_rule_choice", None), ("light", ["green", "yellow"]),
    ]  # fmt: skip

    clock(world, "2016-03-15")
    # The prefecture's choice counts where the county has none; for a day to come nothing changes yet.
    body = {"region_code": "9901", "rule_set_id": HAIKOU, "from_day": "2016-04-01", "reason": "全州统一"}
    assert (await prefecture.post("/light-rule-choices", body)).status_code == 201
    assert [(await light(office, mine))["rule_set"]["code"], (await light(neighbour, theirs))["rule_set"]["code"]] == [
        "strict", "yinchuan",
    ]  # fmt: skip
    clock(world, "2016-04-02")
    found = await light(neighbour, theirs)
    assert (found["rule_set"]["code"], found["light"]) == ("haikou", "red")
    assert found["parts"] == [{"part": "progress", "light": "red", "rule": "behind_in_a_row"}]
    assert (found["facts"]["month"]["end"], found["facts"]["month"]["months_behind"]) == ("2016-03-31", 3)
    assert (await light(office, mine))["rule_set"]["code"] == "strict"
    # What was shown under which rules stays.
    assert (await light(neighbour, theirs, as_of="2016-03-31"))["rule_set"]["code"] == "yinchuan"
    history = (await office.get(f"{mine}/light-history")).json()["items"]
    assert {h["rule_set"]["code"] for h in history} == {"strict"}
    history = (await neighbour.get(f"{theirs}/light-history")).json()["items"]
    assert [h["rule_set"]["code"] for h in history] == ["yinchuan", "yinchuan", "haikou"]
    choices = (await neighbour.get("/light-rule-choices", params={"region": COUNTY_B})).json()
    assert [c["region_code"] for c in choices["items"]] == ["9901"]
    assert choices["in_force"]["code"] == "haikou"
    assert choices["items"][0]["entered_by"]["id"] == str(prefecture.user_id)
    # A project entered under chosen rules goes by them at once.
    fresh = await planned(office, plan, name="新项目")
    assert (await light(office, fresh))["rule_set"]["code"] == "strict"


async def test_a_set_never_changes_it_gets_another_version(world: World) -> None:
    office = await world.user("dispatcher")
    first = await office.created("/light-rule-sets", {**STRICT, "id": str(new_id())})
    again = await office.post("/light-rule-sets", {**STRICT, "id": first["id"]})
    assert (again.status_code, again.json()) == (200, first)
    other = await office.post("/light-rule-sets", {**STRICT, "id": first["id"], "parameters": {}})
    assert (other.status_code, other.json()["fields"]) == (409, ["parameters"])
    second = await office.created("/light-rule-sets", {**STRICT, "parameters": {"start_red_months": 2}})
    assert (second["code"], second["version"]) == ("strict", 2)
    mine = (await office.get("/light-rule-sets", params={"region": "990101001"})).json()["items"]
    assert [(s["code"], s["version"]) for s in mine][3:] == [("strict", 1), ("strict", 2)]
    elsewhere = await world.user("dispatcher", COUNTY_B)
    assert len((await elsewhere.get("/light-rule-sets")).json()["items"]) == 3
    assert (await elsewhere.get(f"/light-rule-sets/{first['id']}")).status_code == 404
    taken = await elsewhere.post("/light-rule-choices", {"region_code": COUNTY_B, "rule_set_id": first["id"]})
    assert [(e["pointer"], e["code"]) for e in taken.json()["errors"]] == [("/rule_set_id", "unknown_reference")]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"practice": "beijing"}, "/practice", "invalid_value"),
        ({"parameters": {"in_a_row": 2}}, "/parameters/in_a_row", "unknown_field"),
        ({"parameters": {"x": 2}}, "/parameters/x", "unknown_field"),
        ({"parameters": {"progress_yellow_points": 31}}, "/parameters/progress_red_points", "out_of_range"),
        ({"parameters": {"progress_yellow_points": -1}}, "/parameters/progress_yellow_points", "out_of_range"),
        ({"parameters": {"progress_red_points": 1e400}}, "/parameters/progress_red_points", "out_of_range"),
        ({"parameters": {"enrolment_red_months": 0}}, "/parameters/enrolment_red_months", "out_of_range"),
        ({"parameters": {"start_red_months": 99999999999999}}, "/parameters/start_red_months", "out_of_range"),
        ({"parameters": {"start_red_months": "__import__('os')"}}, "/parameters/start_red_months", "wrong_type"),
        ({"description": ""}, "/description", "too_short"),
        ({"code": "规则"}, "/code", "invalid_value"),
        ({"region_code": "990199"}, "", "forbidden"),
    ],
)
async def test_wrong_rule_sets_are_refused(world: World, change: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    body = {**STRICT, **change}
    if body["parameters"] == {"progress_red_points": float("inf")}:
        body["parameters"] = {"progress_red_points": 10**300}
    answer = await office.post("/light-rule-sets", body)
    if code == "forbidden":
        assert answer.status_code == 403
        return
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_shipped_codes_are_taken(world: World) -> None:
    office = await world.user("dispatcher")
    answer = await office.post("/light-rule-sets", {**STRICT, "code": "yinchuan"})
    assert (answer.status_code, answer.json()["code"]) == (409, "rule_set_shipped")


async def test_choices_reach_no_past_day_and_no_other_county(world: World) -> None:
    clock(world, "2016-02-29")
    office = await world.user("dispatcher")
    body = {"region_code": COUNTY_A, "rule_set_id": OUHAI}
    past = await office.post("/light-rule-choices", {**body, "from_day": "2016-02-28"})
    assert [(e["pointer"], e["code"]) for e in past.json()["errors"]] == [("/from_day", "in_the_past")]
    assert (await office.post("/light-rule-choices", {**body, "region_code": COUNTY_B})).status_code == 403
    assert (await office.post("/light-rule-choices", {**body, "region_code": "99"})).status_code == 403
    unknown = await office.post("/light-rule-choices", {**body, "rule_set_id": str(new_id())})
    assert [(e["pointer"], e["code"]) for e in unknown.json()["errors"]] == [("/rule_set_id", "unknown_reference")]
    nowhere = await office.post("/light-rule-choices", {**body, "region_code": "990101999"})
    assert [e["pointer"] for e in nowhere.json()["errors"]] == ["/region_code"]
    viewer = await world.user("viewer")
    assert (await viewer.post("/light-rule-choices", body)).status_code == 403
    identity = str(new_id())
    sent = [await office.post("/light-rule-choices", {**body, "id": identity}) for _ in range(2)]
    assert [a.status_code for a in sent] == [201, 200]
    assert sent[0].json() == sent[1].json()
    other = await office.post("/light-rule-choices", {**body, "id": identity, "rule_set_id": HAIKOU})
    assert (other.status_code, other.json()["fields"]) == (409, ["rule_set_id"])
    # The later of two for the same day counts.
    assert (await office.post("/light-rule-choices", {**body, "rule_set_id": HAIKOU})).status_code == 201
    assert (await office.get("/light-rule-choices", params={"region": COUNTY_A})).json()["in_force"]["code"] == "haikou"
    with pytest.raises(Exception, match="never changed"):
        await world.pool.execute("UPDATE light_rule_choices SET from_day = '2016-01-01'")


async def test_ouhai_goes_by_milestones_and_the_monthly_split(world: World) -> None:
    clock(world, "2016-02-01")
    office = await world.user("dispatcher")
    body = {"region_code": COUNTY_A, "rule_set_id": OUHAI}
    assert (await office.post("/light-rule-choices", body)).status_code == 201
    split = [0, 100, *[90] * 10]
    path = await planned(office, {**PLAN, "planned_investment": 1000, "monthly": split})
    project = path.rpartition("/")[2]
    await world.pool.execute(
        "INSERT INTO milestones (id, project_id, name, planned_finish)"
        " VALUES (gen_random_uuid(), $1, '开工', '2016-02-10')",
        project,
    )
    await office.created(f"{path}/progress-figures", {"as_of": "2016-01-31", "completed": 40})
    clock(world, "2016-02-29")
    found = await light(office, path)
    assert {p["part"]: p["rule"] for p in found["parts"]} == {
        "investment": "month_missed", "milestones": "milestone_missed",
    }  # fmt: skip
    month = found["facts"]["month"]
    assert (month["end"], month["planned_by"], month["completed_by"]) == ("2016-02-29", 100, 40)
    assert (month["milestones_due"], month["milestones_open"]) == (1, 1)
    clock(world, "2016-03-05")
    await world.pool.execute("UPDATE milestones SET status = 'done', actual_finish = '2016-03-02'")
    await office.created(f"{path}/progress-figures", {"as_of": "2016-03-05", "completed": 120})
    found = await light(office, path)
    assert (found["light"], {p["part"]: p["rule"] for p in found["parts"]}) == (
        "yellow", {"investment": "month_caught_up", "milestones": "milestone_caught_up"},
    )  # fmt: skip
    assert found["facts"]["month"]["milestones_caught_up"] == 1
