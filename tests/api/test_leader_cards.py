"""The leader's card: dated sponsorship and supervision, hearings, and the three marks with their facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.leader_cards import assign, card, project, supervise
from tests.light_days import clock
from tests.ratings import Rating, opened
from tests.reports import site
from tests.world import COUNTY_A, COUNTY_B, Client, World

CRITICISM = {"items": [{"code": "c", "name": "批评", "function": "entered", "kinds": ["criticism"], "points": -2}]}


@pytest.fixture
async def office(world: World) -> Client:
    """On New Year's Day of 2016, when projects are entered; tests go on in 2017."""
    clock(world, "2016-01-01")
    return await world.user("dispatcher")


async def test_a_project_handed_over_is_each_leaders_up_to_his_last_day(world: World, office: Client) -> None:
    wang, li = await world.leader(), await world.leader(name="李四")
    handed = await project(office, "移交", {})
    clock(world, "2017-01-10")
    for day, amount in (("2016-06-30", 300), ("2016-12-31", 1200)):
        await office.created(f"/projects/{handed}/progress-figures", {"as_of": day, "year": 2016, "completed": amount})
    await assign(office, handed, "2016-01-01", "2016-07-01", leader_id=wang)
    await assign(office, handed, "2016-07-01", leader_id=li)
    [first] = (await card(office, wang))["projects"]
    [second] = (await card(office, li))["projects"]
    assert first["days"] == [{"first_day": "2016-01-01", "last_day": "2016-06-30"}]
    assert (first["share_percent"], second["share_percent"]) == (49.73, 50.27)  # 182 and 184 of 366 days
    assert (first["judged_on"], second["judged_on"]) == ("2016-06-30", "2016-12-31")
    assert (first["completion_rate"], first["time_progress"], first["gap_points"]) == (25, 50, -25)
    assert (second["completion_rate"], second["time_progress"], second["gap_points"]) == (100, 100, 0)
    assert (first["gap_points_before"], second["gap_points_before"]) == (None, -25)
    # Months of half a year each, and a quarter after the transfer knows nothing of it for the first.
    assert ([m["month"][5:] for m in first["months"]], len(second["months"])) == (
        ["01", "02", "03", "04", "05", "06"],
        6,
    )
    third = await card(office, wang, year=2016, quarter=3)
    assert (third["projects"], third["sponsored"]["count"]) == ([], 0)
    [whole] = (await card(office, li, **{"from": "2016-07-01", "to": "2016-09-30"}))["projects"]
    assert (whole["share_percent"], whole["completed"], whole["gap_points"]) == (100, 300, -50)


async def test_by_light_and_stage_and_the_sum_as_the_statistics_tell_it(world: World, office: Client) -> None:
    wang = await world.leader()
    for name, stage, plan, done in (("一", "started", 1200, 700), ("二", "landed", 600, 0), ("三", "started", None, 5)):
        one = await project(office, name, {}, plan, stage=stage)
        await assign(office, one, leader_id=wang)
        clock(world, "2016-03-31")
        await office.created(f"/projects/{one}/progress-figures", {"as_of": "2016-03-31", "completed": done})
        clock(world, "2016-01-01")
    clock(world, "2017-01-10")
    params = {"year": 2016, "quarter": 1}
    told = (await card(office, wang, **params))["sponsored"]
    statistics = await office.get("/statistics/projects", params={"group_by": "leader", "as_of": "2016-03-31"})
    [group] = statistics.json()["groups"]
    names = ("count", "annual_plan", "completed", "completion_rate", "time_progress", "gap_points")
    assert [told[name] for name in names] == [group[name] for name in names]
    assert told["by_light"] == group["lights"]
    assert sum(told["by_light"].values()) == 3
    assert told["by_stage"] == [{"stage": "landed", "count": 1}, {"stage": "started", "count": 2}]


