"""What reports are checked against when they arrive, for any number of them in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy import literal_column as sql
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.orm import aliased

from app.models import Assignment, Project, Report, ReportingCalendar, WorkdayYear
from app.reading import AnySelect
from app.resources.light_columns import TODAY_OF_FEW
from app.resources.project_columns import ANSWERING, TAKING_PART, in_force

LEVELS = (2, 4, 6, 9, 12)
"""Digits of a region's code, from provinces down."""


def contexts_statement(seen: ColumnElement[bool], allowed: ColumnElement[bool]) -> AnySelect:
    """One row for each of `reports` (ids), `projects` and `corrected` (nulls), in their order.

    `project_id` is null where the project is not `seen`; `known` tells whether there is a report under the id already.
    """
    ids = [bindparam(name, None, ARRAY(Uuid)) for name in ("reports", "projects", "corrected")]
    wanted = (
        func.unnest(*ids)
        .table_valued(
            column("report_id", Uuid), column("project_id", Uuid), column("corrected", Uuid), with_ordinality="n"
        )
        .render_derived("wanted")
    )
    known, named = aliased(Report, name="known"), parties()
    columns: list[Any] = [
        Project.id.label("project_id"),
        Project.region_code,
        named.c.department_ids.label("departments"),
        named.c.user_ids.label("accounts"),
        allowed.label("allowed"),
        known.id.is_not(None).label("known"),
        _known_seen(known, seen).label("known_seen"),
        _corrected(wanted.c.corrected).label("corrected"),
        rules_of(Project.region_code).label("rules"),
        workday_years().label("years"),
    ]
    return (
        select(*columns)
        .select_from(
            wanted.outerjoin(Project, and_(Project.id == wanted.c.project_id, seen))
            .outerjoin(known, known.id == wanted.c.report_id)
            .join(named, true())
        )
        .order_by(wanted.c.n)
    )


def readers_of() -> AnySelect:
    """Of `projects` (ids): where they are and who sees them today, named as in the change log."""
    named = parties()
    found = select(Project.id.label("project_id"), Project.region_code, named.c.department_ids, named.c.user_ids)
    wanted = Project.id == func.any(bindparam("projects", None, ARRAY(Uuid)))
    return found.join_from(Project, named, true()).where(wanted)


def parties() -> Any:
    """`department_ids` whose people see the project today, and `user_ids` that do: as the change log keeps them."""
    a = Assignment
    columns = [
        _named(a.department_id, ANSWERING).label("department_ids"),
        _named(a.user_id, TAKING_PART).label("user_ids"),
    ]
    return (
        select(*columns)
        .where(a.project_id == Project.id, in_force(a, TODAY_OF_FEW))
        .correlate(Project)
        .lateral("parties")
    )


def _named(party: Any, roles: tuple[str, ...]) -> Any:
    named = Assignment.role.in_([sql(f"'{role}'") for role in roles])
    found = func.array_agg(party.distinct()).filter(named, party.is_not(None))
    return func.coalesce(found, cast(array([], type_=Uuid), ARRAY(Uuid)))


def _known_seen(known: Any, seen: ColumnElement[bool]) -> Any:
    """Of this project, that is seen; or of another one that is."""
    other = select(Project.id).where(Project.id == known.project_id, seen).correlate(known).exists()
    return case((known.id.is_(None), sql("false")), (known.project_id == Project.id, sql("true")), else_=other)


def _corrected(identity: Any) -> Any:
    corrected = aliased(Report, name="corrected")
    item = func.json_build_object(
        sql("'week'"), corrected.week, sql("'as_of'"), corrected.as_of, sql("'status'"), corrected.status
    )
    found = select(cast(item, Text)).where(corrected.id == identity, corrected.project_id == Project.id)
    return found.correlate_except(corrected).scalar_subquery()


def rules_of(region_code: Any) -> Any:
    """What the region and those above it say of reporting, as one JSON text, in the order it was entered."""
    c = ReportingCalendar
    above = [func.left(region_code, level) for level in LEVELS]
    items = func.json_agg(aggregate_order_by(_rule(), c.entered_at, c.id))
    found = select(cast(func.coalesce(items, sql("'[]'::json")), Text)).where(c.region_code.in_(above))
    return found.correlate_except(c).scalar_subquery()


def all_rules() -> Any:
    """What all regions say, in the form of `rules_of`."""
    c = ReportingCalendar
    items = func.json_agg(aggregate_order_by(_rule(), c.entered_at, c.id))
    return select(cast(func.coalesce(items, sql("'[]'::json")), Text)).scalar_subquery()


def _rule() -> Any:
    c = ReportingCalendar
    return func.json_build_array(
        c.region_code, c.valid_from, c.weekday, cast(c.due_time, String), c.stages, c.moves_before_holidays
    )


def workday_years() -> Any:
    """The years entered here, as one JSON text."""
    y = WorkdayYear
    item = func.json_build_array(y.year, cast(y.holidays, ARRAY(Date)), y.makeup_days)
    items = func.json_agg(aggregate_order_by(item, y.year))
    return select(cast(func.coalesce(items, sql("'[]'::json")), Text)).scalar_subquery()
