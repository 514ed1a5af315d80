"""Weekly reports that were due of some projects, and how each stood: what assessments and leaders' cards count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.domain.reporting_weeks import WEEK, monday_of
from app.reading import prepared
from app.resources.reporting import due_of
from app.services.reporting import due_rows
from app.services.reporting_calendars import mondays
from app.uow import UnitOfWork

_AT_ONCE = 500
"""Projects in one read: a year's reports of so many take well below a second."""


class DueReport(NamedTuple):
    """One project and week. `state`: on_time, late or missing."""

    project_id: UUID
    day: date
    """It was due on."""
    state: str


async def due_reports(
    uow: UnitOfWork, projects: Collection[UUID], region: str, first: date, last: date
) -> list[DueReport]:
    """Due on a day from first to last, and by now. `region`: all the projects lie in it. Reads outside any transaction.

    What has to be reported, and which report of a week counts, is told at `GET /reporting-duties`.
    """
    if not projects:
        return []
    # Before a long holiday a report is due as much as two weeks before its own.
    weeks = mondays(monday_of(first), monday_of(last) + 2 * WEEK)
    values = {**await due_rows(uow, weeks, region), "first": first, "last": last, "now": uow.now}
    statement, ids = prepared("due reports", due_of), sorted(projects)
    found = []
    for start in range(0, len(ids), _AT_ONCE):
        rows = await uow.db.rows(statement, values | {"projects": ids[start : start + _AT_ONCE]})
        found += [DueReport(row["project_id"], row["due_day"], row["state"]) for row in rows]
    return found
