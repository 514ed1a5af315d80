"""What the statistics bureau counts of a project, month by month: kept beside what the field reports, to compare."""

from __future__ import annotations

import calendar
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.errors import invalid
from app.models import StatisticsFigure
from app.resources.statistics_figures import STATISTICS_FIGURE
from app.schemas.statistics_figures import StatisticsFigureIn
from app.services import report_flags
from app.services.project_log import note_beside
from app.services.project_parts import lock_project, sent_before
from app.services.sent_again import after_last
from app.uow import UnitOfWork


async def create(uow: UnitOfWork, project_id: UUID, body: StatisticsFigureIn) -> tuple[UUID, bool]:
    """The figure that says so, and whether this added it: not when the same was in force already."""
    project = await lock_project(uow, project_id, "statistics_figures.write")
    known: StatisticsFigure | None = await sent_before(uow, STATISTICS_FIGURE, StatisticsFigure, project, body)
    if known is not None:
        return known.id, False
    first = date(body.year, body.month, 1)
    if first > uow.today:
        raise invalid("/month", "in_the_future")
    f = StatisticsFigure
    of_month = (f.project_id == project_id, f.year == body.year, f.month == body.month)
    latest = await uow.session.scalar(select(f).where(*of_month).order_by(f.recorded_at.desc(), f.id.desc()).limit(1))
    if latest is not None and (latest.completed, latest.note) == (body.completed, body.note):
        return latest.id, False
    row = f(
        id=body.id or uow.new_id(),
        project_id=project_id,
        **body.model_dump(exclude={"id"}),
        recorded_at=await after_last(uow, f.recorded_at, *of_month),
        recorded_by=uow.actor.id,
    )
    uow.add(row)
    await note_beside(uow, "statistics_figure.created", row, project)
    last = first.replace(day=calendar.monthrange(body.year, body.month)[1])
    await report_flags.of_month(uow, project_id, first, last)
    return row.id, True
