from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.listing import Resource, Sort, equals
from app.models import StatisticsFigure
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account, through_project


def _select() -> AnySelect:
    f = StatisticsFigure
    columns: list[Any] = [
        f.id, f.project_id, f.year, f.month, func.trim_scale(f.completed).label("completed"), f.note, f.recorded_at,
        account(f.recorded_by).label("recorded_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


STATISTICS_FIGURE = Resource(
    name="statistics_figure",
    label=("统计数据", "statistics bureau's figure"),
    permission="projects.read",
    key=StatisticsFigure.id,
    conditional=False,
    scoping=through_project(StatisticsFigure.project_id),
    full=_select,
    filters={
        "project": equals(StatisticsFigure.project_id, "project"),
        "year": equals(StatisticsFigure.year, "year"),
    },
    sorts={"recorded_at": Sort(StatisticsFigure.recorded_at)},
)
