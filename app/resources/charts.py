"""What charts are drawn from: everything of a project in one row of JSON, as of a day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.models import (
    AnnualPlan,
    Assignment,
    Baseline,
    BaselineMilestone,
    Department,
    DictionaryEntry,
    Leader,
    Milestone,
    MilestoneDependency,
    Project,
    User,
)
from app.reading import AnySelect, row_as_json
from app.resources.light_columns import light_on
from app.resources.project_columns import DAY, departments, in_force, latest_figure, leaders, people, stage_on
from app.resources.project_past import suspended_since_then
from app.schemas.charts import Grouping

YEAR: Any = bindparam("year", None, Integer)


def _object(**members: Any) -> Any:
    pairs: list[Any] = []
    for key, column in members.items():
        pairs += [literal_column(f"'{key}'"), column]
    return func.json_build_object(*pairs)


def _first_finish() -> Any:
    """What the project's first baseline planned for the milestone."""
    b, m = Baseline, BaselineMilestone
    found = select(m.planned_finish).join(b, b.id == m.baseline_id)
    return found.where(m.milestone_id == Milestone.id, b.number == literal_column("1")).correlate(
        Milestone
    ).scalar_subquery()  # fmt: skip


def _predecessors() -> Any:
    d = MilestoneDependency
    ids = select(func.json_agg(d.predecessor_id)).where(d.milestone_id == Milestone.id)
    return ids.correlate(Milestone).scalar_subquery()


def _responsible() -> Any:
    account = select(User.display_name).where(User.id == Milestone.responsible_user_id).correlate(Milestone)
    return func.coalesce(Milestone.responsible_name, account.scalar_subquery())


def _milestones(*, one_sheet: bool) -> Any:
    """All of the project, or `page_limit` of them from `page_offset` on."""
    m = Milestone
    node = _object(
        id=m.id, name=m.name, kind=m.kind, status=m.status, planned_start=m.planned_start,
        planned_finish=m.planned_finish, forecast_finish=m.forecast_finish, actual_start=m.actual_start,
        actual_finish=m.actual_finish, first_finish=_first_finish(), duration_days=m.duration_days,
        responsible=_responsible(), predecessors=_predecessors(),
    )  # fmt: skip
    listed = select(func.json_agg(aggregate_order_by(node, m.position, m.id))).where(m.project_id == Project.id)
    if one_sheet:
        each = aliased(Milestone)
        mine = select(each.id).where(each.project_id == Project.id).correlate(Project)
        listed = listed.where(m.id.in_(_page(mine.order_by(each.position, each.id))))
    return listed.correlate(Project).scalar_subquery()


def _page(statement: Select[Any]) -> Select[Any]:
    limit, offset = bindparam("page_limit", None, Integer), bindparam("page_offset", None, Integer)
    return statement.limit(limit).offset(offset)


def _milestone_count() -> Any:
    m = Milestone
    return select(func.count()).where(m.project_id == Project.id).correlate(Project).select_from(m).scalar_subquery()


def _plan() -> Any:
    p = AnnualPlan
    found = select(p.planned_investment).where(p.project_id == Project.id, p.year == YEAR)
    return found.correlate(Project).scalar_subquery()


def _figure() -> Any:
    figure = latest_figure(YEAR, DAY).subquery("figure")
    told = _object(completed=func.trim_scale(figure.c.completed), text=figure.c.physical_text)
    return select(told).select_from(figure).scalar_subquery()


def _columns(*, one_sheet: bool = False) -> list[Any]:
    p = Project
    return [
        p.name, stage_on(DAY).label("stage_then"), p.stage, suspended_since_then().label("suspended_since"),
        func.trim_scale(p.total_investment).label("total_investment"), p.planned_start, p.planned_completion,
        light_on(DAY).label("light"), leaders(day=DAY).label("leaders"),
        departments("responsible", DAY).label("departments"), departments("owner", DAY).label("owners"),
        people("contact", DAY).label("contacts"), func.trim_scale(_plan()).label("annual_plan"),
        _figure().label("figure"), _milestones(one_sheet=one_sheet).label("milestones"),
    ]  # fmt: skip


