"""Money as records: of a project (whoever sees the project), or of a region (whoever reaches the region)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Date, Text, bindparam, case, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import Assignment, FundingRecord, Project, Region
from app.reading import AnySelect
from app.resources.names import name_contains
from app.resources.project_columns import in_force
from app.resources.project_parts import through_project

_OF_PROJECT = through_project(FundingRecord.project_id)
REGION: Any = func.coalesce(FundingRecord.region_code, _OF_PROJECT.region)
"""Where the money is, whichever of the two it is of."""

SCOPING = replace(
    _OF_PROJECT,
    region=REGION,
    county=func.coalesce(func.left(FundingRecord.region_code, 6), _OF_PROJECT.county),
)


def _project_name() -> Any:
    p = aliased(Project)  # the export joins projects itself
    return select(p.name).where(p.id == FundingRecord.project_id).scalar_subquery()


def _select() -> AnySelect:
    r = FundingRecord
    region_name = select(Region.name).where(Region.code == REGION).correlate(r).scalar_subquery()
    level = case((r.project_id.is_(None), literal_column("'region'")), else_=literal_column("'project'"))
    totals = (r.applied, r.approved, r.received, r.paid, r.allocated)
    available = func.greatest(r.received - r.allocated - r.paid, 0)
    columns: list[Any] = [
        r.id, level.label("level"), r.project_id, _project_name().label("project_name"), REGION.label("region_code"),
        region_name.label("region_name"), r.source_id, r.year, r.channel, r.batch, r.name, r.remark,
        *[func.trim_scale(total).label(total.key) for total in totals],
        func.trim_scale(available).label("available"), r.received_over_reason, r.paid_over_reason,
        r.version, r.created_at, r.updated_at,
    ]  # fmt: skip
    return select(*columns)


def _level() -> Filter:
    r = FundingRecord
    return Filter(
        lambda v: r.project_id.is_not(None) if v == "project" else r.project_id.is_(None), lambda _: {}, lambda v: v
    )


def _sector() -> Filter:
    p = aliased(Project)  # as above
    return Filter(
        lambda v: exists().where(
            p.id == FundingRecord.project_id, p.sector == func.any(bindparam("f_sector", v, ARRAY(Text)))
        ),
        lambda v: {"f_sector": list(v)},
    )


def _department() -> Filter:
    """A responsible department of the project on the day: (departments, day)."""

    def build(value: Any) -> Any:
        a = Assignment
        day = bindparam("f_department_day", value[1], Date)
        wanted = a.department_id == func.any(bindparam("f_department_id", value[0], ARRAY(Uuid)))
        return exists().where(
            a.project_id == FundingRecord.project_id, a.role == "responsible", wanted, in_force(a, day)
        )

    return Filter(build, lambda v: {"f_department_id": list(v[0]), "f_department_day": v[1]})


FUNDING_RECORD = Resource(
    name="funding_record",
    conditional=False,
    label=("资金", "funding record"),
    permission="funding.read",
    key=FundingRecord.id,
    scoping=SCOPING,
    full=_select,
    filters={
        "region": region_prefix(SCOPING),
        "project_id": equals(FundingRecord.project_id, "project_id"),
        "source_id": equals(FundingRecord.source_id, "source_id"),
        "level": _level(),
        "year": equals(FundingRecord.year, "year"),
        "channel": any_of(FundingRecord.channel, "channel"),
        "batch": any_of(FundingRecord.batch, "batch"),
        "sector": _sector(),
        "department_id": _department(),
        "q": name_contains(func.concat_ws(literal_column("' '"), _project_name(), FundingRecord.name)),
    },
    sorts={
        "id": Sort(FundingRecord.id),
        "year": Sort(FundingRecord.year),
        "received": Sort(FundingRecord.received),
        "updated_at": Sort(FundingRecord.updated_at),
    },
)
FUNDING_STATISTICS = replace(FUNDING_RECORD, name="funding_statistics", permission="statistics.read")
"""Filtered as the list is, with the same scoping, under the permission of statistics."""
