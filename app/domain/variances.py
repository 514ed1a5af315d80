"""When a milestone is, or is to be, finished, for comparing with what was planned."""

from __future__ import annotations

from datetime import date
from typing import Literal

Finish = Literal["actual", "forecast", "today", "planned"]


def expected(
    *, status: str, planned: date | None, forecast: date | None, actual: date | None, today: date
) -> tuple[date | None, Finish | None]:
    """The day and what it is. What is done without a day says nothing; what is open cannot lie in the past."""
    if status == "done":
        return (actual, "actual") if actual is not None else (None, None)
    if forecast is not None and forecast >= today:
        return forecast, "forecast"
    if forecast is None and planned is not None and planned >= today:
        return planned, "planned"
    return (today, "today") if forecast or planned else (None, None)
