from __future__ import annotations

from typing import Any

from sqlalchemy import Date, bindparam, func, select

from app.listing import Filter, Resource, Sort, any_of, equals
from app.models import Assignment, Department, Leader, User
from app.reading import AnySelect
from app.resources.project_columns import in_force
from app.resources.project_parts import through_project


def _select() -> AnySelect:
    a = Assignment
    columns: list[Any] = [
        a.id, a.project_id, a.role, a.leader_id, a.department_id, a.user_id, a.person_name,
        func.coalesce(Leader.name, Department.name, User.display_name, a.person_name).label("name"),
        Leader.title, a.phone, a.position, a.valid_from, a.valid_to, a.version, a.created_at, a.updated_at,
    ]  # fmt: skip
    return (
        select(*columns)
        .outerjoin_from(a, Leader, Leader.id == a.leader_id)
        .outerjoin(Department, Department.id == a.department_id)
        .outerjoin(User, User.id == a.user_id)
    )


ASSIGNMENT = Resource(
    name="assignment",
    label=("责任关系", "assignment"),
    permission="projects.read",
    key=Assignment.id,
    scoping=through_project(Assignment.project_id),
    full=_select,
    filters={
        "project": equals(Assignment.project_id, "project"),
        "role": any_of(Assignment.role, "role"),
        "as_of": Filter(lambda v: in_force(Assignment, bindparam("f_as_of", v, Date)), lambda v: {"f_as_of": v}),
    },
    sorts={"id": Sort(Assignment.id), "valid_from": Sort(Assignment.valid_from)},
)
