"""The light a project shows on a day, as columns and conditions over projects.

For a set of projects: `select(Project.id, light_on(day)).where(Project.id.in_(…))`, or `services.lights.shown_on`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.listing import Filter
from app.models import LightPeriod, Project

_DAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
# A subquery of its own: worked out once for the statement, not once for every row it is compared with.
TODAY: ColumnElement[Any] = literal_column(f"(SELECT {_DAY})", Date)
"""The business day as the database's clock has it."""
TODAY_OF_FEW: ColumnElement[Any] = literal_column(_DAY, Date)
"""The same where it is compared with a row or two: beginning and ending the subquery would take longer."""

NONE = "none"
"""In filters and counts: a project without a light."""


def _in_force(day: ColumnElement[Any]) -> ColumnElement[bool]:
    p = LightPeriod
    return and_(p.project_id == Project.id, p.from_day <= day, p.until_day > day)


def _of_period(column: Any, day: ColumnElement[Any]) -> Any:
    # One at most is in force. Going backwards from the day, it is the first that is looked at.
    last = select(column).where(_in_force(day)).order_by(LightPeriod.from_day.desc()).limit(1)
    return last.correlate(Project).scalar_subquery()


def light_on(day: ColumnElement[Any] = TODAY) -> Any:
    """The light shown on a day, past or to come: what was known then, or is foreseen; null without one."""
    return _of_period(LightPeriod.light, day)


def computed_on(day: ColumnElement[Any] = TODAY) -> Any:
    """The computed light of that day, whatever was set by hand beside it."""
    return _of_period(LightPeriod.computed, day)


def nothing_turned() -> ColumnElement[bool]:
    """No day that began since the project's last version gave it another light."""
    p = LightPeriod
    written = func.timezone("Asia/Shanghai", Project.updated_at)
    turned = exists().where(p.project_id == Project.id, p.turned, p.from_day > written, p.from_day <= TODAY)
    return ~turned.correlate(Project)


def light_filter() -> Filter:
    """(lights, day): projects showing one of these on that day; `none` are those without."""

    def build(value: Any) -> ColumnElement[bool]:
        lights, _ = value
        day = bindparam("f_light_day", None, Date)
        wanted = bindparam("f_lights", None, ARRAY(Text))
        shows = exists().where(_in_force(day), LightPeriod.light == func.any(wanted)).correlate(Project)
        if NONE not in lights:
            return shows
        dark = ~exists().where(_in_force(day), LightPeriod.light.is_not(None)).correlate(Project)
        return or_(shows, dark)

    return Filter(
        build, lambda v: {"f_lights": [x for x in v[0] if x != NONE], "f_light_day": v[1]}, lambda v: NONE in v[0]
    )
