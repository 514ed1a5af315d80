"""Noting writes to a project, and to what hangs on it, so that whoever sees the project can read of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from app.models import Assignment, Project
from app.models.base import Base
from app.resources.project_columns import ANSWERING, TAKING_PART, in_force
from app.uow import UnitOfWork


async def departments_of(uow: UnitOfWork, project_id: UUID) -> set[UUID]:
    """The departments that see the project today, as stored: without what this transaction has yet to flush."""
    a = Assignment
    found = await uow.session.scalars(
        select(a.department_id).where(
            a.project_id == project_id,
            a.role.in_(ANSWERING),
            a.department_id.is_not(None),
            in_force(a, literal(uow.today)),
        )
    )
    return {department_id for department_id in found if department_id is not None}


async def accounts_of(uow: UnitOfWork, project_id: UUID) -> set[UUID]:
    """The accounts that see the project today by taking part in it."""
    a = Assignment
    found = await uow.session.scalars(
        select(a.user_id).where(
            a.project_id == project_id,
            a.role.in_(TAKING_PART),
            a.user_id.is_not(None),
            in_force(a, literal(uow.today)),
        )
    )
    return {user_id for user_id in found if user_id is not None}


async def note_project(uow: UnitOfWork, action: str, project: Project) -> None:
    """A write to the project itself, e.g. `project.updated`."""
    departments, accounts = await departments_of(uow, project.id), await accounts_of(uow, project.id)
    uow.record(action, project, department_ids=sorted(departments), user_ids=sorted(accounts))


async def note_part(
    uow: UnitOfWork,
    action: str,
    row: Base,
    project: Project,
    *,
    also: Iterable[UUID | None] = (),
    diff: dict[str, Any] | None = None,
) -> None:
    """A write to something the (locked) project shows: the project gets a new version, and both are noted.

    `also` are departments that come to see the project by this very write.
    """
    seeing = await departments_of(uow, project.id) | {department for department in also if department is not None}
    readers = sorted(seeing)
    uow.touch(project)
    uow.record(action, row, region_code=project.region_code, project_id=project.id, department_ids=readers, diff=diff)
    uow.record("project.updated", project, department_ids=readers)
