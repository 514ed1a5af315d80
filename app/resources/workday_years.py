from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSON

from app.access import Scoping
from app.domain.workdays import CHINA
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


_SHIPPED: list[Any] = [literal_column(str(year)) for year in sorted(CHINA.announced)]


def provisional(*days: Any) -> Any:
    """Whether one of the days lies in a year whose holidays are not announced, as `Workdays.is_provisional` has it."""
    return func.coalesce(or_(*map(_unannounced, days)), literal_column("false"))


def _unannounced(day: Any) -> ColumnElement[bool]:
    year = cast(func.date_part(literal_column("'year'"), day), Integer)
    entered = select(WorkdayYear.year).where(WorkdayYear.year == year).correlate_except(WorkdayYear)
    return and_(year.not_in(_SHIPPED), ~entered.exists())


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
