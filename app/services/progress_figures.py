"""What is completed of a year up to a day: only ever added to. The last word on a day is the one in force.

Whoever writes figures (the office here, a ledger import, field reports) holds the lock of their projects, so that
"in force" cannot change between being looked at and being added to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Integer, Uuid, and_, bindparam, column, func, insert, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from app.access import Visible, visible
from app.domain.progress import Figure, completion_rate, gap_points, time_progress
from app.errors import AppError, FieldError, not_found
from app.models import AnnualPlan, ProgressFigure, Project
from app.reading import AnySelect, prepared
from app.resources.progress_figures import PROGRESS_FIGURE
from app.resources.project_columns import latest_figure
from app.resources.projects import PROJECT
from app.schemas.progress_figures import ProgressFigureIn
from app.services.project_log import note_part
from app.services.project_parts import lock_project, sent_before
from app.uow import UnitOfWork


class Recorded(NamedTuple):
    """A figure in force, and whether this write added it; it did not when the same was in force already."""

    id: UUID
    new: bool


class _Latest(NamedTuple):
    id: UUID
    figure: Figure
    recorded_at: datetime


_Key = tuple[UUID, int, date]
_PHYSICAL = ("physical_text", "physical_percent")


async def create(uow: UnitOfWork, project_id: UUID, body: ProgressFigureIn) -> Recorded:
    project = await lock_project(uow, project_id, "progress.write")
    known: ProgressFigure | None = await sent_before(uow, PROGRESS_FIGURE, ProgressFigure, project, body)
    if known is not None:
        return Recorded(known.id, new=False)
    year = body.year or body.as_of.year
    before = await known_on(uow, project_id, year, body.as_of)
    figure = Figure(year, body.as_of, body.completed, *[_said(body, before, name) for name in _PHYSICAL])
    faults = figure.faults(uow.today)
    if faults:
        raise AppError("invalid_content", errors=[FieldError(f"/{field}", code, {}) for field, code in faults])
    return await record_figure(uow, project, figure, figure_id=body.id)


def _said(body: ProgressFigureIn, before: ProgressFigure | None, name: str) -> Any:
    """What a correction of the same day leaves out stands; of a new day only what is said is known."""
    corrects = before is not None and before.as_of == body.as_of and name not in body.model_fields_set
    return getattr(before if corrects else body, name)


async def known_on(uow: UnitOfWork, project_id: UUID, year: int, day: date) -> ProgressFigure | None:
    """The figure in force for the year on that day."""
    f = ProgressFigure
    found: ProgressFigure | None = await uow.session.scalar(
        select(f)
        .where(f.project_id == project_id, f.year == year, f.as_of <= day)
        .order_by(f.as_of.desc(), f.recorded_at.desc(), f.id.desc())
        .limit(1)
    )
    return found


async def record_figure(
    uow: UnitOfWork,
    project: Project,
    figure: Figure,
    *,
    source: str = "api",
    figure_id: UUID | None = None,
    report_id: UUID | None = None,
) -> Recorded:
    """One figure of a locked project; the project's last activity follows and the write is noted."""
    key = (project.id, figure.year, figure.as_of)
    latest = (await _in_force(uow, [key])).get(key)
    if latest is not None and latest.figure == figure:
        return Recorded(latest.id, new=False)
    row = ProgressFigure(**_columns(uow, project.id, figure, latest, source, figure_id), report_id=report_id)
    uow.add(row)
    project.last_activity_on = max(project.last_activity_on, figure.as_of)
    await note_part(uow, "progress_figure.created", row, project)
    await uow.flush()
    return Recorded(row.id, new=True)


