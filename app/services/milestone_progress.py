"""A project's milestones in one answer: how far it is by them, and all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, Uuid, bindparam, case, cast, func, literal_column, select

from app.access import Visible, visible
from app.errors import not_found
from app.models import Milestone, Project
from app.reading import AnySelect, prepared, row_as_json
from app.resources.milestones import full, graph_etag, overdue
from app.resources.projects import PROJECT
from app.uow import UnitOfWork

_NEXT = 5


async def progress(uow: UnitOfWork, project_id: UUID) -> str:
    """The weighted share done, as JSON. Outside any transaction."""
    return str((await _read(uow, project_id, "milestone_progress", _statement))["j"])


async def everything(uow: UnitOfWork, project_id: UUID) -> tuple[str, str]:
    """All milestones of the project as JSON, and their common print. Outside any transaction."""
    row = await _read(uow, project_id, "milestone_set", _everything)
    return row["j"], row["print"]


async def everything_now(uow: UnitOfWork, project_id: UUID) -> tuple[str, str]:
    """The same as this transaction sees it, after a write."""
    await uow.flush()
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    row = (await uow.session.execute(_everything(seen), seen.values | {"key": project_id})).one()
    return row.j, row.print


async def _read(uow: UnitOfWork, project_id: UUID, name: str, build: Callable[[Visible], AnySelect]) -> Any:
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    statement = prepared((PROJECT.name, name, seen.shape), lambda: build(seen))
    row = await uow.db.row(statement, seen.values | {"key": project_id})
    if row is None:
        raise not_found(PROJECT.label)
    return row


def _array(rows: AnySelect) -> Any:
    """The rows as one JSON array."""
    each = rows.subquery("each")
    items = func.coalesce(func.json_agg(func.row_to_json(literal_column("each"))), literal_column("'[]'::json"))
    return select(items).select_from(each).scalar_subquery()


def _everything(seen: Visible) -> AnySelect:
    m, key = Milestone, bindparam("key", None, Uuid)
    ordered = full().where(m.project_id == key).order_by(m.position, m.id)
    statement = select(
        Project.id.label("project_id"), _array(ordered).label("milestones"), graph_etag(key).label("print")
    ).where(Project.id == key, seen.condition())
    return row_as_json(statement, "print")


def _statement(seen: Visible) -> AnySelect:
    m = Milestone
    done = m.status == "done"
    weight = func.coalesce(func.sum(m.weight), 0)
    weight_done = func.coalesce(func.sum(m.weight).filter(done), 0)
    counted = (
        select(
            func.count().label("milestones"),
            func.count().filter(done).label("done"),
            func.count().filter(m.status == "in_progress").label("in_progress"),
            func.count().filter(overdue()).label("overdue"),
            func.trim_scale(weight).label("weight"),
            func.trim_scale(weight_done).label("weight_done"),
            case(
                (weight > 0, func.trim_scale(func.round(cast(weight_done * 100 / func.nullif(weight, 0), Numeric), 2)))
            ).label("physical_percent"),
        )
        .where(m.project_id == bindparam("key", None, Uuid))
        .subquery("counted")
    )
    coming = (
        full()
        .where(m.project_id == bindparam("key", None, Uuid), m.status != "done")
        .order_by(m.planned_finish.asc().nulls_last(), m.position, m.id)
        .limit(_NEXT)
    )
    project = select(
        Project.id.label("project_id"), *counted.c, _array(coming).label("next"), Project.version
    ).join_from(Project, counted, literal_column("true"))
    return row_as_json(project.where(Project.id == bindparam("key", None, Uuid), seen.condition()), "version")
