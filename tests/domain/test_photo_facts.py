"""What a photo tells of itself: only what can be so, whatever its tags hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.photo_facts import difference_hash, distance, point, taken_at

ANYTHING = st.none() | st.text(max_size=20) | st.binary(max_size=8) | st.floats() | st.integers()
PARTS = st.tuples(*[st.floats() | st.integers(-(10**12), 10**12) | st.text(max_size=3)] * 3)
GREYS = st.lists(st.integers(0, 255), min_size=72, max_size=72)


@given(st.dictionaries(st.integers(0, 6), ANYTHING | PARTS | st.sampled_from(["N", "S", "E", "W", "n\x00"])))
def test_a_place_is_on_earth_or_none(tags: dict[int, Any]) -> None:
    found = point(tags)
    if found is not None:
        longitude, latitude = found
        assert -180 <= longitude <= 180
        assert -90 <= latitude <= 90


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59), st.sampled_from("NS"), st.sampled_from("EW"))
def test_degrees_are_reckoned_from_their_parts(degrees: int, minutes: int, seconds: int, north: str, east: str) -> None:
    found = point({1: north, 2: (degrees, minutes, seconds), 3: east, 4: (106, 30, 36)})
    assert found is not None
    assert found[0] == (106.51 if east == "E" else -106.51)
    whole = (degrees * 3600 + minutes * 60 + seconds) / 3600
    assert found[1] == pytest.approx(whole if north == "N" else -whole, abs=1e-7)


@given(ANYTHING | st.from_regex(r"[0-9]{4}:[0-9]{2}:[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True), ANYTHING)
def test_a_time_is_one_or_none(time: Any, offset: Any) -> None:
    found = taken_at(time, offset)
    assert found is None or found.year >= 1989


@pytest.mark.parametrize(
    ("time", "offset", "expected"),
    [
        ("2026:03:05 10:20:30", None, datetime(2026, 3, 5, 2, 20, 30, tzinfo=UTC)),
        ("2026:03:05 10:20:30\x00", "+08:00\x00", datetime(2026, 3, 5, 2, 20, 30, tzinfo=UTC)),
        ("2026:03:05 10:20:30", "-05:30", datetime(2026, 3, 5, 15, 50, 30, tzinfo=UTC)),
        ("2026:03:05 10:20:30", "+99:99", datetime(2026, 3, 5, 2, 20, 30, tzinfo=UTC)),
        ("2026:02:30 10:20:30", None, None),
        ("0001:01:01 00:00:00", None, None),
        ("９９９９:01:01 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
    ],
)
def test_times(time: str, offset: str | None, expected: datetime | None) -> None:
    assert taken_at(time, offset) == expected


@given(GREYS)
def test_a_hash_fits_a_bigint_and_is_near_itself(greys: list[int]) -> None:
    found = difference_hash(greys)
    assert -(1 << 63) <= found < 1 << 63
    assert distance(found, found) == 0
    brighter = [min(grey + 1, 255) for grey in greys] if max(greys) < 255 else greys
    assert difference_hash(brighter) == found


@given(GREYS, st.integers(0, 71), st.integers(0, 255))
def test_one_spot_changes_two_bits_at_most(greys: list[int], at: int, grey: int) -> None:
    changed = [*greys[:at], grey, *greys[at + 1 :]]
    assert distance(difference_hash(greys), difference_hash(changed)) <= 2


def test_a_hash_by_hand() -> None:
    rising = list(range(9)) * 8
    assert difference_hash(rising) == -1
    assert difference_hash(rising[::-1]) == 0
    assert difference_hash([0, 1, *[1] * 70]) == -(1 << 63)
    assert distance(-1, 0) == 64
