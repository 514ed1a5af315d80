from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, func, select

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import IndicatorValue, Region
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account

SCOPING = Scoping(region=IndicatorValue.region_code)


def _select() -> AnySelect:
    v = IndicatorValue
    name = select(Region.name).where(Region.code == v.region_code).correlate(v).scalar_subquery()
    columns: list[Any] = [
        v.id, v.region_code, name.label("region_name"), v.indicator, v.year, v.month,
        *[func.trim_scale(getattr(v, c)).label(c) for c in ("value", "previous_value", "growth_percent")],
        v.rank, v.growth_rank, v.ranked_among,
        *[func.trim_scale(getattr(v, c)).label(c) for c in ("contribution_percent", "contribution_points")],
        v.published_on, v.source, v.note, v.recorded_at, account(v.recorded_by).label("recorded_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


def _published_by() -> Filter:
    return Filter(lambda v: IndicatorValue.published_on <= bindparam("f_as_of", v, Date), lambda v: {"f_as_of": v})


def _known_on() -> Filter:
    """What had been recorded by the end of a business day (Asia/Shanghai)."""

    def build(value: date) -> Any:
        recorded_on = func.date(func.timezone("Asia/Shanghai", IndicatorValue.recorded_at), type_=Date)
        return recorded_on <= bindparam("f_known_on", value, Date)

    return Filter(build, lambda v: {"f_known_on": v})


INDICATOR_VALUE = Resource(
    name="indicator_value",
    label=("指标数据", "indicator value"),
    permission="indicators.read",
    key=IndicatorValue.id,
    conditional=False,
    scoping=SCOPING,
    full=_select,
    filters={
        "region": region_prefix(SCOPING),
        "indicator": any_of(IndicatorValue.indicator, "indicator"),
        "year": equals(IndicatorValue.year, "year"),
        "month": equals(IndicatorValue.month, "month"),
        "as_of": _published_by(),
        "known_on": _known_on(),
    },
    sorts={
        "id": Sort(IndicatorValue.id),
        "published_on": Sort(IndicatorValue.published_on),
        "recorded_at": Sort(IndicatorValue.recorded_at),
    },
)
