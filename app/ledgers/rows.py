"""Telling the rows below a header apart: projects, sections, subtotals, totals, notes, repeated headers, blanks."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.ledgers.errors import too_large
from app.ledgers.headers import Header, field_of, normalised
from app.ledgers.model import CellValue, Column, Grid, NotCalculated
from app.ledgers.nodes import PREFIX
from app.ledgers.text import fold, show
from app.ledgers.vocabulary import CATEGORY_LABELS, category_of, is_sector_label, sector_of, stage_of

AMOUNT_FIELDS = ("total_investment", "annual_plan", "completed")
_NOT_SAYING = {*AMOUNT_FIELDS, "seq", "completion_rate", "reason"}
_BESIDE_A_SECTION = {"remark", "problem", "progress_text"}
_MOST_FILLED = 1_000_000
_EACH_ITS_OWN = {None, "name", "seq", "code", "own_code"}
_NUMERAL = "[一二三四五六七八九十百]+"
NUMBERED = re.compile(r"\(?[0-9]+(?:\.[0-9]+)*[))、..]?")
SECTION_NUMBER = re.compile(rf"(?:第?({_NUMERAL})[、..,:类]?|\(({_NUMERAL})\)、?)")
SECTION_LABEL = re.compile(rf"(?:({_NUMERAL})[、..,:]|\(({_NUMERAL})\)、?)(.+)")
_SMALL_LABEL = re.compile(r"[0-9]+[、..](.+[(:]?[0-9]+[个项].*)")
COUNT = re.compile(r"[(:,]?共?计?([0-9]+)[个项](?:项目)?\)?")
TOTAL = re.compile(r"(?:全[县市区州省镇乡]|本[县市区]|以上|项目)?(?:合计|总计|共计)(?:$|[(:0-9共].*)")
SUBTOTAL = re.compile(r".{0,15}小计(?:$|[(:0-9共].*)")
NOTE = re.compile(
    r"(?:填表|填报|制表|审核|复核|报送|单位负责|主管领导|分管领导|负责人:|联系电话:|联系人:|备注:|注:|说明:|注[0-9、]"
    r"|附注|以下空白|※|\*).*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. `cells` by field, `shown` by column; `label`, `count`, `level` for sections."""

    index: int
    kind: str
    cells: Mapping[str, CellValue]
    shown: tuple[str, ...]
    label: str = ""
    count: int | None = None
    level: int = 0

    @property
    def text(self) -> str:
        return next((text for text in self.shown if text), "")


