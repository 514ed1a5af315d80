"""Letters of responsibility (责任状): weights, rates of single items, and the weighted score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.progress import half_up

ItemStatus = Literal["achieved", "running", "overdue", "no_data"]
FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Progress:
    """An item and how far it has come: `actual` against `value`, or `percent` done where it has no figure."""

    weight: Decimal
    due_on: date
    value: Decimal | None = None
    actual: Decimal | None = None
    percent: Decimal | None = None

    def share(self) -> Decimal | None:
        """How much of it is done, 0 to 1, unrounded; None: nothing known. More than all counts as all."""
        if self.value is not None and self.actual is not None:
            return min(max(self.actual / self.value, Decimal(0)), Decimal(1))
        return None if self.percent is None else self.percent / 100

    def rate(self) -> Decimal | None:
        """完成率 in percent, beyond 100 too."""
        if self.value is not None and self.actual is not None:
            return half_up(self.actual * 100 / self.value)
        return None if self.percent is None else half_up(self.percent)

    def score(self) -> Decimal:
        """What it brings of its weight, two decimals."""
        return half_up(self._points())

    def _points(self) -> Decimal:
        if self.value is not None and self.actual is not None:
            # One division, the last step: a third has no exact decimal, and a tie must still be seen as one.
            return self.weight * min(max(self.actual, Decimal(0)), self.value) / self.value
        return self.weight * (self.percent or Decimal(0)) / 100

    def status(self, day: date) -> ItemStatus:
        share = self.share()
        if share is not None and share >= 1:
            return "achieved"
        if day > self.due_on:
            return "overdue"
        return "no_data" if share is None else "running"


def total(items: Iterable[Progress]) -> Decimal:
    """The score of a letter: the sum of what its items bring as they are shown, so that anyone can add it up."""
    return sum((item.score() for item in items), Decimal(0))


def weights_fault(weights: Sequence[Decimal], wanted: Decimal) -> Decimal | None:
    """What the weights add up to, when that is not what is wanted."""
    found = sum(weights, Decimal(0))
    return None if found == wanted else found
