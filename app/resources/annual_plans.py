from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.listing import Resource, Sort, equals
from app.models import AnnualPlan
from app.reading import AnySelect
from app.resources.project_columns import months
from app.resources.project_parts import through_project


def _select() -> AnySelect:
    p = AnnualPlan
    columns: list[Any] = [
        p.id, p.project_id, p.year, p.category, func.trim_scale(p.planned_investment).label("planned_investment"),
        months().label("monthly"), p.planned_start, p.planned_completion, p.version, p.created_at, p.updated_at,
    ]  # fmt: skip
    return select(*columns)


ANNUAL_PLAN = Resource(
    name="annual_plan",
    label=("年度计划", "annual plan"),
    permission="projects.read",
    key=AnnualPlan.id,
    scoping=through_project(AnnualPlan.project_id),
    full=_select,
    filters={"project": equals(AnnualPlan.project_id, "project")},
    sorts={"year": Sort(AnnualPlan.year)},
)
