"""All that a phone needs for the day, made by PostgreSQL in one statement, in as few bytes as will do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Text, Uuid, bindparam, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.access import Actor, Scope
from app.models import AnnualPlan, Milestone, Project, Report, ReportPhoto, ReportRound
from app.reading import AnySelect
from app.resources.project_columns import latest_figure
from app.resources.report_contexts import rules_of, workday_years
from app.resources.workday_years import provisional

MOST_PROJECTS = 1000
DAY = bindparam("today", None, Date)
RECENT = bindparam("recent", None, Date)
"""Done milestones and own reports from this day on."""


def own_scopes(actor: Actor, permission: str) -> tuple[Scope, ...]:
    """What the actor takes part in itself: who reaches a whole region does not carry all of it along."""
    return tuple(
        scope if scope.department_id or scope.user_id else replace(scope, user_id=actor.id)
        for scope in actor.scopes(permission)
    )


def _object(**members: Any) -> Any:
    pairs: list[Any] = []
    for key, column in members.items():
        pairs += [literal_column(f"'{key}'"), column]
    return func.json_build_object(*pairs)


def _array(rows: AnySelect) -> Any:
    each = rows.subquery()
    items = func.json_agg(aggregate_order_by(each.c.item, each.c.place, each.c.id))
    return select(func.coalesce(items, literal_column("'[]'::json"))).select_from(each).scalar_subquery()


def bootstrap_statement(own: ColumnElement[bool], seen: ColumnElement[bool]) -> AnySelect:
    """Both are conditions on projects: the account's own, and those whose reports it may read.

    One row: the lists as JSON texts, and whether there were too many projects.
    """
    found = select(Project.id).where(own).order_by(Project.id)
    mine = found.limit(MOST_PROJECTS + 1).cte("mine")
    taken = select(mine.c.id).order_by(mine.c.id).limit(MOST_PROJECTS).cte("taken")
    lists = {
        "projects": _projects(taken),
        "milestones": _milestones(taken),
        "returned": _reports(seen, Report.status == "returned"),
        "reports": _reports(seen, Report.status != "returned", Report.week >= RECENT),
        "regions": _regions(taken),
    }
    count: Any = select(func.count()).select_from(mine).scalar_subquery()
    return select(
        *[cast(array, Text).label(name) for name, array in lists.items()],
        cast(workday_years(), Text).label("years"),
        (count > MOST_PROJECTS).label("more"),
    )


def _projects(taken: Any) -> Any:
    p, plan = Project, AnnualPlan
    year = cast(func.date_part("year", DAY), Integer)
    figure = latest_figure(year, DAY).subquery()
    shown = _object(
        as_of=figure.c.as_of,
        completed=func.trim_scale(figure.c.completed),
        physical_text=figure.c.physical_text,
        physical_percent=func.trim_scale(figure.c.physical_percent),
    )
    planned = select(func.trim_scale(plan.planned_investment)).where(plan.project_id == p.id, plan.year == year)
    item = _object(
        id=p.id, code=p.code, name=p.name, region_code=p.region_code, sector=p.sector, stage=p.stage,
        suspended_since=p.suspended_since, longitude=p.longitude, latitude=p.latitude,
        annual_plan=planned.correlate(p).scalar_subquery(),
        figure=select(shown).select_from(figure).correlate(p).scalar_subquery(), version=p.version,
    )  # fmt: skip
    return _array(select(item.label("item"), p.name.label("place"), p.id).where(p.id.in_(select(taken.c.id))))


def _milestones(taken: Any) -> Any:
    m = Milestone
    item = _object(
        id=m.id, project_id=m.project_id, position=m.position, name=m.name, kind=m.kind, status=m.status,
        planned_start=m.planned_start, planned_finish=m.planned_finish, forecast_finish=m.forecast_finish,
        provisional=provisional(m.planned_start, m.planned_finish, m.forecast_finish),
        actual_start=m.actual_start, actual_finish=m.actual_finish, steps=m.steps, note=m.note, version=m.version,
    )  # fmt: skip
    recent = or_(m.status != "done", m.actual_finish >= RECENT)
    return _array(
        select(item.label("item"), m.position.label("place"), m.id).where(m.project_id.in_(select(taken.c.id)), recent)
    )


def _reports(seen: ColumnElement[bool], *conditions: ColumnElement[bool]) -> Any:
    """The account's own, of projects it still sees."""
    r, photo = Report, ReportPhoto
    one = _object(
        id=photo.id, taken_at=photo.taken_at, longitude=photo.longitude, latitude=photo.latitude,
        caption=photo.caption, sha256=photo.sha256,
    )  # fmt: skip
    photos = select(
        func.coalesce(func.json_agg(aggregate_order_by(one, photo.position)), literal_column("'[]'::json"))
    ).where(photo.report_id == r.id)
    item = _object(
        id=r.id, project_id=r.project_id, week=r.week, as_of=r.as_of, completed=func.trim_scale(r.completed),
        physical_text=r.physical_text, physical_percent=func.trim_scale(r.physical_percent),
        milestones_done=r.milestones_done, problems=r.problems, photos=photos.correlate(r).scalar_subquery(),
        note=r.note, corrects=r.corrects, status=r.status, late=r.late, submitted_at=r.submitted_at,
        review=_review(), version=r.version,
    )  # fmt: skip
    mine = r.reporter_id == bindparam("account", None, Uuid)
    rows = select(item.label("item"), r.week.label("place"), r.id).join(Project, Project.id == r.project_id)
    return _array(rows.where(mine, seen, *conditions))


def _review() -> Any:
    """The last one: what is to be mended."""
    t = ReportRound
    item = _object(verdict=t.verdict, comment=t.comment, reviewed_at=t.reviewed_at)
    last = select(item).where(t.report_id == Report.id, t.verdict.is_not(None)).order_by(t.version.desc()).limit(1)
    return last.correlate(Report).scalar_subquery()


def _regions(taken: Any) -> Any:
    """Where the projects are, with what is said there of when reports are due."""
    places = select(Project.region_code).where(Project.id.in_(select(taken.c.id))).distinct().subquery("places")
    code = places.c.region_code
    item = func.json_build_array(code, rules_of(code))
    return _array(select(item.label("item"), code.label("place"), code.label("id")))
