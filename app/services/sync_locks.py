"""The projects that a batch edits, locked before any of it is carried out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import visible
from app.models import Milestone, Project, Report
from app.resources.projects import PROJECT
from app.services.sync_operations import Operation
from app.uow import UnitOfWork


async def lock_projects(uow: UnitOfWork, operations: Iterable[Operation]) -> None:
    """In one order for all, so that two batches over the same projects wait for each other instead of deadlocking."""
    new, reports, milestones = _named(operations)
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    edited = or_(
        Project.id.in_(_each(new)),
        Project.id.in_(select(Report.project_id).where(Report.id.in_(_each(reports)))),
        Project.id.in_(select(Milestone.project_id).where(Milestone.id.in_(_each(milestones)))),
    )
    await uow.session.execute(
        select(Project.id).where(edited, seen.condition()).order_by(Project.id).with_for_update(key_share=True)
    )


def _named(operations: Iterable[Operation]) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Projects, reports and milestones."""
    projects, reports, milestones = [], [], []
    for operation in operations:
        if operation.type == "milestone.patch":
            milestones.append(operation.resource_id)
            continue
        reports.append(operation.resource_id)
        with suppress(ValueError, TypeError, AttributeError):
            projects.append(UUID(operation.said().get("project_id")))
    return projects, reports, milestones


def _each(ids: list[UUID]) -> Any:
    return select(func.unnest(literal(ids, ARRAY(Uuid))))
