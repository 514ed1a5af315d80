from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.access import Scoping
from app.listing import Resource, Sort, any_of, equals, region_prefix
from app.models import Department, Leader, Supervision
from app.resources.names import name_contains
from app.resources.project_columns import in_force

SCOPING = Scoping(region=Leader.region_code)


def _own_columns() -> list[Any]:
    x = Leader
    return [x.id, x.region_code, x.name, x.title, x.body, x.active, x.version, x.created_at, x.updated_at]


def _supervised() -> Any:
    """The departments supervised today."""
    s, d = Supervision, Department
    item = func.json_build_object(
        literal_column("'id'"), d.id,
        literal_column("'name'"), d.name,
        literal_column("'since'"), s.valid_from,
        literal_column("'supervision_id'"), s.id,
    )  # fmt: skip
    return (
        select(func.coalesce(func.json_agg(aggregate_order_by(item, s.valid_from, s.id)), literal_column("'[]'::json")))
        .join_from(s, d, d.id == s.department_id)
        .where(s.leader_id == Leader.id, in_force(s))
        .correlate(Leader)
        .scalar_subquery()
    )


LEADER = Resource(
    name="leader",
    label=("领导", "leader"),
    permission="leaders.read",
    key=Leader.id,
    conditional=False,
    scoping=SCOPING,
    full=lambda: select(*_own_columns(), _supervised().label("supervised_departments")),
    slim=lambda: select(*_own_columns()),
    filters={
        "region": region_prefix(SCOPING),
        "body": any_of(Leader.body, "body"),
        "active": equals(Leader.active, "active"),
        "name": equals(Leader.name, "name"),
        "q": name_contains(Leader.name),
    },
    sorts={"id": Sort(Leader.id), "name": Sort(Leader.name)},
)
