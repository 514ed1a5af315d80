"""Dates known to the year, the month or the day: "2016", "2016-03", "2016-03-15"."""

from __future__ import annotations


def in_order(start: str | None, completion: str | None) -> bool:
    """Whether the completion may follow the start: of "2016" and "2016-03" only what both say can be out of order."""
    if start is None or completion is None:
        return True
    known = min(len(start), len(completion))
    return start[:known] <= completion[:known]
