"""Rating campaigns and what hangs on them, as JSON. Nothing here reads a ballot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.access import Scoping
from app.listing import Resource, Sort, any_of, equals, region_prefix
from app.models import RatingCampaign, RatingCodeBatch, RatingCorrection, RatingElector, User
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES

SCOPING = Scoping(region=RatingCampaign.region_code)


def _slim() -> AnySelect:
    c = RatingCampaign
    return select(*_slim_columns(), c.version, c.created_at, c.updated_at)


def _slim_columns() -> list[Any]:
    c = RatingCampaign
    return [
        c.id, c.region_code, c.year, c.name, c.status, c.opens_at, c.closes_at, c.best_count, c.worst_count,
    ]  # fmt: skip


def _full() -> AnySelect:
    c = RatingCampaign
    columns: list[Any] = [
        *_slim_columns(), c.groups, c.indicators, c.electorates, c.options, c.minimum_ballots, c.below_minimum,
        c.tie_rule, c.smallest_count, c.copied_from_id, c.turnout, c.opened_at, c.closed_at, c.closing_reason,
        c.published_at, c.version, c.created_at, c.updated_at,
    ]  # fmt: skip
    return select(*columns)


RATING_CAMPAIGN = Resource(
    name="rating_campaign",
    label=("评议", "rating campaign"),
    permission="ratings.read",
    key=RatingCampaign.id,
    scoping=SCOPING,
    full=_full,
    slim=_slim,
    filters={
        "region": region_prefix(SCOPING),
        "year": equals(RatingCampaign.year, "year"),
        "status": any_of(RatingCampaign.status, "status"),
    },
    sorts={"year": Sort(RatingCampaign.year)},
)


def _through_campaign(campaign_id: Any) -> Scoping:
    region = select(RatingCampaign.region_code).where(RatingCampaign.id == campaign_id)
    return Scoping(region=region.correlate_except(RatingCampaign).scalar_subquery())


def _raters() -> AnySelect:
    e = RatingElector
    # Whether a paper was taken is not told: who takes part is the rater's own affair.
    return select(
        e.user_id, User.username, User.display_name, e.electorate, e.excluded_department_ids, NEVER_CHANGES
    ).join(User, User.id == e.user_id)


RATER = Resource(
    name="rating_elector",
    label=("评议人", "rater"),
    permission="ratings.write",
    key=RatingElector.user_id,
    scoping=_through_campaign(RatingElector.campaign_id),
    full=_raters,
    conditional=False,
    filters={
        "campaign": equals(RatingElector.campaign_id, "campaign"),
        "electorate": equals(RatingElector.electorate, "electorate"),
    },
    sorts={"user_id": Sort(RatingElector.user_id)},
)


def _batches() -> AnySelect:
    b = RatingCodeBatch
    return select(
        b.id, b.campaign_id, b.electorate, b.excluded_department_ids, b.count, b.note, b.created_at, NEVER_CHANGES
    )


CODE_BATCH = Resource(
    name="rating_code_batch",
    label=("投票码批次", "batch of codes"),
    permission="ratings.write",
    key=RatingCodeBatch.id,
    scoping=_through_campaign(RatingCodeBatch.campaign_id),
    full=_batches,
    filters={"campaign": equals(RatingCodeBatch.campaign_id, "campaign")},
    sorts={"id": Sort(RatingCodeBatch.id)},
)


def _corrections() -> AnySelect:
    c = RatingCorrection
    return select(c.id, c.campaign_id, c.department_id, c.text, c.created_at, NEVER_CHANGES)


CORRECTION = Resource(
    name="rating_correction",
    label=("更正", "correction"),
    permission="ratings.read",
    key=RatingCorrection.id,
    scoping=_through_campaign(RatingCorrection.campaign_id),
    full=_corrections,
    filters={"campaign": equals(RatingCorrection.campaign_id, "campaign")},
    sorts={"id": Sort(RatingCorrection.id)},
)
