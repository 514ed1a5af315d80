"""What looks odd in reports: raised whatever comes first, withdrawn when it holds no longer, dismissed for a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from tests.accounts import log_of
from tests.parallel import all_before_commit
from tests.photo_files import NINGXIA, Phone, exif, saved, scene
from tests.reports import FRIDAY, Site, site
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

NEXT_WEEK: dict[str, Any] = {"week": "2016-05-23", "as_of": "2016-05-27"}
SITE = {"longitude": 106.275, "latitude": 38.47}
"""Where NINGXIA is."""
PLAIN: dict[str, Any] = {"milestones_done": [], "problems": [], "physical_percent": None}


async def _flags(client: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/report-flags", params={"sort": "raised_at", **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]  # JSON


async def _kinds(client: Client, **params: Any) -> list[tuple[str, str]]:
    return sorted((flag["kind"], flag["state"]) for flag in await _flags(client, **params))


async def _change(here: Site, report: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = await here.reporter.patch(f"/reports/{report['id']}", said, "*")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


@pytest.fixture
async def here(world: World) -> Site:
    return await site(world, on=FRIDAY + timedelta(days=7))


@pytest.fixture
async def phone(here: Site) -> Phone:
    return Phone(here.reporter)


async def test_a_figure_falls_within_the_day(world: World, here: Site) -> None:
    first = await here.put(**PLAIN, completed=300)
    lower = await here.put(**PLAIN, completed=1)
    [flag] = await _flags(here.office, open=True)
    assert (flag["report_id"], flag["facts"]["before"]) == (
        lower["id"], {"as_of": "2016-05-20", "completed": 300, "report_id": first["id"]},
    )  # fmt: skip
    await here.review(first)
    await here.review(lower)
    assert [flag["report_id"] for flag in await _flags(here.office, open=True)] == [lower["id"]]
    # What corrects a report says less on purpose; what comes then is compared with that.
    mended = await here.put(**PLAIN, completed=0.5, corrects=lower["id"])
    after = await here.put(**PLAIN, completed=0.75)
    assert [flag["report_id"] for flag in await _flags(here.office, open=True)] == [lower["id"]]
    await _change(here, after, completed=0.25)
    assert {flag["report_id"] for flag in await _flags(here.office, open=True)} == {lower["id"], after["id"]}
    await _change(here, mended, completed=0.125)
    assert {flag["report_id"] for flag in await _flags(here.office, open=True)} == {lower["id"]}


async def test_a_figure_entered_that_day_counts_from_then_on(world: World, here: Site) -> None:
    address = f"/projects/{here.project_id}/progress-figures"
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=1)
    await here.put(**PLAIN, completed=499)
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=2)
    await here.office.created(address, {"as_of": "2016-05-20", "completed": 500})
    world.app.state.clock = lambda: FRIDAY + timedelta(hours=3)
    later = await here.put(**PLAIN, completed=499)
    [flag] = await _flags(here.office, open=True)
    before = {"as_of": "2016-05-20", "completed": 500, "report_id": None}
    assert (flag["report_id"], flag["facts"]["before"]) == (later["id"], before)


async def test_a_cumulative_figure_falls(here: Site) -> None:
    first = await here.put(**PLAIN, completed=300)
    assert (await here.office.get(f"/reports/{first['id']}")).json()["open_flags"] == 0
    second = await here.put(**PLAIN, **NEXT_WEEK, completed=250.5)
    assert (second["status"], second["open_flags"]) == ("submitted", None)
    [flag] = await _flags(here.office)
    assert (flag["kind"], flag["state"], flag["report_id"], flag["project_id"]) == (
        "cumulative_falls", "open", second["id"], here.project_id,
    )  # fmt: skip
    assert flag["facts"] == {
        "as_of": "2016-05-27",
        "completed": 250.5,
        "before": {"as_of": "2016-05-20", "completed": 300, "report_id": first["id"]},
        "fell_by": 49.5,
    }
    # Accepted, the first says the same: nothing new. Mended, the flag is withdrawn and stays in the history.
    await here.review(first)
    assert await _flags(here.office) == [flag]
    await _change(here, second, completed=300)
    [withdrawn] = await _flags(here.office, open=False)
    assert (withdrawn["state"], withdrawn["facts"], withdrawn["version"]) == ("withdrawn", flag["facts"], 2)
    assert await _flags(here.office, open=True) == []
    await _change(here, second, completed=299.9999)
    assert await _kinds(here.office) == [("cumulative_falls", "open"), ("cumulative_falls", "withdrawn")]
    assert (await here.review(second))["status"] == "accepted", "a flag blocks nothing"


async def test_a_fall_is_seen_whichever_report_comes_first(here: Site) -> None:
    later = await here.put(**PLAIN, **NEXT_WEEK, completed=250)
    earlier = await here.put(**PLAIN, completed=300)
    [flag] = await _flags(here.office)
    assert (flag["report_id"], flag["facts"]["before"]["report_id"]) == (later["id"], earlier["id"])
    # The earlier one turns out to be wrong: it is no longer what the later one is compared with.
    await here.review(earlier, "returned", "数据有误")
    assert await _kinds(here.office) == [("cumulative_falls", "withdrawn")]
    await _change(here, earlier, completed=251)
    assert await _kinds(here.office, open=True) == [("cumulative_falls", "open")]
    await _change(here, earlier, completed=250)
    assert await _kinds(here.office, open=True) == []


async def test_a_new_year_begins_at_nothing(world: World) -> None:
    here = await site(world, on=FRIDAY.replace(year=2017, month=1, day=6))
    await here.put(**PLAIN, week="2016-12-26", as_of="2016-12-31", completed=300)
    await here.put(**PLAIN, week="2016-12-26", as_of="2017-01-01", completed=5)
    assert await _flags(here.office) == []


async def test_a_figure_of_the_office_counts_too(here: Site) -> None:
    report = await here.put(**PLAIN, completed=300)
    figure = await here.office.created(
        f"/projects/{here.project_id}/progress-figures", {"as_of": "2016-04-30", "completed": 300.5}
    )
    [flag] = await _flags(here.office)
    assert (flag["report_id"], flag["facts"]["fell_by"]) == (report["id"], 0.5)
    assert flag["facts"]["before"] == {"as_of": "2016-04-30", "completed": 300.5, "report_id": None}
    await here.office.created(
        f"/projects/{here.project_id}/progress-figures", {"as_of": figure["as_of"], "completed": 300}
    )
    assert await _kinds(here.office) == [("cumulative_falls", "withdrawn")]


async def test_investment_leads_physical_progress(here: Site) -> None:
    project = f"/projects/{here.project_id}"
    plan = {"category": "continued", "planned_investment": 1000}
    assert (await here.office.put(f"{project}/annual-plans/2016", plan)).status_code == 201
    await here.put(completed=449.9999, physical_percent=30)
    assert await _flags(here.office) == []
    report = await here.put(**NEXT_WEEK, completed=450, physical_percent=30)
    [flag] = await _flags(here.office)
    assert (flag["report_id"], flag["kind"]) == (report["id"], "investment_leads_progress")
    assert flag["facts"] == {
        "as_of": "2016-05-27", "basis": "annual_plan", "invested": 450, "whole": 1000, "invested_percent": 45,
        "physical_percent": 30, "lead_points": 15, "limit_points": 15,
    }  # fmt: skip
    # With a total investment, money of all years is compared with it.
    await here.office.created(f"{project}/progress-figures", {"as_of": "2015-12-31", "completed": 550})
    assert (await here.office.patch(project, {"total_investment": 2000}, "*")).status_code == 200
    facts = [each["facts"] for each in await _flags(here.office, open=True)]
    assert sorted((each["basis"], each["invested"], each["lead_points"]) for each in facts) == [
        ("total_investment", 999.9999, 20),
        ("total_investment", 1000, 20),
    ]
    assert (await here.office.patch(project, {"total_investment": 20000}, "*")).status_code == 200
    assert await _flags(here.office, open=True) == []


async def test_the_statistics_bureau_says_otherwise(here: Site) -> None:
    report = await here.review(await here.put(**PLAIN, **NEXT_WEEK, completed=105))
    await here.put(**PLAIN, completed=104)
    address = f"/projects/{here.project_id}/statistics-figures"
    said = {"year": 2016, "month": 5, "completed": 100, "note": "月报表"}
    await here.office.created(address, said)
    assert await _flags(here.office) == []
    again = await here.office.post(address, said)
    assert again.status_code == 200, again.text
    corrected = await here.office.created(address, {**said, "completed": 99})
    [flag] = await _flags(here.office)
    assert (flag["report_id"], flag["kind"]) == (report["id"], "differs_from_statistics")
    assert flag["facts"] == {
        "as_of": "2016-05-27", "completed": 105, "difference": 6, "difference_percent": 6.06, "limit_percent": 5,
        "statistics": {"id": corrected["id"], "year": 2016, "month": 5, "completed": 99},
    }  # fmt: skip
    await here.office.created(address, said)
    assert await _kinds(here.office) == [("differs_from_statistics", "withdrawn")]
    listed = (await here.reporter.get(address)).json()["items"]
    assert [each["completed"] for each in listed] == [100, 99, 100]
    assert (await here.office.get(f"/statistics-figures/{corrected['id']}")).json() == corrected
    assert (await here.office.post(address, {**said, "month": 6})).status_code == 422
    assert (await here.reporter.post(address, said)).status_code == 403


async def _photo(phone: Phone, image: Image.Image | bytes, photo_id: str | None = None, **options: Any) -> str:
    return await phone.sent(image if isinstance(image, bytes) else saved(image, **options), photo_id)


@pytest.mark.parametrize("first", ["report", "bytes"])
@pytest.mark.parametrize("alike", [False, True])
async def test_a_photo_was_used_before(world: World, here: Site, phone: Phone, first: str, alike: bool) -> None:
    there = await site(world, on=FRIDAY + timedelta(days=7), name="另一项目")
    image = scene(800, 600)
    before, after = str(new_id()), str(new_id())
    now = saved(image.resize((400, 300)), quality=60) if alike else saved(image)
    if first == "bytes":
        await _photo(phone, now, after)
        await _photo(Phone(there.reporter), image, before)
    older = await there.put(**PLAIN, photos=[{"id": before}])
    newer = await here.put(**PLAIN, photos=[{"id": after}, {"id": str(new_id())}])
    if first == "report":
        # The newer one's bytes arrive first.
        await _photo(phone, now, after)
        assert await _flags(here.office) == []
        await _photo(Phone(there.reporter), image, before)
    [flag] = await _flags(here.office)
    assert (flag["kind"], flag["report_id"], flag["photo_id"]) == ("photo_used_before", newer["id"], after)
    facts = flag["facts"]
    assert (facts["exact"], facts["limit_bits"]) == (not alike, 4)
    assert facts["differing_bits"] <= 4
    assert facts["before"] == {
        "photo_id": before, "report_id": older["id"], "project_id": there.project_id, "week": "2016-05-16",
    }  # fmt: skip
    # Taken out of the older report, it was not used there.
    await _change(there, older, photos=[])
    assert await _kinds(here.office) == [("photo_used_before", "withdrawn")]


async def test_other_pictures_and_other_counties_and_corrections_are_none(
    world: World, here: Site, phone: Phone
) -> None:
    same, report_id = saved(scene(800, 600)), str(new_id())
    twice = [await _photo(phone, same), await _photo(phone, same)]
    first = await here.put(**PLAIN, photos=[{"id": photo_id} for photo_id in twice])
    assert await _flags(here.office) == [], "a report may show a picture twice"
    await here.put(**PLAIN, **NEXT_WEEK, photos=[{"id": await _photo(phone, scene(800, 600, seed=8))}])
    await here.review(first)
    body = here.said(**PLAIN, corrects=first["id"], photos=[{"id": await _photo(phone, same)}])
    assert (await here.reporter.put(f"/reports/{report_id}", body)).status_code == 201
    assert await _flags(here.office) == []
    office = await world.user("dispatcher", COUNTY_B)
    other = await office.created("/projects", {"name": "乙县项目", "region_code": COUNTY_B, "stage": "started"})
    body = {"project_id": other["id"], "week": "2016-05-16", "as_of": "2016-05-20"}
    sent = await office.put(f"/reports/{new_id()}", {**body, "photos": [{"id": await _photo(Phone(office), same)}]})
    assert sent.status_code == 201, sent.text
    assert await _flags(office) == await _flags(here.office) == []


async def test_pictures_of_nothing_look_alike_to_nobody(here: Site, phone: Phone) -> None:
    weeks: list[tuple[dict[str, Any], int]] = [({}, 10), (NEXT_WEEK, 12)]
    for week, grey in weeks:
        await here.put(**PLAIN, **week, photos=[{"id": await _photo(phone, Image.new("RGB", (80, 60), (grey,) * 3))}])
    assert await _flags(here.office) == []


async def test_a_photo_far_from_the_site(here: Site, phone: Phone) -> None:
    project = f"/projects/{here.project_id}"
    assert (await here.office.patch(project, SITE, "*")).status_code == 200
    near, far, by_file = (str(new_id()) for _ in range(3))
    # 0.0089 degrees are 989.6 m, 0.009 degrees 1000.8 m.
    photos = [
        {"id": near, "longitude": SITE["longitude"], "latitude": SITE["latitude"] + 0.0089},
        {"id": far, "longitude": SITE["longitude"], "latitude": SITE["latitude"] + 0.009},
        {"id": by_file, "longitude": SITE["longitude"], "latitude": SITE["latitude"] + 1},
    ]
    await here.put(**PLAIN, photos=photos)
    flags = {flag["photo_id"]: flag["facts"] for flag in await _flags(here.office)}
    assert set(flags) == {far, by_file}
    assert flags[far] == {
        "photo_id": far, "distance_m": 1001, "limit_m": 1000, "site": SITE,
        "place": {"longitude": 106.275, "latitude": 38.479, "source": "phone"},
    }  # fmt: skip
    # What the file itself says counts before the phone's word.
    await _photo(phone, scene(), by_file, exif=exif(gps=NINGXIA))
    assert [flag["photo_id"] for flag in await _flags(here.office, open=True)] == [far]
    assert (await here.office.patch(project, {"latitude": 38.5}, "*")).status_code == 200
    found = {flag["photo_id"]: flag["facts"] for flag in await _flags(here.office, open=True)}
    assert set(found) == {near, far, by_file}
    assert (found[by_file]["place"]["source"], found[by_file]["distance_m"]) == ("file", 3336)


async def test_what_a_region_says_goes_before_what_ships(world: World, here: Site) -> None:
    project = f"/projects/{here.project_id}"
    assert (await here.office.patch(project, SITE, "*")).status_code == 200
    world.app.state.clock = lambda: FRIDAY - timedelta(days=5)
    rule = {"id": str(new_id()), "region_code": COUNTY_A, "valid_from": "2016-05-23", "photo_distance_m": 500}
    made = await here.office.created("/report-flag-rules", rule)
    assert (made["lead_points"], made["photo_bits"], made["statistics_percent"]) == (15, 4, 5)
    assert (await here.office.post("/report-flag-rules", rule)).status_code == 200
    assert (await here.office.post("/report-flag-rules", {**rule, "photo_bits": 5})).status_code == 409
    assert (await here.office.post("/report-flag-rules", {**rule, "id": None, "photo_bits": 8})).status_code == 422
    past = {**rule, "id": None, "valid_from": "2016-05-14"}
    assert (await here.office.post("/report-flag-rules", past)).status_code == 422
    assert (await here.office.post("/report-flag-rules", {**rule, "region_code": COUNTY_B})).status_code == 403
    assert (await here.office.get("/report-flag-rules")).json()["items"] == [made]
    assert (await here.reporter.get(f"/report-flag-rules/{rule['id']}")).json() == made
    world.app.state.clock = lambda: FRIDAY + timedelta(days=7)
    place = {"longitude": SITE["longitude"], "latitude": SITE["latitude"] + 0.0089}
    await here.put(**PLAIN, photos=[{"id": str(new_id()), **place}])
    assert await _flags(here.office) == []
    await here.put(**PLAIN, **NEXT_WEEK, photos=[{"id": str(new_id()), **place}])
    assert [flag["facts"]["limit_m"] for flag in await _flags(here.office)] == [500]


async def test_dismissed_with_a_reason_until_the_facts_change(world: World, here: Site) -> None:
    await here.put(**PLAIN, completed=300)
    report = await here.put(**PLAIN, **NEXT_WEEK, completed=250)
    [flag] = await _flags(here.office)
    address = f"/reports/{report['id']}/flags/{flag['id']}/dismissal"
    assert (await here.office.post(address, {})).status_code == 422
    assert (await here.office.post(address, {"reason": "  "})).status_code == 422
    assert (await here.reporter.post(address, {"reason": "无妨"})).status_code == 403
    elsewhere = await world.user("dispatcher", COUNTY_B)
    assert (await elsewhere.post(address, {"reason": "无妨"})).status_code == 404
    other = f"/reports/{(await here.put(**PLAIN, completed=None))['id']}/flags/{flag['id']}/dismissal"
    assert (await here.office.post(other, {"reason": "无妨"})).status_code == 404
    dismissed = await here.office.created(address, {"reason": "上周误报，已核实"})
    assert (dismissed["state"], dismissed["reason"], dismissed["dismissed_by"]["id"]) == (
        "dismissed", "上周误报，已核实", str(here.office.user_id),
    )  # fmt: skip
    assert (await here.office.get(f"/report-flags/{flag['id']}")).json() == dismissed
    again = await here.office.post(address, {"reason": "再次"})
    assert (again.status_code, again.json()["code"]) == (409, "flag_not_open")
    # Another change of the report leaves it dismissed; other facts are another suspicion.
    await _change(here, report, note="补充说明")
    assert await _kinds(here.office) == [("cumulative_falls", "dismissed")]
    assert (await here.office.get(f"/reports/{report['id']}")).json()["open_flags"] == 0
    await _change(here, report, completed=200)
    assert await _kinds(here.office) == [("cumulative_falls", "open"), ("cumulative_falls", "withdrawn")]
    listed = (await here.reporter.get(f"/reports/{report['id']}/flags")).json()["items"]
    assert len(listed) == 2
    noted = [(row["action"], row["project_id"]) for action in ("created", "dismissed", "withdrawn")
             for row in await log_of(world, "report_flag", action)]  # fmt: skip
    assert [action for action, _ in noted] == ["created", "created", "dismissed", "withdrawn"]
    assert {str(project_id) for _, project_id in noted} == {here.project_id}


async def test_lists_by_flags(world: World, here: Site) -> None:
    first = await here.put(**PLAIN, completed=300)
    second = await here.put(**PLAIN, **NEXT_WEEK, completed=250)

    async def ids(**params: Any) -> list[str]:
        answer = await here.office.get("/reports", params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert (await ids(has_flags=True), await ids(has_flags=False)) == ([second["id"]], [first["id"]])
    [flag] = await _flags(here.office, region=COUNTY_A, kind="cumulative_falls", week="2016-05-23", open=True)
    assert flag["project_name"] == "测试项目"
    for params in ({"region": COUNTY_B}, {"kind": "photo_used_before"}, {"week": "2016-05-16"}, {"open": False},
                   {"project_id": str(new_id())}):  # fmt: skip
        assert await _flags(here.office, **params) == []
    assert await _flags(here.reporter) == [flag]
    for stranger in (await world.user("reporter"), await world.user("viewer", COUNTY_B)):
        assert await _flags(stranger) == []
        assert (await stranger.get(f"/report-flags/{flag['id']}")).status_code == 404
        assert (await stranger.get(f"/reports/{second['id']}/flags")).status_code == 404


async def test_reports_of_one_project_at_once_see_each_other(world: World, here: Site) -> None:
    # Today's first report moves the project's last activity, for which the others would wait anyhow.
    await here.put(**PLAIN, week="2016-05-02", as_of="2016-05-06", completed=None)
    sending = [
        here.reporter.put(f"/reports/{new_id()}", here.said(**PLAIN, week=week, as_of=as_of, completed=completed))
        for week, as_of, completed in (("2016-05-16", "2016-05-20", 300), ("2016-05-23", "2016-05-27", 290))
    ]
    answers = await all_before_commit(world, sending)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await _kinds(here.office) == [("cumulative_falls", "open")]


async def test_a_report_and_the_bytes_of_its_photo_at_once_see_each_other(
    world: World, here: Site, phone: Phone
) -> None:
    image, photo_id = saved(scene(800, 600)), str(new_id())
    await here.put(**PLAIN, photos=[{"id": await _photo(phone, image)}])
    assert (await phone.begin(len(image), photo_id)).status_code == 201
    report = here.reporter.put(f"/reports/{new_id()}", here.said(**PLAIN, **NEXT_WEEK, photos=[{"id": photo_id}]))
    answers = await all_before_commit(world, [report, phone.append(photo_id, 0, image)])
    assert [answer.status_code for answer in answers] == [201, 204]
    assert await _kinds(here.office) == [("photo_used_before", "open")]
