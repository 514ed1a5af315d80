"""What was reached of targets on some days, in one statement: counted from projects, entered, or published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.domain.indicators import FUNDING, REACHED
from app.domain.stages import ORDER
from app.models import Assignment, IndicatorValue, ProgressFigure, Project, StageTransition, Target, TargetActual
from app.models import TargetRevision as Revision
from app.reading import AnySelect
from app.resources.project_columns import in_force
from app.resources.target_money import money_reached, of_projects, of_region
from app.resources.targets import department_name, region_name

KNOWN = bindparam("known", None, Date)
"""The day as of which all is told: targets set and figures published later are not known yet."""

_catalogue = (
    func.unnest(
        bindparam("codes", None, ARRAY(Text)),
        bindparam("computations", None, ARRAY(Text)),
        bindparam("thresholds", None, ARRAY(Numeric)),
        bindparam("series", None, ARRAY(Text)),
    )
    .table_valued("code", "computation", "threshold", "series")
    .render_derived("catalogue")
)
COMPUTATION, THRESHOLD, SERIES = (cast(_catalogue.c[name], t) for name, t in (
    ("computation", Text), ("threshold", Numeric), ("series", Text),
))  # fmt: skip
DAY = bindparam("day", None, Date)
"""The day the actual is of; up to it counts what is known on `known`."""
YEAR_START = func.make_date(Target.year, 1, 1, type_=Date)
# What was done after the year counts for the next one.
LAST_DAY = func.least(DAY, func.make_date(Target.year, 12, 31), type_=Date)


def target_figures(conditions: Sequence[ColumnElement[bool]]) -> AnySelect:
    """A row for every target that passes; parameters as bound above."""
    t = Target
    r = select(Revision).where(Revision.target_id == t.id, Revision.valid_from <= KNOWN).correlate(t)
    revision = _latest(r, Revision.valid_from, Revision).lateral("revision")
    entered = _entered().lateral("entered")
    published = _published().lateral("published")
    columns: list[Any] = [
        t.id, t.region_code, region_name().label("region_name"), t.department_id,
        department_name().label("department_name"), t.year, t.indicator, t.actual_from, revision.c.value,
        revision.c.quarters, _computed().label("computed"),
        entered.c.value.label("entered"), entered.c.as_of.label("entered_as_of"), published.c.value.label("published"),
        published.c.previous_value, published.c.growth_percent, published.c.month.label("published_month"),
    ]  # fmt: skip
    return (
        select(*columns)
        .select_from(t)
        .join(revision, true())
        .outerjoin(_catalogue, _catalogue.c.code == t.indicator)
        .outerjoin(entered, true())
        .outerjoin(published, true())
        .where(*conditions)
        .order_by(t.region_code, t.department_id.is_not(None), department_name(), t.indicator, t.id)
    )


def _latest(rows: Any, by: Any, model: Any) -> Any:
    return rows.order_by(by.desc(), model.recorded_at.desc(), model.id.desc()).limit(1)


def _entered() -> Any:
    a = TargetActual
    rows = select(a).where(a.target_id == Target.id, a.as_of <= DAY)
    return _latest(rows, a.as_of, a).correlate_except(a)


def _published() -> Any:
    """The bureau's figure of the region for the target's year, of the latest month up to the day."""
    v = IndicatorValue
    growth = COMPUTATION == "series_growth"
    of_growth = or_(v.growth_percent.is_not(None), v.previous_value.is_not(None))
    rows = select(v).where(
        Target.department_id.is_(None),
        or_(growth, Target.actual_from == "entered"),
        v.region_code == Target.region_code,
        v.indicator == func.coalesce(SERIES, Target.indicator),
        v.year == Target.year,
        func.make_date(v.year, v.month, 1) <= DAY,
        v.published_on <= KNOWN,
        case((growth, of_growth), else_=v.value.is_not(None)),
    )
    order = (v.month.desc(), v.published_on.desc(), v.recorded_at.desc(), v.id.desc())
    return rows.order_by(*order).limit(1).correlate_except(v)


def _computed() -> Any:
    """By the indicator's computation, over the region or over what the department answers for."""
    ways = {"key_projects": _key_projects, "enrolments": _enrolments, "completed_investment": _completed_investment}
    whens: list[Any] = []
    for of, scope in ((Target.department_id.is_(None), _in_region()), (true(), _answered_for())):
        for computation, count in ways.items():
            whens.append((and_(of, _is(computation)), count(scope)))
        for computation, stage in REACHED.items():
            whens.append((and_(of, _is(computation)), _reached(stage, scope)))
    money = (
        (Target.department_id.is_(None), of_region(and_(_in_region(), _sized()), THRESHOLD.is_(None))),
        (true(), of_projects(and_(_answered_for(), _sized()))),
    )
    for of, records in money:
        for computation, step in FUNDING.items():
            whens.append((and_(of, _is(computation)), money_reached(step, records, LAST_DAY)))
    return case((Target.actual_from == "computed", case(*whens, else_=null())), else_=null())


