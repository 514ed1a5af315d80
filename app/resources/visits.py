"""Leaders' visits as they are seen, and whose an account may write down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Date, bindparam, exists, select

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, region_prefix
from app.models import Leader, Project, User, Visit
from app.reading import AnySelect
from app.resources.project_columns import SCOPING as LIST_SCOPING
from app.resources.project_parts import account, through_project

SCOPING = through_project(Visit.project_id)


def _full() -> AnySelect:
    v = Visit
    columns: list[Any] = [
        v.id, v.project_id, Project.name.label("project_name"), Project.region_code, v.leader_id,
        Leader.name.label("leader_name"), v.kind, v.happened_on, v.finding, v.decision,
        account(v.entered_by).label("entered_by"), v.version, v.created_at, v.updated_at,
    ]  # fmt: skip
    return select(*columns).join_from(v, Project, Project.id == v.project_id).join(Leader, Leader.id == v.leader_id)


def _day(name: str, *, until: bool) -> Filter:
    day: Any = bindparam(f"f_{name}", None, Date)
    column = Visit.happened_on
    return Filter(lambda _: column <= day if until else column >= day, lambda v: {f"f_{name}": v})


VISIT = Resource(
    name="visit",
    label=("包扶记录", "visit"),
    permission="visits.read",
    key=Visit.id,
    # Names of project, leader and account are shown, which no version follows.
    conditional=False,
    scoping=SCOPING,
    full=_full,
    filters={
        "region": region_prefix(LIST_SCOPING),
        "project_id": any_of(Visit.project_id, "project_id"),
        "leader_id": any_of(Visit.leader_id, "leader_id"),
        "kind": any_of(Visit.kind, "kind"),
        "happened_from": _day("happened_from", until=False),
        "happened_to": _day("happened_to", until=True),
    },
    sorts={"happened_on": Sort(Visit.happened_on), "id": Sort(Visit.id)},
)
VISITS = replace(VISIT, name="visits", scoping=LIST_SCOPING)
"""For lists, which join the projects: seen by their own columns, not by a subquery for every row."""


def _own_visits(user: Any) -> Any:
    return exists().where(User.id == user, User.leader_id == Visit.leader_id).correlate(Visit)


WRITING = replace(
    VISIT,
    name="visit_writing",
    scoping=Scoping(region=SCOPING.region, county=SCOPING.county, user=_own_visits),
)
"""The visits an account may write down: the region's, or those of the leader whose account it is."""
