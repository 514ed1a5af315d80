"""Who answers for a project according to a ledger: from when, until when, and who learns of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.ledger_files import (
    apply_ledger,
    previewed,
    project_named,
    workbook,
)
from tests.world import COUNTY_B, Client, World


@pytest.fixture
async def office(world: World) -> Client:
    return await world.user("dispatcher", COUNTY_B)


async def test_who_answered_for_a_project_survives_a_transfer(world: World, office: Client) -> None:
    header = ("项目名称", "包抓领导", "责任单位", "责任人")
    assigned = "SELECT role, valid_from, valid_to FROM assignments ORDER BY role, id"

    async def load(day: str, *row: str) -> dict[str, Any]:
        done = await apply_ledger(office, workbook([("甲厂", *row)], header), as_of=day)
        return done["rows"][0]  # type: ignore[no-any-return]  # JSON

    await load("2016-02-29", "王建国", "甲局、乙局", "孙浩")
    moved = await load("2016-03-31", "刘洋", "乙局、丙局", "孙浩")
    assert moved["changes"] == {
        "sponsors": [["王建国"], ["刘洋"]],
        "responsible_departments": [["甲局", "乙局"], ["乙局", "丙局"]],
    }
    feb, march = date(2016, 2, 29), date(2016, 3, 31)
    history = [
        ("contact", feb, None), ("responsible", feb, march), ("responsible", feb, None), ("responsible", march, None),
        ("sponsor", feb, march), ("sponsor", march, None),
    ]  # fmt: skip
    assert [tuple(r) for r in await world.pool.fetch(assigned)] == history
    # The same day once more: a correction, and whom it takes back never held.
    await load("2016-03-31", "赵磊", "乙局、丙局", "孙浩")
    corrected = [*history[:-1], ("sponsor", march, march), ("sponsor", march, None)]
    assert [tuple(r) for r in await world.pool.fetch(assigned)] == corrected
    assert [s["name"] for s in (await project_named(office, "甲厂"))["sponsors"]] == ["赵磊"]
    # An older ledger neither undoes that, nor is its own day told otherwise than it was.
    same = await load("2016-02-29", "王建国", "甲局、乙局", "孙浩")
    assert (same["outcome"], same["notes"]) == ("unchanged", [])
    other = await load("2016-02-29", "吴芳", "甲局、乙局", "孙浩")
    assert (other["outcome"], [n["code"] for n in other["notes"]]) == ("unchanged", ["later_assignment_kept"])
    assert [s["name"] for s in (await project_named(office, "甲厂"))["sponsors"]] == ["赵磊"]


async def test_a_leaders_title_on_record_is_kept(world: World, office: Client) -> None:
    await world.leader(COUNTY_B, "王建国")
    done = await apply_ledger(office, workbook([("甲厂", "王建国(县长)")], ("项目名称", "包抓领导")))
    assert [n["code"] for n in done["rows"][0]["notes"]] == ["leader_title_differs"]
    assert await world.pool.fetchval("SELECT count(*) FROM leaders WHERE title IS NULL") == 1


async def test_who_is_no_longer_active_gets_no_new_projects(world: World, office: Client) -> None:
    await world.leader(COUNTY_B, "王建国")
    await world.department(COUNTY_B, "县工信局")
    header = ("项目名称", "包抓领导", "责任单位")
    await apply_ledger(office, workbook([("甲厂", "王建国", "县工信局")], header))
    await world.pool.execute("UPDATE leaders SET active = false")
    await world.pool.execute("UPDATE departments SET active = false")
    rows = [("甲厂", "王建国", "县工信局"), ("乙厂", "王建国", None), ("丙厂", None, "县工信局")]
    made = await previewed(office, workbook(rows, header))
    assert [r["outcome"] for r in made["rows"]] == ["unchanged", "rejected", "rejected"]
    assert {r["errors"][0]["code"] for r in made["rows"][1:]} == {"inactive_party"}


async def test_an_account_stays_contact_beside_the_person_a_ledger_names(world: World, office: Client) -> None:
    header = ("项目名称", "责任人", "联系电话")
    await apply_ledger(office, workbook([("甲厂", "孙浩", "1")], header))
    project = await project_named(office, "甲厂")
    reporter = await world.user("reporter", COUNTY_B)
    account = {"role": "contact", "user_id": str(reporter.user_id)}
    await office.created(f"/projects/{project['id']}/assignments", account)
    done = await apply_ledger(office, workbook([("甲厂", "孙浩", "2")], header))
    assert done["rows"][0]["changes"] == {"contacts": [["孙浩 1"], ["孙浩 2"]]}
    done = await apply_ledger(office, workbook([("甲厂", "郑洁", None)], header), as_of="2016-03-31")
    assert done["rows"][0]["changes"] == {"contacts": [["孙浩 2"], ["郑洁"]]}
    contacts = (await project_named(office, "甲厂"))["contacts"]
    assert {(c["name"], c["phone"], c["user_id"]) for c in contacts} == {
        ("郑洁", None, None), ("reporter", None, str(reporter.user_id)),
    }  # fmt: skip


async def test_departments_read_of_projects_they_get_and_lose(world: World, office: Client) -> None:
    ids = {name: await world.department(COUNTY_B, name) for name in ("甲局", "乙局", "丙局")}
    header = ("项目名称", "责任单位")
    await apply_ledger(office, workbook([("甲厂", "甲局、乙局")], header))
    await apply_ledger(office, workbook([("甲厂", "乙局、丙局")], header), as_of="2016-03-31")
    rows = await world.pool.fetch("SELECT department_ids FROM changes WHERE resource = 'project' ORDER BY seq")
    names = {value: name for name, value in ids.items()}
    assert [{names[str(i)] for i in row["department_ids"]} for row in rows] == [
        {"甲局", "乙局"},
        {"甲局", "乙局", "丙局"},
    ]
