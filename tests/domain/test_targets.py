from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.letters import Progress, total, weights_fault
from app.domain.progress import half_up
from app.domain.targets import Standing, faults, quarter_end

amounts = st.decimals(min_value=0, max_value=10**6, places=2)
days = st.dates(date(2015, 6, 1), date(2017, 6, 30))


def standing(actual: Decimal | None, day: date, quarter: int | None = None, target: str | None = None) -> Standing:
    of_quarter = None if target is None else Decimal(target)
    return Standing(2016, day, Decimal(100), actual, cumulative=True, quarter=quarter, quarter_target=of_quarter)


@given(amounts, days)
def test_a_year_is_judged_by_target_first_then_by_time(actual: Decimal, day: date) -> None:
    status = standing(actual, day).status()
    if day.year < 2016:
        assert status == "not_begun"
    elif actual >= 100:
        assert status == "achieved"
    elif day >= date(2016, 12, 31):
        assert status == "missed"
    else:
        gap = standing(actual, day).rates()["gap_points"]
        assert gap is not None
        assert status == ("on_track" if gap >= 0 else "behind")


@pytest.mark.parametrize(
    ("day", "actual", "target", "status"),
    [
        (date(2016, 3, 31), "25", "25", "achieved"),
        (date(2016, 3, 31), "24.99", "25", "missed"),
        (date(2016, 3, 30), "24.99", "25", "running"),
        (date(2016, 3, 31), "25", None, "on_track"),
        (date(2016, 3, 31), "24.99", None, "behind"),
        (date(2015, 12, 31), "25", "25", "not_begun"),
    ],
)
def test_the_first_quarter(day: date, actual: str, target: str | None, status: str) -> None:
    assert standing(Decimal(actual), day, 1, target).status() == status


def test_a_quarter_yet_to_come_has_not_begun() -> None:
    assert standing(Decimal(5), date(2016, 3, 31), 2, "50").status() == "not_begun"
    assert standing(None, date(2016, 4, 1), 2, "50").status() == "no_data"
    assert standing(Decimal(5), date(2016, 8, 1), 2, "50").day == date(2016, 6, 30)
    assert [quarter_end(2016, q) + timedelta(1) for q in (1, 2, 3, 4)] == [
        date(2016, 4, 1), date(2016, 7, 1), date(2016, 10, 1), date(2017, 1, 1),
    ]  # fmt: skip


@given(st.lists(amounts, min_size=4, max_size=4), amounts)
def test_quarters_grow_to_the_years_value(quarters: list[Decimal], value: Decimal) -> None:
    found = faults(value, quarters, cumulative=True)
    assert (not found) == (quarters == sorted(quarters) and quarters[-1] == value)
    assert faults(value, quarters, cumulative=False) == faults(value, None, cumulative=True) == []


items = st.builds(
    Progress,
    weight=st.decimals(min_value=0, max_value=100, places=2),
    due_on=st.just(date(2016, 6, 30)),
    value=st.decimals(min_value=1, max_value=10**6, places=2) | st.none(),
    actual=st.decimals(min_value=-100, max_value=10**6, places=2) | st.none(),
    percent=st.decimals(min_value=0, max_value=100, places=2) | st.none(),
)


@given(st.lists(items, max_size=10))
def test_a_score_is_what_its_items_add_up_to(letter: list[Progress]) -> None:
    assert total(letter) == sum((item.score() for item in letter), Decimal(0))
    for item in letter:
        assert 0 <= item.score() <= item.weight
        share = item.share()
        assert (share is None) <= (item.score() == 0)
        if share is not None:
            assert abs(item.score() - half_up(item.weight * share)) <= Decimal("0.01")
        assert (item.status(date(2016, 6, 30)) == "achieved") == (share is not None and share >= 1)
        late = item.status(date(2016, 7, 1))
        assert late == ("achieved" if share is not None and share >= 1 else "overdue")


def test_weights_add_up() -> None:
    thirds = [Decimal("33.33")] * 3
    assert weights_fault(thirds, Decimal(100)) == Decimal("99.99")
    assert weights_fault([*thirds, Decimal("0.01")], Decimal(100)) is None
