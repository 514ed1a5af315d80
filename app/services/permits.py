"""The permits of a project: entered, changed, linked to milestones. The project is locked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.domain.workdays import Workdays
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import require_match
from app.models import (
    Department,
    Milestone,
    MilestoneDelay,
    MilestonePermit,
    Permit,
    PermitEvent,
    Project,
)
from app.resources.departments import DEPARTMENT
from app.resources.milestones import MILESTONE
from app.resources.permits import PERMIT
from app.schemas.permits import PermitIn, PermitPatch
from app.services import dictionaries, permit_forecasts, permit_rules, workdays
from app.services.permit_clocks import events_in_force, keep
from app.services.project_log import departments_of, note_beside
from app.services.project_parts import lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible, require_reach

WRITE = "permits.write"


async def create(uow: UnitOfWork, project_id: UUID, body: PermitIn) -> tuple[Permit, bool]:
    """The permit, and whether it is new."""
    project = await lock_project(uow, project_id, WRITE)
    known: Permit | None = await sent_before(uow, PERMIT, Permit, project, body, beside=frozenset({"milestone_ids"}))
    if known is not None:
        return known, False
    await _check(uow, project, body)
    rule = await permit_rules.in_force_of(uow, project.region_code, body.kind)
    fields = body.model_dump(exclude={"id", "milestone_ids", "time_limit_days"})
    limit = body.time_limit_days or rule.time_limit_days
    row = Permit(
        id=body.id or uow.new_id(), project_id=project.id, time_limit_days=limit, state="not_applied", **fields
    )
    uow.add(row)
    await uow.flush()
    milestone_ids = list(dict.fromkeys(body.milestone_ids or ()))
    for milestone_id in milestone_ids:
        uow.session.add(MilestonePermit(project_id=project.id, milestone_id=milestone_id, permit_id=row.id))
    await note(uow, "permit.created", row, project)
    await _touch_milestones(uow, project, milestone_ids, {"permit_ids": [None, [str(row.id)]]})
    await permit_forecasts.recompute(uow, project)
    return row, True


async def change(uow: UnitOfWork, permit_id: UUID, body: PermitPatch, if_match: str | None) -> Permit:
    project, row = await lock(uow, permit_id)
    await require_reach(uow, PERMIT, permit_id, WRITE)
    wanted = body.model_dump(mode="json", exclude_unset=True)
    await require_match(uow, PERMIT, permit_id, if_match, row.version, wanted)
    department_before = row.department_id
    if body.department_id != row.department_id:
        await _check_department(uow, project, body.department_id)
    name_before = row.name
    if apply_patch(row, body):
        await reckon(uow, row)
        uow.touch(row)
        await note(uow, "permit.updated", row, project, also=[department_before])
        if row.name != name_before:
            # They say which permit moves them.
            d = MilestoneDelay
            moved = list(await uow.session.scalars(select(d.milestone_id).where(d.permit_id == row.id)))
            await _touch_milestones(uow, project, moved, {})
        await permit_forecasts.recompute(uow, project)
    return row


async def remove(uow: UnitOfWork, permit_id: UUID, if_match: str | None) -> None:
    """Only what was entered by mistake and nothing has happened to."""
    project, row = await lock(uow, permit_id)
    await require_reach(uow, PERMIT, permit_id, WRITE)
    await require_match(uow, PERMIT, permit_id, if_match, row.version)
    if await uow.session.scalar(select(PermitEvent.id).where(PermitEvent.permit_id == permit_id).limit(1)):
        raise AppError("permit_has_events")
    links = list(await uow.session.scalars(select(MilestonePermit).where(MilestonePermit.permit_id == permit_id)))
    for stored in links:
        await uow.session.delete(stored)
    unlinked = [stored.milestone_id for stored in links]
    await _touch_milestones(uow, project, unlinked, {"permit_ids": [[str(permit_id)], None]})
    await permit_forecasts.recompute(uow, project)
    gone = {name: [value, None] for name in ("kind", "name", "time_limit_days") if (value := getattr(row, name))}
    await note(uow, "permit.deleted", row, project, diff=gone)
    await uow.session.delete(row)


async def link(uow: UnitOfWork, permit_id: UUID, milestone_id: UUID, *, linked: bool) -> Permit:
    """The milestone waits for the permit from now on, or no longer. Said again, it changes nothing."""
    project, row = await lock(uow, permit_id)
    await require_reach(uow, PERMIT, permit_id, WRITE)
    if not await _milestones(uow, project, [milestone_id]):
        raise not_found(MILESTONE.label)
    stored = await uow.session.get(MilestonePermit, (milestone_id, permit_id))
    if linked == (stored is not None):
        return row
    if stored is None:
        uow.session.add(MilestonePermit(project_id=project.id, milestone_id=milestone_id, permit_id=permit_id))
    else:
        await uow.session.delete(stored)
    uow.touch(row)
    waits = [None, str(milestone_id)] if linked else [str(milestone_id), None]
    await note(uow, "permit.updated", row, project, diff={"milestone_id": waits})
    shown = [None, [str(permit_id)]] if linked else [[str(permit_id)], None]
    await _touch_milestones(uow, project, [milestone_id], {"permit_ids": shown})
    await permit_forecasts.recompute(uow, project)
    return row


async def lock(uow: UnitOfWork, permit_id: UUID) -> tuple[Project, Permit]:
    """A permit the actor sees (404) and its project, both locked: the project first, as everywhere."""
    found = await get_visible(uow, PERMIT, Permit, permit_id)
    locked = select(Project).where(Project.id == found.project_id).with_for_update(key_share=True)
    # Seen already: the department that accepts the permit need not see the project itself.
    project = await uow.session.scalar(locked.execution_options(populate_existing=True))
    if project is None:
        raise not_found(PERMIT.label)
    return project, await get_visible(uow, PERMIT, Permit, permit_id, lock=True)


async def reckon(uow: UnitOfWork, row: Permit, calendar: Workdays | None = None) -> None:
    """State and due day as the events and the limit have them."""
    events = await events_in_force(uow, [row.id])
    keep(row, events[row.id], calendar or await workdays.load(uow), uow.today)


async def note(
    uow: UnitOfWork,
    action: str,
    row: Any,
    project: Project,
    *,
    also: Iterable[UUID | None] = (),
    diff: dict[str, Any] | None = None,
) -> None:
    """Tell those who see the project, and the departments that accept the permit (`also`: that did until now)."""
    accepting = {getattr(row, "department_id", None), *also} - {None}
    readers = sorted(await departments_of(uow, project.id) | {d for d in accepting if d is not None})
    uow.record(action, row, region_code=project.region_code, project_id=project.id, department_ids=readers, diff=diff)


async def _touch_milestones(uow: UnitOfWork, project: Project, ids: list[UUID], diff: dict[str, Any]) -> None:
    """New versions of milestones that show another permit now."""
    statement = select(Milestone).where(Milestone.id.in_(ids)).order_by(Milestone.id)
    for milestone in await uow.session.scalars(statement) if ids else ():
        uow.touch(milestone)
        await note_beside(uow, "milestone.updated", milestone, project, diff=diff)


async def _check(uow: UnitOfWork, project: Project, body: PermitIn) -> None:
    """Every wrong reference at once."""
    errors = await dictionaries.faults(uow, "permit_kind", "/kind", body.kind)
    wanted = body.milestone_ids or []
    known = await _milestones(uow, project, wanted)
    errors += [
        FieldError(f"/milestone_ids/{i}", "unknown_reference", {"resource": MILESTONE.label})
        for i, milestone_id in enumerate(wanted)
        if milestone_id not in known
    ]
    try:
        await _check_department(uow, project, body.department_id)
    except AppError as error:
        errors += error.errors
    if errors:
        raise AppError("invalid_content", errors=errors)


async def _milestones(uow: UnitOfWork, project: Project, wanted: list[UUID]) -> set[UUID]:
    if not wanted:
        return set()
    statement = select(Milestone.id).where(Milestone.project_id == project.id, Milestone.id.in_(wanted))
    return set(await uow.session.scalars(statement))


async def _check_department(uow: UnitOfWork, project: Project, department_id: UUID | None) -> None:
    """One of the project's county, or of a region above it: many permits are the prefecture's or the province's."""
    if department_id is None:
        return
    seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
    county = project.region_code[:6]
    row = await uow.session.get(Department, department_id)
    above = row is not None and county.startswith(row.region_code)
    if not above:
        of_county = select(Department.id).where(
            Department.id == department_id, Department.region_code.startswith(county), seen.condition()
        )
        if await uow.session.scalar(of_county) is None:
            raise invalid("/department_id", "unknown_reference", resource=DEPARTMENT.label)
    if row is not None and not row.active:
        raise invalid("/department_id", "inactive")
