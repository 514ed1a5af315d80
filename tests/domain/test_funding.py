"""What a step may reach, and the words of the field: secured, change, share."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.funding import Totals, change_percent, percent, secured

fen = st.decimals(0, 10**8, places=6)


@given(fen, fen)
def test_percentages_are_rounded_half_up_once(part: Decimal, whole: Decimal) -> None:
    found = percent(part, whole)
    if whole == 0:
        assert found is None
        return
    exact = Fraction(part) * 100 / Fraction(whole)
    hundredths = (exact * 100 + Fraction(1, 2)).__floor__()
    assert found == Decimal(hundredths) / 100


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(413020, 110000, "275.47"), (0, 110000, "-100"), (110000, 110000, "0"), (5, 0, None), (1, 8, "-87.5")],
)
def test_change_against_the_year_before(now: int, before: int, expected: str | None) -> None:
    assert change_percent(Decimal(now), Decimal(before)) == (None if expected is None else Decimal(expected))


@given(fen, fen)
def test_secured_is_never_less_than_what_came(approved: Decimal, received: Decimal) -> None:
    assert secured(approved, received) >= received
    assert secured(approved, received) in {approved, received}


@given(st.lists(st.tuples(st.sampled_from(["approved", "received", "paid", "allocated"]), fen), max_size=20))
def test_what_is_let_through_without_a_reason_never_gets_ahead(entries: list[tuple[str, Decimal]]) -> None:
    totals = Totals()
    for step, amount in entries:
        after = totals.booked(step, amount)
        if after.refusal() is None:
            totals = after
        assert totals.paid + totals.allocated <= totals.received <= totals.approved


@given(fen, fen, fen)
def test_a_reason_covers_what_it_was_given_for_and_lapses_with_it(
    approved: Decimal, over: Decimal, more: Decimal
) -> None:
    totals = Totals(approved=approved).booked("received", approved + over, explained=True)
    assert totals.refusal() is None
    assert totals.received_over == over
    beyond = totals.booked("received", more)
    assert (beyond.refusal() is None) == (more == 0)
    covered = totals.booked("approved", over)
    assert covered.received_over == 0
    assert covered.booked("received", Decimal("0.000001")).refusal() == "received_exceeds_approved"


def test_what_is_allocated_needs_no_approval_of_its_own() -> None:
    assert Totals(received=Decimal(5)).refusal(allocation=True) is None
    assert Totals(received=Decimal(5)).refusal() == "received_exceeds_approved"
    assert Totals(approved=Decimal(5), allocated=Decimal(1)).refusal() == "allocation_exceeds_received"
    assert Decimal("0.005").quantize(Decimal("0.01"), ROUND_HALF_UP) == percent(Decimal("0.00005"), Decimal(1))
