"""What a ledger says: sheets, columns, rows with typed values, and its own totals held against its rows."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

CellValue = str | int | float | bool | date | datetime | time | timedelta
"""One cell as the workbook reader gives it; an empty cell is ""."""


class ErrorText(str):
    """What a formula error shows, e.g. #REF!; a text that merely reads so is a plain str."""

    __slots__ = ()


class NotCalculated(ErrorText):
    """A formula whose result was never stored; equal to "", so that it is blank wherever no value is asked of it."""

    __slots__ = ()


MIN_YEAR, MAX_YEAR = 1949, 2199


class Merge(NamedTuple):
    """A merged area, zero-based, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: all cells from A1 on, row by row, every row of the same width."""

    name: str
    rows: list[list[CellValue]]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year: 2016-06-30, 2016-06, 2016. `str()` gives that ISO form."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if not MIN_YEAR <= self.year <= MAX_YEAR or (self.day is not None and self.month is None):
            raise ValueError("no such date")
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"] + [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def precision(self) -> Literal["year", "month", "day"]:
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @classmethod
    def parse(cls, iso: str) -> PartialDate:
        """From "2016", "2016-06" or "2016-06-30"; ValueError for anything else."""
        return cls(*(int(part) for part in iso.split("-")))


MilestoneStatus = Literal["planned", "in_progress", "done"]


class MilestoneValue(NamedTuple):
    """What a cell says of one milestone: `date` is the planned finish, of one that is done the day it was done.

    None as `date`: the cell names no day ("已完成", "待定").
    """

    name: str
    status: MilestoneStatus
    date: date | None = None


@dataclass(frozen=True, slots=True)
class ProjectValues:
    """What one row says of its project. Amounts in 万元; a blank or "待定" cell is None or ().

    `milestones` stand in the order of their columns, without those whose cell says nothing.
    """

    name: str | None = None
    own_code: str | None = None
    code: str | None = None
    stage: str | None = None
    sector: str | None = None
    category: str | None = None
    investors: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    location: str | None = None
    content: str | None = None
    start: PartialDate | None = None
    completion: PartialDate | None = None
    total_investment: Decimal | None = None
    annual_plan: Decimal | None = None
    completed: Decimal | None = None
    progress_text: str | None = None
    problem: str | None = None
    departments: tuple[str, ...] = ()
    contact: str | None = None
    contact_phone: str | None = None
    leader: str | None = None
    leader_title: str | None = None
    major: bool | None = None
    remark: str | None = None
    enrolled_on: date | None = None
    milestones: tuple[MilestoneValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that could not be used (`errors`) or only in part (`notes`); `value` is what stands there."""

    cell: str
    code: str
    message_zh: str
    message_en: str
    value: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is a ProjectValues field, or `seq`, `period`, `completion_rate`, `reason`; None: not understood.
    The column of the milestone 立项 has `milestones.立项`.

    `header` has its levels joined by "/"; `unit` is the one its own header names.
    """

    letter: str
    header: str
    field: str | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that is no project: title, header, section, subtotal, total, note or blank. `row` is 1-based."""

    row: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class LedgerSheet:
    """How one sheet was understood.

    `skipped` says why it gave no rows: `hidden`, `empty` or `no_header`. `provides` names the ProjectValues
    fields this sheet speaks about; it says nothing about the others. `header_rows` are 1-based.
    """

    name: str
    skipped: str | None = None
    title: str | None = None
    header_rows: tuple[int, ...] = ()
    unit: str = "万元"
    unit_stated: bool = False
    stage: str | None = None
    columns: tuple[Column, ...] = ()
    provides: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One project row (`row` 1-based); with `errors` it is to be rejected whole, `notes` do no harm.

    `raw` holds what the cells show, in the order of the sheet's columns.
    """

    sheet: str
    row: int
    values: ProjectValues
    raw: tuple[str, ...] = ()
    errors: tuple[CellError, ...] = ()
    notes: tuple[CellError, ...] = ()


class AnyRow(Protocol):
    """A row of whatever kind of ledger: where it stands."""

    @property
    def sheet(self) -> str: ...
    @property
    def row(self) -> int: ...


class AnyLedger(Protocol):
    """What all kinds of ledgers have in common."""

    @property
    def year(self) -> int | None: ...
    @property
    def as_of(self) -> date | None: ...
    @property
    def sheets(self) -> tuple[LedgerSheet, ...]: ...
    @property
    def totals(self) -> tuple[TotalCheck, ...]: ...


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A figure the sheet itself states against the same figure of its rows; amounts in 万元, exact.

    `kind`: section, subtotal or total; `field`: count, total_investment, annual_plan or completed. `stated` is
    None when the cell is no amount.
    """

    sheet: str
    row: int
    kind: str
    label: str
    field: str
    stated: Decimal | None
    computed: Decimal
    agrees: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """A whole workbook. `year` and `as_of` are the caller's, or else what titles and fillers say."""

    year: int | None
    as_of: date | None
    sheets: tuple[LedgerSheet, ...]
    rows: tuple[LedgerRow, ...]
    totals: tuple[TotalCheck, ...]


def column_letter(index: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