async def test_who_has_not_heard_which_project_this_month(world: World, office: Client) -> None:
    wang, li = await world.leader(), await world.leader(name="李四")
    ids = [await project(office, name, {}) for name in ("听过", "没听", "中旬接手", "下旬接手", "终止")]
    since = ["2016-01-01", "2016-01-01", "2016-03-16", "2016-03-20", "2016-01-01"]
    for one, day in zip(ids, since, strict=True):
        await assign(office, one, day, leader_id=wang)
    clock(world, "2016-03-25")
    body = {"kind": "watch", "finding": "现场察看"}
    for one, leader, day in (
        (ids[0], wang, "2016-01-31"), (ids[0], wang, "2016-03-02"), (ids[0], wang, "2016-03-20"),
        (ids[1], wang, "2016-02-29"), (ids[1], li, "2016-03-03"),
    ):  # fmt: skip
        await office.created("/visits", {**body, "project_id": one, "leader_id": leader, "happened_on": day})
    gone = {"to_stage": "terminated", "reason": "企业退出", "happened_on": "2016-02-10"}
    await office.created(f"/projects/{ids[4]}/stage-transitions", gone)
    told = await card(office, wang)
    assert told["period"] == {"starts_on": "2016-01-01", "ends_on": "2016-12-31", "through": "2016-03-25"}
    assert told["sponsored"]["month"] == "2016-03"
    assert {p["name"]: p["last_heard_on"] for p in told["sponsored"]["not_heard"]} == {
        "没听": "2016-02-29",  # another leader's visit is not his
        "中旬接手": None,  # from the 16th on: 16 of 31 days
    }
    months = {p["name"]: [(m["month"][5:], m["visits"], m["heard"]) for m in p["months"]] for p in told["projects"]}
    assert months["听过"] == [("01", 1, True), ("02", 0, False), ("03", 2, True)]
    assert months["下旬接手"] == []
    assert [m[0] for m in months["终止"]] == ["01", "02"]
    # 听过 02, 没听 01 and 03, 中旬接手 03, 终止 01 and 02.
    assert told["sponsored"]["missed_hearings"] == 6
    assert (await card(office, wang, year=2016, month=2))["sponsored"]["not_heard"][0]["name"] == "听过"


async def test_reports_due_are_each_leaders_on_whose_day_they_were(world: World) -> None:
    here = await site(world)
    office, wang, li = here.office, await world.leader(), await world.leader(name="李四")
    await supervise(office, wang, here.department, "2016-01-01", "2016-05-21")
    await supervise(office, li, here.department, "2016-05-21")
    await assign(office, here.project_id, "2016-01-01", "2016-05-27", leader_id=wang)
    await assign(office, here.project_id, "2016-05-27", leader_id=li)
    await here.put()
    clock(world, "2016-05-30")
    await here.put(week="2016-05-23", as_of="2016-05-27", completed=1300)
    whole = {"from": "2016-05-01", "to": "2016-06-30"}
    # Due on 6, 13, 20 and 27 May; from noon of the last on the second sponsor answers.
    told = {leader: await card(office, leader, **whole) for leader in (wang, li)}
    sponsored = {leader: one["sponsored"] for leader, one in told.items()}
    assert sponsored[wang]["reports"] == {"due": 3, "on_time": 1, "late": 0, "missing": 2}
    assert sponsored[li]["reports"] == {"due": 1, "on_time": 0, "late": 1, "missing": 0}
    assert [one["projects"][0]["reports"] for one in told.values()] == [s["reports"] for s in sponsored.values()]
    supervised = [one["departments"][0]["reports"] for one in told.values()]
    assert supervised == [
        {"due": 3, "on_time": 1, "late": 0, "missing": 2}, {"due": 1, "on_time": 0, "late": 1, "missing": 0},
    ]  # fmt: skip
    silent = {"project_id": here.project_id, "name": "测试项目", "missing": 2}
    assert (sponsored[wang]["not_reported"], sponsored[li]["not_reported"]) == ([silent], [])
    params = {"group_by": "week", "week_from": "2016-05-02", "week_to": "2016-05-23"}
    total = (await office.get("/statistics/reporting", params=params)).json()["total"]
    for name in ("on_time", "late", "missing"):
        assert sum(one["reports"][name] for one in sponsored.values()) == total[name]
    # A poll learns of what is missing in the very minute it was due.
    world.app.state.clock = lambda: datetime(2016, 6, 3, 10, tzinfo=UTC)
    before = await office.get("/leader-cards", params={"year": 2016})
    world.app.state.clock = lambda: datetime(2016, 6, 3, 10, 0, 1, tzinfo=UTC)
    known = {"If-None-Match": before.headers["etag"]}
    after = await office.get("/leader-cards", params={"year": 2016}, headers=known)
    assert after.status_code == 200
    counts = [[i["sponsored"]["reports"]["missing"] for i in a.json()["items"]] for a in (before, after)]
    assert [sum(one) for one in counts] == [sum(counts[0]), sum(counts[0]) + 1]


