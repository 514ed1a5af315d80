"""A wall chart's ledger: 节点 in, compared, changed by hand, and out again."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.ledger_files import COUNTY_C_LEDGER, apply_ledger, cells, previewed, project_named
from tests.world import Client, World, new_id

COUNTY_C = "990103"
EXPECTED = json.loads(
    (Path(__file__).parent.parent / "data/ledgers/county-c-urban-2013.expected.json").read_text("utf-8")
)["projects"]
KINDS = [
    "project_approval", "design", "financing", "demolition", "site_entry", "construction_start", "completion",
]  # fmt: skip
WHEN = {"year": "2013", "as_of": "2013-03-01"}


@pytest.fixture
async def office(world: World) -> Client:
    await world.pool.execute(
        "INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, '丙县', 'county', '9901')", COUNTY_C
    )
    return await world.user("dispatcher", COUNTY_C)


def edited(**changes: str | None) -> bytes:
    """County C's ledger with other texts in some cells."""
    book = openpyxl.load_workbook(io.BytesIO(COUNTY_C_LEDGER))
    assert book.active is not None
    for cell, text in changes.items():
        book.active[cell] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def stored(world: World) -> list[dict[str, Any]]:
    rows = await world.pool.fetch(
        "SELECT p.name AS project, m.* FROM milestones m JOIN projects p ON p.id = m.project_id"
        " ORDER BY p.id, m.position, m.id"
    )
    return [dict(row) for row in rows]


async def load(office: Client, content: bytes = COUNTY_C_LEDGER) -> dict[str, Any]:
    return await apply_ledger(office, content, COUNTY_C, **WHEN)


async def test_county_c_comes_in_as_expected(world: World, office: Client) -> None:
    done = await load(office)
    assert done["counts"] == {"created": 15, "changed": 0, "unchanged": 0, "rejected": 0}
    assert [row["row"] for row in done["rows"]] == [each["row"] for each in EXPECTED]
    found = await stored(world)
    for each in EXPECTED:
        project = await project_named(office, each["name"])
        assert [owner["name"] for owner in project["owners"]] == each["owners"]
        assert [leader["name"] for leader in project["sponsors"]] == [each["leader"]]
        assert [person["name"] for person in project["contacts"]] == [each["contact"]]
        mine = [row for row in found if row["project"] == each["name"]]
        assert [
            {
                "name": row["name"],
                "status": row["status"],
                "date": row["planned_finish"].isoformat() if row["planned_finish"] else None,
            }
            for row in mine
        ] == each["milestones"]
        assert [row["kind"] for row in mine] == KINDS
        assert [row["position"] for row in mine] == [1, 2, 3, 4, 5, 6, 7]
        assert {row["actual_finish"] for row in mine} == {None}
    assert await world.pool.fetchval("SELECT count(*) FROM milestone_dependencies") == 0


async def test_the_preview_shows_every_milestone_and_changes_nothing(world: World, office: Client) -> None:
    made = await previewed(office, COUNTY_C_LEDGER, COUNTY_C, **WHEN)
    [sheet] = made["sheets"]
    assert [c["field"] for c in sheet["columns"]][5:7] == ["milestones.立项", "milestones.设计"]
    first = made["rows"][0]
    assert first["milestones"][:2] == [
        {"cell": "F4", "name": "立项", "kind": "project_approval", "outcome": "created", "status": "done",
         "date": None},
        {"cell": "G4", "name": "设计", "kind": "design", "outcome": "created", "status": "planned",
         "date": "2013-03-31"},
    ]  # fmt: skip
    assert first["changes"]["milestones.立项"] == [None, {"status": "done"}]
    assert first["changes"]["milestones.设计"] == [None, {"status": "planned", "planned_finish": "2013-03-31"}]
    assert await stored(world) == []


async def test_the_same_file_again_changes_nothing(world: World, office: Client) -> None:
    await load(office)
    before = await stored(world)
    again = await load(office)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 15, "rejected": 0}
    assert {m["outcome"] for row in again["rows"] for m in row["milestones"]} == {"unchanged"}
    assert await stored(world) == before


