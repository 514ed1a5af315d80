"""What a new day, or newly announced holidays, do to permits: due days move, and so do the milestones that wait.

Nobody writes then, so this does. A permit whose due day is another gets a new version and a row in the change log.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from app.db import Database
from app.domain.permit_clock import clock, course
from app.domain.workdays import Workdays
from app.models import MilestoneDelay, MilestonePermit, Permit, Project
from app.services import permit_forecasts, workdays
from app.services.permit_clocks import events_in_force, happened
from app.services.permits import note, reckon
from app.uow import UnitOfWork

BATCH = 500


class Reckoned(NamedTuple):
    """The day and the calendar that everything was last reckoned with."""

    day: date
    calendar: Workdays


async def refresh(db: Database, now: datetime, last: Reckoned | None = None) -> Reckoned | None:
    """Reckon again what `last` does not cover; with neither a new day nor other holidays there is nothing to do.

    Answers what now holds: `last` again when a project was busy, so that the next time tries it once more.
    """
    uow = UnitOfWork(db, now)
    try:
        current = Reckoned(uow.today, await workdays.load(uow))
        if current == last:
            return current
        moved = await _moved(uow, current.calendar)
        waiting = await _waiting(uow)
    finally:
        await uow.close()
    done = [
        await _project(db, now, project_id, moved.get(project_id, []), current.calendar)
        for project_id in sorted({*moved, *waiting})
    ]
    return current if all(done) else last


async def _moved(uow: UnitOfWork, calendar: Workdays) -> dict[UUID, list[UUID]]:
    """Permits under way whose due day is another than stored, by project."""
    moved: dict[UUID, list[UUID]] = {}
    after = UUID(int=0)
    while True:
        running = select(Permit).where(Permit.state.in_(("accepted", "supplementing")), Permit.id > after)
        permits = list(await uow.session.scalars(running.order_by(Permit.id).limit(BATCH)))
        events = await events_in_force(uow, [permit.id for permit in permits])
        for permit in permits:
            now = clock(course(happened(events[permit.id])), permit.time_limit_days, calendar, uow.today)
            if (now.due_on, now.overdue_from) != (permit.due_on, permit.overdue_from):
                moved.setdefault(permit.project_id, []).append(permit.id)
        if len(permits) < BATCH:
            return moved
        after = permits[-1].id
        uow.session.expunge_all()


async def _waiting(uow: UnitOfWork) -> list[UUID]:
    """Projects with a milestone that waits for a permit still to come, or that one moved."""
    links = select(MilestonePermit.project_id).join(Permit, Permit.id == MilestonePermit.permit_id)
    statement = select(Project.id).where(
        or_(
            Project.id.in_(links.where(Permit.state != "issued")),
            Project.id.in_(select(MilestoneDelay.project_id)),
        )
    )
    return list(await uow.session.scalars(statement))


async def _project(db: Database, now: datetime, project_id: UUID, permit_ids: list[UUID], calendar: Workdays) -> bool:
    """False when somebody is at the project."""
    uow = UnitOfWork(db, now)
    try:
        locked = select(Project).where(Project.id == project_id).with_for_update(key_share=True, skip_locked=True)
        project = await uow.session.scalar(locked)
        if project is None:
            return False
        for permit in await uow.session.scalars(select(Permit).where(Permit.id.in_(permit_ids)).with_for_update()):
            await reckon(uow, permit, calendar)
            if uow.changed_fields(permit):
                uow.touch(permit)
                await note(uow, "permit.updated", permit, project)
        await permit_forecasts.recompute(uow, project, calendar)
        await uow.commit()
        return True
    finally:
        await uow.close()
