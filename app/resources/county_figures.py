"""Statistics from the sums kept per county: filters, grouping, and how the sums are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Insert,
    Integer,
    Numeric,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    insert,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Scoping
from app.domain.labels import LABELS
from app.listing import Filter, any_of, region_prefix
from app.models import CountyFigure, CountyFigureState, DataVersion, Project, Region
from app.reading import AnySelect
from app.resources.project_columns import DAY
from app.resources.statistics import PRESENT, YEAR, chosen_projects, grouped_sums

_SCOPING = Scoping(region=CountyFigure.county_code)
_STAGE = any_of(CountyFigure.stage, "stage")
_CATEGORY = any_of(CountyFigure.category, "category")
SUMS = replace(
    PRESENT,
    name="county_figures",
    scoping=_SCOPING,
    filters={
        "region": region_prefix(_SCOPING),
        "stage": _STAGE,
        # Of past days; the sums are of that day alone.
        "stage_as_of": Filter(
            lambda v: _STAGE.build(v[0]) if v[0] else true(),
            lambda v: _STAGE.values(v[0]) if v[0] else {},
            lambda v: bool(v[0]),
        ),
        "sector": any_of(CountyFigure.sector, "sector"),
        # Asked for together with the year, which is that of the figures anyway.
        "category": replace(_CATEGORY, build=lambda v: _CATEGORY.build(v[0]), values=lambda v: _CATEGORY.values(v[0])),
    },
)
"""The project statistics' own filters, those that the sums can answer."""
GROUPS = frozenset({"stage", "sector", "category", "light", "region"})
_AMOUNTS = ("total_investment", "annual_plan", "completed")


def figures_by_group(conditions: Sequence[ColumnElement[bool]], group_by: str) -> AnySelect:
    """As `statistics.figures_by_group`, from the sums."""
    f = CountyFigure
    chosen = (
        select(
            f.county_code.label("region_code"), f.stage, f.sector, func.nullif(f.category, "").label("category"),
            func.nullif(f.light, "").label("light"),
            f.count, *[getattr(f, name) for name in _AMOUNTS],
        )
        .where(f.year == YEAR, f.day == DAY, *conditions)
        .cte("chosen")
    )  # fmt: skip
    return grouped_sums(chosen, group_by, _sums)


def _sums(chosen: FromClause) -> list[ColumnElement[Any]]:
    c = chosen.c
    return [
        func.coalesce(func.sum(c.count), 0).label("count"),
        *[func.coalesce(func.sum(c[name]), 0).label(name) for name in _AMOUNTS],
        cast(null(), Integer).label("at_least_count"),
        *[
            func.coalesce(func.sum(c.count).filter(c.light == light), 0).label(f"{light}_count")
            for light in LABELS["light"]
        ],
    ]


PREFIXES = bindparam("prefixes", None, ARRAY(Text))
COUNTIES = bindparam("counties", None, ARRAY(Text))


def outdated() -> AnySelect:
    """(county, mark) below `prefixes`, beyond `after`, whose sums of `year` on `day` are missing, of other data, made
    before `made_since`, or not of the kind `past` says.

    Every project lies in a region there is, so the regions tell the counties.
    """
    prefix = func.unnest(PREFIXES).table_valued("prefix").render_derived("wanted")
    low, high = prefix.c.prefix, prefix.c.prefix + ":"
    code = func.left(Region.code, 6).collate("C")
    below = (
        select(code.label("code"))
        .select_from(Region)
        .where(select(1).select_from(prefix).where(Region.code >= low, Region.code < high).exists())
        .distinct()
        .subquery("counties")
    )
    d, s = DataVersion, CountyFigureState
    mark = func.coalesce(d.mark, 0)
    columns: list[Any] = [below.c.code.label("county_code"), mark.label("mark")]
    return (
        select(*columns)
        .select_from(below)
        .outerjoin(d, d.region_code == below.c.code)
        .outerjoin(s, (s.county_code == below.c.code) & (s.year == YEAR) & (s.day == DAY))
        .where(below.c.code > bindparam("after", "", Text))
        .where(
            or_(
                s.mark.is_distinct_from(mark),
                s.past != bindparam("past", False, Boolean),
                s.made_at < bindparam("made_since", None, DateTime(timezone=True)),
            )
        )
        .order_by(below.c.code)
        .limit(bindparam("portion", 1, Integer))
    )


def made(*, past: bool) -> Insert:
    """The sums of `counties` for `year` on `day`, from their projects; `past`: as they were on that day."""
    chosen = chosen_projects([Project.county_code == any_(COUNTIES)], past=past, more=[Project.county_code])
    c, f = chosen.c, CountyFigure
    county = c.county_code
    category, light = func.coalesce(c.category, ""), func.coalesce(c.light, "")
    amounts = [cast(func.coalesce(func.sum(c[name]), 0), Numeric) for name in _AMOUNTS]
    rows = select(county, YEAR, DAY, c.stage, c.sector, category, light, func.count(), *amounts).group_by(
        county, c.stage, c.sector, category, light
    )
    names = ("county_code", "year", "day", "stage", "sector", "category", "light", "count", *_AMOUNTS)
    table = cast_type("Table", f.__table__)
    return insert(table).from_select([table.c[name] for name in names], rows)