async def test_a_changed_date_changes_that_milestone_only(world: World, office: Client) -> None:
    await load(office)
    before = await stored(world)
    again = await load(office, edited(H4="2013.4.28"))
    assert again["counts"] == {"created": 0, "changed": 1, "unchanged": 14, "rejected": 0}
    row = again["rows"][0]
    assert row["changes"] == {"milestones.融资": [{"planned_finish": "2013-04-15"}, {"planned_finish": "2013-04-28"}]}
    assert [m["outcome"] for m in row["milestones"]] == ["unchanged"] * 2 + ["changed"] + ["unchanged"] * 4
    after = await stored(world)
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    [(old, new)] = differing
    assert (old["name"], new["planned_finish"], new["version"]) == ("融资", date(2013, 4, 28), 2)
    log = await world.pool.fetchval("SELECT diff FROM changes WHERE resource = 'project' ORDER BY seq DESC LIMIT 1")
    assert json.loads(log) == row["changes"]


async def test_an_edit_by_hand_shows_as_a_difference_until_it_is_applied_over(world: World, office: Client) -> None:
    await load(office)
    await world.pool.execute(
        "UPDATE milestones m SET planned_finish = '2013-05-02', planned_start = '2013-04-20' FROM projects p"
        " WHERE p.id = m.project_id AND p.name = '2万吨净水厂' AND m.name = '融资'"
    )
    await world.pool.execute(
        "UPDATE milestones m SET status = 'done', actual_finish = '2013-03-08' FROM projects p"
        " WHERE p.id = m.project_id AND p.name = '2万吨净水厂' AND m.name = '设计'"
    )
    made = await previewed(office, COUNTY_C_LEDGER, COUNTY_C, **WHEN)
    assert made["counts"]["changed"] == 1
    row = made["rows"][0]
    assert row["changes"] == {
        "milestones.融资": [
            {"planned_finish": "2013-05-02", "planned_start": "2013-04-20"},
            {"planned_finish": "2013-04-15", "planned_start": None},
        ]
    }
    assert [(note["cell"], note["code"]) for note in row["notes"]] == [
        ("G4", "milestone_done_kept"), ("H4", "milestone_start_dropped"),
    ]  # fmt: skip
    await load(office)
    mine = {row["name"]: row for row in await stored(world) if row["project"] == "2万吨净水厂"}
    assert (mine["融资"]["planned_finish"], mine["融资"]["planned_start"]) == (date(2013, 4, 15), None)
    assert (mine["设计"]["status"], mine["设计"]["actual_finish"]) == ("done", date(2013, 3, 8))


async def test_what_a_baseline_planned_stays(world: World, office: Client) -> None:
    await load(office)
    project = await world.pool.fetchval("SELECT id FROM projects WHERE name = '2万吨净水厂'")
    await world.pool.execute(
        "INSERT INTO schedules (id, project_id, deadline, as_of, graph, late_by_days, provisional, critical_chain,"
        " milestones, created_at) VALUES ($1, $2, '2013-11-20', '2013-03-01', 'x', 0, false, '[]', '[]', now())",
        new_id(), project,
    )  # fmt: skip
    await world.pool.execute(
        "INSERT INTO baselines (id, project_id, number, schedule_id, deadline, adopted_at)"
        " SELECT $1, project_id, 1, id, deadline, now() FROM schedules", new_id(),
    )  # fmt: skip
    await world.pool.execute(
        "INSERT INTO baseline_milestones (baseline_id, milestone_id, position, name, planned_start, planned_finish)"
        " SELECT b.id, m.id, m.position, m.name, m.planned_start, m.planned_finish"
        " FROM baselines b JOIN milestones m USING (project_id)"
    )
    again = await load(office, edited(H4="2013.4.28", I4="已完成"))
    row = again["rows"][0]
    assert row["changes"] == {"milestones.拆迁": [{"status": "planned"}, {"status": "done"}]}
    assert [(note["cell"], note["code"]) for note in row["notes"]] == [("H4", "baseline_kept")]