def _is(computation: str) -> Any:
    return computation == COMPUTATION


def _in_region() -> ColumnElement[bool]:
    p, region = Project, Target.region_code
    county = func.left(region, 6)
    return and_(
        p.county_code >= county, p.county_code < county.concat(":"),
        p.region_code >= region, p.region_code < region.concat(":"),
    )  # fmt: skip


def _answered_for() -> ColumnElement[bool]:
    a = Assignment
    held = select(a.project_id).where(
        a.department_id == Target.department_id, a.role == "responsible", in_force(a, LAST_DAY)
    )
    return Project.id.in_(held.correlate_except(a))


def _sized() -> ColumnElement[bool]:
    return or_(THRESHOLD.is_(None), Project.total_investment >= THRESHOLD)


def _count(*conditions: Any) -> Any:
    return select(cast(func.count(), Numeric)).select_from(Project).where(*conditions).correlate_except(Project)


def _key_projects(scope: ColumnElement[bool]) -> Any:
    t = StageTransition
    there = exists().where(t.project_id == Project.id, t.happened_on <= LAST_DAY).correlate_except(t)
    listed = Target.year == func.any(Project.key_years)
    return _count(scope, listed, _sized(), there).scalar_subquery()


def _enrolments(scope: ColumnElement[bool]) -> Any:
    return _count(scope, Project.enrolled_on.between(YEAR_START, LAST_DAY), _sized()).scalar_subquery()


def _reached(stage: str, scope: ColumnElement[bool]) -> Any:
    """Moved into or past the stage within the year, and still there on the day; a first entry is no move."""
    i = ORDER.index(stage)
    before, after = ORDER[:i], ORDER[i:]
    t, last = StageTransition, aliased(StageTransition)
    moved = exists().where(
        t.project_id == Project.id, t.from_stage.in_(before), t.to_stage.in_(after),
        t.happened_on.between(YEAR_START, LAST_DAY),
    )  # fmt: skip
    stage_then = (
        select(last.to_stage)
        .where(last.project_id == Project.id, last.happened_on <= LAST_DAY)
        .order_by(last.happened_on.desc(), last.entered_at.desc(), last.id.desc())
        .limit(1)
        .correlate_except(last)
        .scalar_subquery()
    )
    return _count(scope, _sized(), moved.correlate_except(t), stage_then.in_(after)).scalar_subquery()


def _completed_investment(scope: ColumnElement[bool]) -> Any:
    """What the projects completed of the year: each project's figure in force on the day. Null: no figure at all."""
    f = ProgressFigure
    rows = select(f.completed).where(
        f.project_id == Project.id, f.year == Target.year, f.as_of <= DAY, f.completed.is_not(None)
    )
    figure = _latest(rows, f.as_of, f).correlate_except(f).lateral("figure")
    return (
        select(func.sum(figure.c.completed))
        .select_from(Project)
        .join(figure, true())
        .where(scope, _sized())
        .correlate_except(Project, figure)
        .scalar_subquery()
    )
