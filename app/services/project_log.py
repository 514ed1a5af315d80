"""Noting writes to a project, and to what hangs on it, so that whoever sees the project can read of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Assignment, Project
from app.models.base import Base
from app.resources.project_columns import ANSWERING, TAKING_PART, in_force
from app.services import lights, report_flags
from app.uow import UnitOfWork


async def departments_of(uow: UnitOfWork, project_id: UUID) -> set[UUID]:
    """The departments that see the project today, as stored: without what this transaction has yet to flush."""
    return await _assigned(uow, project_id, Assignment.department_id, ANSWERING)


async def accounts_of(uow: UnitOfWork, project_id: UUID) -> set[UUID]:
    """The accounts that see the project today by taking part in it."""
    return await _assigned(uow, project_id, Assignment.user_id, TAKING_PART)


async def _assigned(
    uow: UnitOfWork, project_id: UUID, party: InstrumentedAttribute[UUID | None], roles: tuple[str, ...]
) -> set[UUID]:
    a = Assignment
    found = await uow.session.scalars(
        select(party).where(
            a.project_id == project_id, a.role.in_(roles), party.is_not(None), in_force(a, literal(uow.today))
        )
    )
    return {identity for identity in found if identity is not None}


async def note_project(uow: UnitOfWork, action: str, project: Project) -> None:
    """A write to the project itself, e.g. `project.updated`; its light and the flags of its reports follow."""
    departments, accounts = await departments_of(uow, project.id), await accounts_of(uow, project.id)
    uow.record(action, project, department_ids=sorted(departments), user_ids=sorted(accounts))
    uow.then(lights.refresh, project.id)
    uow.then(report_flags.of_projects, project.id)


async def note_part(
    uow: UnitOfWork,
    action: str,
    row: Base,
    project: Project,
    *,
    also: Iterable[UUID | None] = (),
    diff: dict[str, Any] | None = None,
) -> None:
    """A write to something the (locked) project shows: the project gets a new version, and both are noted; its light
    and the flags of its reports follow.

    `also` are departments that come to see the project by this very write.
    """
    seeing = await departments_of(uow, project.id) | {department for department in also if department is not None}
    readers = sorted(seeing)
    uow.touch(project)
    uow.record(action, row, region_code=project.region_code, project_id=project.id, department_ids=readers, diff=diff)
    uow.record("project.updated", project, department_ids=readers)
    uow.then(lights.refresh, project.id)
    uow.then(report_flags.of_projects, project.id)


async def note_beside(
    uow: UnitOfWork, action: str, row: Base, project: Project, *, diff: dict[str, Any] | None = None
) -> None:
    """A write to something that hangs on the (locked) project but is not shown in it: the project stays as it is,
    unless its light turns."""
    readers = sorted(await departments_of(uow, project.id))
    uow.record(action, row, region_code=project.region_code, project_id=project.id, department_ids=readers, diff=diff)
    uow.then(lights.refresh_beside, project.id)


async def note_activity(uow: UnitOfWork, project: Project) -> None:
    """The (locked) project was reported on today: it is not stale."""
    if project.last_activity_on < uow.today:
        project.last_activity_on = uow.today
        uow.touch(project)
        await note_project(uow, "project.updated", project)
