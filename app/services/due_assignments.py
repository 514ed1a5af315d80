"""Assignments entered ahead of time: on the day one begins or ends, its project shows other people.

Nobody writes on that day, so this does: the project gets a new version (its ETag) and a row in the change log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Uuid, any_, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import Database
from app.models import Assignment, Project
from app.reading import AnySelect
from app.resources.project_columns import ANSWERING
from app.uow import UnitOfWork

LOOK_BACK = timedelta(days=40)
"""Longer than the service will ever have been down."""


async def announce(db: Database, now: datetime) -> int:
    """Note every project that shows other people since its last version; how many. Again: none."""
    uow = UnitOfWork(db, now)
    try:
        since = uow.today - LOOK_BACK
        # Another worker may be at it: what it holds is left to it.
        due = _due(since, uow.today).with_for_update(of=Project, key_share=True, skip_locked=True)
        projects = (await uow.session.scalars(due)).all()
        readers = await _readers(uow, [project.id for project in projects], since)
        for project in projects:
            uow.touch(project)
            uow.record("project.updated", project, department_ids=sorted(readers[project.id]), diff={})
        await uow.commit()
        return len(projects)
    finally:
        await uow.close()


def _due(since: date, today: date) -> AnySelect:
    """Projects not written to since the last midnight (Asia/Shanghai) at which one of their assignments changed."""
    a = Assignment
    turns = union_all(
        *[select(a.project_id, day.label("day")).where(day > since, day <= today) for day in (a.valid_from, a.valid_to)]
    ).subquery("turns")
    midnight = func.timezone("Asia/Shanghai", cast(func.max(turns.c.day), DateTime))
    last = select(turns.c.project_id, midnight.label("at")).group_by(turns.c.project_id).subquery("last")
    return select(Project).join(last, last.c.project_id == Project.id).where(Project.updated_at < last.c.at)


async def _readers(uow: UnitOfWork, projects: Sequence[UUID], since: date) -> dict[UUID, set[UUID]]:
    """The departments that see a project now, and those that did until lately: they are told that they left."""
    a = Assignment
    readers: dict[UUID, set[UUID]] = defaultdict(set)
    rows = await uow.session.execute(
        select(a.project_id, a.department_id).where(
            a.project_id == any_(literal(list(projects), ARRAY(Uuid))),
            a.role.in_(ANSWERING),
            a.department_id.is_not(None),
            a.valid_from <= uow.today,
            or_(a.valid_to.is_(None), a.valid_to > since),
        )
    )
    for project_id, department_id in rows:
        if department_id is not None:
            readers[project_id].add(department_id)
    return readers
