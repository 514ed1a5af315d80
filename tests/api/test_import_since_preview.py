"""Edits made between an import's preview and its application are told, and not written over unasked."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import openpyxl
import pytest

from tests.ledger_files import HEADER, apply_ledger, previewed, project_named, send, workbook
from tests.world import COUNTY_B, Client, World

FULL = (*HEADER, "责任单位", "备注")
OLD = [
    (1, "甲厂", "城关镇", "续建", 100, 50, 10, "工信局", "旧"),
    (2, "乙厂", "城关镇", "续建", 200, 60, 20, "工信局", "旧"),
    (3, "丙厂", "城关镇", "续建", 300, 70, 30, "工信局", "旧"),
]
NEW = [
    (1, "甲厂", "城关镇", "续建", 110, 50, 10, "工信局", "旧"),
    (2, "乙厂", "城关镇", "续建", 220, 60, 20, "工信局", "旧"),
    (3, "丙厂", "城关镇", "续建", 330, 70, 30, "工信局", "旧"),
]


@pytest.fixture
async def office(world: World) -> Client:
    office = await world.user("dispatcher", COUNTY_B)
    await apply_ledger(office, workbook(OLD, FULL))
    return office


async def _edit(office: Client, name: str, /, **fields: Any) -> None:
    project = await project_named(office, name)
    answer = await office.patch(f"/projects/{project['id']}", fields, etag=f'"{project["version"]}"')
    assert answer.status_code == 200, answer.text


async def _apply(office: Client, made: dict[str, Any], **how: Any) -> Any:
    return await office.post(f"/imports/{made['id']}/application", how, headers={"Accept-Language": "en"})


async def _rows(office: Client, made: dict[str, Any]) -> list[dict[str, Any]]:
    seen = await office.get(f"/imports/{made['id']}", headers={"Accept-Language": "en"})
    rows: list[dict[str, Any]] = seen.json()["rows"]
    return rows


async def test_a_row_edited_since_is_given_back_and_the_others_are_written(office: Client) -> None:
    made = await previewed(office, workbook(NEW, FULL))
    assert made["counts"] == {"created": 0, "changed": 3, "unchanged": 0, "rejected": 0}
    await _edit(office, "甲厂", total_investment=150)
    await _edit(office, "乙厂", total_investment=220)  # what the ledger says, too
    await _edit(office, "丙厂", content="台账没有的栏目")
    refused = await _apply(office, made, mode="all")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_rejections")

    applied = await _apply(office, made)
    assert applied.json()["counts"] == {"created": 0, "changed": 1, "unchanged": 1, "rejected": 1}
    [edited, same, other] = await _rows(office, made)
    [error] = edited["errors"]
    assert (edited["outcome"], edited["changes"]) == ("rejected", {})
    assert (error["code"], error["cell"], error["field"]) == ("changed_since_preview", "E4", "total_investment")
    assert "now: 150" in error["message"]
    assert (same["outcome"], other["outcome"]) == ("unchanged", "changed")
    totals = [(await project_named(office, name))["total_investment"] for name in ("甲厂", "乙厂", "丙厂")]
    assert totals == [150, 220, 330]
    assert (await project_named(office, "丙厂"))["content"] == "台账没有的栏目"

    # The row comes back as a sheet; sent in again, it shows the difference as it is now, and can be applied.
    back = await office.get(f"/imports/{made['id']}/rejected.xlsx")
    again = (await send(office, back.content, COUNTY_B)).json()
    assert again["rows"][0]["changes"] == {"total_investment": [150, 110]}
    assert (await _apply(office, again)).json()["counts"]["changed"] == 1
    assert (await project_named(office, "甲厂"))["total_investment"] == 110


async def test_told_to_overwrite_it_does(office: Client) -> None:
    made = await previewed(office, workbook(NEW, FULL))
    await _edit(office, "甲厂", total_investment=150, remark="手工")
    applied = await _apply(office, made, overwrite=True)
    assert applied.json()["counts"] == {"created": 0, "changed": 3, "unchanged": 0, "rejected": 0}
    project = await project_named(office, "甲厂")
    assert (project["total_investment"], project["remark"]) == (110, "旧")


async def test_what_the_preview_said_nothing_of_is_not_written_either(office: Client) -> None:
    """The remark was as in the ledger, so the preview did not show it; then somebody wrote another."""
    made = await previewed(office, workbook(NEW, FULL))
    await _edit(office, "甲厂", remark="已约谈")
    project = await project_named(office, "乙厂")
    figure = {"year": 2016, "completed": 33, "as_of": "2016-02-29"}
    figures = f"/projects/{project['id']}/progress-figures"
    assert (await office.post(figures, figure)).status_code in {200, 201}
    assert (await _apply(office, made)).json()["counts"] == {"created": 0, "changed": 1, "unchanged": 0, "rejected": 2}
    codes = [[(e["field"], e["code"]) for e in row["errors"]] for row in await _rows(office, made)]
    assert codes == [[("remark", "changed_since_preview")], [("progress.completed", "changed_since_preview")], []]
    assert (await project_named(office, "甲厂"))["remark"] == "已约谈"


async def test_a_project_renamed_or_made_since(office: Client) -> None:
    rows = [*NEW, (4, "丁厂", "城关镇", "续建", 400, 80, 40, "工信局", "新")]
    made = await previewed(office, workbook(rows, FULL))
    await _edit(office, "甲厂", name="甲厂二期")
    await office.created("/projects", {"name": "丁厂", "region_code": COUNTY_B, "total_investment": 999})
    assert (await _apply(office, made)).json()["counts"] == {"created": 0, "changed": 2, "unchanged": 0, "rejected": 2}
    codes = [{e["code"] for e in row["errors"]} for row in await _rows(office, made)]
    assert codes == [{"other_since_preview"}, set(), set(), {"changed_since_preview"}]
    assert (await project_named(office, "丁厂"))["total_investment"] == 999


async def test_a_department_made_since_is_no_edit(world: World, office: Client) -> None:
    rows = [(1, "甲厂", "城关镇", "续建", 100, 50, 10, "新设局", "旧")]
    made = await previewed(office, workbook(rows, FULL))
    await office.created("/departments", {"region_code": COUNTY_B, "name": "新设局"})
    assert (await _apply(office, made)).json()["counts"]["changed"] == 1
    assert [d["name"] for d in (await project_named(office, "甲厂"))["responsible_departments"]] == ["新设局"]


async def test_of_two_previews_of_one_file_the_second_finds_nothing_to_do(office: Client) -> None:
    first, second = [await previewed(office, workbook(NEW, FULL)) for _ in range(2)]
    both = await asyncio.gather(_apply(office, first), _apply(office, second))
    assert sorted(answer.json()["counts"]["unchanged"] for answer in both) == [0, 3]


async def test_money_entered_since_is_not_corrected_away(world: World, office: Client) -> None:
    def ledger(received: int) -> bytes:
        book = openpyxl.Workbook()
        assert book.active is not None
        for line in (["2015年资金台账"], ["单位:万元"], ["项目名称", "资金渠道", "批复资金", "到位资金"]):
            book.active.append(line)
        book.active.append(["甲厂", "财政渠道", 500, received])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    made = (await send(office, ledger(100), COUNTY_B, kind="funding")).json()
    assert (await _apply(office, made)).status_code == 200
    made = (await send(office, ledger(300), COUNTY_B, kind="funding")).json()
    assert made["rows"][0]["changes"] == {"received": [100, 300]}
    [record] = (await office.get("/funding-records")).json()["items"]
    entry = {"step": "received", "happened_on": "2015-12-01", "amount": 50}
    assert (await office.post(f"/funding-records/{record['id']}/entries", entry)).status_code == 201
    refused = await _apply(office, made)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_apply")
    assert (await office.get(f"/funding-records/{record['id']}")).json()["received"] == 150
    assert (await _apply(office, made, overwrite=True)).json()["counts"]["changed"] == 1
    assert (await office.get(f"/funding-records/{record['id']}")).json()["received"] == 300
