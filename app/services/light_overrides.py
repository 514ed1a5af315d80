"""A light set by hand beside the computed one: both are shown, with who set it, why and until when."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.domain.stages import TERMINATED
from app.errors import AppError, invalid
from app.models import LightOverride
from app.resources.lights import LIGHT_OVERRIDE
from app.schemas.lights import LightOverrideIn, LightOverridePatch
from app.services import lights
from app.services.project_log import note_part
from app.services.project_parts import lock_part, lock_project, sent_before
from app.uow import UnitOfWork

PERMISSION = "light_overrides.write"


async def create(uow: UnitOfWork, project_id: UUID, body: LightOverrideIn) -> tuple[LightOverride, bool]:
    """The override, and whether it is new; it holds from today on."""
    project = await lock_project(uow, project_id, PERMISSION)
    known: LightOverride | None = await sent_before(uow, LIGHT_OVERRIDE, LightOverride, project, body)
    if known is not None:
        return known, False
    if project.stage == TERMINATED:
        raise AppError("project_terminated")
    if body.until is not None and body.until <= uow.today:
        raise invalid("/until", "in_the_past")
    o = LightOverride
    held = await uow.session.scalar(
        select(o.since).where(o.project_id == project.id, or_(o.until.is_(None), o.until > uow.today))
    )
    if held is not None:
        raise AppError("already_overridden", since=str(held))
    row = LightOverride(
        id=body.id or uow.new_id(),
        project_id=project.id,
        light=body.light,
        reason=body.reason,
        since=uow.today,
        until=body.until,
        entered_by=uow.actor.id,
    )
    uow.add(row)
    await note_part(uow, "light_override.created", row, project)
    uow.then(lights.overridden, project.id)
    await uow.flush()
    return row, True


async def end(uow: UnitOfWork, override_id: UUID, body: LightOverridePatch, if_match: str | None) -> LightOverride:
    """Another end, today (at once) or later; what was shown on past days stays."""
    project, row = await lock_part(uow, LIGHT_OVERRIDE, LightOverride, override_id, PERMISSION, if_match, body)
    if row.until == body.until and body.ended_because in (None, row.ended_because):
        return row
    if row.until is not None and row.until <= uow.today:
        raise AppError("already_ended")
    if body.until < uow.today:
        raise invalid("/until", "in_the_past")
    row.until = body.until
    row.ended_by = uow.actor.id
    row.ended_because = body.ended_because
    uow.touch(row)
    await note_part(uow, "light_override.updated", row, project)
    uow.then(lights.overridden, project.id)
    return row
