from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.db import to_json
from app.deps import IfMatch, Secret, Uow, permitted
from app.models import RatingCampaign
from app.problems import described
from app.resources.rating_campaigns import CORRECTION, RATING_CAMPAIGN
from app.routing import api
from app.schemas.lists import ListQuery
from app.schemas.rating_campaigns import (
    RatingCampaignIn,
    RatingCampaignOut,
    RatingCampaignPage,
    RatingCampaignPatch,
    RatingCampaignQuery,
    RatingClosingIn,
    RatingCopyIn,
    RatingCorrectionIn,
    RatingCorrectionOut,
    RatingCorrectionPage,
    RatingProblems,
    TurnoutOut,
)
from app.services import rating_campaigns, rating_lifecycle
from app.uow import UnitOfWork
from app.writing import get_visible

router = api("ratings")
Reader = Annotated[Actor, permitted("ratings.read")]
Office = Annotated[Actor, permitted("ratings.write")]
_ONE = "/rating-campaigns/{rating_campaign_id}"
_DONE_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {"model": RatingCampaignOut, "description": "Sent before: the same again"}
}


async def _shown(uow: UnitOfWork, campaign_id: UUID, *, new: bool = False) -> Response:
    location = f"/api/v1/rating-campaigns/{campaign_id}" if new else None
    return await listing.shown(uow, RATING_CAMPAIGN, campaign_id, status=201 if new else 200, location=location)


@router.get("/rating-campaigns", summary="评议列表 List rating campaigns", response_model=RatingCampaignPage)
async def list_rating_campaigns(
    request: Request, query: Annotated[RatingCampaignQuery, Query()], actor: Reader
) -> Response:
    """Ratings of the regions you see, one a region and year."""
    return await listing.page(request, RATING_CAMPAIGN, actor, query)


@router.post(
    "/rating-campaigns",
    summary="拟订评议 Create rating campaign",
    status_code=201,
    response_model=RatingCampaignOut,
    responses={**CREATED, **_DONE_BEFORE},
)
async def create_rating_campaign(uow: Uow, body: RatingCampaignIn, actor: Office) -> Response:
    """A draft: it may be as unfinished as it is; `GET …/problems` tells what is missing before it can be opened.

    `groups` are rated apart; best and worst are named in each group. `options` without points (不了解) never enter a
    denominator. Weights of indicators add up to 100, those of electorates too. A second rating of the same region and
    year: 409 `duplicate`.
    """
    row, new = await rating_campaigns.create(uow, body)
    return await _shown(uow, row.id, new=new)


@router.get(_ONE, summary="评议 Get rating campaign", response_model=RatingCampaignOut, responses=NOT_MODIFIED)
async def get_rating_campaign(request: Request, rating_campaign_id: UUID, actor: Reader) -> Response:
    """One rating with its rules."""
    return await listing.one(request, RATING_CAMPAIGN, actor, rating_campaign_id)


@router.patch(_ONE, summary="修改评议 Change rating campaign", response_model=RatingCampaignOut)
async def update_rating_campaign(
    uow: Uow, rating_campaign_id: UUID, body: RatingCampaignPatch, actor: Office, if_match: IfMatch = None
) -> Response:
    """JSON merge patch; arrays are replaced whole. Once open, only `name` and `closes_at` can be changed, later
    nothing: 409 `rating_status_forbids`."""
    row = await rating_campaigns.change(uow, rating_campaign_id, body, if_match)
    return await _shown(uow, row.id)


@router.delete(_ONE, summary="删除评议草案 Delete draft rating", status_code=204)
async def delete_rating_campaign(
    uow: Uow, rating_campaign_id: UUID, actor: Office, if_match: IfMatch = None
) -> Response:
    """Drafts only, with their roll and codes."""
    await rating_campaigns.remove(uow, rating_campaign_id, if_match)
    return Response(status_code=204)


@router.post(
    _ONE + "/copies",
    summary="沿用评议方案 Copy rating campaign",
    status_code=201,
    response_model=RatingCampaignOut,
    responses={**CREATED, **_DONE_BEFORE},
)
async def copy_rating_campaign(uow: Uow, rating_campaign_id: UUID, body: RatingCopyIn, actor: Office) -> Response:
    """Another year's draft with the same rules, but for whatever the body says: `{"year": 2006, "worst_count": 5}`.

    The roll of raters comes along with `with_raters`; hours and codes never do.
    """
    row, new = await rating_campaigns.copy(uow, rating_campaign_id, body)
    return await _shown(uow, row.id, new=new)


