"""Money for tests."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from tests.world import COUNTY_A, Client, World

DAY = "2015-06-30"


async def region_money(office: Client, region: str = COUNTY_A, **fields: Any) -> str:
    """The path of a region's record."""
    sent = {"region_code": region, "year": 2015, "channel": "fiscal", **fields}
    return f"/funding-records/{(await office.created('/funding-records', sent))['id']}"


async def project_money(office: Client, project_id: str, **fields: Any) -> str:
    sent = {"project_id": project_id, "year": 2015, "channel": "special_bond", **fields}
    return f"/funding-records/{(await office.created('/funding-records', sent))['id']}"


async def enter(office: Client, path: str, **steps: Any) -> dict[str, dict[str, Any]]:
    """An entry for each step, in the order given; by step."""
    return {
        step: await office.created(f"{path}/entries", {"step": step, "happened_on": DAY, "amount": amount})
        for step, amount in steps.items()
    }


async def totals(world: World, path: str) -> dict[str, Any]:
    row = await world.pool.fetchrow("SELECT * FROM funding_records WHERE id = $1::text::uuid", path.split("/")[2])
    return {name: row[name] for name in ("applied", "approved", "received", "paid", "allocated")}


def book(rows: list[tuple[Any, ...]], merges: tuple[str, ...] = ()) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def messy(received: Any = "1,200.5万元") -> bytes:
    """As an office keeps it: two-level header, sections by channel, merged names, units, notes, totals."""
    return book(
        [
            ("乙县2015年项目资金到位情况表",),
            ("填报单位：县财政局", None, None, None, "截止时间：2015年12月31日", None, None, None, None, "单位：元"),
            ("序号", "项目名称", "批 次", "下达情况", None, None, "到位情况", None, "已支付（万元）", "备  注"),
            (None, None, None, "金额", "时间", "文 号", "金额", "时间", None, None),
            ("一", "专项建设基金", None, 20000000, None, None, 17000000, None, 900, None),
            (
                1,
                "大桥",
                "第一批",
                "１２００万元",
                "2015年3月",
                "发改投资〔2015〕88号",
                12_000_000,
                "2015.6.30",
                900,
                None,
            ),
            (2, None, "第二批", 8_000_000, "待定", None, "5000000.00", 42339, "-", "@1+1"),
            ("二", "车购税", None, None, None, None, None, None, None, None),
            (3, "学校", None, 1234567.89, None, None, received, None, None, "   "),
            (4, "不存在的项目", None, 5, None, None, 5, None, None, None),
            (5, "大桥", None, "三百", None, None, None, None, None, None),
            ("合计", None, None, 21234572.89, None, None, None, None, None, None),
            ("填表人：张三",),
        ],
        ("A1:J1", "D3:F3", "G3:H3", "A3:A4", "B3:B4", "C3:C4", "I3:I4", "J3:J4", "B6:B7"),
    )
