"""How deep a body is nested, against reading it byte by byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.json_bodies import MAX_DEPTH, check_depth


def _depth(body: bytes) -> int:
    depth = deepest = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            escaped, in_string = (False, True) if escaped else (byte == 0x5C, byte != 0x22)
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


PIECES = [b"[" * 17, b"{" * 9, b"]" * 5, b"}", b'"', b"\\", b"x", b"\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
def test_depth_is_that_of_reading_every_byte(body: bytes) -> None:
    try:
        check_depth(body)
        refused = False
    except AppError:
        refused = True
    assert refused == (_depth(body) > MAX_DEPTH)
