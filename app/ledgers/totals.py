"""A sheet's own totals held against its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.ledgers.amounts import parse_amount
from app.ledgers.errors import CellProblem
from app.ledgers.model import CellValue, TotalCheck
from app.ledgers.rows import AMOUNT_FIELDS, Row

_COUNT = "count"


@dataclass(slots=True)
class TotalsBook:
    """Gathers the stated totals of one sheet while its rows go by; `checks` compares at the end."""

    sheet: str
    unit_of: Callable[[str], str]
    fields: tuple[str, ...] = AMOUNT_FIELDS
    decimals: int = 4
    _sums: list[dict[str, Decimal]] = field(default_factory=list)
    _stated: list[tuple[Row, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sums.append(dict.fromkeys((_COUNT, *self.fields), Decimal(0)))

    def add(self, values: object) -> None:
        before = self._sums[-1]
        sums = {name: before[name] + (getattr(values, name) or 0) for name in self.fields}
        self._sums.append(sums | {_COUNT: before[_COUNT] + 1})

    def state(self, row: Row) -> None:
        """A section, subtotal or total row, where it stands among the projects."""
        self._stated.append((row, len(self._sums) - 1))

    def checks(self) -> list[TotalCheck]:
        return [check for at, (row, _) in enumerate(self._stated) for check in self._compare(row, self._computed(at))]

    def _computed(self, at: int) -> dict[str, Decimal]:
        first, last = self._covered(at)
        return {name: self._sums[last][name] - before for name, before in self._sums[first].items()}

    def _covered(self, at: int) -> tuple[int, int]:
        """A total covers the sheet, a section what follows up to the next of its level or above, a subtotal what
        stands between the last section or subtotal and it."""
        row, here = self._stated[at]
        if row.kind == "section":
            for index in range(at + 1, len(self._stated)):
                other, place = self._stated[index]
                if other.kind == "section" and other.level <= row.level:
                    return here, place
            return here, len(self._sums) - 1
        if row.kind == "subtotal":
            for index in range(at - 1, -1, -1):
                if self._stated[index][0].kind != "total":
                    return self._stated[index][1], here
            return 0, here
        return 0, len(self._sums) - 1

    def _compare(self, row: Row, computed: Mapping[str, Decimal]) -> list[TotalCheck]:
        stated: dict[str, Decimal | None] = {} if row.count is None else {_COUNT: Decimal(row.count)}
        stated |= {name: self._amount(row, name) for name in self.fields if not _blank(row.cells, name)}
        return [self._check(row, name, value, computed[name]) for name, value in stated.items()]

    def _amount(self, row: Row, name: str) -> Decimal | None:
        try:
            return parse_amount(row.cells[name], self.unit_of(name), self.decimals)
        except CellProblem:
            return None

    def _check(self, row: Row, name: str, stated: Decimal | None, computed: Decimal) -> TotalCheck:
        return TotalCheck(self.sheet, row.index + 1, row.kind, row.label, name, stated, computed, stated == computed)


def _blank(cells: Mapping[str, CellValue], name: str) -> bool:
    value = cells.get(name, "")
    return isinstance(value, str) and not value.strip()
