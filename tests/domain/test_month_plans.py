from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.month_plans import spread, work_of, workdays_of
from app.domain.workdays import CHINA

amounts = st.decimals(0, Decimal(99999999999999), places=4, allow_nan=False, allow_infinity=False)
days = st.dates(date(2025, 6, 1), date(2027, 6, 1))


@given(amounts, st.lists(st.integers(0, 500), min_size=12, max_size=12))
def test_parts_add_up_exactly_and_none_is_a_unit_off_its_share(total: Decimal, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    shares = weights if any(weights) else [1] * 12
    unit = Decimal("0.01") if total % Decimal("0.01") == 0 else Decimal("0.0001")
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * sum(shares) - total * share) < unit * sum(shares)
        assert part % unit == 0
        assert part >= 0
    for a, b in ((i, j) for i in range(12) for j in range(12) if shares[i] > shares[j]):
        assert parts[a] >= parts[b]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("0.01", [1, 2, 1], ["0", "0.01", "0"]),
        ("1.0001", [1, 1], ["0.5001", "0.5"]),
        ("90", [0, 0, 0], ["30", "30", "30"]),
        ("0", [3, 1], ["0", "0"]),
    ],
)
def test_the_largest_remainder_gets_what_is_left(total: str, weights: list[int], parts: list[str]) -> None:
    assert spread(Decimal(total), weights) == [Decimal(part) for part in parts]


@given(st.lists(st.tuples(days, st.integers(0, 200)), max_size=4))
def test_work_falls_into_the_months_of_its_days(given_: list[tuple[date, int]]) -> None:
    spans = [(start, start + timedelta(days=length)) for start, length in given_]
    expected = [0] * 12
    for start, finish in spans:
        day = start
        while day <= finish:
            if day.year == 2026 and CHINA.is_workday(day):
                expected[day.month - 1] += 1
            day += timedelta(days=1)
    assert work_of(CHINA, 2026, spans) == expected


def test_the_working_days_of_a_year() -> None:
    assert workdays_of(CHINA, 2026) == work_of(CHINA, 2026, [(date(2026, 1, 1), date(2026, 12, 31))])
    assert workdays_of(CHINA, 2026)[9] == 18  # October: 22 weekdays, less 5 of the National Day, plus Saturday the 10th
