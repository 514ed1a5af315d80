"""What every change of a stored row goes through: seen, allowed, locked, current, then patched."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from pydantic import BaseModel
from sqlalchemy import ColumnElement, inspect, select, update

from app.access import visible
from app.errors import AppError, invalid, not_found
from app.listing import Resource, require_match
from app.models import Assignment, Project
from app.models.base import Base, Versioned
from app.uow import UnitOfWork

Row = TypeVar("Row", bound=Versioned)
Stored = TypeVar("Stored", bound=Base | Versioned)


async def get_visible(
    uow: UnitOfWork, resource: Resource, model: type[Stored], identity: Any, *, lock: bool = False
) -> Stored:
    """The row, if the actor may see it (404 otherwise); locked until the transaction ends when asked."""
    seen = visible(uow.actor.scopes(resource.permission), resource.scoping)
    statement = select(model).where(resource.key == identity, seen.condition())
    if lock:
        statement = statement.with_for_update(of=model, key_share=True)
    row = (await uow.session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise not_found(resource.label)
    return row


async def require_reach(uow: UnitOfWork, resource: Resource, identity: Any, permission: str) -> None:
    """The actor's `permission` must reach this (visible) row: 403 otherwise."""
    allowed = visible(uow.actor.scopes(permission), resource.scoping)
    found = await uow.session.scalar(select(resource.key).where(resource.key == identity, allowed.condition()))
    if found is None:
        raise AppError("forbidden", permission=permission)


async def get_for_update(
    uow: UnitOfWork,
    resource: Resource,
    model: type[Row],
    identity: Any,
    permission: str,
    if_match: str | None,
    body: BaseModel | None = None,
) -> Row:
    """The row locked for this change: visible (404), within `permission` (403), current (412/428)."""
    row = await get_visible(uow, resource, model, identity, lock=True)
    await require_reach(uow, resource, identity, permission)
    wanted = body.model_dump(exclude_unset=True) if body is not None else None
    await require_match(uow, resource, identity, if_match, row.version, wanted)
    return row


def apply_patch(row: Versioned, body: BaseModel, *, skip: frozenset[str] = frozenset()) -> set[str]:
    """JSON merge patch (RFC 7396): what was sent is set, null clears. Returns the fields that changed."""
    changed = set()
    columns = inspect(type(row)).columns
    for name in body.model_fields_set - skip:
        value = getattr(body, name)
        if value is None and not columns[name].nullable:
            raise invalid(f"/{name}", "missing")
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.add(name)
    return changed


def save_patch(uow: UnitOfWork, row: Row, body: BaseModel, action: str) -> set[str]:
    """Apply a patch; only what really changes makes a new version and a row in the log."""
    changed = apply_patch(row, body)
    if changed:
        uow.touch(row)
        uow.record(action, cast("Base", row))
    return changed


async def touch_projects(uow: UnitOfWork, party: ColumnElement[bool]) -> None:
    """A name shown in assignments and projects changed: new versions of both. `party` is a condition on assignments."""
    await uow.flush()
    await uow.session.execute(
        update(Assignment)
        .where(party)
        .values(version=Assignment.version + 1, updated_at=uow.now)
        .execution_options(synchronize_session=False)
    )
    await touch_projects_where(uow, Project.id.in_(select(Assignment.project_id).where(party)))


async def touch_projects_where(uow: UnitOfWork, condition: ColumnElement[bool]) -> None:
    """Something these projects show changed: a new version of each, told in the log."""
    await uow.flush()
    # In one order for all, so that two renames over the same projects wait for each other instead of deadlocking.
    await uow.session.execute(select(Project.id).where(condition).order_by(Project.id).with_for_update(key_share=True))
    touched = await uow.session.execute(
        update(Project)
        .where(condition)
        .values(version=Project.version + 1, updated_at=uow.now)
        .returning(Project.id, Project.version, Project.region_code)
        .execution_options(synchronize_session=False)
    )
    for row in touched:
        uow.record_plain(
            "project.updated",
            resource_id=str(row.id),
            version=row.version,
            region_code=row.region_code,
            project_id=row.id,
        )
