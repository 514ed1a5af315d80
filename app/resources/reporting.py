"""Who has to report in a week, and who has: worked out from the dated histories, for a list and for statistics.

What regions ask for comes as rows of `due`: a week, a region prefix, the moment and day reports are due, and the
stages that have to report. Of several prefixes that fit a project the longest counts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from app.listing import Filter, Resource, Sort, region_prefix
from app.models import Assignment, Department, Project, Region, Report, ReportRound, StageTransition, Suspension, User
from app.models.base import CODE_COLLATION
from app.reading import AnySelect
from app.resources.project_columns import SCOPING, in_force

NOW = bindparam("now", None, DateTime(timezone=True))
_KINDS: dict[str, Any] = {
    "week": Date(),
    "prefix": Text(collation=CODE_COLLATION),
    "due_at": DateTime(timezone=True),
    "due_day": Date(),
    "stages": Text(),
}


def _due() -> Any:
    """The rows asked for, as a table."""
    arrays: list[Any] = [bindparam(f"due_{name}", None, ARRAY(kind)) for name, kind in _KINDS.items()]
    return func.unnest(*arrays).table_valued(*[column(n, k) for n, k in _KINDS.items()]).render_derived("due")


DUE: Any = _due()


def _nearest(region_code: Any) -> ColumnElement[bool]:
    """The row is what the nearest region at or above says."""
    nearer = _due().alias("nearer")
    closer = exists().where(
        nearer.c.week == DUE.c.week,
        func.starts_with(region_code, nearer.c.prefix),
        func.length(nearer.c.prefix) > func.length(DUE.c.prefix),
    )
    return and_(func.starts_with(region_code, DUE.c.prefix), ~closer)


def _moves() -> Any:
    """Each stage of a project with the days it lasted."""
    t = StageTransition
    later = func.lead(t.happened_on).over(partition_by=t.project_id, order_by=(t.happened_on, t.entered_at, t.id))
    return select(t.project_id, t.to_stage, t.happened_on.label("since"), later.label("until"))


def _suspended(project_id: Any) -> ColumnElement[bool]:
    s = Suspension
    then = (s.since <= DUE.c.due_day, or_(s.until.is_(None), s.until > DUE.c.due_day))
    return exists().where(s.project_id == project_id, *then).correlate_except(s)


def _in_stage(moves: Any) -> ColumnElement[bool]:
    then = and_(moves.c.since <= DUE.c.due_day, or_(moves.c.until.is_(None), moves.c.until > DUE.c.due_day))
    return and_(then, moves.c.to_stage == func.any(func.string_to_array(DUE.c.stages, literal_column("','"))))


def _objects(pairs: dict[str, Any], source: Any, role: str) -> Any:
    """Who held the role on the due day, as JSON."""
    a = Assignment
    members: list[Any] = []
    for key, named in pairs.items():
        members += [literal_column(f"'{key}'"), named]
    item = func.json_build_object(*members)
    items = func.coalesce(func.json_agg(aggregate_order_by(item, a.position, a.id)), literal_column("'[]'::json"))
    held = (a.project_id == Project.id, a.role == literal_column(f"'{role}'"), in_force(a, DUE.c.due_day))
    return select(items).select_from(source).where(*held).correlate(Project, DUE).scalar_subquery()


def _first() -> Any:
    """The report that counts for a project and week: the first, and of two the one in time."""
    r = Report
    columns: list[Any] = [r.id, r.submitted_at, r.late, r.status]
    found = select(*columns).where(r.project_id == Project.id, r.week == DUE.c.week)
    return found.order_by(r.submitted_at, r.id).limit(1).correlate(Project, DUE).lateral("first")


_FIRST = _first()


def _state() -> Any:
    open_ = and_(_FIRST.c.id.is_(None), DUE.c.due_at >= NOW)
    return case(
        (open_, literal_column("'open'")),
        (_FIRST.c.id.is_(None), literal_column("'missing'")),
        (_FIRST.c.late, literal_column("'late'")),
        else_=literal_column("'on_time'"),
    )


def _duties() -> AnySelect:
    moves = _moves().where(StageTransition.project_id == Project.id).correlate(Project).lateral("moves")
    a = Assignment.__table__
    late_by = func.extract("epoch", func.coalesce(_FIRST.c.submitted_at, NOW) - DUE.c.due_at)
    columns: list[Any] = [
        Project.id.label("project_id"), Project.name.label("project_name"), Project.region_code, DUE.c.week,
        DUE.c.due_at, _state().label("state"), _FIRST.c.id.label("report_id"), _FIRST.c.submitted_at,
        _FIRST.c.status.label("report_status"),
        case((late_by > 0, cast(func.floor(late_by / 3600), Integer))).label("hours_late"),
        _objects({"id": Department.id, "name": Department.name},
                 a.join(Department, Department.id == Assignment.department_id), "responsible").label("departments"),
        _objects({"id": User.id, "name": User.display_name},
                 a.join(User, User.id == Assignment.user_id), "reporter").label("reporters"),
    ]  # fmt: skip
    return (
        select(*columns)
        .select_from(Project)
        .join(DUE, _nearest(Project.region_code))
        .join(moves, _in_stage(moves))
        .outerjoin(_FIRST, true())
        .where(~_suspended(Project.id), Project.created_at <= DUE.c.due_at)
    )


def _held(name: str, role: str, party: Any) -> Filter:
    a = Assignment
    wanted = party == func.any(bindparam(f"f_{name}", None, ARRAY(Uuid)))
    held = (a.project_id == Project.id, a.role == literal_column(f"'{role}'"), in_force(a, DUE.c.due_day), wanted)
    return Filter(lambda _: exists().where(*held).correlate(Project, DUE), lambda v: {f"f_{name}": list(v)})


REPORTING_DUTY = Resource(
    name="reporting_duty",
    label=("填报任务", "reporting duty"),
    permission="reports.read",
    key=Project.id,
    conditional=False,
    scoping=SCOPING,
    full=_duties,
    filters={
        # What regions ask for in the week, always given: see `services.reporting`.
        "due": Filter(lambda _: true(), lambda v: v),
        "region": region_prefix(SCOPING),
        "state": Filter(
            lambda _: _state() == func.any(bindparam("f_state", None, ARRAY(Text))), lambda v: {"f_state": list(v)}
        ),
        "department_id": _held("department_id", "responsible", Assignment.department_id),
        "reporter_id": _held("reporter_id", "reporter", Assignment.user_id),
    },
    sorts={"name": Sort(Project.name), "region_code": Sort(Project.region_code)},
)

STATISTICS = Resource(
    name="reporting_statistics",
    label=("填报统计", "reporting statistics"),
    permission="statistics.read",
    key=Project.id,
    scoping=SCOPING,
    full=_duties,
    filters={"region": region_prefix(SCOPING)},
)
"""Seen as projects are, under the permission of statistics."""


def _expected(conditions: list[ColumnElement[bool]]) -> CTE:
    """One row for each project and week that had to be reported, with how it stands."""
    mine = select(Project.id, Project.region_code, Project.created_at).where(*conditions).cte("mine")
    moves = _moves().where(StageTransition.project_id.in_(select(mine.c.id))).cte("moves")
    handed = aliased(Report, name="handed")
    first = (
        select(handed.project_id, handed.week, func.bool_and(handed.late).label("late"))
        .where(handed.project_id.in_(select(mine.c.id)), handed.week.in_(select(DUE.c.week)))
        .group_by(handed.project_id, handed.week)
        .cte("handed_in")
    )
    returned = (
        select(handed.project_id, handed.week)
        .join(ReportRound, ReportRound.report_id == handed.id)
        .where(handed.project_id.in_(select(mine.c.id)), ReportRound.verdict == literal_column("'returned'"))
        .distinct()
        .cte("returned")
    )
    columns: list[Any] = [
        mine.c.id.label("project_id"), mine.c.region_code, DUE.c.week, DUE.c.due_day,
        first.c.late, and_(first.c.late.is_(None), DUE.c.due_at >= NOW).label("open"),
        returned.c.week.is_not(None).label("returned"),
    ]  # fmt: skip
    return (
        select(*columns)
        .select_from(mine)
        .join(moves, moves.c.project_id == mine.c.id)
        .join(DUE, and_(_nearest(mine.c.region_code), _in_stage(moves)))
        .outerjoin(first, and_(first.c.project_id == mine.c.id, first.c.week == DUE.c.week))
        .outerjoin(returned, and_(returned.c.project_id == mine.c.id, returned.c.week == DUE.c.week))
        .where(~_suspended(mine.c.id), mine.c.created_at <= DUE.c.due_at)
        .cte("expected")
    )


def due_of() -> AnySelect:
    """The reports of `projects` due on a day from `first` to `last`, and by now: on time, late or missing."""
    e = _expected([Project.id == func.any(bindparam("projects", None, ARRAY(Uuid)))])
    state = case(
        (e.c.late.is_(None), literal_column("'missing'")),
        (e.c.late, literal_column("'late'")),
        else_=literal_column("'on_time'"),
    )
    asked = e.c.due_day.between(bindparam("first", None, Date), bindparam("last", None, Date))
    return select(e.c.project_id, e.c.due_day, state.label("state")).where(asked, ~e.c.open)


COUNTS = ("expected", "on_time", "late", "missing", "open", "returned")
LEVEL = bindparam("level", 6, Integer)
"""Digits of the region codes to group by."""


def counts(conditions: list[ColumnElement[bool]], group_by: str | None) -> AnySelect:
    """One row a group; `key` is null for projects without one, and of the total."""
    e = _expected(conditions)
    source: Any = e
    key: Any = literal_column("NULL::text")
    label: Any = literal_column("NULL::text")
    if group_by in _PARTIES:
        role, party, named, name = _PARTIES[group_by]
        a = Assignment
        held = and_(a.project_id == e.c.project_id, a.role == literal_column(f"'{role}'"), in_force(a, e.c.due_day))
        source = e.outerjoin(a, held).outerjoin(named, named.id == party)
        key, label = cast(party, Text), name
    elif group_by == "region":
        key, label = func.left(e.c.region_code, LEVEL), Region.name
        source = e.outerjoin(Region, Region.code == key)
    elif group_by == "week":
        key = cast(e.c.week, Text)
        label = key
    c = {
        "expected": func.count(e.c.project_id),
        "on_time": func.count().filter(e.c.late.is_(False)),
        "late": func.count().filter(e.c.late),
        "missing": func.count().filter(and_(e.c.late.is_(None), ~e.c.open)),
        "open": func.count().filter(e.c.open),
        "returned": func.count().filter(e.c.returned),
    }
    statement = select(key.label("key"), label.label("label"), *[n.label(k) for k, n in c.items()]).select_from(source)
    return statement if group_by is None else statement.group_by(literal_column("1"), literal_column("2"))


_PARTIES: dict[str | None, tuple[str, Any, Any, Any]] = {
    "department": ("responsible", Assignment.department_id, Department, Department.name),
    "reporter": ("reporter", Assignment.user_id, User, User.display_name),
}
