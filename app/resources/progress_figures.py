from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, func, select

from app.listing import Filter, Resource, Sort, equals
from app.models import ProgressFigure
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account, through_project


def _select() -> AnySelect:
    f = ProgressFigure
    columns: list[Any] = [
        f.id, f.project_id, f.year, f.as_of, func.trim_scale(f.completed).label("completed"), f.physical_text,
        func.trim_scale(f.physical_percent).label("physical_percent"), f.recorded_at,
        account(f.recorded_by).label("recorded_by"), f.source, f.report_id, NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


def _known_on() -> Filter:
    """What had been recorded by the end of a business day (Asia/Shanghai)."""

    def build(value: date) -> Any:
        recorded_on = func.date(func.timezone("Asia/Shanghai", ProgressFigure.recorded_at), type_=Date)
        return recorded_on <= bindparam("f_known_on", value, Date)

    return Filter(build, lambda v: {"f_known_on": v})


PROGRESS_FIGURE = Resource(
    name="progress_figure",
    label=("进度数据", "progress figure"),
    permission="projects.read",
    key=ProgressFigure.id,
    conditional=False,
    scoping=through_project(ProgressFigure.project_id),
    full=_select,
    filters={
        "project": equals(ProgressFigure.project_id, "project"),
        "year": equals(ProgressFigure.year, "year"),
        "as_of": Filter(
            lambda v: ProgressFigure.as_of <= bindparam("f_as_of", v, Date),
            lambda v: {"f_as_of": v},
        ),
        "known_on": _known_on(),
    },
    sorts={"as_of": Sort(ProgressFigure.as_of), "recorded_at": Sort(ProgressFigure.recorded_at)},
)
