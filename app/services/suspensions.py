"""Pausing a project and going on with it. `project.suspended_since` follows; the project is locked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from app.domain.stages import TERMINATED
from app.errors import AppError, invalid
from app.models import Project, Suspension
from app.resources.suspensions import SUSPENSION
from app.schemas.suspensions import SuspensionIn, SuspensionPatch
from app.services.project_log import note_part
from app.services.project_parts import lock_part, lock_project, sent_before
from app.uow import UnitOfWork


async def create(uow: UnitOfWork, project_id: UUID, body: SuspensionIn) -> tuple[Suspension, bool]:
    """The suspension, and whether it is new."""
    project = await lock_project(uow, project_id, "suspensions.write")
    known: Suspension | None = await sent_before(uow, SUSPENSION, Suspension, project, body)
    if known is not None:
        return known, False
    if project.stage == TERMINATED:
        raise AppError("project_terminated")
    if await _open(uow, project) is not None:
        raise AppError("already_suspended")
    since = body.since or uow.today
    if since > uow.today:
        raise invalid("/since", "in_the_future")
    last_until = await uow.session.scalar(select(func.max(Suspension.until)).where(Suspension.project_id == project.id))
    if last_until is not None and since < last_until:
        raise invalid("/since", "dates_out_of_order")
    row = Suspension(id=body.id or uow.new_id(), project_id=project.id, reason=body.reason, since=since)
    project.suspended_since = since
    uow.add(row)
    await note_part(uow, "suspension.created", row, project)
    await uow.flush()
    return row, True


async def end(uow: UnitOfWork, suspension_id: UUID, body: SuspensionPatch, if_match: str | None) -> Suspension:
    project, row = await lock_part(uow, SUSPENSION, Suspension, suspension_id, "suspensions.write", if_match, body)
    if row.until == body.until:
        return row
    if row.until is not None:
        raise AppError("already_ended")
    if body.until > uow.today:
        raise invalid("/until", "in_the_future")
    if body.until < row.since:
        raise invalid("/until", "dates_out_of_order")
    row.until = body.until
    project.suspended_since = None
    uow.touch(row)
    await note_part(uow, "suspension.updated", row, project)
    return row


async def end_with_project(uow: UnitOfWork, project: Project, day: date) -> Suspension | None:
    """A terminated project is paused no more. The suspension that ended so, for the caller to note."""
    row = await _open(uow, project)
    project.suspended_since = None
    if row is not None:
        row.until = max(day, row.since)
        uow.touch(row)
    return row


async def _open(uow: UnitOfWork, project: Project) -> Suspension | None:
    s = Suspension
    found: Suspension | None = await uow.session.scalar(select(s).where(s.project_id == project.id, s.until.is_(None)))
    return found
