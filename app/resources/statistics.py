"""Figures over projects in one statement: the visible and chosen projects first, then sums in total and by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    join,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.domain.labels import LABELS
from app.listing import Filter, Resource
from app.models import (
    AnnualPlan,
    Assignment,
    Department,
    DictionaryEntry,
    Leader,
    ProgressFigure,
    Project,
    Region,
)
from app.reading import AnySelect
from app.resources.light_columns import light_on
from app.resources.project_columns import DAY, in_force, last_transition, latest_figure
from app.resources.project_past import PAST_FILTERS
from app.resources.projects import PROJECT

YEAR = bindparam("year", None, Integer)
AT_LEAST = bindparam("at_least", None, Numeric)
LEVEL = bindparam("level", 6, Integer)
"""Digits of the region codes to group by."""


THEN = last_transition(DAY).lateral("then")
"""The stage of the past day and since when; joined to projects, it leaves out those that came later."""


def stage_and_since(past: bool) -> tuple[Any, Any]:
    return (THEN.c.to_stage, THEN.c.happened_on) if past else (Project.stage, Project.stage_since)


def _stage_then() -> Filter:
    """(stages or None, day): the join with `THEN` has already chosen the projects there were on that day."""

    def build(value: Any) -> ColumnElement[bool]:
        stages, _ = value
        return THEN.c.to_stage == func.any(bindparam("f_stages", stages, ARRAY(Text))) if stages else true()

    return Filter(build, lambda v: {"f_stages": v[0]}, lambda v: bool(v[0]))


PRESENT = replace(PROJECT, name="project_statistics", permission="statistics.read")
"""Filtered as the project list is, with the same scoping, under the permission of statistics."""
PAST = replace(
    PRESENT,
    name="project_statistics_as_of",
    filters={
        **PAST_FILTERS,
        "stage_as_of": _stage_then(),
    },
)
"""The same, with who answered for a project, and what was suspended, on the past day."""


def resource(past: bool) -> Resource:
    return PAST if past else PRESENT


def chosen_projects(conditions: Sequence[ColumnElement[bool]], *, past: bool, more: Sequence[Any] = ()) -> CTE:
    """One row a project with its plan of `year` and its figure in force on `day`; `more` are further columns."""
    # An alias: filters on plans have their own, which must not be taken for this one.
    p, plan = Project, aliased(AnnualPlan)
    # A later figure that tells of physical progress alone takes back nothing of the investment.
    figure = latest_figure(YEAR, DAY).where(ProgressFigure.completed.is_not(None)).lateral("figure")
    stage, _ = stage_and_since(past)
    source = join(p, THEN, true()) if past else p
    return (
        select(
            p.id,
            p.region_code,
            p.sector,
            p.location,
            stage.label("stage"),
            plan.category,
            p.total_investment,
            plan.planned_investment.label("annual_plan"),
            figure.c.completed,
            light_on(DAY).label("light"),
            *more,
        )
        .select_from(source)
        .outerjoin(plan, and_(plan.project_id == p.id, plan.year == YEAR))
        .outerjoin(figure, true())
        .where(*conditions)
        .cte("chosen")
    )


def sums(chosen: FromClause) -> list[ColumnElement[Any]]:
    """What every group and the total are told by, unrounded."""
    c = chosen.c
    return [
        func.count().label("count"),
        func.coalesce(func.sum(c.total_investment), 0).label("total_investment"),
        func.coalesce(func.sum(c.annual_plan), 0).label("annual_plan"),
        func.coalesce(func.sum(c.completed), 0).label("completed"),
        func.count().filter(c.annual_plan >= AT_LEAST).label("at_least_count"),
        *[func.count().filter(c.light == light).label(f"{light}_count") for light in LABELS["light"]],
    ]


def _key(chosen: CTE, group_by: str) -> Any:
    return func.left(chosen.c.region_code, LEVEL) if group_by == "region" else chosen.c[group_by]


class Named(NamedTuple):
    """Sums by `key` joined with what names their groups; labels of closed lists of codes stay null here."""

    source: FromClause
    label_zh: Any = cast(null(), Text)
    label_en: Any = cast(null(), Text)
    position: Any = cast(null(), Integer)


def _named(group_by: str, counted: FromClause) -> Named:
    key = counted.c.key
    if group_by == "sector":
        d = DictionaryEntry
        source = counted.outerjoin(d, and_(d.dictionary == "sector", d.code == key))
        return Named(source, d.label_zh, d.label_en, d.position)
    if group_by == "region":
        return Named(counted.outerjoin(Region, Region.code == key), Region.name, Region.name)
    return Named(counted, key, key) if group_by == "location" else Named(counted)


_BY_PARTY: dict[str, tuple[Any, str, Any]] = {
    "department": (Department, "responsible", Assignment.department_id),
    "leader": (Leader, "sponsor", Assignment.leader_id),
}


def figures_by_group(conditions: Sequence[ColumnElement[bool]], group_by: str, *, past: bool) -> AnySelect:
    """One row for the total (`is_total`), one for each group that has a project."""
    chosen = chosen_projects(conditions, past=past)
    return _by_party(chosen, group_by) if group_by in _BY_PARTY else grouped_sums(chosen, group_by, sums)


def grouped_sums(chosen: CTE, group_by: str, sums: Callable[[FromClause], list[ColumnElement[Any]]]) -> AnySelect:
    """The sums of `chosen` in total and by what `group_by` names, in one pass; groups are named afterwards."""
    keyed = select(_key(chosen, group_by).label("key"), *chosen.c).subquery("keyed")
    key = keyed.c.key
    columns: list[Any] = [func.grouping(key).label("beyond"), key, *sums(keyed)]
    counted = select(*columns).group_by(func.grouping_sets(literal_column("()"), key)).subquery("counted")
    named = _named(group_by, counted)
    told: list[Any] = [
        (counted.c.beyond == 1).label("is_total"),
        *_labels(counted.c.key, named.label_zh, named.label_en, named.position),
        *[c for c in counted.c if c.key not in {"beyond", "key"}],
    ]
    return select(*told).select_from(named.source)


def _by_party(chosen: CTE, group_by: str) -> AnySelect:
    """A project stands in the group of each of its parties, or in the one without a key; in the total it is once."""
    party, role, column = _BY_PARTY[group_by]
    a = Assignment
    links = (
        # A ledger and an entry by hand may have given one party two overlapping periods.
        select(a.project_id, column.label("party_id"))
        .distinct()
        .where(a.role == role, in_force(a, DAY), a.project_id.in_(select(chosen.c.id)))
        .subquery("links")
    )
    source = chosen.outerjoin(links, links.c.project_id == chosen.c.id).outerjoin(party, party.id == links.c.party_id)
    nothing = cast(null(), Integer)
    total = select(true().label("is_total"), *_labels(null(), null(), null(), nothing), *sums(chosen))
    groups = (
        select(false().label("is_total"), *_labels(party.id, party.name, party.name, nothing), *sums(chosen))
        .select_from(source)
        .group_by(party.id, party.name)
    )
    return select(union_all(total.select_from(chosen), groups).subquery("figures"))


def _labels(key: Any, label_zh: Any, label_en: Any, position: Any) -> list[Any]:
    return [
        cast(key, Text).label("key"),
        cast(label_zh, Text).label("label_zh"),
        cast(label_en, Text).label("label_en"),
        position.label("position"),
    ]
