"""What stands in an account's calendar: milestones, permits and projects with a day within a window.

Every statement gives `kind`, `id`, `day` (text; of projects perhaps only a month or a year), `what`, `project`,
`also` (a later forecast), `planned` (false: the day is a forecast, nothing was planned), `modified` and `sequence`.
What comes first in time stands first, past days last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, Uuid, bindparam, cast, func, literal_column, null, or_, select, true

from app.access import Visible
from app.domain.stages import ORDER, TERMINATED
from app.models import Assignment, DictionaryEntry, Milestone, Permit, Project, Supervision, User
from app.reading import AnySelect, row_as_json
from app.resources.project_columns import ANSWERING, holds, in_force

START, END, TODAY = (bindparam(name, None, Date) for name in ("start", "end", "today"))
ME = bindparam("me", None, Uuid)
LEADER = bindparam("leader", None, Uuid)
LIMIT: Any = bindparam("limit", 500)


def _entry(kind: str, row: Any, day: Any, what: Any, also: Any = None, *, planned: Any = None) -> list[Any]:
    """Columns of one entry. A renamed project is another text, so its version counts, too."""
    return [
        literal_column(f"'{kind}'", Text).label("kind"),
        row.id,
        cast(day, Text).label("day"),
        what.label("what"),
        Project.name.label("project"),
        (null() if also is None else also).label("also"),
        (true() if planned is None else planned).label("planned"),
        func.greatest(row.updated_at, Project.updated_at).label("modified"),
        (row.version + Project.version - 2 if row is not Project else row.version - 1).label("sequence"),
    ]


def _alive(statement: AnySelect) -> AnySelect:
    return statement.where(Project.stage != TERMINATED)


def _nearest(statement: AnySelect, day: Any, key: Any) -> AnySelect:
    return row_as_json(statement.order_by(day < TODAY, func.abs(day - TODAY), key).limit(LIMIT))


def leader_of() -> AnySelect:
    return select(User.leader_id).where(User.id == ME)


def _supervised() -> Any:
    """Departments that the leader supervises (分管) today."""
    return select(Supervision.department_id).where(Supervision.leader_id == LEADER, in_force(Supervision))


def led() -> ColumnElement[bool]:
    """Projects the leader sponsors (包扶), and those that a department answers for which he supervises."""
    sponsored = holds(("sponsor",), Assignment.leader_id == LEADER)
    return or_(sponsored, holds(ANSWERING, Assignment.department_id.in_(_supervised())))


def led_permits() -> ColumnElement[bool]:
    """Permits of these projects, and those that a supervised department accepts."""
    return or_(led(), Permit.department_id.in_(_supervised()))


def milestones(seen: Visible, answered: Visible) -> AnySelect:
    """Open milestones: the account's own that it sees, and those of projects it answers for."""
    m = Milestone
    day = func.coalesce(m.planned_finish, m.forecast_finish, type_=Date)
    entry = _entry("milestone", m, day, m.name, m.forecast_finish, planned=m.planned_finish.is_not(None))
    statement = select(*entry).join_from(m, Project, Project.id == m.project_id)
    mine: ColumnElement[bool] = (m.responsible_user_id == ME) & seen.condition()
    return _nearest(
        _alive(statement).where(m.status != "done", day.between(START, END), or_(mine, answered.condition())), day, m.id
    )


def permits(answered: Visible) -> AnySelect:
    """Permits whose clock runs, on the day they are due."""
    p, e = Permit, DictionaryEntry
    named = select(e.label_zh).where(e.dictionary == "permit_kind", e.code == p.kind).correlate(p).scalar_subquery()
    statement = select(*_entry("permit", p, p.due_on, func.coalesce(p.name, named, p.kind))).join_from(
        p, Project, Project.id == p.project_id
    )
    running = p.state == literal_column("'accepted'")
    return _nearest(
        _alive(statement).where(running, p.due_on.between(START, END), answered.condition()), p.due_on, p.id
    )


def _partial(column: Any, kind: str, stages: tuple[str, ...], answered: Visible) -> AnySelect:
    """Of "2016" and "2016-06" the last day counts; the exact window is the reader's business."""
    low, high = (func.left(cast(bound, Text), func.length(column)) for bound in (START, END))
    statement = select(*_entry(kind, Project, column, Project.name)).where(
        column.between(low, high), Project.stage.in_(stages), answered.condition()
    )
    return row_as_json(_alive(statement).order_by(column, Project.id).limit(LIMIT))


def project_starts(answered: Visible) -> AnySelect:
    return _partial(Project.planned_start, "start", ORDER[: ORDER.index("started")], answered)


def project_completions(answered: Visible) -> AnySelect:
    return _partial(Project.planned_completion, "completion", ORDER[: ORDER.index("completed")], answered)


PROJECTS: dict[str, Callable[[Visible], AnySelect]] = {"start": project_starts, "completion": project_completions}
