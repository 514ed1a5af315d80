"""Published series as known on a day: levels, growth, ranks among sister regions and how they moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.models import IndicatorValue, Region
from app.reading import AnySelect

KNOWN = bindparam("known", None, Date)
YEAR = bindparam("year", None, Integer)
MONTH = bindparam("month", None, Integer)
REGION = bindparam("region", "", Text)
AROUND = bindparam("around", "", Text)
"""Prefix of the regions looked at: those asked for, and those they are ranked among."""
INDICATORS = bindparam("indicators", None, ARRAY(Text))


def series(seen: Callable[[Any], ColumnElement[bool]]) -> AnySelect:
    """One row for every region, indicator and month asked for; without a year only the latest month of each series.

    `seen` is the condition for a region code to be the reader's. Parameters as bound above; `indicators`, `year` and
    `month` may be null.
    """
    moved = _moved(_ranked(_compared(_known())))
    c = moved.c
    latest = func.row_number().over(partition_by=(c.region_code, c.indicator), order_by=(c.year.desc(), c.month.desc()))
    shown = select(*c, latest.label("newest")).subquery("shown")
    s = shown.c
    return (
        select(*[column for column in s if column.key != "newest"])
        .where(
            seen(s.region_code),
            s.region_code >= REGION,
            s.region_code < REGION.concat(":"),
            case((YEAR.is_(None), s.newest == 1), else_=s.year == YEAR),
            case((MONTH.is_(None), True), else_=s.month == MONTH),
        )
        .order_by(s.indicator, s.region_code, s.year, s.month)
    )


def _known() -> CTE:
    """Of each region, indicator and month what was published last by the day, and how often it had been."""
    v = IndicatorValue
    of = (v.indicator, v.region_code, v.year, v.month)
    order = (v.published_on.desc(), v.recorded_at.desc(), v.id.desc())
    numbered = (
        select(
            v,
            func.row_number().over(partition_by=of, order_by=order).label("nth"),
            func.count().over(partition_by=of).label("revisions"),
        )
        .where(
            v.published_on <= KNOWN,
            v.region_code >= AROUND,
            v.region_code < AROUND.concat(":"),
            case((INDICATORS.is_(None), True), else_=v.indicator == func.any(INDICATORS)),
            # The year before, for growth, and for where a January stood in December.
            case((YEAR.is_(None), True), else_=v.year.between(YEAR - 1, YEAR)),
        )
        .subquery("numbered")
    )
    return select(numbered).where(numbered.c.nth == 1).cte("known")


def _compared(known: CTE) -> CTE:
    """With the level of a year before: as published beside it, else as it was published then."""
    now, then, region = known.c, aliased(known, name="then"), aliased(Region, name="place")
    before = func.coalesce(now.previous_value, then.c.value)
    growth = func.round((now.value - before) * 100 / func.nullif(before, 0), 2)
    sister = aliased(Region, name="sister")
    sisters = (
        select(func.count())
        .where(sister.parent_code == region.parent_code, sister.kind == region.kind)
        .correlate(region)
        .scalar_subquery()
    )
    columns: list[Any] = [
        *[c for c in now if c.key not in {"nth", "previous_value"}],
        now.previous_value.label("previous_entered"),
        before.label("previous_value"),
        func.coalesce(now.growth_percent, case((before > 0, growth))).label("growth"),
        region.name.label("region_name"), region.parent_code, region.kind, sisters.label("sisters"),
    ]  # fmt: skip
    return (
        select(*columns)
        .select_from(known)
        .join(region, region.code == now.region_code)
        .outerjoin(
            then,
            and_(
                then.c.region_code == now.region_code,
                then.c.indicator == now.indicator,
                then.c.year == now.year - 1,
                then.c.month == now.month,
            ),
        )
        .cte("compared")
    )


def _ranked(compared: CTE) -> CTE:
    """A rank is computed where the figures of all sister regions are here; else it is as published."""
    c = compared.c
    among = (c.indicator, c.year, c.month, c.parent_code, c.kind)
    columns: list[Any] = [*c]
    for by, entered, name in ((c.value, c.rank, "rank"), (c.growth, c.growth_rank, "growth_rank")):
        complete = and_(by.is_not(None), c.sisters >= 2, func.count(by).over(partition_by=among) == c.sisters)
        place = func.rank().over(partition_by=among, order_by=by.desc().nulls_last())
        computed = case((complete, cast(place, Integer)))
        columns += [computed.label(f"{name}_computed"), func.coalesce(computed, entered).label(f"{name}_told")]
    return select(*columns).cte("ranked")


def _moved(ranked: CTE) -> Subquery:
    """With the month before it in the series: its ranks, and the level it had reached in the same year."""
    c = ranked.c

    def before(column: Any) -> Any:
        return func.lag(column).over(partition_by=(c.region_code, c.indicator), order_by=(c.year, c.month))

    lags = {
        name: before(c[column])
        for name, column in (
            ("before_year", "year"),
            ("before_month", "month"),
            ("before_value", "value"),
            ("before_rank", "rank_told"),
            ("before_growth_rank", "growth_rank_told"),
        )
    }
    numbers = {"value", "previous_value", "previous_entered", "growth_percent", "growth"}
    columns = [cast(x, Numeric).label(x.key) if x.key in numbers else x for x in c]
    return select(*columns, *[lag.label(name) for name, lag in lags.items()]).subquery("moved")
