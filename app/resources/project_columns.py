"""How projects are seen: full, as list items, as of a past day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.access import Scoping
from app.models import (
    AnnualPlan,
    Assignment,
    Department,
    Leader,
    ProgressFigure,
    Project,
    Region,
    StageTransition,
    User,
)
from app.reading import AnySelect
from app.resources.light_columns import TODAY, computed_on, light_on

ANSWERING = ("responsible", "owner", "crew")
"""Roles through which a department's people see a project."""
TAKING_PART = ("reporter", "contact", "crew")
"""Roles through which a person sees a project."""

DAY = bindparam("day", None, Date)
"""A past day asked for."""


def in_force(a: Any, day: ColumnElement[Any] = TODAY) -> ColumnElement[bool]:
    """Assignments that hold on `day`: begun, and not yet ended (`valid_to` is the first day without)."""
    return and_(a.valid_from <= day, or_(a.valid_to.is_(None), a.valid_to > day))


def holds(roles: tuple[str, ...], party: ColumnElement[bool]) -> ColumnElement[bool]:
    """The project has a current assignment of such a role to that party."""
    a = Assignment
    return exists().where(a.project_id == Project.id, a.role.in_(roles), party, in_force(a)).correlate(Project)


SCOPING = Scoping(
    region=Project.region_code,
    county=Project.county_code,
    department=lambda p: holds(ANSWERING, Assignment.department_id == p),
    user=lambda p: holds(TAKING_PART, Assignment.user_id == p),
)


def _objects(members: dict[str, Any], source: Any, *conditions: ColumnElement[bool], order: Any) -> Any:
    """A JSON array of objects from the rows of `source` that belong to the project."""
    pairs: list[Any] = []
    for key, column in members.items():
        pairs += [literal_column(f"'{key}'"), column]
    array = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), *order))
    statement = select(func.coalesce(array, literal_column("'[]'::json"))).select_from(source).where(*conditions)
    return statement.correlate(Project).scalar_subquery()


def _assigned(role: str, members: dict[str, Any], source: Any, day: ColumnElement[Any] = TODAY) -> Any:
    a = Assignment
    current = (a.project_id == Project.id, a.role == role, in_force(a, day))
    return _objects(members, source, *current, order=(a.position, a.id))


def leaders(role: str = "sponsor", day: ColumnElement[Any] = TODAY) -> Any:
    members = {"id": Leader.id, "name": Leader.name, "title": Leader.title}
    return _assigned(role, members, Assignment.__table__.join(Leader, Leader.id == Assignment.leader_id), day)


def departments(role: str, day: ColumnElement[Any] = TODAY) -> Any:
    members = {"id": Department.id, "name": Department.name}
    source = Assignment.__table__.join(Department, Department.id == Assignment.department_id)
    return _assigned(role, members, source, day)


def people(role: str, day: ColumnElement[Any] = TODAY) -> Any:
    a = Assignment
    members = {
        "name": func.coalesce(a.person_name, User.display_name, Department.name, Leader.name),
        "phone": a.phone,
        "user_id": a.user_id,
    }
    source = (
        a.__table__.outerjoin(User, User.id == a.user_id)
        .outerjoin(Department, Department.id == a.department_id)
        .outerjoin(Leader, Leader.id == a.leader_id)
    )
    return _assigned(role, members, source, day)


def months() -> Any:
    """The monthly split of an annual plan, each amount without trailing zeros; null when there is none."""
    month = func.unnest(AnnualPlan.monthly).table_valued("amount", with_ordinality="n").render_derived("month")
    amounts = func.json_agg(aggregate_order_by(func.trim_scale(month.c.amount), month.c.n))
    return select(amounts).select_from(month).correlate(AnnualPlan).scalar_subquery()


def _plans() -> Any:
    p = AnnualPlan
    members = {
        "year": p.year,
        "category": p.category,
        "planned_investment": func.trim_scale(p.planned_investment),
        "monthly": months(),
        "planned_start": p.planned_start,
        "planned_completion": p.planned_completion,
    }
    return _objects(members, p, p.project_id == Project.id, order=(p.year,))


def latest_figure(year: Any, as_of: Any) -> Any:
    """The figure in force for a year on a day: the latest day's, and of that day the last recorded."""
    f = ProgressFigure
    return (
        select(f)
        .where(f.project_id == Project.id, f.year == year, f.as_of <= as_of)
        .order_by(f.as_of.desc(), f.recorded_at.desc(), f.id.desc())
        .limit(1)
        .correlate(Project)
    )


def _latest_progress() -> Any:
    f = ProgressFigure
    item = func.json_build_object(
        *[
            literal_column(f"'{k}'") if isinstance(k, str) else k
            for pair in (
                ("year", f.year),
                ("as_of", f.as_of),
                ("completed", func.trim_scale(f.completed)),
                ("physical_text", f.physical_text),
                ("physical_percent", func.trim_scale(f.physical_percent)),
            )
            for k in pair
        ]
    )
    return (
        select(item)
        .where(f.project_id == Project.id)
        .order_by(f.year.desc(), f.as_of.desc(), f.recorded_at.desc(), f.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def region_name() -> Any:
    return select(Region.name).where(Region.code == Project.region_code).correlate(Project).scalar_subquery()


def own_columns() -> list[Any]:
    p = Project
    return [
        p.id, p.code, p.national_code, p.name, p.region_code, region_name().label("region_name"), p.location,
        p.sector, p.stage, p.stage_since, p.suspended_since, p.land_status, p.major, p.key_years,
        light_on().label("light"),
        func.trim_scale(p.total_investment).label("total_investment"),
        leaders().label("sponsors"), departments("responsible").label("responsible_departments"),
        p.version, p.updated_at,
    ]  # fmt: skip


def full() -> AnySelect:
    p = Project
    return select(
        *own_columns(), p.longitude, p.latitude, p.content, p.investors, p.programmes, p.planned_start,
        p.planned_completion, p.enrolled_on, p.problem, p.remark, p.last_activity_on, p.created_at,
        departments("owner").label("owners"), people("contact").label("contacts"),
        people("reporter").label("reporters"), people("crew").label("crew"), _plans().label("annual_plans"),
        _latest_progress().label("latest_progress"), computed_on().label("computed_light"),
    )  # fmt: skip


def last_transition(day: ColumnElement[Any]) -> AnySelect:
    """The entry of the stage history that is in force on a day."""
    t = StageTransition
    columns: list[Any] = [t.to_stage, t.happened_on]
    return (
        select(*columns)
        .where(t.project_id == Project.id, t.happened_on <= day)
        .order_by(t.happened_on.desc(), t.entered_at.desc(), t.id.desc())
        .limit(1)
        .correlate(Project)
    )


def stage_on(day: ColumnElement[Any]) -> Any:
    """The stage on a past day, null before the project's first one."""
    return last_transition(day).with_only_columns(StageTransition.to_stage).scalar_subquery()


def slim() -> AnySelect:
    return select(*own_columns())
