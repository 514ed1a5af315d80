"""What a target's region or department reached in money of the year, as `GET /statistics/funding` adds it up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.models import FundingEntry, FundingRecord, Project, Target
from app.resources.funding_statistics import in_force_entries


def in_region(projects: ColumnElement[bool]) -> ColumnElement[bool]:
    """Money of the target's region and the places in it, and of the `projects` there."""
    r, region = FundingRecord, Target.region_code
    return or_(projects, and_(r.region_code >= region, r.region_code < region.concat(":")))


def money_reached(step: str, scope: ColumnElement[bool], sized: ColumnElement[bool], day: Any) -> Any:
    """Amount that came to `step` by the day; null where nothing of the year has been entered.

    Every yuan once: what a region allocated counts with the project, so it is taken off the region's own money.
    `scope` and `sized` speak of the record and of its project, if it has one.
    """
    r, e, p = FundingRecord, FundingEntry, Project
    told = e.step == step
    if step == "approved":
        told = or_(told, and_(r.source_id.is_not(None), e.step == "received"))
    summed = func.coalesce(func.sum(e.amount).filter(told), 0)
    own = (
        select(case((func.count(e.id) > 0, summed)))
        .select_from(r)
        .outerjoin(p, p.id == r.project_id)
        .join(e, e.funding_record_id == r.id)
        .where(scope, sized, r.year == Target.year, e.happened_on <= day, in_force_entries(e))
        .correlate_except(r, p, e)
        .scalar_subquery()
    )
    if step == "paid":
        return own
    held, given = aliased(FundingRecord), aliased(FundingEntry)
    passed_on = (
        select(func.coalesce(func.sum(given.amount), 0))
        .select_from(r)
        .outerjoin(p, p.id == r.project_id)
        .join(held, held.source_id == r.id)
        .join(given, and_(given.funding_record_id == held.id, given.step == "received"))
        .where(scope, sized, r.year == Target.year, given.happened_on <= day, in_force_entries(given))
        .correlate_except(r, p, held, given)
        .scalar_subquery()
    )
    return own - passed_on
