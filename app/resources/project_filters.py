"""By what projects are found; the project list, the Excel export and the statistics share these."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.stages import STALE_DAYS
from app.listing import Filter, any_of, equals, region_prefix
from app.models import AnnualPlan, Assignment, Department, Project
from app.resources.light_columns import light_filter
from app.resources.project_columns import SCOPING, holds, in_force


def _party(name: str, role: str, column: Any) -> Filter:
    def build(value: Any) -> ColumnElement[bool]:
        return holds((role,), column == func.any(bindparam(f"f_{name}", value, ARRAY(Uuid))))

    return Filter(build, lambda v: {f"f_{name}": list(v)})


def _contains(name: str, column: Any) -> Filter:
    """The array column holds the value."""
    return Filter(lambda v: column.contains(bindparam(f"f_{name}", [v], column.type)), lambda v: {f"f_{name}": [v]})


def _category() -> Filter:
    """(categories, year): the annual plan of that year is of such a category."""

    def build(_: Any) -> ColumnElement[bool]:
        p = AnnualPlan
        return exists().where(
            p.project_id == Project.id,
            p.year == bindparam("f_plan_year", None, Integer),
            p.category == func.any(bindparam("f_categories", None, ARRAY(Text))),
        )

    return Filter(build, lambda v: {"f_categories": list(v[0]), "f_plan_year": v[1]})


def _stale() -> Filter:
    """(wanted, day, days or None): neither moved nor reported on for too long on that day."""

    def build(value: Any) -> ColumnElement[bool]:
        wanted, _, days = value
        limit: Any = case(STALE_DAYS, value=Project.stage) if days is None else bindparam("f_stale_days", days, Integer)
        is_stale = and_(
            Project.stage.in_(list(STALE_DAYS)),
            bindparam("f_stale_day", None, Date) - Project.last_activity_on >= limit,
        )
        return is_stale if wanted else ~is_stale

    return Filter(
        build,
        lambda v: {"f_stale_day": v[1], **({"f_stale_days": v[2]} if v[2] is not None else {})},
        lambda v: (v[0], v[2] is not None),
    )


def _search() -> Filter:
    """Substring of name, codes, investors or an owner's name; two characters and more go by index."""

    def build(_: Any) -> ColumnElement[bool]:
        pattern = bindparam("f_q_like", None, Text)
        grams = bindparam("f_q_grams", None, ARRAY(Text))
        by_own = select(Project.id).where(Project.search_grams.contains(grams), Project.search_text.like(pattern))
        a, d = Assignment, Department
        by_owner = (
            select(a.project_id)
            .join(d, d.id == a.department_id)
            .where(a.role == "owner", in_force(a), func.lower(d.name).like(pattern))
        )
        return Project.id.in_(union(by_own, by_owner))

    return Filter(build, lambda q: {"f_q_like": _like(q.lower()), "f_q_grams": _grams(q.lower())})


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _grams(text: str) -> list[str]:
    """The two-character runs (the single character of a one-character text): all in the index."""
    return sorted({text[i : i + 2] for i in range(max(len(text) - 1, 1))})


def _at_least(name: str, column: Any) -> Filter:
    return Filter(lambda v: column >= bindparam(f"f_{name}", v, Numeric), lambda v: {f"f_{name}": v})


FILTERS: dict[str, Filter] = {
    "region": region_prefix(SCOPING),
    "stage": any_of(Project.stage, "stage"),
    "sector": any_of(Project.sector, "sector"),
    "location": any_of(Project.location, "location"),
    "land_status": any_of(Project.land_status, "land_status"),
    "department_id": _party("department_id", "responsible", Assignment.department_id),
    "owner_id": _party("owner_id", "owner", Assignment.department_id),
    "leader_id": _party("leader_id", "sponsor", Assignment.leader_id),
    "category": _category(),
    "programme": _contains("programme", Project.programmes),
    "key_year": _contains("key_year", Project.key_years),
    "major": equals(Project.major, "major"),
    "suspended": Filter(
        lambda v: Project.suspended_since.is_not(None) if v else Project.suspended_since.is_(None),
        lambda _: {},
        lambda v: v,
    ),
    "total_investment_at_least": _at_least("total_investment_at_least", Project.total_investment),
    "code": equals(Project.code, "code"),
    "light": light_filter(),
    "stale": _stale(),
    "q": _search(),
}
