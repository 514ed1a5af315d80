"""What was entered for assessments, and how reports stood: for whom it counts, and how much."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.assessments import NINGXIANG_2, SIMPLE, YANAN, county, run, scheme, scores
from tests.reports import site
from tests.world import COUNTY_A, World


async def test_entered_facts_count_until_they_are_taken_back(world: World) -> None:
    office, one, two = await county(world)
    draft = await run(office, await scheme(office))
    fact = {"region_code": COUNTY_A, "kind": "criticism", "happened_on": "2016-05-01", "document": "通报1号"}
    entered = await office.created("/assessment-facts", {**fact, "department_id": one})
    await office.created("/assessment-facts", {**fact, "department_id": two, "happened_on": "2015-12-31"})

    async def again() -> dict[str, tuple[float, int]]:
        answer = await office.post(f"{draft.path}/recomputation", headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        return scores(await draft.ranking())

    assert scores(await draft.ranking())[one] == (13, 2)
    assert await again() == {one: (11, 2), two: (602, 1)}
    path = f"/assessment-facts/{entered['id']}"
    back = await office.created(f"{path}/retraction", {"document": "通报2号"})
    assert (back["retracts_id"], (await office.get(path)).json()["retracted"]) == (entered["id"], True)
    assert (await again())[one] == (13, 2)
    for address in (path, f"/assessment-facts/{back['id']}"):
        refused = await office.post(f"{address}/retraction", {"document": "通报3号"})
        assert (refused.status_code, refused.json()["code"]) == (409, "fact_retracted")
    listed = (await office.get("/assessment-facts", params={"year": 2016, "department_id": one})).json()["items"]
    assert len(listed) == 2


async def test_at_most_so_many_a_year_whatever_the_period(world: World) -> None:
    office, one, two = await county(world)
    fact = {"region_code": COUNTY_A, "kind": "collective_start", "document": "通知", "department_id": one}
    for day in ("2015-12-31", "2016-01-05", "2016-02-05", "2016-03-05", "2016-04-05", "2016-05-05", "2016-07-05"):
        await office.created("/assessment-facts", {**fact, "happened_on": day})
    await office.created("/assessment-facts", {**fact, "department_id": two, "happened_on": "2016-05-05"})
    points = []
    for number in (1, 2, 3):
        draft = await run(office, YANAN, period={"kind": "quarter", "year": 2016, "number": number})
        told = (await office.get(f"{draft.path}/explain", params={"subject": one})).json()
        [item] = [i for i in told["items"] if i["code"] == "collective_start"]
        points.append((item["points"], item["facts"], [line["facts"]["counted"] for line in item["lines"]]))
    assert points == [
        (90, {"entries": 3, "earlier": 0}, [True] * 3),
        (30, {"entries": 2, "earlier": 3}, [True, False]),
        (0, {"entries": 1, "earlier": 5}, [False]),
    ]
    whole = await run(office, YANAN)
    told = (await office.get(f"{whole.path}/explain", params={"subject": one})).json()
    assert [i["points"] for i in told["items"] if i["code"] == "collective_start"] == [120]


async def test_facts_about_a_project_count_for_whoever_answers_for_it(world: World) -> None:
    office, one, two = await county(world)
    project = (await office.get("/projects", params={"q": "转"})).json()["items"][0]["id"]
    fact = {"region_code": COUNTY_A, "kind": "provincial_assessment", "happened_on": "2016-05-01", "document": "文"}
    await office.created("/assessment-facts", {**fact, "project_id": project})
    where = {"entered": ["provincial_assessment"]}
    items = [{"code": "p", "name": "省级", "function": "count", "where": where, "points": 366}]
    draft = await run(office, await scheme(office, {"items": items}))
    assert scores(await draft.ranking()) == {one: (182, 2), two: (184, 1)}


async def test_an_event_about_a_project_counts_for_whoever_answered_for_it_that_day(world: World) -> None:
    office, one, two = await county(world)
    project = (await office.get("/projects", params={"q": "转"})).json()["items"][0]["id"]
    leader = await world.leader()
    await office.created(f"/projects/{project}/assignments",
                         {"role": "sponsor", "leader_id": leader, "valid_from": "2016-01-01"})  # fmt: skip
    fact = {"region_code": COUNTY_A, "kind": "criticism", "document": "通报", "project_id": project}
    for day in ("2015-12-30", "2016-06-30", "2016-07-01", "2016-12-31"):
        await office.created("/assessment-facts", {**fact, "happened_on": day})
    own = await scheme(office)
    told = scores(await (await run(office, own)).ranking())
    assert told == {one: (11, 2), two: (598, 1)}  # 13 and 602 less one and two criticisms
    draft = await run(office, own, subject_kind="leader")
    explained = (await office.get(f"{draft.path}/explain", params={"subject": leader})).json()["items"][1]
    assert [line["label"] for line in explained["lines"]] == [
        f"2016-{day} 通报（转）" for day in ("06-30", "07-01", "12-31")
    ]
    assert {line["facts"]["project_id"] for line in explained["lines"]} == {project}
    # Of two responsible at once each has it, or a half where all share; and one who is named has it alone.
    await office.created(f"/projects/{project}/assignments",
                         {"role": "responsible", "department_id": one, "valid_from": "2016-10-01"})  # fmt: skip
    for joint, points in (("full", [-4, -4]), ("equal", [-3, -3])):
        draft = await run(office, await scheme(office, {**SIMPLE, "joint": joint}))
        found = [(await office.get(f"{draft.path}/explain", params={"subject": s})).json() for s in (one, two)]
        assert [f["items"][1]["points"] for f in found] == points
    await office.created("/assessment-facts", {**fact, "happened_on": "2016-12-31", "department_id": two})
    draft = await run(office, await scheme(office, {**SIMPLE, "joint": "equal"}))
    found = [(await office.get(f"{draft.path}/explain", params={"subject": s})).json() for s in (one, two)]
    assert [f["items"][1]["points"] for f in found] == [-3, -5]


async def test_late_and_missing_reports_are_counted_as_the_reporting_statistics_count_them(world: World) -> None:
    here = await site(world)
    office = here.office
    await here.put()  # in time for the week of 16 May
    world.app.state.clock = lambda: datetime(2016, 5, 30, 4, tzinfo=UTC)
    await here.put(week="2016-05-23", as_of="2016-05-27", completed=1300)  # late
    successor = await world.department(name="接手部门")
    [held_by] = [a for a in (await office.get(f"/projects/{here.project_id}/assignments")).json()["items"]
                 if a["role"] == "responsible"]  # fmt: skip
    ended = await office.patch(f"/assignments/{held_by['id']}", {"valid_to": "2016-06-03"}, '"1"')
    assert ended.status_code == 200, ended.text
    await office.created(f"/projects/{here.project_id}/assignments",
                         {"role": "responsible", "department_id": successor, "valid_from": "2016-06-03"})  # fmt: skip
    world.app.state.clock = lambda: datetime(2016, 7, 1, 4, tzinfo=UTC)
    items = [
        {"code": "late", "name": "迟报", "function": "reports", "states": ["late"], "points": -0.5},
        {"code": "missing", "name": "漏报", "function": "reports", "states": ["missing"], "points": -1, "at_least": -3},
        {
            "code": "rate",
            "name": "及时率",
            "function": "reports",
            "states": ["on_time"],
            "using": "share",
            "points": 10,
        },
    ]
    own = await scheme(office, {"items": items})
    told = {}
    for month, subject in ((5, here.department), (6, successor), (6, here.department)):
        period = {"kind": "month", "year": 2016, "number": month}
        groups = [{"code": "g", "name": "组", "subject_ids": [subject]}]
        draft = await run(office, own, period=period, groups=groups)
        explained = (await office.get(f"{draft.path}/explain", params={"subject": subject})).json()
        told[month, subject] = [(i["points"], i["facts"]) for i in explained["items"]]
    params = {"group_by": "department", "week_from": "2016-05-02", "week_to": "2016-05-23"}
    [group] = (await office.get("/statistics/reporting", params=params)).json()["groups"]
    may = {name: group[name] for name in ("on_time", "late", "missing")} | {"due": group["expected"]}
    assert may == {"on_time": 1, "late": 1, "missing": 2, "due": 4}
    assert told[5, here.department] == [(-0.5, may), (-2, may), (2.5, may)]
    # Due on 3, 8 (before the holiday of the 9th), 17 and 24 June: all missing, the successor's from the 3rd on.
    june = {"on_time": 0, "late": 0, "missing": 4, "due": 4}
    assert told[6, successor] == [(0, june), (-3, june), (0, june)]
    assert told[6, here.department] == [(0, {**june, "missing": 0, "due": 0})] * 3
    draft = await run(office, NINGXIANG_2, period={"kind": "month", "year": 2016, "number": 6})
    explained = (await office.get(f"{draft.path}/explain", params={"subject": successor})).json()
    assert [i["points"] for i in explained["items"] if i["function"] == "reports"] == [0, -4]
    assert explained["items"][-1]["lines"][0]["label"] == "测试项目"
