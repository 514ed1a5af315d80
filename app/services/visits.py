"""Leaders' visits to projects: entered by the leader's own account, or by the dispatch office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.errors import AppError, invalid
from app.listing import require_match
from app.models import Leader, Project, User, Visit
from app.resources.leaders import LEADER
from app.resources.projects import PROJECT
from app.resources.visits import VISIT, WRITING
from app.schemas.visits import VisitIn, VisitPatch
from app.services.project_log import departments_of
from app.services.sent_again import sent_again
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible, require_reach

WRITE = "visits.write"


async def create(uow: UnitOfWork, body: VisitIn) -> tuple[UUID, bool]:
    """The visit's id, and whether it is new."""
    project = await _project(uow, body.project_id)
    leader_id = await _leader(uow, project, body.leader_id)
    known = await sent_again(uow, VISIT, Visit, body.id, body, leader_id=leader_id)
    if known is not None:
        return known.id, False
    if body.happened_on > uow.today:
        raise invalid("/happened_on", "in_the_future")
    fields = body.model_dump(exclude={"id", "leader_id"})
    row = Visit(id=body.id or uow.new_id(), leader_id=leader_id, entered_by=uow.actor.id, **fields)
    uow.add(row)
    await _note(uow, "visit.created", row, project)
    await uow.flush()
    return row.id, True


async def change(uow: UnitOfWork, visit_id: UUID, body: VisitPatch, if_match: str | None) -> None:
    """What was found or decided, the kind, the day; whose visit to what it was stays."""
    project, row = await _lock(uow, visit_id, if_match, body)
    changed = apply_patch(row, body)
    if row.happened_on > uow.today:
        raise invalid("/happened_on", "in_the_future")
    if changed:
        uow.touch(row)
        await _note(uow, "visit.updated", row, project)


async def remove(uow: UnitOfWork, visit_id: UUID, if_match: str | None) -> None:
    """One entered by mistake; the log keeps what it said."""
    project, row = await _lock(uow, visit_id, if_match)
    said = {name: [getattr(row, name), None] for name in ("kind", "finding", "decision")}
    days = {"happened_on": [str(row.happened_on), None], "leader_id": [str(row.leader_id), None]}
    await _note(uow, "visit.deleted", row, project, diff=said | days)
    await uow.session.delete(row)


async def _lock(
    uow: UnitOfWork, visit_id: UUID, if_match: str | None, body: VisitPatch | None = None
) -> tuple[Project, Visit]:
    """The visit, locked, and its project: seen (404), the actor's to write (403), current (412/428)."""
    found = await get_visible(uow, VISIT, Visit, visit_id)
    project = await get_visible(uow, PROJECT, Project, found.project_id)
    row = await get_visible(uow, VISIT, Visit, visit_id, lock=True)
    await require_reach(uow, WRITING, visit_id, WRITE)
    said = body.model_dump(mode="json", exclude_unset=True) if body is not None else None
    await require_match(uow, VISIT, visit_id, if_match, row.version, said)
    return project, row


async def _note(
    uow: UnitOfWork, action: str, row: Visit, project: Project, *, diff: dict[str, Any] | None = None
) -> None:
    """For all who see the project; the project itself shows no visits and stays as it is."""
    readers = sorted(await departments_of(uow, project.id))
    uow.record(action, row, region_code=project.region_code, project_id=project.id, department_ids=readers, diff=diff)


async def _project(uow: UnitOfWork, project_id: UUID) -> Project:
    try:
        return await get_visible(uow, PROJECT, Project, project_id)
    except AppError:
        raise invalid("/project_id", "unknown_reference", resource=PROJECT.label) from None


async def _leader(uow: UnitOfWork, project: Project, given: UUID | None) -> UUID:
    """Whose visit it is: the account's own leader, or of the dispatch office any leader over the project."""
    owner = uow.actor.id if any(scope.user_id is not None for scope in uow.actor.scopes(WRITE)) else None
    own = await uow.session.scalar(select(User.leader_id).where(User.id == owner)) if owner is not None else None
    chosen = given or own
    if chosen is None or chosen != own:
        uow.actor.require_in_region(WRITE, project.region_code)
    if chosen is None:
        raise invalid("/leader_id", "missing")
    seen = visible(uow.actor.scopes(LEADER.permission), LEADER.scoping)
    region = await uow.session.scalar(select(Leader.region_code).where(Leader.id == chosen, seen.condition()))
    if region is None:
        raise invalid("/leader_id", "unknown_reference", resource=LEADER.label)
    if not project.region_code.startswith(region[:6]):
        raise invalid("/leader_id", "outside_region", region=project.region_code[:6])
    return chosen
