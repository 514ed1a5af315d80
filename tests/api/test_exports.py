"""Ledgers out, and back in again without a change."""

from __future__ import annotations

from typing import Any

import pytest

from app.services import exports
from tests.ledger_files import add_places, apply_ledger, cells, load_county_a, load_county_b, previewed, workbook
from tests.world import COUNTY_A, COUNTY_B, Client, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _export(client: Client, **filters: Any) -> bytes:
    answer = await client.get("/projects.xlsx", params=filters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    return answer.content


def _names(content: bytes) -> list[str]:
    rows = cells(content)
    header = next(row for row in rows if "项目名称" in row)
    name, code = header.index("项目名称"), header.index("项目编号")
    return [str(row[name]) for row in rows[rows.index(header) + 1 :] if row[code]]


@pytest.mark.parametrize(
    ("county", "filters", "count"),
    [
        (COUNTY_A, {}, 64),
        (COUNTY_A, {"year": 2006, "as_of": "2006-12-31"}, 64),
        (COUNTY_B, {}, 249),
        (COUNTY_B, {"year": 2016, "as_of": "2016-02-29"}, 249),
        (COUNTY_B, {"category": "continued", "year": 2016, "sector": "transport"}, None),
    ],
)
async def test_an_exported_ledger_read_in_again_changes_nothing(
    world: World, county: str, filters: dict[str, Any], count: int | None
) -> None:
    await add_places(world)
    office = await (load_county_a if county == COUNTY_A else load_county_b)(world)
    listed = (await office.get("/projects", params={"region": county, "count": "true", **filters})).json()["total"]
    assert count in {None, listed}
    content = await _export(office, region=county, **filters)
    again = await previewed(office, content, county)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": listed, "rejected": 0}
    assert again["totals"]
    assert all(check["agrees"] for check in again["totals"])
    assert [row for row in again["rows"] if row["notes"]] == []


async def test_odd_content_survives_the_way_out_and_back(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    department = await world.department(COUNTY_B, "发改局、财政局")
    odd: list[dict[str, Any]] = [
        {"name": "=1+1", "location": "@SUM(A1)", "remark": "大项目、说明", "content": "第一行\n第二行"},
        {"name": "无名桥", "code": "N-1", "remark": "无", "problem": "-", "investors": ["甲、乙公司", "=丙"]},
        {"name": "合计", "total_investment": 0, "planned_start": "2016", "planned_completion": "2016-06-30"},
        {"name": "一、工业项目", "national_code": "201652270148030001230001", "enrolled_on": "2016-05-01"},
        {"name": "小数", "total_investment": 0.0001, "major": True, "stage": "terminated"},
        {"name": "巨大", "total_investment": 99999999999999, "sector": "energy"},
    ]
    made = [await office.created("/projects", {"region_code": COUNTY_B, **fields}) for fields in odd]
    assignments = f"/projects/{made[0]['id']}/assignments"
    await office.created(assignments, {"role": "responsible", "department_id": department})
    await office.created(assignments, {"role": "contact", "person_name": "孙 浩", "phone": "0859 123"})
    content = await _export(office)
    assert len(_names(content)) == len(odd)
    again = await previewed(office, content)
    assert [
        (r["name"], r["outcome"], r["changes"], r["errors"]) for r in again["rows"] if r["outcome"] != "unchanged"
    ] == []


async def test_the_export_holds_what_its_reader_sees_and_asked_for(world: World) -> None:
    office = await load_county_b(world)
    department = await world.pool.fetchval("SELECT id FROM departments WHERE name = '县工信局'")
    bureau = await world.user("department", COUNTY_B, department_id=department)
    own = (await bureau.get("/projects?count=true")).json()["total"]
    assert 0 < own < 249
    assert len(_names(await _export(bureau))) == own
    assert _names(await _export(await world.user("viewer", COUNTY_A))) == []
    wanted = {"sector": "industry", "q": "天然气"}
    names = {p["name"] for p in (await office.get("/projects", params=wanted)).json()["items"]}
    assert names == set(_names(await _export(office, **wanted)))
    assert (await (await world.user("system_admin", COUNTY_B)).get("/projects.xlsx")).status_code == 403
    unknown = await office.get("/projects.xlsx?limit=5")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_parameter")


async def test_a_past_day_is_written_as_it_was(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    header = ("项目名称", "阶段", "包抓领导", "累计完成投资")
    for day, *row in (("2016-02-29", "洽谈", "王建国", 10), ("2016-03-31", "签约", "刘洋", 20)):
        await apply_ledger(office, workbook([("甲厂", *row)], header), as_of=str(day))
    shown = {}
    for day in ("2016-02-29", "2016-03-31"):
        rows = cells(await _export(office, as_of=day))
        text = [cell for row in rows for cell in row if cell is not None]
        shown[day] = [cell for cell in ("洽谈", "签约", "王建国", "刘洋", 10, 20) if cell in text]
    assert shown == {"2016-02-29": ["洽谈", "王建国", 10], "2016-03-31": ["签约", "刘洋", 20]}
    assert _names(await _export(office, as_of="2016-02-28")) == []


async def test_the_file_name_is_chinese_and_dated(world: World) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    answer = await office.get("/projects.xlsx", params={"region": COUNTY_B, "as_of": "2016-02-29"})
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=\"file.xlsx\"; filename*=UTF-8''%E4%B9%99%E5%8E%BF2016")
    assert disposition.endswith("-2016-02-29.xlsx")


async def test_more_than_can_be_read_again_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office = await world.user("dispatcher", COUNTY_B)
    await apply_ledger(office, workbook([("甲厂", 1), ("乙厂", 2)], ("项目名称", "总投资")))
    monkeypatch.setattr(exports, "MAX_PROJECTS", 1)
    refused = await office.get("/projects.xlsx")
    assert (refused.status_code, refused.json()["code"]) == (422, "export_too_large")
    assert "1" in refused.json()["detail"]
