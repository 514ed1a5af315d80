"""Money by steps: what a step may reach, and what office and bank call secured, gap and pay-out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.progress import half_up

STEPS = ("applied", "approved", "received", "paid")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """A record's sums over its entries in force, 万元; the `…_over` are what reasons on record allow beyond a step."""

    applied: Decimal = _ZERO
    approved: Decimal = _ZERO
    received: Decimal = _ZERO
    paid: Decimal = _ZERO
    allocated: Decimal = _ZERO
    received_over: Decimal = _ZERO
    paid_over: Decimal = _ZERO

    def after(self, step: str, change: Decimal) -> Totals:
        return replace(self, **{step: getattr(self, step) + change})

    def booked(self, step: str, change: Decimal, *, explained: bool = False, allocation: bool = False) -> Totals:
        """After an entry, with what reasons then allow: as much as the new one explains, else no more than is left."""
        after = self.after(step, change)
        received_over = _ZERO if allocation else max(after.received - after.approved, _ZERO)
        paid_over = max(after.paid + after.allocated - after.received, _ZERO)
        return replace(
            after,
            received_over=received_over if explained else min(self.received_over, received_over),
            paid_over=paid_over if explained else min(self.paid_over, paid_over),
        )

    def refusal(self, *, allocation: bool = False) -> str | None:
        """Code of what these totals break, None when they may be.

        `allocation`: the record lives on what is allocated to it, which was approved where it comes from.
        """
        if self.allocated > self.received:
            return "allocation_exceeds_received"
        if not allocation and self.received > self.approved + self.received_over:
            return "received_exceeds_approved"
        if self.paid + self.allocated > self.received + self.paid_over:
            return "paid_exceeds_received"
        return None


def secured(approved: Decimal, received: Decimal) -> Decimal:
    """已落实资金 of one record: what is approved; what has come where that is more (with a reason on record)."""
    return max(approved, received)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Two decimals, half up; None without a whole."""
    return half_up(part * 100 / whole) if whole > 0 else None


def change_percent(now: Decimal, before: Decimal) -> Decimal | None:
    """Growth over the year before: 413 020 after 110 000 is 275.47; None when there was nothing."""
    return percent(now - before, before)
