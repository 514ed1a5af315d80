from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.access import Actor
from app.contract import STATE_FORBIDS
from app.deps import Uow, permitted
from app.downloads import PICTURE, WORD, WORKBOOK, document, drawn, workbook
from app.problems import wants_english
from app.routing import api
from app.schemas.rating_results import GroupQuery
from app.services import rating_charts, rating_pages

router = api("ratings")
Reader = Annotated[Actor, permitted("rating_results.read")]
_RESULT = "/rating-campaigns/{rating_campaign_id}/result"


@router.get(
    _RESULT + ".xlsx", summary="评议结果表 Rating result as workbook", response_class=Response,
    responses={**WORKBOOK, **STATE_FORBIDS},
)  # fmt: skip
async def get_rating_workbook(uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """A sheet for each group with rank, score, movement, consequences and the score's parts by electorate and by
    indicator; a last one of who took part.

    Parts are told as far as `GET …/result/explain` tells them: where a row is hidden there, what it is part of is a
    dash here. Always in Chinese. Errors as of the result.
    """
    return workbook(*await rating_pages.workbook(await rating_pages.told(uow, rating_campaign_id)))


@router.get(
    _RESULT + ".docx", summary="打印评议结果 Rating result as Word", response_class=Response,
    responses={**WORD, **STATE_FORBIDS},
)  # fmt: skip
async def get_rating_word(uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """The result, A4, ready to be printed: best and worst, ranking, parts (told as in the workbook), turnout, and
    corrections since; before publication it says so. Always in Chinese."""
    return document(*await rating_pages.word(await rating_pages.told(uow, rating_campaign_id)))


@router.get(
    _RESULT + "/distribution.svg", summary="得分分布图 Scores by band", response_class=Response,
    responses={**PICTURE, **STATE_FORBIDS},
)  # fmt: skip
async def draw_rating_distribution(request: Request, uow: Uow, rating_campaign_id: UUID, actor: Reader) -> Response:
    """How many departments of each group stand in each band of scores. Words follow Accept-Language."""
    rating = await rating_pages.told(uow, rating_campaign_id)
    return await drawn(request, rating_charts.distribution(rating, english=wants_english(request)))


@router.get(
    _RESULT + "/movement.svg", summary="名次变动图 Places and movement", response_class=Response,
    responses={**PICTURE, **STATE_FORBIDS},
)  # fmt: skip
async def draw_rating_movement(
    request: Request, uow: Uow, rating_campaign_id: UUID, query: Annotated[GroupQuery, Query()], actor: Reader
) -> Response:
    """Each department's place a year before and now, score, movement and consequences; the worst are shaded. All groups
    below each other, or one. Words follow Accept-Language."""
    rating = await rating_pages.told(uow, rating_campaign_id)
    return await drawn(request, rating_charts.movement(rating, query.group, english=wants_english(request)))
