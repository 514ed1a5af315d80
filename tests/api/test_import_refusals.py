"""Files and forms that are refused, limits, hostile content."""

from __future__ import annotations

import io
from contextlib import ExitStack
from typing import Any

import openpyxl
import pytest

from app.services.import_reading import a_place
from tests.ledger_files import (
    apply_ledger,
    project_named,
    send,
    workbook,
)
from tests.world import COUNTY_B, Client, World

GOOD = (1, "甲厂", "城关镇", "续建", 100, 50, 10)


@pytest.fixture
async def office(world: World) -> Client:
    return await world.user("dispatcher", COUNTY_B)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_a_workbook"),
        (b"PK\x03\x04 nonsense", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_workbook"),
        (workbook([], ("甲", "乙")), "no_header_found"),
    ],
)
async def test_bad_files_are_refused_with_a_reason(office: Client, content: bytes, reason: str) -> None:
    refused = await send(office, content)
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (
        422, "unreadable_workbook", reason,
    )  # fmt: skip
    assert refused.json()["detail"]


async def test_bad_forms_are_refused(world: World, office: Client) -> None:
    good = workbook([GOOD])
    tomorrow = {"as_of": "2199-01-01"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"year": "0"}, "/year"),
        (tomorrow, "/as_of"),
        ({"kind": "houses"}, "/kind"),
        ({"x": "1"}, "/x"),
    ]
    for form, pointer in wrong:
        refused = await send(office, good, **form)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    prefecture = await world.user("dispatcher", "9901")
    refused = await send(prefecture, good, "990177")
    assert refused.json()["errors"][0]["code"] == "unknown_reference"
    assert (await office.post("/imports", data={"region": COUNTY_B})).status_code == 422
    assert (await office.post("/imports", data={"region": COUNTY_B, "file": "text"})).status_code == 422
    json_body = await office.post("/imports", {"region": COUNTY_B})
    assert json_body.status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await office.post("/imports", content=b"--b\r\nnonsense", headers=broken)).status_code in {400, 422}


async def test_a_file_may_be_twenty_mebibytes_and_no_more(office: Client) -> None:
    limit = 20 * 1024 * 1024
    assert (await send(office, b"x" * limit)).json()["code"] == "unreadable_workbook"
    for size in (limit + 1, limit + 200_000):
        refused = await send(office, b"x" * size)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large"), size


async def test_hostile_text_stays_text(office: Client) -> None:
    name = "=cmd|' /C calc'!A0"
    book = openpyxl.load_workbook(
        io.BytesIO(workbook([("占位", "@SUM(A1)", "-1+1")], ("项目名称", "建设地点", "备注")))
    )
    cell = book.worksheets[0]["A4"]
    cell.value = name
    cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    done = await apply_ledger(office, out.getvalue())
    assert done["rows"][0]["name"] == name
    project = await project_named(office, name)
    assert (project["location"], project["remark"]) == ("@SUM(A1)", "-1+1")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\台账\\三月.xlsx", "三月.xlsx"), ("../../b.xls", "b.xls"), ("长" * 300 + ".xlsx", "长" * 195 + ".xlsx")],
)
async def test_a_file_name_is_only_shown(office: Client, given: str, kept: str) -> None:
    files = {"file": (given, workbook([GOOD]))}
    made = await office.post("/imports", data={"region": COUNTY_B}, files=files)
    assert made.json()["filename"] == kept
    assert (await office.get(f"/imports/{made.json()['id']}/rejected.xlsx")).status_code == 200


async def test_too_many_at_once_are_asked_to_try_again(office: Client) -> None:
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(a_place())
        refused = await send(office, workbook([GOOD]))
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert refused.headers["retry-after"] == "5"
    assert (await send(office, workbook([GOOD]))).status_code == 201
