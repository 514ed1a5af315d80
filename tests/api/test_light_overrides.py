"""A light set by hand: beside the computed one, with a reason, for a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.light_days import PLAN, clock, light, planned
from tests.parallel import all_at_once
from tests.world import COUNTY_B, World, new_id

RED = {"light": "red", "reason": "现场已停工"}


async def test_both_lights_are_shown_until_it_ends(world: World) -> None:
    clock(world, "2016-03-10")
    office, leader = await world.user("dispatcher"), await world.user("leader")
    path = await planned(office, {**PLAN, "planned_investment": None})
    version = (await office.get(path)).json()["version"]
    made = await leader.post(f"{path}/light-overrides", {**RED, "until": "2016-05-01"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    override = made.json()
    assert made.headers["location"] == f"/api/v1/light-overrides/{override['id']}"
    assert (override["since"], override["until"]) == ("2016-03-10", "2016-05-01")
    assert override["entered_by"]["id"] == str(leader.user_id)
    assert override["ended_by"] is None

    found = await light(office, path)
    assert (found["light"], found["computed_light"]) == ("red", "green")
    assert found["override"] == {
        name: override[name] for name in ("id", "light", "reason", "since", "until", "entered_by")
    }
    assert (await office.get(path)).json()["version"] == version + 1
    clock(world, "2016-04-20")
    found = await light(office, path)
    assert (found["light"], found["computed_light"], found["next"]) == (
        "red",
        "yellow",
        {"on": "2016-05-01", "light": "yellow"},
    )
    assert (await light(office, path, as_of="2016-05-01"))["light"] == "yellow"

    ended = await leader.patch(
        f"/light-overrides/{override['id']}", {"until": "2016-04-20", "ended_because": "已复工"}, etag='"1"'
    )
    assert (ended.status_code, ended.json()["ended_because"]) == (200, "已复工"), ended.text
    assert ended.json()["ended_by"]["id"] == str(leader.user_id)
    found = await light(office, path)
    assert (found["light"], found["computed_light"], found["override"]) == ("yellow", "yellow", None)
    # The past stays.
    assert (await light(office, path, as_of="2016-04-19"))["override"]["reason"] == RED["reason"]
    history = (await office.get(f"{path}/light-history")).json()["items"]
    assert [(h["from_day"], h["light"], h["computed_light"], h["override_id"]) for h in history] == [
        ("2016-03-10", "red", "green", override["id"]),
        ("2016-04-01", "red", "yellow", override["id"]),
        ("2016-04-20", "yellow", "yellow", None),
    ]
    listed = (await office.get(f"{path}/light-overrides")).json()["items"]
    assert [each["id"] for each in listed] == [override["id"]]
    again = await leader.patch(f"/light-overrides/{override['id']}", {"until": "2016-04-20"}, etag='"2"')
    assert again.status_code == 200
    later = await leader.patch(f"/light-overrides/{override['id']}", {"until": "2016-06-01"}, etag='"2"')
    assert (later.status_code, later.json()["code"]) == (409, "already_ended")
    log = (await office.get("/changes", params={"resource": ["light", "light_override"]})).json()["items"]
    assert [(c["resource"], c["action"], c["diff"].get("light")) for c in log] == [
        ("light", "updated", [None, "green"]),
        ("light_override", "created", [None, "red"]),
        ("light", "updated", ["green", "red"]),
        ("light_override", "updated", None),
        ("light", "updated", ["red", "yellow"]),
    ]


async def test_the_same_again_and_one_at_a_time(world: World) -> None:
    clock(world, "2016-03-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    body = {"id": str(new_id()), **RED}
    first = await office.post(f"{path}/light-overrides", body)
    assert [first.status_code, (await office.post(f"{path}/light-overrides", body)).status_code] == [201, 200]
    other = await office.post(f"{path}/light-overrides", {**body, "light": "green"})
    assert (other.status_code, other.json()["code"], other.json()["fields"]) == (409, "id_taken", ["light"])
    second = await office.post(f"{path}/light-overrides", {"light": "green", "reason": "-"})
    assert (second.status_code, second.json()["code"]) == (409, "already_overridden")
    assert "2016-03-10" in second.json()["detail"]
    ended = await office.patch(f"/light-overrides/{body['id']}", {"until": "2016-03-10"}, etag='"1"')
    assert ended.status_code == 200
    assert (await light(office, path))["override"] is None
    assert (await office.post(f"{path}/light-overrides", {"light": "green", "reason": "-"})).status_code == 201
    # Also of a project without a plan, but not of one that has ended.
    bare = await office.created("/projects", {"name": "无计划", "region_code": "990101"})
    assert (await office.post(f"/projects/{bare['id']}/light-overrides", RED)).status_code == 201
    found = await light(office, f"/projects/{bare['id']}")
    assert (found["light"], found["computed_light"], found["reason"]) == ("red", None, "no_annual_plan")
    gone = await office.created("/projects", {"name": "已终止", "region_code": "990101", "stage": "terminated"})
    refused = await office.post(f"/projects/{gone['id']}/light-overrides", RED)
    assert (refused.status_code, refused.json()["code"]) == (409, "project_terminated")


async def test_of_parallel_overrides_one_holds(world: World) -> None:
    clock(world, "2016-03-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    bodies = [{"light": each, "reason": "-"} for each in ("green", "yellow", "red", "red")]
    answers = await all_at_once(
        world, path.rpartition("/")[2], [office.post(f"{path}/light-overrides", body) for body in bodies]
    )
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 3}


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"light": "blue", "reason": "-"}, "/light", "invalid_value"),
        ({"light": "red"}, "/reason", "missing"),
        ({"light": "red", "reason": " "}, "/reason", "too_short"),
        ({"light": "red", "reason": "a\x00b"}, "/reason", "invalid_text"),
        ({**RED, "until": "2016-03-10"}, "/until", "in_the_past"),
        ({**RED, "until": 20160401}, "/until", "wrong_type"),
        ({**RED, "since": "2016-03-01"}, "/since", "unknown_field"),
    ],
)
async def test_wrong_overrides_are_refused(world: World, body: dict[str, Any], pointer: str, code: str) -> None:
    clock(world, "2016-03-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    answer = await office.post(f"{path}/light-overrides", body)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_ends_lie_ahead_and_versions_are_current(world: World) -> None:
    clock(world, "2016-03-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    made = await office.created(f"{path}/light-overrides", RED)
    clock(world, "2016-03-20")
    address = f"/light-overrides/{made['id']}"
    assert (await office.patch(address, {"until": "2016-04-01"})).status_code == 428
    assert (await office.patch(address, {"until": "2016-04-01"}, etag='"9"')).status_code == 412
    past = await office.patch(address, {"until": "2016-03-19"}, etag='"1"')
    assert [(e["pointer"], e["code"]) for e in past.json()["errors"]] == [("/until", "in_the_past")]
    assert (await office.patch(address, {"until": "2016-04-01"}, etag='"1"')).status_code == 200
    assert (await office.patch(address, {"until": "2016-03-25"}, etag='"2"')).status_code == 200
    assert (await light(office, path, as_of="2016-03-24"))["light"] == "red"
    assert (await light(office, path, as_of="2016-03-25"))["light"] != "red"


async def test_leaders_and_the_office_may_and_others_not(world: World) -> None:
    clock(world, "2016-03-10")
    office = await world.user("dispatcher")
    path = await planned(office)
    made = await office.created(f"{path}/light-overrides", RED)
    viewer, stranger = await world.user("viewer"), await world.user("leader", COUNTY_B)
    assert (await viewer.get(f"/light-overrides/{made['id']}")).status_code == 200
    assert (await viewer.post(f"{path}/light-overrides", RED)).status_code == 403
    assert (await viewer.patch(f"/light-overrides/{made['id']}", {"until": "2016-03-10"}, etag="*")).status_code == 403
    for answer in (
        await stranger.get(f"{path}/light"),
        await stranger.get(f"{path}/light-history"),
        await stranger.get(f"/light-overrides/{made['id']}"),
        await stranger.post(f"{path}/light-overrides", RED),
        await stranger.patch(f"/light-overrides/{made['id']}", {"until": "2016-03-10"}, etag="*"),
    ):
        assert answer.status_code == 404
