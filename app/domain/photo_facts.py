"""What a photo tells of itself: where and when it was taken (EXIF), and how alike two of them look."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
"""What a camera's time without an offset is taken for."""
HASH_WIDTH, HASH_HEIGHT = 9, 8
_TIME = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_EARLIEST = 1990


def point(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """(longitude, latitude) in WGS-84 degrees from the GPS tags; None where they name no place on earth.

    Exactly 0, 0 is what receivers write that have not found themselves.
    """
    latitude = _degrees(gps.get(2), gps.get(1), "NS", 90)
    longitude = _degrees(gps.get(4), gps.get(3), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return longitude, latitude


def _degrees(parts: Any, side: Any, sides: str, most: int) -> float | None:
    letter = side.strip("\x00 ").upper() if isinstance(side, str) else ""
    if len(letter) != 1 or letter not in sides or not isinstance(parts, Sequence) or len(parts) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not (math.isfinite(degrees + minutes + seconds) and degrees >= 0 and 0 <= minutes < 60 and 0 <= seconds < 60):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value > most:
        return None
    return round(value if letter == sides[0] else -value, 7)


def taken_at(time: Any, offset: Any = None) -> datetime | None:
    """The moment in UTC of an EXIF time; one without an offset is China's. None where it is no time."""
    found = _TIME.fullmatch(time.strip("\x00 ")) if isinstance(time, str) else None
    if found is None:
        return None
    try:
        moment = datetime(*(int(part) for part in found.groups()), tzinfo=_zone(offset))  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.year >= _EARLIEST else None


def _zone(offset: Any) -> timezone:
    found = _OFFSET.fullmatch(offset.strip("\x00 ")) if isinstance(offset, str) else None
    if found is None:
        return CHINA
    hours, minutes = int(found[2]), int(found[3])
    if hours > 14 or minutes > 59:
        return CHINA
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if found[1] == "-" else away)


def difference_hash(greys: Sequence[int]) -> int:
    """64 bits of a picture shrunk to 9 × 8 grey values, row by row: whether each is darker than the one right of it.

    A signed number, as PostgreSQL's bigint keeps it. Alike pictures differ in few bits.
    """
    bits = 0
    for row in range(HASH_HEIGHT):
        for column in range(HASH_WIDTH - 1):
            here = row * HASH_WIDTH + column
            bits = bits << 1 | (greys[here] < greys[here + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def distance(one: int, other: int) -> int:
    """In how many of its 64 bits a difference hash is unlike another."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()
