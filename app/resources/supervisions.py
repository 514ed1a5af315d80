from __future__ import annotations

from sqlalchemy import Date, bindparam, select

from app.access import Scoping
from app.listing import Filter, Resource, Sort, equals
from app.models import Department, Leader, Supervision
from app.reading import AnySelect
from app.resources.project_columns import in_force

# A supervision belongs where its leader does. A subquery, so that the row can be asked for by itself too.
SCOPING = Scoping(
    region=select(Leader.region_code).where(Leader.id == Supervision.leader_id).correlate(Supervision).scalar_subquery()
)


def _select() -> AnySelect:
    s = Supervision
    return select(
        s.id, s.leader_id, s.department_id, Department.name.label("department_name"), s.valid_from, s.valid_to,
        s.version, s.created_at, s.updated_at,
    ).join_from(s, Department, Department.id == s.department_id)  # fmt: skip


SUPERVISION = Resource(
    name="supervision",
    label=("分管关系", "supervision"),
    permission="leaders.read",
    key=Supervision.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "leader_id": equals(Supervision.leader_id, "leader_id"),
        "department_id": equals(Supervision.department_id, "department_id"),
        "as_of": Filter(
            lambda day: in_force(Supervision, bindparam("f_as_of", day, Date)), lambda day: {"f_as_of": day}
        ),
    },
    sorts={"valid_from": Sort(Supervision.valid_from), "id": Sort(Supervision.id)},
)
