"""From the cells of one row to typed project values, with every cell that cannot be used named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from app.ledgers.amounts import parse_amount
from app.ledgers.dates import parse_date, parse_day, parse_period
from app.ledgers.errors import CELL_MESSAGES, CellProblem
from app.ledgers.model import CellError, CellValue, Column, ProjectValues
from app.ledgers.nodes import PREFIX, parse_node
from app.ledgers.people import parse_names, parse_person, split_outside_brackets
from app.ledgers.projectcodes import parse_national_code, parse_own_code
from app.ledgers.rows import AMOUNT_FIELDS
from app.ledgers.text import UNDECIDED, fold, one_line, show, text_cell
from app.ledgers.vocabulary import category_of, is_kind_of_work, sector_of, stage_of

NAME_LIMIT, SHORT_LIMIT = 200, 500
VALUE_FIELDS = tuple(item.name for item in fields(ProjectValues))
_MAJOR = "大项目"
_BREAK_IN_PERSON = re.compile(r"\s*\n\s*(?=[(\uff08])")
_BREAK_BETWEEN_PEOPLE = re.compile(r"\s*\n\s*")


@dataclass(slots=True)
class RowContext:
    """What a cell's meaning depends on beside the cell: the sheet, and the sections the row stands under."""

    columns: Mapping[str, Column]
    row: int
    year: int | None = None
    unit: str = "万元"
    sectors: Mapping[str, str] | None = None
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    context: RowContext
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    notes: list[CellError] = field(default_factory=list)

    def problem(self, kept: list[CellError], name: str, code: str, value: str, **params: Any) -> None:
        column = self.context.columns.get(name)
        place = f"{column.letter if column else 'A'}{self.context.row}"
        kept.append(cell_error(place, code, value, name, **params))


def cell_error(cell: str, code: str, value: str, name: str | None, **params: Any) -> CellError:
    zh, en = CELL_MESSAGES[code]
    shown = value if len(value) <= 100 else value[:100] + "…"
    return CellError(cell, code, zh.format(value=shown, **params), en.format(value=shown, **params), shown, name)


def read_values(
    cells: Mapping[str, CellValue], context: RowContext
) -> tuple[ProjectValues, tuple[CellError, ...], tuple[CellError, ...]]:
    """(values, errors, notes). A field whose cell is an error stays empty."""
    reading = _Reading(context)
    for name, cell in cells.items():
        reader = _milestone if name.startswith(PREFIX) else _READERS.get(name)
        if reader is None:
            continue
        try:
            reader(reading, name, cell)
        except CellProblem as problem:
            reading.problem(reading.errors, name, problem.code, show(cell), **problem.params)
    values = reading.values
    for name, given in context.given.items():
        if values.get(name) is None:
            values[name] = given
    if values.get("name") is None and not any(error.field == "name" for error in reading.errors):
        reading.problem(reading.errors, "name", "missing_name", show(cells.get("name", "")))
    if values.get("leader") is None:
        values.pop("leader_title", None)
    start, completion = values.get("start"), values.get("completion")
    if start and completion and completion.last < start.first:
        reading.problem(reading.errors, "completion", "dates_out_of_order", show(cells.get("completion", "")))
    return ProjectValues(**values), tuple(reading.errors), tuple(reading.notes)


