from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.db import to_json
from app.deps import Uow, permitted
from app.models import RatingCampaign
from app.resources.rating_campaigns import CODE_BATCH, RATER, RATING_CAMPAIGN
from app.routing import SecretRoute, api
from app.schemas.lists import ListQuery
from app.schemas.rating_rolls import (
    CodeBatchCreated,
    CodeBatchIn,
    CodeBatchPage,
    RaterPage,
    RaterQuery,
    RatersDone,
    RatersIn,
)
from app.services import rating_rolls
from app.writing import get_visible

router = api("ratings")
codes_router = api("ratings")
codes_router.route_class = SecretRoute
Office = Annotated[Actor, permitted("ratings.write")]
_ONE = "/rating-campaigns/{rating_campaign_id}"


@router.get(_ONE + "/raters", summary="评议人名册 List raters", response_model=RaterPage)
async def list_raters(
    request: Request, uow: Uow, rating_campaign_id: UUID, query: Annotated[RaterQuery, Query()], actor: Office
) -> Response:
    """Accounts that may rate. Who has taken a paper or returned a ballot is not told. An electorate the campaign does
    not have: 422 `unknown_code`, naming those it has."""
    await rating_rolls.require_electorate(uow, rating_campaign_id, query.electorate)
    return await listing.page(request, RATER, actor, query, fixed={"campaign": rating_campaign_id})


@router.post(_ONE + "/raters", summary="登记评议人 Put raters on the roll", response_model=RatersDone)
async def put_raters(uow: Uow, rating_campaign_id: UUID, body: RatersIn, actor: Office) -> RatersDone:
    """Up to 1 000 accounts with the role rater in the region; sent again it changes nothing.

    All or nothing: 422 names every unknown account, electorate and department. One whose paper was signed already
    stays as it is: 409 `rater_has_paper`.
    """
    return await rating_rolls.put_raters(uow, rating_campaign_id, body)


@router.delete(_ONE + "/raters/{user_id}", summary="移出评议人 Take rater off the roll", status_code=204)
async def delete_rater(uow: Uow, rating_campaign_id: UUID, user_id: UUID, actor: Office) -> Response:
    """As long as no paper was signed for the account: else 409 `rater_has_paper`."""
    await rating_rolls.remove_rater(uow, rating_campaign_id, user_id)
    return Response(status_code=204)


@router.get(_ONE + "/code-batches", summary="投票码批次 List batches of codes", response_model=CodeBatchPage)
async def list_code_batches(
    request: Request, uow: Uow, rating_campaign_id: UUID, query: Annotated[ListQuery, Query()], actor: Office
) -> Response:
    """Batches and how many codes each has; the codes themselves are stored nowhere."""
    await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, rating_campaign_id)
    return await listing.page(request, CODE_BATCH, actor, query, fixed={"campaign": rating_campaign_id})


@codes_router.post(
    _ONE + "/code-batches",
    summary="生成投票码 Make one-time codes",
    status_code=201,
    response_model=CodeBatchCreated,
)
async def create_code_batch(uow: Uow, rating_campaign_id: UUID, body: CodeBatchIn, actor: Office) -> Response:
    """Codes for raters without an account, to be handed out on paper or by message. Each is good for one ballot.

    Shown in this answer and never again; no Idempotency-Key brings them back. To whom a code goes is written nowhere:
    shuffle the slips before handing them out.
    """
    batch, codes = await rating_rolls.make_codes(uow, rating_campaign_id, body)
    shown, _ = await listing.representation(uow, CODE_BATCH, batch.id)
    return Response(to_json({**json.loads(shown), "codes": codes}), 201, media_type=listing.MEDIA_TYPE)
