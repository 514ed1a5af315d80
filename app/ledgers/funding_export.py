"""Writing a ledger of money, such that reading it again gives the same values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from app.domain.funding import STEPS
from app.ledgers.dates import chinese
from app.ledgers.export import filler
from app.ledgers.funding import FundingValues
from app.ledgers.funding_cells import LEVELS
from app.ledgers.sheets import Book

_STEPS = {"applied": "申请情况", "approved": "批复情况", "received": "到位情况", "paid": "支付情况"}
_COLUMNS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("seq", ("序号",), 6),
    ("level", ("资金层级",), 9),
    ("name", ("项目名称",), 30),
    ("own_code", ("项目编号",), 16),
    ("region", ("区划",), 12),
    ("channel", ("资金渠道",), 16),
    ("batch", ("批次",), 6),
    ("year", ("年度",), 8),
    ("title", ("资金名称",), 20),
    *[
        column
        for step, above in _STEPS.items()
        for column in (
            (step, (above, "金额"), 14),
            (f"{step}_on", (above, "时间"), 14),
            (f"{step}_document", (above, "文号"), 18),
        )
    ],
    ("excess_reason", ("超额原因",), 18),
    ("remark", ("备注",), 18),
    ("record", ("记录编号",), 38),
)


def write_funding(
    rows: Sequence[FundingValues], *, title: str, as_of: date | None, channels: Mapping[str, str], unit: str = "万元"
) -> bytes:
    """An .xlsx: title, filler, two-level header, 合计, then the rows."""
    book = Book()
    sheet = book.sheet("资金")
    sheet.band(0, len(_COLUMNS), title, bold=True, align="center", font_size=16)
    sheet.band(1, len(_COLUMNS), filler(None, as_of, unit))
    sheet.heading(2, [levels for _, levels, _ in _COLUMNS], 2)
    whole: dict[str, str | Decimal] = {"seq": "", "name": f"合计({len(rows)}项)"}
    whole |= {step: sum((getattr(row, step) or Decimal(0) for row in rows), Decimal(0)) for step in STEPS}
    lines = [whole, *({"seq": Decimal(n), **_written(row, channels)} for n, row in enumerate(rows, 1))]
    for at, cells in enumerate(lines, 4):
        look = {"bold": True} if at == 4 else {}
        for place, (field, _, _) in enumerate(_COLUMNS):
            sheet.put(at, place, cells.get(field), **look)
    sheet.finish((width for _, _, width in _COLUMNS), 4)
    return book.close()


def _written(row: FundingValues, channels: Mapping[str, str]) -> dict[str, str | Decimal]:
    cells: dict[str, str | Decimal] = {}
    for field, _, _ in _COLUMNS[1:]:
        value = getattr(row, field)
        if value is None:
            continue
        if isinstance(value, Decimal):
            cells[field] = value
        elif isinstance(value, date):
            cells[field] = chinese(value)
        elif isinstance(value, int):
            cells[field] = Decimal(value)
        else:
            cells[field] = str(value)
    cells["channel"] = channels.get(row.channel or "", row.channel or "")
    cells["level"] = LEVELS[row.level or "project"]
    return cells
