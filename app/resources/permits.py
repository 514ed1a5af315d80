"""Permits as rows by themselves, and as lists over projects; the clock of each is put in by `services.permit_clock`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Date, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import (
    Assignment,
    Department,
    Milestone,
    MilestoneDelay,
    MilestonePermit,
    Permit,
    PermitEvent,
    Project,
)
from app.reading import AnySelect
from app.resources.permit_duties import mandatory
from app.resources.project_columns import ANSWERING, TAKING_PART, holds
from app.resources.project_parts import account, through_project

DUE: Any = func.coalesce(Permit.due_on, literal_column("'9999-12-31'::date"), type_=Date)
"""For sorting: permits without a due day come last. The indices of the table name the same expression."""

_PROJECT = through_project(Permit.project_id)
assert _PROJECT.department is not None
_ANSWERING = _PROJECT.department

SCOPING = replace(_PROJECT, department=lambda p: or_(Permit.department_id == p, _ANSWERING(p)))
"""Whoever sees the project, and the department that accepts the permit."""
LIST_SCOPING = Scoping(
    region=Project.region_code,
    county=Project.county_code,
    department=lambda p: or_(Permit.department_id == p, holds(ANSWERING, Assignment.department_id == p)),
    user=lambda p: holds(TAKING_PART, Assignment.user_id == p),
)
"""The same for statements that join the project: there its index on counties counts."""
ACCEPTING = replace(_PROJECT, department=lambda p: Permit.department_id == p)
"""Who writes down what happens: not the departments that answer for the project, only the one that accepts."""


def _pairs(**members: Any) -> Any:
    pairs: list[Any] = []
    for key, column in members.items():
        pairs += [literal_column(f"'{key}'"), column]
    return func.json_build_object(*pairs)


def _array(item: Any, *order: Any) -> Any:
    return func.coalesce(func.json_agg(aggregate_order_by(item, *order)), literal_column("'[]'::json"))


def in_force(event: Any = PermitEvent) -> Any:
    """Entries that nothing corrects, without those that annul one."""
    later = aliased(PermitEvent, name="later")
    corrected: Any = select(literal_column("1")).where(later.corrects_id == event.id).correlate_except(later)
    return (event.kind != "annulled") & ~corrected.exists()


def _events() -> Any:
    e = PermitEvent
    item = _pairs(id=e.id, kind=e.kind, happened_on=e.happened_on, document_number=e.document_number)
    return (
        select(_array(item, e.happened_on, e.position))
        .where(e.permit_id == Permit.id, in_force())
        .correlate(Permit)
        .scalar_subquery()
    )


def _columns() -> list[Any]:
    p = Permit
    department = _pairs(id=Department.id, name=Department.name)
    named = select(department).where(Department.id == p.department_id).correlate(p).scalar_subquery()
    project = _pairs(id=Project.id, name=Project.name, region_code=Project.region_code)
    return [
        p.id, p.project_id, project.label("project"), p.kind, p.name, p.department_id,
        named.label("department"), p.time_limit_days, p.mandatory, mandatory().label("mandatory_in_force"),
        p.state, p.state_since, p.applied_on, p.accepted_on, p.decided_on, p.document_number,
        p.planned_application_on, p.expected_on, p.note,
        _events().label("events"), p.version, p.created_at, p.updated_at,
    ]  # fmt: skip


def _of_permit(source: Any, item: Any, *order: Any) -> Any:
    found = select(_array(item, *order)).select_from(source.__table__.join(Milestone.__table__))
    return found.where(source.permit_id == Permit.id).correlate(Permit).scalar_subquery()


def slim() -> AnySelect:
    return select(*_columns()).join_from(Permit, Project, Project.id == Permit.project_id)


def _full() -> AnySelect:
    m, d = Milestone, MilestoneDelay
    waiting = _pairs(id=m.id, name=m.name, planned_finish=m.planned_finish, forecast_finish=m.forecast_finish)
    moved = _pairs(id=m.id, name=m.name, planned_finish=m.planned_finish, forecast_finish=d.finish_on)
    return slim().add_columns(
        _of_permit(MilestonePermit, waiting, m.position, m.id).label("milestones"),
        _of_permit(MilestoneDelay, moved, m.position, m.id).label("moves"),
    )


PERMIT = Resource(
    name="permit",
    label=("手续", "permit"),
    permission="permits.read",
    key=Permit.id,
    scoping=SCOPING,
    full=_full,
    # The clock goes on while the version stays.
    conditional=False,
)


def _running(column: Any) -> Any:
    # Written out, so that the partial index is known to serve.
    return Permit.state.in_([literal_column("'accepted'"), literal_column("'supplementing'")]) & column


def _overdue() -> Filter:
    """(wanted, day): the authority's time was up on that day."""
    late = Permit.overdue_from <= bindparam("f_overdue_day", None, Date)
    return Filter(
        lambda v: _running(late) if v[0] else ~func.coalesce(_running(late), literal_column("false")),
        lambda v: {"f_overdue_day": v[1]},
        lambda v: v[0],
    )


