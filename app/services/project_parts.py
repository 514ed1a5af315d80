"""What every write to something that hangs on a project goes through: the project seen, allowed, locked first."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Uuid, bindparam, literal_column, select

from app.access import Visible, visible
from app.errors import AppError, not_found
from app.listing import Resource, representation, require_match
from app.models import AnnualPlan, Assignment, LightOverride, Milestone, Project, Suspension
from app.reading import AnySelect, prepared
from app.resources.projects import PROJECT
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach

Part = TypeVar("Part", Assignment, Suspension, AnnualPlan, LightOverride, Milestone)


async def require_visible(uow: UnitOfWork, project_id: UUID) -> None:
    """404 for a project the actor does not see; an empty list would tell nothing. Reads outside any transaction."""
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    statement = prepared((PROJECT.name, "there", seen.shape), lambda: _there(seen))
    if await uow.db.row(statement, seen.values | {"key": project_id}) is None:
        raise not_found(PROJECT.label)


def _there(seen: Visible) -> AnySelect:
    return select(literal_column("1").label("one")).where(Project.id == bindparam("key", None, Uuid), seen.condition())


async def lock_project(uow: UnitOfWork, project_id: UUID, permission: str) -> Project:
    """The project, seen (404), within `permission` (403), locked until the transaction ends."""
    project = await get_visible(uow, PROJECT, Project, project_id, lock=True)
    await require_reach(uow, PROJECT, project_id, permission)
    return project


async def lock_part(
    uow: UnitOfWork,
    resource: Resource,
    model: type[Part],
    identity: UUID,
    permission: str,
    if_match: str | None,
    body: BaseModel | None = None,
) -> tuple[Project, Part]:
    """The part and its project, both locked for this change; the part current (412/428)."""
    found = await get_visible(uow, resource, model, identity)
    project = await lock_project(uow, found.project_id, permission)
    row = await get_visible(uow, resource, model, identity, lock=True)
    wanted = body.model_dump(mode="json", exclude_unset=True) if body is not None else None
    await require_match(uow, resource, identity, if_match, row.version, wanted)
    return project, row


async def sent_before(
    uow: UnitOfWork,
    resource: Resource,
    model: Any,
    project: Project,
    body: BaseModel,
    *,
    beside: frozenset[str] = frozenset(),
) -> Any:
    """The row made before under the id the client sends again, None when there is none.

    409 `id_taken` when that row says something else; `beside` are fields that no column keeps.
    """
    identity = getattr(body, "id", None)
    row = await uow.session.get(model, identity) if identity is not None else None
    if row is None:
        return None
    if row.project_id != project.id:
        raise AppError("id_taken")
    # What was left out took its default then; only what was said can differ.
    sent = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"id"} | set(beside))
    fields = sorted(name for name, value in sent.items() if getattr(row, name) != value)
    if fields:
        shown, _ = await representation(uow, resource, row.id)
        current = json.loads(shown, parse_float=Decimal)
        raise AppError("id_taken", extra={"current": current, "sent": sent, "fields": fields})
    return row