async def test_states_follow_the_ledger_forward_and_never_back(world: World, office: Client) -> None:
    await load(office)
    done = await load(office, edited(F5="已于2013年3月18日完成", G5="正在办理", H5="待定", I5=None, J5="已完成"))
    row = done["rows"][1]
    assert row["changes"] == {
        "milestones.立项": [
            {"status": "planned", "actual_finish": None},
            {"status": "done", "actual_finish": "2013-03-18"},
        ],
        "milestones.设计": [{"status": "planned"}, {"status": "in_progress"}],
        "milestones.进场": [{"status": "planned"}, {"status": "done"}],
    }
    assert [(note["cell"], note["code"]) for note in row["notes"]] == [("H5", "milestone_date_kept")]
    mine = {m["name"]: m for m in await stored(world) if m["project"] == "大道绿化工程"}
    assert [(m["status"], str(m["planned_finish"])) for m in mine.values()] == [
        ("done", "2013-03-20"), ("in_progress", "2013-04-30"), ("planned", "2013-05-15"), ("planned", "2013-06-20"),
        ("done", "2013-07-31"), ("planned", "2013-08-15"), ("planned", "2013-12-20"),
    ]  # fmt: skip
    back = await load(office)
    assert back["counts"]["changed"] == 0
    assert {note["code"] for note in back["rows"][1]["notes"]} == {"milestone_done_kept"}


async def test_a_cell_not_understood_is_told_with_its_place(world: World, office: Client) -> None:
    made = await previewed(office, edited(K6="等资金", H7="已于2199年3月5日完成"), COUNTY_C, **WHEN)
    assert made["counts"] == {"created": 13, "changed": 0, "unchanged": 0, "rejected": 2}
    found = [(e["cell"], e["field"], e["code"]) for row in made["rows"] for e in row["errors"]]
    assert found == [
        ("K6", "milestones.开工", "not_a_milestone"), ("H7", "milestones.融资", "milestone_done_ahead"),
    ]  # fmt: skip
    assert [row["milestones"] for row in made["rows"] if row["errors"]] == [[], []]
    back = await office.get(f"/imports/{made['id']}/rejected.xlsx")
    sheet = cells(back.content)
    assert [row[1] for row in sheet[3:]] == ["游泳馆", "专业市场建设"]
    again = await previewed(office, back.content, COUNTY_C, **WHEN)
    assert [[e["code"] for e in row["errors"]] for row in again["rows"]] == [
        ["not_a_milestone"], ["milestone_done_ahead"],
    ]  # fmt: skip


async def test_a_new_column_finds_its_place_among_the_others(world: World, office: Client) -> None:
    await load(office)
    book = openpyxl.load_workbook(io.BytesIO(COUNTY_C_LEDGER))
    assert book.active is not None
    book.active["L3"], book.active["M3"], book.active["M2"] = "联合调试", "竣工", "节点计划完成时间"
    for row in range(4, 19):
        book.active[f"M{row}"] = book.active[f"L{row}"].value
        book.active[f"L{row}"] = "11月1日"
    out = io.BytesIO()
    book.save(out)
    done = await load(office, out.getvalue())
    assert done["counts"]["changed"] == 15
    names = [row["name"] for row in await stored(world) if row["project"] == "职教中心"]
    assert names == ["立项", "设计", "融资", "拆迁", "进场", "开工", "联合调试", "竣工"]
    assert {row["kind"] for row in await stored(world) if row["name"] == "联合调试"} == {"other"}


async def test_what_is_exported_is_read_in_again_without_change(world: World, office: Client) -> None:
    await load(office, edited(F5="2013年3月1日已完成", G5="正在办理", I6="待定", J6=None, K7="2013.2.30日"))
    await world.pool.execute(
        "UPDATE milestones SET planned_finish = NULL, status = 'in_progress' WHERE name = '拆迁' AND status = 'planned'"
    )
    answer = await office.get("/projects.xlsx", params={"region": COUNTY_C, **WHEN})
    rows = cells(answer.content)
    start = rows[2].index("节点计划完成时间")
    assert rows[3][start : start + 7] == ["立项", "设计", "融资", "拆迁", "进场", "开工", "竣工"]
    first = next(row for row in rows if "大道绿化工程" in row)
    assert first[start : start + 4] == ["2013年3月1日已完成", "进行中", "2013年5月15日", "进行中"]
    again = await previewed(office, answer.content, COUNTY_C)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 14, "rejected": 0}
    assert [row for row in again["rows"] if row["notes"]] == []
    assert {m["outcome"] for row in again["rows"] for m in row["milestones"]} == {"unchanged"}