def _due() -> Filter:
    """(day, last day): running, in time on the first, and due on the second at the latest."""
    in_time = Permit.overdue_from > bindparam("f_due_day", None, Date)
    soon = Permit.due_on <= bindparam("f_due_by", None, Date)
    running = Permit.state == literal_column("'accepted'")
    return Filter(lambda _: running & in_time & soon, lambda v: {"f_due_day": v[0], "f_due_by": v[1]})


PERMIT_LIST = replace(
    PERMIT,
    name="permit_list",
    scoping=LIST_SCOPING,
    full=slim,
    filters={
        "project": equals(Permit.project_id, "project"),
        "region": region_prefix(LIST_SCOPING),
        "department_id": any_of(Permit.department_id, "department_id"),
        "kind": any_of(Permit.kind, "kind"),
        "state": any_of(Permit.state, "state"),
        "overdue": _overdue(),
        "due": _due(),
    },
    sorts={
        "due_on": Sort(DUE),
        "id": Sort(Permit.id),
        "updated_at": Sort(Permit.updated_at),
        "kind": Sort(Permit.kind),
    },
)

RECORDING = replace(PERMIT, name="permit_recording", scoping=ACCEPTING)
"""The permits whose events an account may write down."""


def _event_columns() -> AnySelect:
    e = PermitEvent
    later = aliased(PermitEvent, name="correction")
    corrected_by = select(later.id).where(later.corrects_id == e.id).correlate(e).scalar_subquery()
    columns: list[Any] = [
        e.id, e.permit_id, e.kind, e.happened_on, e.document_number, e.note, e.corrects_id.label("corrects"), e.reason,
        corrected_by.label("corrected_by"), in_force().label("in_force"), e.recorded_at,
        account(e.recorded_by).label("recorded_by"), literal_column("1").label("version"),
    ]  # fmt: skip
    return select(*columns)


def _of_event(column: Any) -> Any:
    return select(column).where(Permit.id == PermitEvent.permit_id).correlate_except(Permit).scalar_subquery()


def _event_scoping() -> Scoping:
    project = through_project(_of_event(Permit.project_id))
    answering = project.department
    assert answering is not None
    accepting = _of_event(Permit.department_id)
    return replace(project, department=lambda p: or_(accepting == p, answering(p)))


PERMIT_EVENT = Resource(
    name="permit_event",
    label=("手续记录", "permit event"),
    permission="permits.read",
    key=PermitEvent.id,
    scoping=_event_scoping(),
    full=_event_columns,
    conditional=False,
    filters={
        "permit": equals(PermitEvent.permit_id, "permit"),
        "in_force": Filter(lambda v: in_force() if v else ~in_force(), lambda _: {}, lambda v: v),
    },
    sorts={"happened_on": Sort(PermitEvent.happened_on), "recorded_at": Sort(PermitEvent.recorded_at)},
)
