from __future__ import annotations

from sqlalchemy import select

from app.access import Scoping
from app.listing import Resource, Sort, any_of, equals, region_prefix
from app.models import Department
from app.reading import AnySelect
from app.resources.names import name_contains

SCOPING = Scoping(
    region=Department.region_code,
    # A department's people know the other departments of their region; nothing here is confidential within it.
)


def _select() -> AnySelect:
    d = Department
    return select(
        d.id, d.region_code, d.name, d.kind, d.assessment_group, d.active, d.version, d.created_at, d.updated_at
    )


DEPARTMENT = Resource(
    name="department",
    label=("部门", "department"),
    permission="departments.read",
    key=Department.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "region": region_prefix(SCOPING),
        "assessment_group": equals(Department.assessment_group, "assessment_group"),
        "kind": any_of(Department.kind, "kind"),
        "active": equals(Department.active, "active"),
        "name": equals(Department.name, "name"),
        "q": name_contains(Department.name),
    },
    sorts={"id": Sort(Department.id), "name": Sort(Department.name)},
)
