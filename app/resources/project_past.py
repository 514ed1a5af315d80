"""Projects as of the past day `day`: what of the filters and columns follows that day.

Land, the major flag, sector and place have no history and are as now.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Text, Uuid, bindparam, case, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.stages import STALE_DAYS
from app.listing import Filter
from app.models import Assignment, ProgressFigure, Project, Report, StageTransition, Suspension
from app.reading import AnySelect
from app.resources.light_columns import light_on
from app.resources.project_columns import DAY, departments, in_force, last_transition, leaders, own_columns, stage_on
from app.resources.project_filters import FILTERS


def since_when() -> Any:
    """The day the stage of then was entered."""
    return last_transition(DAY).with_only_columns(StageTransition.happened_on).scalar_subquery()


def _suspension(*columns: Any) -> Any:
    s = Suspension
    then = (s.project_id == Project.id, s.since <= DAY, or_(s.until.is_(None), s.until > DAY))
    return select(*columns).where(*then).correlate(Project)


def suspended_then() -> ColumnElement[bool]:
    found: ColumnElement[bool] = _suspension(Suspension.id).exists()
    return found


def suspended_since_then() -> Any:
    return _suspension(func.min(Suspension.since)).scalar_subquery()


def stale_then(stage: Any, since: Any, days: Any = None) -> ColumnElement[bool]:
    """Neither moved nor reported on, on that day, for as long as the stage (or `days`) allows."""
    f = ProgressFigure
    reported = select(func.max(f.as_of)).where(f.project_id == Project.id, f.as_of <= DAY).correlate(Project)
    r = Report
    arrived = func.date(func.timezone("Asia/Shanghai", r.submitted_at), type_=Date)
    handed_in = select(func.max(arrived)).where(r.project_id == Project.id, arrived <= DAY).correlate(Project)
    quiet = DAY - func.greatest(since, reported.scalar_subquery(), handed_in.scalar_subquery())
    by_stage = case(STALE_DAYS, value=stage)
    # A stage without a limit (terminated, at capacity) is never stale, whatever `days` says.
    limit = by_stage if days is None else case((by_stage.is_not(None), days))
    return func.coalesce(quiet >= limit, false())


def _stage_then() -> Filter:
    """(stages or None, day): projects there were on that day, perhaps only those then in such a stage."""

    def build(value: Any) -> ColumnElement[bool]:
        stages, _ = value
        then: ColumnElement[str] = stage_on(DAY)
        return then == func.any(bindparam("f_stages", stages, ARRAY(Text))) if stages else then.is_not(None)

    return Filter(build, lambda v: {"day": v[1], "f_stages": v[0]}, lambda v: bool(v[0]))


def _party_then(name: str, role: str, column: Any) -> Filter:
    def build(value: Any) -> ColumnElement[bool]:
        party = column == func.any(bindparam(f"f_{name}", value, ARRAY(Uuid)))
        a = Assignment
        return exists().where(a.project_id == Project.id, a.role == role, party, in_force(a, DAY)).correlate(Project)

    return Filter(build, lambda v: {f"f_{name}": list(v)})


def _stale() -> Filter:
    def build(value: Any) -> ColumnElement[bool]:
        wanted, _, days = value
        given = None if days is None else bindparam("f_stale_days", days, Integer)
        stale = stale_then(stage_on(DAY), since_when(), given)
        return stale if wanted else ~stale

    return Filter(
        build,
        lambda v: {"day": v[1], **({"f_stale_days": v[2]} if v[2] is not None else {})},
        lambda v: (v[0], v[2] is not None),
    )


def slim_then() -> AnySelect:
    """List items as of that day: stage, suspension, light and who answered."""
    then = {
        "stage": stage_on(DAY),
        "stage_since": since_when(),
        "suspended_since": suspended_since_then(),
        "light": light_on(DAY),
        "sponsors": leaders(day=DAY),
        "responsible_departments": departments("responsible", DAY),
    }
    return select(*[then[c.key].label(c.key) if c.key in then else c for c in own_columns()])


PAST_FILTERS: dict[str, Filter] = {
    **FILTERS,
    "stage_as_of": _stage_then(),
    "department_id": _party_then("department_id", "responsible", Assignment.department_id),
    "owner_id": _party_then("owner_id", "owner", Assignment.department_id),
    "leader_id": _party_then("leader_id", "sponsor", Assignment.leader_id),
    "suspended": Filter(lambda v: suspended_then() if v else ~suspended_then(), lambda _: {}, lambda v: v),
    "stale": _stale(),
}
