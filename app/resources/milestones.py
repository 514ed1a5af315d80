"""Milestones as they are seen: one, a project's, and those of all projects an actor sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Date, Text, Uuid, and_, bindparam, case, cast, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from app.domain.stages import TERMINATED
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import (
    Assignment,
    Baseline,
    Milestone,
    MilestoneDelay,
    MilestoneDependency,
    MilestonePermit,
    Permit,
    Project,
    User,
)
from app.reading import AnySelect
from app.resources.light_columns import TODAY
from app.resources.project_columns import SCOPING, holds
from app.resources.project_parts import through_project
from app.resources.workday_years import provisional

_END: Any = literal_column("date '9999-12-31'", Date)


def predecessor_ids() -> Any:
    d = MilestoneDependency
    ids = func.json_agg(aggregate_order_by(d.predecessor_id, d.predecessor_id))
    found = select(func.coalesce(ids, literal_column("'[]'::json"))).where(d.milestone_id == Milestone.id)
    return found.correlate(Milestone).scalar_subquery()


def _permit_ids() -> Any:
    """The permits it cannot begin without."""
    w = MilestonePermit
    ids = func.json_agg(aggregate_order_by(w.permit_id, w.permit_id))
    found = select(func.coalesce(ids, literal_column("'[]'::json"))).where(w.milestone_id == Milestone.id)
    return found.correlate(Milestone).scalar_subquery()


def _moved_by() -> Any:
    """The permit its forecast follows, null when none moves it."""
    d, p = MilestoneDelay, Permit
    item = func.json_build_object(
        literal_column("'id'"), p.id, literal_column("'kind'"), p.kind, literal_column("'name'"), p.name
    )
    found = select(item).join_from(d, p, p.id == d.permit_id).where(d.milestone_id == Milestone.id)
    return found.correlate(Milestone).scalar_subquery()


def overdue() -> Any:
    """Planned to be finished before today, and not; of a project that was given up nothing is overdue."""
    m = Milestone
    return and_(m.status != "done", m.planned_finish.is_not(None), m.planned_finish < TODAY, _alive())


def _alive() -> Any:
    given_up = exists().where(Project.id == Milestone.project_id, Project.stage == TERMINATED)
    return ~given_up.correlate(Milestone)


def _provisional() -> Any:
    return provisional(Milestone.planned_start, Milestone.planned_finish, Milestone.forecast_finish)


def _done_before() -> Any:
    """Predecessors of what is done that were not done by then."""
    d = MilestoneDependency
    before = aliased(Milestone, name="before")
    later = or_(before.status != "done", before.actual_finish > Milestone.actual_finish)
    ids = func.json_agg(aggregate_order_by(d.predecessor_id, d.predecessor_id))
    found = select(ids).join(before, before.id == d.predecessor_id).where(d.milestone_id == Milestone.id, later)
    told = case((Milestone.status == "done", found.correlate(Milestone).scalar_subquery()))
    return func.coalesce(told, literal_column("'[]'::json"))


def _responsible() -> Any:
    name = select(User.display_name).where(User.id == Milestone.responsible_user_id).correlate(Milestone)
    return func.coalesce(Milestone.responsible_name, name.scalar_subquery())


def full() -> AnySelect:
    m, p = Milestone, Project
    columns: list[Any] = [
        m.id, m.project_id, p.name.label("project_name"), p.region_code, m.position, m.name, m.kind,
        func.trim_scale(m.weight).label("weight"), m.duration_days, predecessor_ids().label("predecessor_ids"),
        m.status, m.planned_start, m.planned_finish, m.forecast_finish, m.actual_start, m.actual_finish,
        overdue().label("overdue"), _provisional().label("provisional"),
        _done_before().label("done_before_ids"), m.steps, m.responsible_user_id, m.responsible_name,
        _permit_ids().label("permit_ids"), _moved_by().label("moved_by_permit"),
        _responsible().label("responsible"), m.note, m.version, m.created_at, m.updated_at,
    ]  # fmt: skip
    return select(*columns).join_from(m, p, p.id == m.project_id)


def _party(name: str, role: str, column: Any) -> Filter:
    """The project has such a party now."""
    return Filter(
        lambda v: holds((role,), column == func.any(bindparam(f"f_{name}", v, ARRAY(Uuid)))),
        lambda v: {f"f_{name}": list(v)},
    )


def _due(name: str, *, before: bool) -> Filter:
    day: Any = bindparam(f"f_{name}", None, Date)
    m = Milestone
    return Filter(lambda _: m.planned_finish < day if before else m.planned_finish >= day, lambda v: {f"f_{name}": v})


_FILTERS: dict[str, Filter] = {
    "project": equals(Milestone.project_id, "project"),
    "status": any_of(Milestone.status, "status"),
    "kind": any_of(Milestone.kind, "kind"),
    "due_from": _due("due_from", before=False),
    "due_before": _due("due_before", before=True),
    "overdue": Filter(lambda v: overdue() if v else or_(~overdue(), overdue().is_(None)), lambda _: {}, lambda v: v),
    "responsible_user_id": equals(Milestone.responsible_user_id, "responsible_user_id"),
    "region": region_prefix(SCOPING),
    "project_id": any_of(Milestone.project_id, "project_id"),
    "department_id": _party("department_id", "responsible", Assignment.department_id),
    "leader_id": _party("leader_id", "sponsor", Assignment.leader_id),
}

MILESTONE = Resource(
    name="milestone",
    label=("节点", "milestone"),
    permission="projects.read",
    key=Milestone.id,
    scoping=through_project(Milestone.project_id),
    full=full,
    # It says whether it is overdue, which its version does not follow.
    conditional=False,
    filters=_FILTERS,
    sorts={
        "position": Sort(Milestone.position),
        "planned_finish": Sort(func.coalesce(Milestone.planned_finish, _END, type_=Date)),
        "updated_at": Sort(Milestone.updated_at),
    },
)
MILESTONES = replace(MILESTONE, name="milestones", scoping=SCOPING)
"""For lists, which join the projects: seen by their own columns, not by a subquery for every row."""


def _member(column: Any) -> Any:
    return func.coalesce(cast(column, Text), "")


def graph_print(project_id: Any) -> Any:
    """A print of all that a schedule is computed from, the current baseline included; other print, other schedule."""
    m, d, b = Milestone, MilestoneDependency, Baseline
    before = select(
        func.string_agg(cast(d.predecessor_id, Text), aggregate_order_by(literal_column("','"), d.predecessor_id))
    )
    parts = [m.id, m.duration_days, m.status, m.actual_start]
    line = func.concat_ws(
        "|",
        *[_member(part) for part in parts],
        before.where(d.milestone_id == m.id).correlate(m).scalar_subquery(),
    )
    lines = select(func.string_agg(line, aggregate_order_by(literal_column("';'"), m.id))).where(
        m.project_id == project_id
    )
    adopted = select(func.count()).select_from(b).where(b.project_id == project_id)
    graph = func.concat_ws(
        "#", cast(adopted.correlate_except(b).scalar_subquery(), Text), lines.correlate_except(m).scalar_subquery()
    )
    return func.md5(graph)


def graph_etag(project_id: Any) -> Any:
    """A print of the project's milestones as they can be written: every version, every dependency."""
    m, d = Milestone, MilestoneDependency
    rows = select(
        func.string_agg(func.concat_ws(":", m.id, m.version), aggregate_order_by(literal_column("','"), m.id))
    )
    links = select(
        func.string_agg(
            func.concat_ws(">", d.milestone_id, d.predecessor_id),
            aggregate_order_by(literal_column("','"), d.milestone_id, d.predecessor_id),
        )
    )
    return func.md5(
        func.concat_ws(
            "#",
            rows.where(m.project_id == project_id).scalar_subquery(),
            links.where(d.project_id == project_id).scalar_subquery(),
        )
    )
