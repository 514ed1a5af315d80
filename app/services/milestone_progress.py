"""How far a project is by its milestones: the weighted share of those that are done."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Numeric, Uuid, bindparam, case, cast, func, literal_column, select

from app.access import Visible, visible
from app.errors import not_found
from app.models import Milestone, Project
from app.reading import AnySelect, prepared, row_as_json
from app.resources.milestones import full, overdue
from app.resources.projects import PROJECT
from app.uow import UnitOfWork

_NEXT = 5


async def progress(uow: UnitOfWork, project_id: UUID) -> str:
    """JSON, made in one read. Outside any transaction."""
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    statement = prepared((PROJECT.name, "milestone_progress", seen.shape), lambda: _statement(seen))
    row = await uow.db.row(statement, seen.values | {"key": project_id})
    if row is None:
        raise not_found(PROJECT.label)
    return str(row["j"])


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
        .subquery("coming")
    )
    items = func.coalesce(func.json_agg(func.row_to_json(literal_column("coming"))), literal_column("'[]'::json"))
    following = select(items).select_from(coming).scalar_subquery()
    project = select(Project.id.label("project_id"), *counted.c, following.label("next"), Project.version).join_from(
        Project, counted, literal_column("true")
    )
    return row_as_json(project.where(Project.id == bindparam("key", None, Uuid), seen.condition()), "version")
