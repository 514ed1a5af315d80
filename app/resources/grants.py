from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_, select

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import Grant, User
from app.reading import AnySelect

SCOPING = Scoping(region=Grant.region_code)


def _select() -> AnySelect:
    g = Grant
    # The user name never changes, so the grant's ETag covers it; other names are asked for under their own address.
    return select(
        g.id,
        g.user_id,
        User.username,
        g.role,
        g.region_code,
        g.department_id,
        g.valid_from,
        g.valid_to,
        g.granted_by,
        g.version,
        g.created_at,
        g.updated_at,
    ).join(User, User.id == g.user_id)


def _in_force(on: date) -> ColumnElement[bool]:
    day = bindparam("f_on", on, Date)
    return and_(Grant.valid_from <= day, or_(Grant.valid_to.is_(None), Grant.valid_to > day))


GRANT = Resource(
    name="grant",
    label=("授权", "grant"),
    permission="grants.read",
    key=Grant.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "user_id": equals(Grant.user_id, "user_id"),
        "role": any_of(Grant.role, "role"),
        "region": region_prefix(SCOPING),
        "department_id": equals(Grant.department_id, "department_id"),
        "on": Filter(_in_force, lambda on: {"f_on": on}),
    },
    sorts={"id": Sort(Grant.id)},
)