async def record_figures(uow: UnitOfWork, figures: Sequence[tuple[UUID, Figure]], *, source: str) -> list[Recorded]:
    """Many at once, for imports: two statements whatever their number, one result a figure, in order.

    The caller holds the projects' locks, has flushed new projects, moves `last_activity_on` and notes the writes.
    """
    keys = [(project_id, figure.year, figure.as_of) for project_id, figure in figures]
    latest = await _in_force(uow, keys)
    results, rows = [], []
    for key, (project_id, figure) in zip(keys, figures, strict=True):
        before = latest.get(key)
        if before is not None and before.figure == figure:
            results.append(Recorded(before.id, new=False))
            continue
        row = _columns(uow, project_id, figure, before, source)
        latest[key] = _Latest(row["id"], figure, row["recorded_at"])
        rows.append(row)
        results.append(Recorded(row["id"], new=True))
    if rows:
        await uow.session.execute(insert(ProgressFigure), rows)
    return results


def _columns(
    uow: UnitOfWork,
    project_id: UUID,
    figure: Figure,
    before: _Latest | None,
    source: str,
    figure_id: UUID | None = None,
) -> dict[str, Any]:
    # What corrects must be the later one, even if its request came earlier and waited for the lock.
    recorded_at = uow.now if before is None else max(uow.now, before.recorded_at + timedelta(microseconds=1))
    return {
        "id": figure_id or uow.new_id(),
        "project_id": project_id,
        "recorded_at": recorded_at,
        "recorded_by": uow.actor.id,
        "source": source,
        **asdict(figure),
    }


async def _in_force(uow: UnitOfWork, keys: Sequence[_Key]) -> dict[_Key, _Latest]:
    """The last word on each (project, year, day)."""
    f = ProgressFigure
    projects, years, days = ([key[i] for key in keys] for i in range(3))
    wanted = (
        func.unnest(literal(projects, ARRAY(Uuid)), literal(years, ARRAY(Integer)), literal(days, ARRAY(Date)))
        .table_valued(column("project_id", Uuid), column("year", Integer), column("as_of", Date))
        .render_derived("wanted")
    )
    statement = (
        select(f)
        .ext(distinct_on(f.project_id, f.year, f.as_of))
        .join(
            wanted,
            and_(f.project_id == wanted.c.project_id, f.year == wanted.c.year, f.as_of == wanted.c.as_of),
        )
        .order_by(f.project_id, f.year, f.as_of, f.recorded_at.desc(), f.id.desc())
    )
    return {
        (row.project_id, row.year, row.as_of): _Latest(
            row.id,
            Figure(row.year, row.as_of, row.completed, row.physical_text, row.physical_percent),
            row.recorded_at,
        )
        for row in await uow.session.scalars(statement)
    }


async def figures(uow: UnitOfWork, project_id: UUID, year: int | None, as_of: date | None) -> Mapping[str, Any]:
    """A project's plan against what is completed of it on a day, in one read."""
    day = as_of or uow.today
    year = year or day.year
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    statement = prepared((PROJECT.name, "figures", seen.shape), lambda: _figures_statement(seen))
    row = await uow.db.row(statement, seen.values | {"key": project_id, "year": year, "day": day})
    if row is None:
        raise not_found(PROJECT.label)
    planned, completed = row["annual_plan"], row["completed"]
    comparable = planned is not None and completed is not None
    return {
        "project_id": project_id,
        "year": year,
        "as_of": day,
        **dict(row),
        "completion_rate": completion_rate(completed, planned) if comparable else None,
        "time_progress": time_progress(year, day),
        "gap_points": gap_points(completed, planned, year, day) if comparable else None,
    }


def _figures_statement(seen: Visible) -> AnySelect:
    year, day = bindparam("year", None, Integer), bindparam("day", None, Date)
    figure = latest_figure(year, day).lateral("figure")
    return (
        select(
            AnnualPlan.category,
            AnnualPlan.planned_investment.label("annual_plan"),
            figure.c.completed,
            figure.c.as_of.label("figure_as_of"),
            figure.c.physical_text,
            figure.c.physical_percent,
        )
        .select_from(Project)
        .outerjoin(AnnualPlan, and_(AnnualPlan.project_id == Project.id, AnnualPlan.year == year))
        .outerjoin(figure, true())
        .where(Project.id == bindparam("key", None, Uuid), seen.condition())
    )
