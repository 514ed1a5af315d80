"""What a statistical code says of itself: its level, the kinds that level may have, the codes above it.

Source: GB/T 2260 and the statistics office's extension: province 2 digits, prefecture 4, county 6, township or park 9,
village 12; a code begins with the code of its parent.
"""

from __future__ import annotations

from app.domain.dictionaries import RegionKind

KINDS: dict[int, tuple[RegionKind, ...]] = {
    2: ("province",),
    4: ("prefecture",),
    6: ("county",),
    9: ("township", "park"),
    12: ("village",),
}
"""Kinds by number of digits; the first is meant where none is given."""


def is_code(text: str) -> bool:
    return len(text) in KINDS and text.isascii() and text.isdigit()


def kinds_of(code: str) -> tuple[RegionKind, ...]:
    """Kinds a region with this code may be of, the usual one first."""
    return KINDS[len(code)]


def codes_above(code: str) -> list[str]:
    """Codes of the levels above, nearest first: 990102001 → 990102, 9901, 99."""
    return [code[:digits] for digits in sorted(KINDS, reverse=True) if digits < len(code)]