class RowReader:
    """Reads the rows of one sheet in order."""

    def __init__(
        self, grid: Grid, header: Header, columns: Sequence[Column], sectors: Mapping[str, str] | None = None
    ) -> None:
        self._grid = grid
        self._sectors = sectors
        self._places = [index for index, levels in enumerate(header.levels) if levels]
        self._fields = [column.field for column in columns]
        self._has_seq = "seq" in self._fields
        self._headings = {fold(level) for levels in header.levels for level in levels}
        self._filled, self._torn = fill_down(
            grid, header, dict(zip(self._places, self._fields, strict=True)), AMOUNT_FIELDS, _EACH_ITS_OWN
        )
        self._first = header.bottom + 1

    @property
    def torn(self) -> frozenset[tuple[int, int]]:
        """Places (row, column) of amounts that are merged over several rows."""
        return self._torn

    def __iter__(self) -> Iterator[Row]:
        for index in range(self._first, len(self._grid.rows)):
            yield self._read(index)

    def _read(self, index: int) -> Row:
        row = self._grid.rows[index]
        values = [self._filled.get((index, place), row[place]) for place in self._places]
        shown = tuple(show(value) for value in values)
        cells = {field: value for field, value in zip(self._fields, values, strict=True) if field}
        # Text beside the table (in a column without heading) is of no row, but a lone one must not vanish.
        known = not isinstance(cells.get("name"), NotCalculated)
        lone = "" if any(shown) or not known else next((text for cell in row if (text := show(cell))), "")
        if lone:
            return Row(index, "note", {}, (lone,))
        kind, label, level = self._kind(row, cells, shown) if known or any(shown) else ("blank", "", 0)
        if kind in {"blank", "note"} and not known:
            # The row may well name a project.
            kind = "data"
        count = _count(label) if kind in {"section", "subtotal", "total"} else None
        return Row(index, kind, cells, shown, label, count, level)

    def _kind(
        self, row: Sequence[CellValue], cells: Mapping[str, CellValue], shown: Sequence[str]
    ) -> tuple[str, str, int]:
        """(kind, label, level)."""
        said = {
            field: text for field, text in zip(self._fields, shown, strict=True) if field not in _NOT_SAYING and text
        }
        seq = fold(show(cells.get("seq", "")))
        numbered = NUMBERED.fullmatch(seq) is not None
        if not said and (numbered or not seq) and _no_amount(cells):
            return "blank", "", 0
        if numbered:
            # Whatever it is called: in our own ledgers every project has a number.
            return "data", "", 0
        return self._unnumbered(row, seq, said, fold(next(filter(None, shown))))

    def _unnumbered(
        self, row: Sequence[CellValue], seq: str, said: Mapping[str | None, str], lead: str
    ) -> tuple[str, str, int]:
        kind, label, level = self._header_kind(row) or "", "", 0
        for text in () if kind else (lead, fold(said.get("name", ""))):
            if TOTAL.fullmatch(text) or SUBTOTAL.fullmatch(text):
                kind, label = "subtotal" if "小计" in text else "total", text
        if not kind and (section := self._section(seq, said, lead)):
            kind, label, level = "section", *section
        if not kind:
            note = NOTE.fullmatch(lead) or (len(said) + bool(seq) == 1 and "name" not in said)
            kind = "note" if note else "data"
        return kind, label, level

    def _section(self, seq: str, said: Mapping[str | None, str], lead: str) -> tuple[str, int] | None:
        """(label, level): 一、… is 1, (一)… is 2, others 3."""
        if not {field for field in said if field not in {"name", None}} <= _BESIDE_A_SECTION:
            return None
        number = SECTION_NUMBER.fullmatch(seq) if seq else None
        if number and "name" in said:
            return said["name"], 1 if number[1] else 2
        match = SECTION_LABEL.fullmatch(lead)
        if match and not number:
            return match[3], 1 if match[1] else 2
        small = _SMALL_LABEL.fullmatch(lead)
        if small:
            return small[1], 3
        count = COUNT.search(lead)
        if count and count.end() == len(lead) and count.start() and not seq:
            return lead, 3
        return (lead, 3) if self._is_known_label(lead) else None

    def _is_known_label(self, lead: str) -> bool:
        """A lone "工业项目" or "续建项目" is a heading; a project would say more than that."""
        name = lead.removesuffix("项目").removesuffix("类")
        known = name in CATEGORY_LABELS.values() or stage_of(name) or is_sector_label(name, self._sectors)
        return lead.endswith(("项目", "类")) and bool(known)

    def _header_kind(self, row: Sequence[CellValue]) -> str | None:
        """`header` for the same header again (each printed page has one), `other_header` for another table's."""
        texts = [fold(cell[:200]) for cell in row if isinstance(cell, str) and cell]
        if len(texts) > 1 and self._headings.issuperset(texts):
            return "header"
        # A project may stand at 立项 in one column and at 设计 in the next: no heading shows by those.
        found = {field[0] for text in texts if (field := field_of((text,))) and not field[0].startswith(PREFIX)}
        return "other_header" if "name" in found and len(found) >= 3 else None


def section_means(label: str, sectors: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a section says of its rows: sector, category, stage, each only when the label names it."""
    text = COUNT.sub("", normalised(label))
    category = category_of(text)
    stage = None if category == "new_start" else stage_of(text.removesuffix("项目"))
    found = {"sector": sector_of(text, sectors), "category": category, "stage": stage}
    return {field: value for field, value in found.items() if value}


def _count(label: str) -> int | None:
    match = COUNT.search(fold(label))
    return int(match[1]) if match else None


def _no_amount(cells: Mapping[str, CellValue]) -> bool:
    """Rows numbered in advance hold nothing, or zeros from formulas."""
    return all(show(cells.get(field, "")) in {"", "0"} for field in AMOUNT_FIELDS)


def fill_down(
    grid: Grid,
    header: Header,
    fields: Mapping[int, str | None],
    amounts: Container[str | None],
    each_its_own: Container[str | None],
) -> tuple[dict[tuple[int, int], CellValue], frozenset[tuple[int, int]]]:
    """Cells merged over several rows speak for each of them, but for names, numbers and amounts."""
    filled: dict[tuple[int, int], CellValue] = {}
    torn: set[tuple[int, int]] = set()
    budget = _MOST_FILLED
    for merge in grid.merges:
        field = fields.get(merge.left)
        if merge.top <= header.bottom or merge.bottom == merge.top or field in each_its_own:
            continue
        places = [(row, merge.left) for row in range(merge.top, merge.bottom + 1)]
        value = grid.rows[merge.top][merge.left]
        budget -= len(places)
        if budget < 0:
            raise too_large("cells in merged areas", f"> {_MOST_FILLED}", _MOST_FILLED)
        if field in amounts:
            torn.update(places if value != "" or isinstance(value, NotCalculated) else ())
        else:
            filled.update(dict.fromkeys(places, value))
    return filled, frozenset(torn)