async def test_a_department_lags_as_the_statistics_tell_and_counts_by_days(world: World, office: Client) -> None:
    wang, li = await world.leader(), await world.leader(name="李四")
    behind, ahead = await world.department(name="住建局"), await world.department(name="交通局")
    for department, name, done in ((behind, "慢", {"2016-06-30": 200.0, "2016-12-31": 1000.0}),
                                   (ahead, "快", {"2016-06-30": 700.0, "2016-12-31": 1300.0})):  # fmt: skip
        clock(world, "2016-01-01")
        one = await project(office, name, {})
        await assign(office, one, department_id=department)
        clock(world, "2017-01-10")
        for day, amount in done.items():
            await office.created(f"/projects/{one}/progress-figures", {"as_of": day, "year": 2016, "completed": amount})
    for department in (behind, ahead):
        await supervise(office, wang, department, "2015-01-01", "2016-07-01")
        await supervise(office, li, department, "2016-07-01")
    total = 0.0
    for leader, day, before in ((wang, "2016-06-30", None), (li, "2016-12-31", -33.33)):
        told = await card(office, leader)
        mark = told["marks"]["lagging"]
        assert mark["departments"] == 1
        total += mark["by_days"]
        [fact] = mark["facts"]
        assert (fact["name"], fact["judged_on"], fact["gap_points_before"]) == ("住建局", day, before)
        params = {"group_by": "department", "as_of": day}
        groups = (await office.get("/statistics/projects", params=params)).json()["groups"]
        names = ("annual_plan", "completed", "completion_rate", "time_progress", "gap_points")
        for one in told["departments"]:
            [group] = [g for g in groups if g["key"] == one["department_id"]]
            assert [one[name] for name in names] == [group[name] for name in names]
        assert {d["name"]: d["lags"] for d in told["departments"]} == {"住建局": True, "交通局": False}
    assert total == 1


async def _rated(world: World, year: int, *options: str, departments: list[str] | None = None) -> Rating:
    """A published rating of which every ballot gives the n-th department the n-th option."""
    fields: dict[str, Any] = {"year": year, "name": f"{year}年评议"}
    if departments is not None:
        fields["groups"] = [{"code": "all", "name": "全部", "department_ids": departments}]
    rating = await opened(world, departments=3 if departments is None else 0, **fields)
    rating.departments = departments or rating.departments
    for codes in rating.codes.values():
        for code in codes[:6]:
            answer = await rating.cast(code, rating.alike(*options))
            assert answer.status_code == 201, answer.text
    await rating.close()
    await rating.publish()
    return rating


async def test_worst_rated_and_fallen_with_every_fact(world: World) -> None:
    before = await _rated(world, 2015, "satisfied", "fairly", "dissatisfied")
    one, two, three = before.departments
    now = await _rated(world, 2016, "dissatisfied", "fairly", "satisfied", departments=[one, two, three])
    wang, li, zhao = [await world.leader(name=name) for name in ("王建国", "李四", "赵六")]
    office = await world.user("dispatcher")
    await supervise(office, wang, one, "2015-06-01", "2016-07-01")
    await supervise(office, li, one, "2016-07-01")
    await supervise(office, wang, two, "2016-01-01")  # neither worst nor moved
    await supervise(office, li, three, "2016-01-01")
    await supervise(office, zhao, one, "2015-01-01", "2016-01-01")
    first, second = (await card(office, wang))["marks"], (await card(office, li))["marks"]
    for name in ("worst_rated", "fell_in_rank"):
        assert [mark[name]["departments"] for mark in (first, second)] == [1, 1]
        assert [mark[name]["by_days"] for mark in (first, second)] == [0.5, 0.5]
    [fact] = first["worst_rated"]["facts"]
    assert fact == {
        "source": "rating", "id": now.id, "name": "2016年评议", "starts_on": "2016-01-01", "ends_on": "2016-12-31",
        "group": "全部", "rank": 3, "ranked_among": 3, "score": 0, "previous_rank": 1, "movement": -2,
        "consequences": ["award_eligibility_lost"], "department_id": one, "department_name": fact["department_name"],
        "days": [{"first_day": "2016-01-01", "last_day": "2016-06-30"}], "share_percent": 49.73,
    }  # fmt: skip
    # In the third quarter it was the second leader's alone; the year before it was neither worst nor had it fallen.
    assert (await card(office, wang, year=2016, quarter=3))["marks"]["worst_rated"]["departments"] == 0
    assert (await card(office, li, year=2016, quarter=3))["marks"]["worst_rated"]["by_days"] == 0.5
    assert (await card(office, zhao, year=2015))["marks"]["worst_rated"]["departments"] == 0
    assert (await card(office, zhao))["departments"] == []


