"""Range and If-Range of a GET (RFC 9110 14): one range of bytes, or the whole."""

from __future__ import annotations

import re

from app.errors import AppError

_ONE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


def wanted(header: str | None, if_range: str | None, etag: str, size: int) -> tuple[int, int] | None:
    """(first byte, byte after the last) of the part asked for; None: the whole.

    Several ranges at once, other units and what cannot be read are answered with the whole, as is a range of another
    version. Errors: 416 `range_not_satisfiable` when the part lies beyond the end.
    """
    found = _ONE.fullmatch(header) if header is not None else None
    if found is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise AppError("range_not_satisfiable", size=size, headers={"Content-Range": f"bytes */{size}"})
    return start, end
