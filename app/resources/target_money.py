"""What a target's region or department reached in money of the year, as `GET /statistics/funding` adds it up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.models import FundingEntry, FundingRecord, Project, Target
from app.resources.funding_statistics import in_force_entries


def of_projects(scope: ColumnElement[bool]) -> Any:
    """Records of the target's year, of the projects in `scope`."""
    r, p = aliased(FundingRecord), Project
    found = select(r.id).join(p, p.id == r.project_id).where(scope, r.year == Target.year)
    return found.correlate_except(r, p)


def of_region(projects: ColumnElement[bool], own: ColumnElement[bool]) -> Any:
    """Those of the `projects`, and where `own` holds those of the target's region itself and the places in it.

    Each by an index of its own: one condition over both would look at every record of the year.
    """
    r, region = aliased(FundingRecord), Target.region_code
    within = and_(r.region_code >= region, r.region_code < region.concat(":"))
    found = select(r.id).where(within, own, r.year == Target.year).correlate_except(r)
    return union_all(of_projects(projects), found)


def money_reached(step: str, records: Any, day: Any) -> Any:
    """Amount that came to `step` by the day; null where nothing of the year has been entered.

    Every yuan once: what a region allocated counts with the project, so it is taken off the region's own money.
    `records` are ids, as chosen above.
    """
    r, e = FundingRecord, FundingEntry
    told = e.step == step
    if step == "approved":
        told = or_(told, and_(r.source_id.is_not(None), e.step == "received"))
    summed = func.coalesce(func.sum(e.amount).filter(told), 0)
    own = (
        select(case((func.count(e.id) > 0, summed)))
        .select_from(r)
        .join(e, e.funding_record_id == r.id)
        .where(r.id.in_(records), e.happened_on <= day, in_force_entries(e))
        .correlate_except(r, e)
        .scalar_subquery()
    )
    if step == "paid":
        return own
    held, given = aliased(FundingRecord), aliased(FundingEntry)
    passed_on = (
        select(func.coalesce(func.sum(given.amount), 0))
        .select_from(held)
        .join(given, and_(given.funding_record_id == held.id, given.step == "received"))
        .where(held.source_id.in_(records), given.happened_on <= day, in_force_entries(given))
        .correlate_except(held, given)
        .scalar_subquery()
    )
    return own - passed_on