async def test_fallen_in_a_published_assessment_and_the_leaders_own_rank(world: World) -> None:
    office = await world.user("dispatcher")
    one, two = await world.department(name="住建局"), await world.department(name="交通局")
    wang, li = await world.leader(), await world.leader(name="李四")
    await supervise(office, wang, one, "2016-02-01")
    scheme = {"region_code": COUNTY_A, "code": "own", "label_zh": "办法", "definition": CRITICISM}
    scheme_id = (await office.created("/assessment-schemes", scheme))["id"]
    fact = {"region_code": COUNTY_A, "kind": "criticism", "document": "通报"}
    for day, who in (
        ("2016-01-10", {"department_id": two}),
        ("2016-02-10", {"department_id": one}),
        ("2016-02-10", {"leader_id": li}),
    ):
        await office.created("/assessment-facts", {**fact, "happened_on": day, **who})

    async def publish(kind: str, month: int, *subjects: str, status: str = "published") -> str:
        made = await office.created(
            "/assessments",
            {
                "region_code": COUNTY_A, "scheme_id": scheme_id, "subject_kind": kind,
                "period": {"kind": "month", "year": 2016, "number": month},
                "groups": [{"code": "g", "name": "组", "subject_ids": list(subjects)}],
            },
        )  # fmt: skip
        if status == "published":
            answer = await office.post(f"/assessments/{made['id']}/publication", headers={"If-Match": "*"})
            assert answer.status_code == 200, answer.text
        return str(made["id"])

    await publish("bureau", 1, one, two)
    await publish("bureau", 2, one, two, status="draft")
    assert (await card(office, wang))["marks"]["fell_in_rank"]["facts"] == []
    second = await publish("bureau", 2, one, two)
    own = await publish("leader", 2, wang, li)
    told = await card(office, wang)
    [fell] = told["marks"]["fell_in_rank"]["facts"]
    assert (fell["source"], fell["id"], fell["rank"], fell["previous_rank"], fell["movement"]) == (
        "assessment", second, 2, 1, -1,
    )  # fmt: skip
    # All of the month the result is of.
    assert (fell["share_percent"], fell["starts_on"], fell["ends_on"]) == (100, "2016-02-01", "2016-02-29")
    [mine] = told["rankings"]
    assert (mine["id"], mine["rank"], mine["ranked_among"], mine["score"]) == (own, 1, 2, 0)
    later = await card(office, wang, year=2016, month=3)
    assert (later["marks"]["fell_in_rank"]["departments"], later["rankings"]) == (0, [])


async def test_who_may_see_a_card(world: World, office: Client) -> None:
    wang = await world.leader()
    await assign(office, await project(office, "甲", {}), leader_id=wang)
    clock(world, "2017-01-10")
    for role, status in (("leader", 200), ("viewer", 200), ("rater", 403), ("system_admin", 403)):
        reader = await world.user(role)
        assert (await reader.get(f"/leaders/{wang}/card", params={"year": 2016})).status_code == status
    department = await world.user("department", department_id=await world.department())
    assert (await department.get("/leader-cards")).status_code == 403
    elsewhere = await world.user("viewer", COUNTY_B)
    assert (await elsewhere.get(f"/leaders/{wang}/card")).status_code == 404
    assert (await elsewhere.get("/leader-cards", params={"year": 2016, "region": COUNTY_A})).json()["items"] == []


async def test_the_days_asked_for(world: World, office: Client) -> None:
    wang = await world.leader()
    clock(world, "2016-05-20")
    for params, period in (
        ({}, ("2016-01-01", "2016-12-31", "2016-05-20")),
        ({"quarter": 1}, ("2016-01-01", "2016-03-31", "2016-03-31")),
        ({"year": 2015, "month": 2}, ("2015-02-01", "2015-02-28", "2015-02-28")),
        ({"from": "2016-02-10"}, ("2016-02-10", "2016-12-31", "2016-05-20")),
        ({"to": "2015-03-05"}, ("2015-01-01", "2015-03-05", "2015-03-05")),
    ):
        answer = await office.get(f"/leaders/{wang}/card", params=params)
        assert tuple(answer.json()["period"].values()) == period
    for wrong, pointer, code in (
        ({"from": "2016-01-01", "year": "2016"}, "from", "invalid_value"),
        ({"quarter": "1", "month": "2"}, "month", "invalid_value"),
        ({"from": "2016-02-02", "to": "2016-02-01"}, "to", "dates_out_of_order"),
        ({"from": "2015-02-02", "to": "2016-02-01"}, "to", "invalid_value"),
        ({"from": "2016-05-21"}, "from", "in_the_future"),
        ({"year": "2017"}, "year", "in_the_future"),
        ({"month": "6"}, "year", "in_the_future"),
        ({"month": "13"}, "month", "out_of_range"),
        ({"since": "2016-01-01"}, "since", "unknown_parameter"),
    ):
        for path in (f"/leaders/{wang}/card", "/leader-cards", f"/leaders/{wang}/card.docx"):
            refused = await office.get(path, params=wrong)
            assert refused.status_code == 422, refused.text
            assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]