def _name(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = _line(cell, nothing=UNDECIDED)


def _line(cell: CellValue, nothing: frozenset[str], limit: int = NAME_LIMIT) -> str | None:
    text = text_cell(cell, limit=10_000, nothing=nothing)
    line = one_line(text) if text else None
    if line and len(line) > limit:
        raise CellProblem("too_long", limit=limit)
    return line


def _short(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = text_cell(cell, limit=SHORT_LIMIT, nothing=UNDECIDED)


def _long(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = text_cell(cell)


def _remark(reading: _Reading, name: str, cell: CellValue) -> None:
    """A remark that begins with 大项目 is how ledgers mark the major projects."""
    reading.values["major"] = False
    text = text_cell(cell) or ""
    first = split_outside_brackets(text)[0]
    reading.values["major"] = major = fold(first) == _MAJOR
    reading.values[name] = (text[len(first) + 1 :].strip() if major else text) or None


def _amount(reading: _Reading, name: str, cell: CellValue) -> None:
    column = reading.context.columns.get(name)
    reading.values[name] = parse_amount(cell, (column.unit if column else None) or reading.context.unit)


def _date(reading: _Reading, name: str, cell: CellValue) -> None:
    found = parse_date(cell, reading.context.year)
    if found is not None:
        reading.values[name] = found


def _day(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = parse_day(cell, reading.context.year)


def _period(reading: _Reading, name: str, cell: CellValue) -> None:
    """Columns for start and completion of their own win over the period."""
    try:
        start, completion = parse_period(cell, reading.context.year)
    except CellProblem as problem:
        if problem.code != "period_not_understood":
            raise
        reading.problem(reading.notes, name, problem.code, show(cell))
        return
    if bool(start) != bool(completion):
        reading.problem(reading.notes, name, "period_open" if start else "period_end_only", show(cell))
    reading.values.setdefault("start", start)
    reading.values.setdefault("completion", completion)


def _milestone(reading: _Reading, name: str, cell: CellValue) -> None:
    found = parse_node(cell, name.removeprefix(PREFIX), reading.context.year)
    if found:
        reading.values["milestones"] = (*reading.values.get("milestones", ()), found)


def _names(reading: _Reading, name: str, cell: CellValue) -> None:
    names = parse_names(text_cell(cell, nothing=UNDECIDED) or "")
    if any(len(each) > NAME_LIMIT for each in names):
        raise CellProblem("too_long", limit=NAME_LIMIT)
    reading.values[name] = names


def _leader(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED) or ""
    first, *others = [piece for piece in split_outside_brackets(text) if piece.strip()] or [""]
    leader, title = parse_person(first)
    if any(each and len(each) > NAME_LIMIT for each in (leader, title)):
        raise CellProblem("too_long", limit=NAME_LIMIT)
    if others:
        reading.problem(reading.notes, name, "several_leaders", text)
    reading.values[name] = leader
    if reading.values.get("leader_title") is None:
        reading.values["leader_title"] = title


def _title(reading: _Reading, name: str, cell: CellValue) -> None:
    title = _line(cell, nothing=UNDECIDED)
    if title is not None:
        reading.values[name] = title


def _contact(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED) or ""
    reading.values[name] = _line(_BREAK_BETWEEN_PEOPLE.sub("、", _BREAK_IN_PERSON.sub("", text)), nothing=UNDECIDED)


def _phone(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED)
    folded = fold(text) if text else ""
    if len(folded) > 100:
        raise CellProblem("too_long", limit=100)
    reading.values[name] = folded or None


def _category(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED)
    reading.values[name] = found = category_of(text) if text else None
    if text and not found and not is_kind_of_work(text):
        reading.problem(reading.notes, name, "unknown_category", text)


def _sector(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED)
    reading.values[name] = found = sector_of(text, reading.context.sectors) if text else None
    if text and not found:
        reading.problem(reading.notes, name, "unknown_sector", text)


def _stage(reading: _Reading, name: str, cell: CellValue) -> None:
    text = text_cell(cell, nothing=UNDECIDED)
    reading.values[name] = found = stage_of(text) if text else None
    if text and not found:
        reading.problem(reading.notes, name, "unknown_stage", text)


def _code(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = parse_national_code(cell)


def _own_code(reading: _Reading, name: str, cell: CellValue) -> None:
    reading.values[name] = parse_own_code(cell)


_READERS: dict[str, Callable[[_Reading, str, CellValue], None]] = {
    "name": _name,
    "own_code": _own_code,
    "code": _code,
    "stage": _stage,
    "sector": _sector,
    "category": _category,
    "investors": _names,
    "owners": _names,
    "location": _short,
    "content": _long,
    "period": _period,
    "start": _date,
    "completion": _date,
    **dict.fromkeys(AMOUNT_FIELDS, _amount),
    "progress_text": _long,
    "problem": _long,
    "departments": _names,
    "contact": _contact,
    "contact_phone": _phone,
    "leader": _leader,
    "leader_title": _title,
    "remark": _remark,
    "enrolled_on": _day,
}
