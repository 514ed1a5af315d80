"""Writing a projects ledger in the county format, such that reading it again gives the same values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.ledgers.amounts import from_wan
from app.ledgers.dates import chinese
from app.ledgers.errors import too_large
from app.ledgers.forms import written
from app.ledgers.limits import MAX_ROWS
from app.ledgers.model import ProjectValues
from app.ledgers.nodes import GROUP, PREFIX, can_head_a_column
from app.ledgers.rows import AMOUNT_FIELDS
from app.ledgers.sheets import Book, Sheet
from app.ledgers.text import match_key
from app.ledgers.text import number as rounded
from app.ledgers.vocabulary import SECTOR_LABELS

_DIGITS = "〇一二三四五六七八九"
_MOST_NODES = 100
"""Columns of milestones; offices agree on a dozen names, and a sheet of hundreds would help nobody."""
_WIDTHS = {"seq": 6, "name": 30, "content": 40, "code": 26, "progress_text": 24, "problem": 24, "remark": 18}

_Columns = tuple[tuple[str, tuple[str, ...]], ...]


def write_projects(
    rows: Iterable[ProjectValues],
    *,
    title: str,
    unit: str = "万元",
    year: int | None = None,
    as_of: date | None = None,
    sections: bool = True,
    sectors: Mapping[str, str] | None = None,
) -> bytes:
    """An .xlsx: title, filler, two-level header, 合计, then the rows (with `sections` by sector, each with count and
    totals; rows without a sector first). `sectors` are labels of further sector codes. Where any row has milestones,
    each of their names has a column; a name that no heading can carry has none.

    Reading it gives `forms.canonical` of every row. LedgerError `workbook_too_large` beyond what can be read again.
    """
    kept = list(rows)
    nodes = node_names(kept)
    kept = [_spelled(row, nodes) for row in kept]
    if len(kept) > MAX_ROWS - 100:
        raise too_large("rows", len(kept), MAX_ROWS - 100)
    writer = _Writer(_columns(year, as_of, list(nodes.values()), sections=sections), unit, sectors)
    writer.head(title or "重点项目台账", year, as_of)
    writer.total(f"合计({len(kept)}个)", kept, bold=True)
    if sections:
        groups = _grouped(kept, sectors)
        writer.projects(groups.pop(None, []))
        for number, (sector, members) in enumerate(groups.items(), 1):
            writer.section(number, sector or "", members)
            writer.projects(members)
    else:
        writer.projects(kept)
    return writer.close()


def node_names(rows: Iterable[ProjectValues]) -> dict[str, str]:
    """The milestones that get columns, in an order that keeps that of each row as far as rows agree: what spellings
    of a name have in common → its first spelling."""
    names: dict[str, str] = {}
    after: dict[str, set[str]] = {}
    for row in rows:
        before: set[str] = set()
        for node in row.milestones:
            key = match_key(node.name)
            if key not in names and (len(names) == _MOST_NODES or not can_head_a_column(node.name)):
                continue
            names.setdefault(key, node.name)
            after.setdefault(key, set()).update(before - {key})
            before.add(key)
    ordered: dict[str, str] = {}
    while rest := [key for key in names if key not in ordered]:
        # Where rows contradict each other, the first seen goes first.
        key = next((key for key in rest if after[key] <= ordered.keys()), rest[0])
        ordered[key] = names[key]
    return ordered


def _spelled(row: ProjectValues, nodes: Mapping[str, str]) -> ProjectValues:
    """The row with its milestones called as their columns are."""
    called = tuple(node._replace(name=nodes.get(match_key(node.name), node.name)) for node in row.milestones)
    return row if called == row.milestones else replace(row, milestones=called)


def _columns(year: int | None, as_of: date | None, nodes: Sequence[str], *, sections: bool) -> _Columns:
    plan = f"{year}年计划投资" if year else "年度计划投资"
    done = "累计完成投资"
    if year and as_of and as_of.year == year:
        done = f"1-{as_of.month}月完成投资" if as_of.month > 1 else "1月完成投资"
    return (
        ("seq", ("序号",)),
        ("name", ("项目名称",)),
        ("own_code", ("项目编号",)),
        ("code", ("项目代码",)),
        *(() if sections else (("sector", ("所属行业",)),)),
        ("stage", ("阶段",)),
        ("location", ("建设地点",)),
        ("category", ("建设性质",)),
        ("content", ("建设内容及规模",)),
        ("start", ("建设起止年限", "开工时间")),
        ("completion", ("建设起止年限", "竣工时间")),
        ("total_investment", ("投资情况", "总投资")),
        ("annual_plan", ("投资情况", plan)),
        ("completed", ("投资情况", done)),
        ("completion_rate", ("投资情况", "占年度计划")),
        *((PREFIX + name, (GROUP, name)) for name in nodes),
        ("progress_text", ("形象进度",)),
        ("problem", ("存在问题",)),
        ("departments", ("责任落实", "责任单位")),
        ("contact", ("责任落实", "责任人")),
        ("contact_phone", ("责任落实", "联系电话")),
        ("leader", ("责任落实", "包抓领导")),
        ("investors", ("投资方",)),
        ("owners", ("业主单位",)),
        ("enrolled_on", ("入库时间",)),
        ("remark", ("备注",)),
    )


def filler(year: int | None, as_of: date | None, unit: str) -> str:
    """The line under the title, in words the reader knows."""
    parts = [f"年度:{year}年" if year else "", f"截止时间:{chinese(as_of)}" if as_of else "", f"单位:{unit}"]
    return "      ".join(filter(None, parts))


def chinese_numeral(number: int) -> str:
    """一 … 九十九, and that for all beyond: no dictionary has so many sectors."""
    tens, ones = divmod(min(number, 99), 10)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def _grouped(rows: Sequence[ProjectValues], sectors: Mapping[str, str] | None) -> dict[str | None, list[ProjectValues]]:
    order = [*SECTOR_LABELS, *(sectors or {})]
    found: dict[str | None, list[ProjectValues]] = {}
    for row in rows:
        found.setdefault(row.sector, []).append(row)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


class _Writer:
    def __init__(self, columns: _Columns, unit: str, sectors: Mapping[str, str] | None) -> None:
        self._book = Book()
        self._sheet: Sheet = self._book.sheet("重点项目")
        self._columns = columns
        self._places = {field: place for place, (field, _) in enumerate(columns)}
        self._unit = unit
        self._sectors = sectors
        self._row = 0

    def head(self, title: str, year: int | None, as_of: date | None) -> None:
        width = len(self._columns)
        self._sheet.band(0, width, title, bold=True, align="center", font_size=16)
        self._sheet.band(1, width, filler(year, as_of, self._unit))
        self._sheet.heading(2, [levels for _, levels in self._columns], 2)
        self._row = 4

    def total(self, label: str, rows: Sequence[ProjectValues], *, seq: str = "", bold: bool = False) -> None:
        cells: dict[str, str | Decimal] = {"seq": seq, "name": label}
        for field in AMOUNT_FIELDS:
            amounts = [amount for row in rows if (amount := getattr(row, field)) is not None]
            if amounts:
                cells[field] = from_wan(sum(amounts, Decimal(0)), self._unit)
        self._put(cells, bold=bold)

    def section(self, number: int, sector: str, rows: Sequence[ProjectValues]) -> None:
        label = (SECTOR_LABELS | dict(self._sectors or {})).get(sector, sector).removesuffix("项目")
        self.total(f"{label}项目({len(rows)}个)", rows, seq=chinese_numeral(number), bold=True)

    def projects(self, rows: Sequence[ProjectValues]) -> None:
        for number, row in enumerate(rows, 1):
            self._put({"seq": Decimal(number), **written(row, unit=self._unit, sectors=self._sectors)})

    def _put(self, cells: dict[str, str | Decimal], *, bold: bool = False) -> None:
        look = {"bold": True} if bold else {}
        for field, place in self._places.items():
            if field != "completion_rate":
                self._sheet.put(self._row, place, cells.get(field), **look)
        plan, done = cells.get("annual_plan"), cells.get("completed")
        rate = rounded(float(done / plan)) if isinstance(plan, Decimal) and plan and isinstance(done, Decimal) else None
        self._sheet.put(self._row, self._places["completion_rate"], rate, num_format="0.00%", **look)
        self._row += 1

    def close(self) -> bytes:
        self._sheet.finish((_WIDTHS.get(field, 12) for field, _ in self._columns), 4)
        return self._book.close()
