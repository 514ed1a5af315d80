from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.indicators import SHIPPED, disagrees, growth, level_before
from app.domain.labels import LABELS

levels = st.decimals(min_value=1, max_value=10**9, places=4)
places = st.integers(0, 4)


def rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


@given(levels, levels, places, places, st.integers(0, 2))
def test_what_was_only_rounded_never_disagrees(
    value: Decimal, before: Decimal, value_places: int, before_places: int, rate_places: int
) -> None:
    exact = (Fraction(value) - Fraction(before)) * 100 / Fraction(before)
    rate = Decimal(exact.numerator) / Decimal(exact.denominator)
    published = [rounded(value, value_places), rounded(before, before_places)]
    assert not disagrees(rounded(rate, rate_places), published[0], published[1])


@given(levels, st.decimals(min_value=-99, max_value=500, places=2))
def test_a_rate_tells_of_the_level_it_grew_from(value: Decimal, rate: Decimal) -> None:
    before = level_before(value, rate)
    assert before is not None
    assert abs(before * (100 + rate) - value * 100) <= Decimal("0.005") * (100 + rate)


def test_no_level_where_no_rate_can_have_grown_from_it() -> None:
    assert level_before(Decimal(1), Decimal(-100)) is None
    assert level_before(None, Decimal(5)) is None
    assert level_before(Decimal(1), None) is None


@given(levels, levels, st.decimals(min_value=-99, max_value=500, places=2))
def test_a_flag_means_that_no_rounding_explains_it(value: Decimal, before: Decimal, entered: Decimal) -> None:
    """Against an oracle: the corners of what may have stood before rounding, as fractions."""
    value, before = rounded(value, 0), rounded(before, 0)

    def off(number: Decimal) -> Fraction:
        _, _, exponent = number.normalize().as_tuple()
        assert isinstance(exponent, int)
        return Fraction(1, 2 * 10 ** max(-exponent, 0))

    corners = [
        (Fraction(v) / Fraction(b) - 1) * 100
        for v in (Fraction(value) - off(value), Fraction(value) + off(value))
        for b in (Fraction(before) - off(before), Fraction(before) + off(before))
    ]
    reachable = max(corners) >= Fraction(entered) - off(entered) and min(corners) <= Fraction(entered) + off(entered)
    assert disagrees(entered, value, before) is not reachable


@pytest.mark.parametrize(
    ("entered", "value", "before", "flagged"),
    [
        ("24.1", "1518300", "1223449", False),
        ("24.10", "1518300", "1223449", False),
        ("24.2", "1518300", "1223449", True),
        ("24.0", "1518300", "1223449", False),  # read as 24, to the nearest whole
        ("-3.5", "96.5", "100", False),
        ("3.5", "96.5", "100", True),
        ("0", "100", "0", False),
    ],
)
def test_county_b_and_its_neighbours(entered: str, value: str, before: str, flagged: bool) -> None:
    assert disagrees(Decimal(entered), Decimal(value), Decimal(before)) is flagged


def test_growth() -> None:
    assert growth(Decimal(1518300), Decimal(1223449)) == Decimal("24.10")
    assert growth(Decimal(5), Decimal(0)) is growth(None, Decimal(5)) is growth(Decimal(5), None) is None


def test_the_catalogue_is_whole() -> None:
    for code, indicator in SHIPPED.items():
        assert code == indicator.code
        assert indicator.computation in LABELS["indicator_computation"]
        assert (indicator.series is None) == (indicator.computation != "series_growth")
        assert indicator.series is None or indicator.series in SHIPPED
