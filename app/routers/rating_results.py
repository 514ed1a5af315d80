from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor
from app.contract import STATE_FORBIDS
from app.db import to_json
from app.deps import Uow, permitted
from app.listing import MEDIA_TYPE, etag
from app.routing import api
from app.schemas.rating_results import (
    ExplainQuery,
    RatingDocument,
    RatingExplanation,
    RatingResultOut,
    RatingVerification,
)
from app.services import rating_results

router = api("ratings")
Reader = Annotated[Actor, permitted("rating_results.read")]
_RESULT = "/rating-campaigns/{rating_campaign_id}/result"


@router.get(_RESULT, summary="评议结果 Rating result", response_model=RatingResultOut, responses=STATE_FORBIDS)
async def get_rating_result(uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """Scores, ranks, best and worst per group, movement against the year before, consequences.

    Score: average points per indicator (不了解 and blanks count nowhere), averaged by the indicators' weights, then by
    the electorates' weights; exact fractions, rounded once to two decimals, half up. An electorate below
    `minimum_ballots` for a department is left out of its score (`leave_out`) or leaves it unrated (`unrated`). Equals
    share a rank; whether equals across the line are named is `tie_rule`. Who would be on both lists is on neither.
    The worst lose eligibility for awards; the worst two years running are proposed for organisational action.

    Before publication for the dispatch office only (403), and not before closing (409 `rating_status_forbids`).
    """
    return Response(await rating_results.result(uow, rating_campaign_id), media_type=MEDIA_TYPE)


@router.get(
    _RESULT + "/document",
    summary="已公布结果原文 Published result",
    response_model=RatingDocument,
    responses=STATE_FORBIDS,
)
async def get_rating_document(uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """The published result alone, byte for byte; its SHA-256 is the `sha256` of the result and the ETag here."""
    document, sha256 = await rating_results.published_document(uow, rating_campaign_id)
    return Response(document, 200, {"ETag": etag(sha256)}, MEDIA_TYPE)


@router.get(
    _RESULT + "/verification",
    summary="复核结果 Verify published result",
    response_model=RatingVerification,
    responses=STATE_FORBIDS,
)
async def verify_rating_result(uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """Computes the result anew from the stored slips and compares it with what was published."""
    return Response(to_json(await rating_results.verification(uow, rating_campaign_id)), media_type=MEDIA_TYPE)


@router.get(
    _RESULT + "/explain", summary="得分说明 Explain a score", response_model=RatingExplanation, responses=STATE_FORBIDS
)
async def explain_rating_result(
    uow: Uow, rating_campaign_id: UUID, query: Annotated[ExplainQuery, Query()], actor: Reader
) -> Response:
    """One department's score down to how many raters of each electorate chose which option.

    A row in which an option was chosen by fewer than `smallest_count` raters is hidden whole, and so many further rows
    that nothing can be worked back from the score; of electorates below the minimum nothing is told. `hidden_because`
    says which of these it is.
    """
    found = await rating_results.explain(uow, rating_campaign_id, query.department)
    return Response(to_json(found), media_type=MEDIA_TYPE)
