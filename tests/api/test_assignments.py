from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from app.uow import SHANGHAI
from tests.parallel import all_at_once
from tests.world import COUNTY_A, COUNTY_B, Client, World, new_id

MISSING = "0199c1a0-7c00-7000-8000-000000000001"


def _today() -> str:
    return str(datetime.now(SHANGHAI).date())


async def _project(office: Client, **fields: Any) -> str:
    project = await office.created("/projects", {"name": "测试项目", "region_code": COUNTY_A, **fields})
    return f"/projects/{project['id']}"


async def test_a_change_needs_the_current_version(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    made = await office.created(f"{project}/assignments", {"role": "contact", "person_name": "孙浩"})
    address = f"/assignments/{made['id']}"
    assert (await office.patch(address, {"phone": "1"})).status_code == 428
    assert (await office.patch(address, {"phone": "1"}, etag='"1"')).status_code == 200
    refused = await office.patch(address, {"phone": "2", "position": 0}, etag='"1"')
    assert (refused.status_code, refused.json()["fields"]) == (412, ["phone"])
    unchanged = await office.patch(address, {"phone": "1"}, etag='"2"')
    assert (unchanged.status_code, unchanged.headers["etag"]) == (200, '"2"')
    assert (await office.patch(address, {"position": None}, etag='"2"')).status_code == 422


async def test_the_same_party_twice_in_a_role_is_a_duplicate(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    leader = await world.leader()
    body = {"role": "sponsor", "leader_id": leader, "valid_from": "2016-03-01"}
    made = await office.created(f"{project}/assignments", body)
    for overlapping in (
        body,
        {**body, "valid_from": "2017-01-01"},
        {**body, "valid_from": "2016-01-01"},
        {**body, "valid_from": "2016-01-01", "valid_to": "2016-03-02"},
    ):
        refused = await office.post(f"{project}/assignments", overlapping)
        assert (refused.status_code, refused.json()["code"]) == (409, "duplicate"), overlapping
        assert refused.json()["existing_id"] == made["id"]
    before = {**body, "valid_from": "2016-01-01", "valid_to": "2016-03-01"}
    await office.created(f"{project}/assignments", before)
    await office.created(f"{project}/assignments", {**body, "role": "crew"})


async def test_parallel_duplicates_make_one(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    body = {"role": "sponsor", "leader_id": await world.leader()}
    answers = await all_at_once(world, project[10:], [office.post(f"{project}/assignments", body) for _ in range(6)])
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 5}
    assert {a.json()["existing_id"] for a in answers if a.status_code == 409}


async def test_a_project_has_several_departments_and_joint_owners(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    for role, names in {"responsible": ["发改局", "住建局"], "owner": ["建设局", "体育局"]}.items():
        for position, name in enumerate(names):
            department = await world.department(name=name)
            body = {"role": role, "department_id": department, "position": position}
            await office.created(f"{project}/assignments", body)
    seen = (await office.get(project)).json()
    assert [d["name"] for d in seen["responsible_departments"]] == ["发改局", "住建局"]
    assert [d["name"] for d in seen["owners"]] == ["建设局", "体育局"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"role": "sponsor"}, "/leader_id", "missing"),
        ({"role": "sponsor", "department_id": MISSING}, "/department_id", "party_does_not_fit"),
        ({"role": "sponsor", "leader_id": MISSING, "person_name": "某"}, "/person_name", "party_does_not_fit"),
        ({"role": "responsible", "person_name": "某"}, "/person_name", "party_does_not_fit"),
        ({"role": "contact"}, "", "one_party"),
        ({"role": "contact", "person_name": "某", "user_id": MISSING}, "", "one_party"),
        ({"role": "crew"}, "", "one_party"),
        ({"role": "sponsor", "leader_id": MISSING}, "/leader_id", "unknown_reference"),
        ({"role": "owner", "department_id": MISSING}, "/department_id", "unknown_reference"),
        ({"role": "reporter", "user_id": MISSING}, "/user_id", "unknown_reference"),
        ({"role": "boss", "person_name": "某"}, "/role", "invalid_value"),
        ({"role": "crew", "person_name": "  "}, "/person_name", "too_short"),
        ({"role": "crew", "person_name": "某", "position": -1}, "/position", "out_of_range"),
        (
            {"role": "crew", "person_name": "某", "valid_from": "2016-02-01", "valid_to": "2016-01-31"},
            "/valid_to",
            "dates_out_of_order",
        ),
    ],
)
async def test_wrong_parties_are_named(world: World, body: dict[str, Any], pointer: str, code: str) -> None:
    office = await world.user("dispatcher")
    answer = await office.post(f"{await _project(office)}/assignments", body)
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_parties_of_other_counties_are_refused(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    foreign = {
        "leader_id": ("sponsor", await world.leader(COUNTY_B)),
        "department_id": ("responsible", await world.department(COUNTY_B)),
        "user_id": ("reporter", str((await world.user("viewer", COUNTY_B)).user_id)),
    }
    for field, (role, party) in foreign.items():
        answer = await office.post(f"{project}/assignments", {"role": role, field: party})
        assert [e["code"] for e in answer.json()["errors"]] == ["unknown_reference"], answer.text
    # One who sees both counties is told what is wrong.
    prefecture = await world.user("dispatcher", "9901")
    answer = await prefecture.post(f"{project}/assignments", {"role": "sponsor", "leader_id": foreign["leader_id"][1]})
    assert [e["code"] for e in answer.json()["errors"]] == ["outside_region"]
    above = await world.leader("9901", "州领导")
    await prefecture.created(f"{project}/assignments", {"role": "sponsor", "leader_id": above})
    below = await world.department("990101001", "园区管委会", "park_committee")
    await office.created(f"{project}/assignments", {"role": "responsible", "department_id": below})


async def test_retired_parties_answer_for_the_past_only(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    department = await world.department()
    await world.pool.execute("UPDATE departments SET active = false")
    body = {"role": "responsible", "department_id": department, "valid_from": "2016-01-01"}
    refused = await office.post(f"{project}/assignments", body)
    assert [e["code"] for e in refused.json()["errors"]] == ["inactive"]
    await office.created(f"{project}/assignments", {**body, "valid_to": "2017-01-01"})


async def test_accounts_of_the_county_may_be_named(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    reporter = await world.user("reporter")
    assert (await reporter.get(project)).status_code == 404
    made = await office.created(f"{project}/assignments", {"role": "reporter", "user_id": str(reporter.user_id)})
    assert made["name"] == "reporter"
    assert (await reporter.get(project)).json()["reporters"][0]["user_id"] == str(reporter.user_id)
    assert (await reporter.get(f"{project}/assignments")).json()["items"] == [made]
    assert (await reporter.get(f"/assignments/{made['id']}")).json() == made

    left = await world.user("reporter")
    await world.pool.execute("UPDATE users SET disabled = true WHERE id = $1", left.user_id)
    refused = await office.post(f"{project}/assignments", {"role": "reporter", "user_id": str(left.user_id)})
    assert [e["code"] for e in refused.json()["errors"]] == ["unknown_reference"]


async def test_a_department_sees_a_project_while_it_answers_for_it(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    department = await world.department()
    people = await world.user("department", department_id=department)
    made = await office.created(f"{project}/assignments", {"role": "responsible", "department_id": department})
    assert (await people.get(f"/assignments/{made['id']}")).status_code == 200
    refused = await people.patch(f"/assignments/{made['id']}", {"phone": "1"}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await office.patch(f"/assignments/{made['id']}", {"valid_to": _today()}, etag='"1"')).status_code == 200
    for path in (project, f"{project}/assignments", f"/assignments/{made['id']}"):
        assert (await people.get(path)).status_code == 404, path


async def test_foreign_assignments_look_like_missing_ones(world: World) -> None:
    office, other = await world.user("dispatcher"), await world.user("dispatcher", COUNTY_B)
    project = await _project(office)
    made = await office.created(f"{project}/assignments", {"role": "contact", "person_name": "孙浩"})
    for path in (f"/assignments/{made['id']}", f"{project}/assignments"):
        assert (await other.get(path)).status_code == 404
    assert (await other.patch(f"/assignments/{made['id']}", {"phone": "1"}, etag='"1"')).status_code == 404
    assert (await other.post(f"{project}/assignments", {"role": "contact", "person_name": "某"})).status_code == 404


async def test_an_id_sent_again_is_the_same_assignment(world: World) -> None:
    office = await world.user("dispatcher")
    project, elsewhere = await _project(office), await _project(office)
    body = {"id": str(new_id()), "role": "contact", "person_name": "孙浩"}
    made = await office.created(f"{project}/assignments", body)
    again = await office.post(f"{project}/assignments", body)
    assert (again.status_code, again.json()) == (200, made)
    other = await office.post(f"{project}/assignments", {**body, "person_name": "郑洁"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    assert (other.json()["current"]["person_name"], other.json()["sent"]["person_name"]) == ("孙浩", "郑洁")
    foreign = await office.post(f"{elsewhere}/assignments", body)
    assert (foreign.status_code, foreign.json()["code"]) == (409, "id_taken")
    assert "current" not in foreign.json()


async def test_an_assignment_is_a_new_version_of_its_project_and_noted_for_its_readers(world: World) -> None:
    office = await world.user("dispatcher")
    project = await _project(office)
    mine, theirs = await world.department(name="发改局"), await world.department(name="住建局")
    first = await office.created(f"{project}/assignments", {"role": "responsible", "department_id": mine})
    assert (await office.get(project)).headers["etag"] == '"2"'
    await office.created(f"{project}/assignments", {"role": "owner", "department_id": theirs})
    await office.patch(f"/assignments/{first['id']}", {"valid_to": _today()}, etag='"1"')
    rows = await world.pool.fetch(
        "SELECT resource, action, version, region_code, project_id::text, department_ids::text[], diff::text"
        " FROM changes WHERE resource IN ('assignment', 'project') ORDER BY seq"
    )
    assert [(r["resource"], r["action"], r["version"]) for r in rows] == [
        ("project", "created", 1),
        ("assignment", "created", 1), ("project", "updated", 2),
        ("assignment", "created", 1), ("project", "updated", 3),
        ("assignment", "updated", 2), ("project", "updated", 4),
    ]  # fmt: skip
    assert {(r["region_code"], r["project_id"]) for r in rows} == {(COUNTY_A, project.rpartition("/")[2])}
    # Who leaves is still told so.
    assert [set(r["department_ids"] or []) for r in rows] == [set(), *[{mine}] * 2, *[{mine, theirs}] * 4]
    assert "valid_to" in rows[-2]["diff"]