def one_chart(condition: ColumnElement[bool]) -> AnySelect:
    """The project with id `key`, with one sheet of its milestones and how many it has."""
    columns = [*_columns(one_sheet=True), _milestone_count().label("milestone_count")]
    from_key = Project.id == bindparam("key", None, Project.id.type)
    return row_as_json(select(*columns, Project.id).where(from_key, condition), "id")


def wall_page(conditions: list[ColumnElement[bool]], grouping: Grouping) -> AnySelect:
    """One sheet of key projects of `year`: `page_limit` of them from `page_offset` on, in groups; each row also says
    its group and, as `lights`, how many of all projects show which light."""
    name, order = _group(grouping)
    chosen = select(Project.id, name.label("group_name"), light_on(DAY).label("light"),
                    *[column.label(f"o{i}") for i, column in enumerate(order)])  # fmt: skip
    whole = chosen.where(*conditions, *_of_the_year()).cte("whole")
    sort = [whole.c[f"o{i}"].asc().nulls_last() for i in range(len(order))]
    numbered = select(whole, func.row_number().over(order_by=[*sort, whole.c.id]).label("number"))
    sheet = _page(numbered.order_by(*sort, whole.c.id)).subquery("sheet")
    counted = _object(
        total=func.count(),
        **{light: func.count().filter(whole.c.light == literal_column(f"'{light}'")) for light in _LIGHTS},
    )
    totals = select(counted).select_from(whole).scalar_subquery()
    columns = [*_columns(), sheet.c.group_name, sheet.c.number, totals.label("totals")]
    statement = select(*columns).join_from(Project, sheet, sheet.c.id == Project.id)
    return row_as_json(statement.add_columns(Project.id).order_by(sheet.c.number), "id")


_LIGHTS = ("green", "yellow", "red")


def _of_the_year() -> list[ColumnElement[bool]]:
    """Key projects of the year, and those planned in it; none that had been given up by then."""
    p = AnnualPlan
    planned = select(p.id).where(p.project_id == Project.id, p.year == YEAR).correlate(Project).exists()
    key_project = any_(Project.key_years) == YEAR
    return [key_project | planned, func.coalesce(stage_on(DAY), Project.stage) != literal_column("'terminated'")]


def _group(grouping: Grouping) -> tuple[Any, list[Any]]:
    """(name of a project's group, by what groups are ordered)."""
    if grouping == "leader":
        name = _first("sponsor", Leader, Assignment.leader_id)
        return name, [name]
    if grouping == "department":
        name = func.coalesce(
            _first("responsible", Department, Assignment.department_id),
            _first("owner", Department, Assignment.department_id),
        )
        return name, [name]
    if grouping == "sector":
        entry = aliased(DictionaryEntry)

        def of_entry(column: Any) -> Any:
            found = select(column).where(entry.dictionary == literal_column("'sector'"), entry.code == Project.sector)
            return found.correlate(Project).scalar_subquery()

        return of_entry(entry.label_zh), [of_entry(entry.position)]
    return literal_column("NULL::text"), []


def _first(role: str, party: Any, column: Any) -> Any:
    a = Assignment
    found = select(party.name).join(a, column == party.id)
    mine = (a.project_id == Project.id, a.role == role, in_force(a, DAY))
    return found.where(*mine).order_by(a.position, a.id).limit(1).correlate(Project).scalar_subquery()


def years_with_projects(conditions: list[ColumnElement[bool]]) -> AnySelect:
    """The latest years for which there is a wall chart."""
    p = AnnualPlan
    key = select(func.unnest(Project.key_years).label("year")).where(*conditions)
    planned = select(p.year).join(Project, Project.id == p.project_id).where(*conditions)
    years = key.union(planned).subquery("years")
    return select(years.c.year).order_by(years.c.year.desc()).limit(12)
