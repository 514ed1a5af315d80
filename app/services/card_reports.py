"""How the weekly reports stood that were due on a leader's days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from os.path import commonprefix
from typing import Any
from uuid import UUID

from app.domain.held_days import Days
from app.services.due_reports import DueReport, due_reports
from app.uow import UnitOfWork

_STATES = ("on_time", "late", "missing")


async def by_project(uow: UnitOfWork, regions: Mapping[UUID, str], days: Days) -> Mapping[UUID, list[DueReport]]:
    """Of these projects, each with its region, what was due in the days."""
    within = commonprefix(list(regions.values()))  # noqa: RUF071  # of codes, where a prefix is a region
    found: dict[UUID, list[DueReport]] = {}
    for report in await due_reports(uow, regions.keys(), within, days.first, days.last):
        found.setdefault(report.project_id, []).append(report)
    return found


def on(tenures: Iterable[tuple[date, date | None]], day: date) -> bool:
    return any(first <= day and (until is None or until > day) for first, until in tenures)


def told(reports: Sequence[DueReport]) -> dict[str, Any]:
    states = Counter(report.state for report in reports)
    return {"due": len(reports), **{state: states[state] for state in _STATES}}


def missing_in(reports: Iterable[DueReport], month: str) -> int:
    """`month`: "2016-03"."""
    return sum(report.state == "missing" and f"{report.day:%Y-%m}" == month for report in reports)