@router.get(_ONE + "/problems", summary="评议方案检查 What is wrong with a draft", response_model=RatingProblems)
async def list_rating_problems(request: Request, uow: Uow, rating_campaign_id: UUID, actor: Office) -> Response:
    """Everything that keeps it from being opened, at once, each with a pointer into the campaign.

    `warnings` do not: `small_electorate` (under 20 raters: what one of them said may be told apart) and `small_class`
    (under 5 raters who may not rate the same departments: weak while it is open). Look before opening: afterwards the
    rules stay as they are, though raters and codes can still be added.
    """
    row = await rating_campaigns.draft(uow, rating_campaign_id)
    found = {
        "problems": described(request, await rating_campaigns.problems(uow, row)),
        "warnings": described(request, await rating_campaigns.warnings(uow, row)),
    }
    return Response(to_json(found), media_type=listing.MEDIA_TYPE)


@router.post(_ONE + "/opening", summary="开始评议 Open rating", response_model=RatingCampaignOut)
async def open_rating_campaign(uow: Uow, rating_campaign_id: UUID, actor: Office) -> Response:
    """From now on its rules are fixed and raters can take their papers; ballots are taken from `opens_at` on.

    409 `rating_not_ready` lists everything that is wrong with the draft.
    """
    row = await rating_lifecycle.open_campaign(uow, rating_campaign_id)
    return await _shown(uow, row.id)


@router.post(_ONE + "/closing", summary="截止评议 Close rating", response_model=RatingCampaignOut)
async def close_rating_campaign(
    uow: Uow, secret: Secret, rating_campaign_id: UUID, body: RatingClosingIn, actor: Office
) -> Response:
    """The urn is opened: ballots become sorted stacks of slips, and what they were sealed and signed with is
    destroyed. Before `closes_at` a `reason` is needed.

    Nothing happens when some ballots cannot be opened (409 `ballots_unreadable`, with their number), as when the
    service's secret file was exchanged: restore it first. `set_aside_unreadable` leaves them out; the change log keeps
    how many.
    """
    row = await rating_lifecycle.close(uow, secret, rating_campaign_id, body)
    return await _shown(uow, row.id)


@router.post(_ONE + "/publication", summary="公布评议结果 Publish result", response_model=RatingCampaignOut)
async def publish_rating_campaign(uow: Uow, rating_campaign_id: UUID, actor: Office) -> Response:
    """The result is frozen with a hash over inputs, rules and outputs. Afterwards only corrections are added."""
    row = await rating_lifecycle.publish(uow, rating_campaign_id)
    return await _shown(uow, row.id)


@router.get(_ONE + "/turnout", summary="投票进度 Turnout", response_model=list[TurnoutOut])
async def get_rating_turnout(uow: Uow, rating_campaign_id: UUID, actor: Office) -> Response:
    """How many may rate, took a paper and returned a ballot, per electorate; never who."""
    row = await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, rating_campaign_id)
    actor.require_in_region("ratings.write", row.region_code)
    return Response(to_json(await rating_lifecycle.turnout(uow, row)), media_type=listing.MEDIA_TYPE)


@router.get(_ONE + "/corrections", summary="更正列表 List corrections", response_model=RatingCorrectionPage)
async def list_rating_corrections(
    request: Request, uow: Uow, rating_campaign_id: UUID, query: Annotated[ListQuery, Query()], actor: Reader
) -> Response:
    """What was added to the published result since, with its day."""
    await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, rating_campaign_id)
    return await listing.page(request, CORRECTION, actor, query, fixed={"campaign": rating_campaign_id})


@router.post(
    _ONE + "/corrections",
    summary="更正公布结果 Correct published result",
    status_code=201,
    response_model=RatingCorrectionOut,
    responses={200: {"model": RatingCorrectionOut, "description": "Sent before: the same again"}},
)
async def create_rating_correction(
    uow: Uow, rating_campaign_id: UUID, body: RatingCorrectionIn, actor: Office
) -> Response:
    """A dated word shown with the result; the result itself stays as it was published."""
    row, new = await rating_lifecycle.correct(uow, rating_campaign_id, body)
    return await listing.shown(uow, CORRECTION, row.id, status=201 if new else 200)
