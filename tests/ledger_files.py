"""Ledgers for tests: the three counties' own files, and small ones made up on the spot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import openpyxl

from tests.world import COUNTY_A, COUNTY_B, Client, World

_FOLDER = Path(__file__).parent / "data" / "ledgers"
COUNTY_A_LEDGER = (_FOLDER / "county-a-pipeline.xlsx").read_bytes()
COUNTY_B_LEDGER = (_FOLDER / "county-b-2016-02.xlsx").read_bytes()
COUNTY_C_LEDGER = (_FOLDER / "county-c-urban-2013.xlsx").read_bytes()

HEADER = ("序号", "项目名称", "建设地点", "建设性质", "总投资", "2016年计划投资", "1-2月完成投资")
"""Of a small ledger; tests take these columns or put others in their place."""


def workbook(rows: list[tuple[Any, ...]], header: tuple[str, ...] = HEADER, title: str = "2016年重点项目") -> bytes:
    """Title, filler as of 2016-02-29, header, rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "重点项目"
    sheet.append([title])
    sheet.append(["截止时间:2016年2月29日 单位:万元"])
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(content: bytes) -> list[list[Any]]:
    """All rows of the first sheet of a workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


async def send(
    office: Client, content: bytes, region: str = COUNTY_B, *, headers: dict[str, str] | None = None, **form: Any
) -> httpx.Response:
    files = {"file": ("台账.xlsx", content)}
    return await office.post("/imports", data={"region": region, **form}, files=files, headers=headers)


async def previewed(office: Client, content: bytes, region: str = COUNTY_B, **form: Any) -> dict[str, Any]:
    answer = await send(office, content, region, **form)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON


async def apply_ledger(office: Client, content: bytes, region: str = COUNTY_B, **form: Any) -> dict[str, Any]:
    """Previewed and applied, whoever is missing made; the import as it is afterwards."""
    made = await previewed(office, content, region, **form)
    answer = await office.post(f"/imports/{made['id']}/application", {"create_missing": True})
    assert answer.status_code == 200, answer.text
    return (await office.get(f"/imports/{made['id']}")).json()  # type: ignore[no-any-return]  # JSON


async def project_named(office: Client, name: str) -> dict[str, Any]:
    """The one project of that name, in full."""
    found = [p for p in (await office.get("/projects", params={"q": name})).json()["items"] if p["name"] == name]
    assert len(found) == 1, (name, found)
    return (await office.get(f"/projects/{found[0]['id']}")).json()  # type: ignore[no-any-return]  # JSON


async def add_places(world: World) -> None:
    """The townships and parks both ledgers speak of."""
    places = [
        ("990101002", "县项目园区", "park", COUNTY_A),
        ("990101003", "大庙镇", "township", COUNTY_A),
        ("990102002", "龙山镇", "township", COUNTY_B),
        ("990102003", "坪上乡", "township", COUNTY_B),
        ("990102004", "大河镇", "township", COUNTY_B),
    ]
    await world.pool.executemany("INSERT INTO regions (code, name, kind, parent_code) VALUES ($1, $2, $3, $4)", places)


async def load_county_a(world: World) -> Client:
    office = await world.user("dispatcher", COUNTY_A)
    await apply_ledger(office, COUNTY_A_LEDGER, COUNTY_A, year="2006")
    return office


async def load_county_b(world: World) -> Client:
    office = await world.user("dispatcher", COUNTY_B)
    await apply_ledger(office, COUNTY_B_LEDGER, COUNTY_B)
    return office
