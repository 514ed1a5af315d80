from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON

from app.access import Scoping
from app.listing import Resource
from app.models import WorkdayYear
from app.reading import AnySelect


def entered_years() -> AnySelect:
    y = WorkdayYear
    columns: list[Any] = [
        y.year, y.holidays, y.makeup_days, y.source, literal_column("false").label("shipped"), y.version, y.created_at,
        y.updated_at,
    ]  # fmt: skip
    return select(*columns).order_by(y.year)


def _select() -> AnySelect:
    y = WorkdayYear
    columns: list[Any] = [
        y.year, func.to_json(y.holidays, type_=JSON).label("holidays"),
        func.to_json(y.makeup_days, type_=JSON).label("makeup_days"), y.source,
        literal_column("false").label("shipped"), y.version, y.created_at, y.updated_at,
    ]  # fmt: skip
    return select(*columns)


WORKDAY_YEAR = Resource(
    name="workday_year",
    label=("年度节假日安排", "year of working days"),
    permission="workdays.read",
    key=WorkdayYear.year,
    # Everyone reads them; they belong to no region.
    scoping=Scoping(region=WorkdayYear.source),
    full=_select,
)
