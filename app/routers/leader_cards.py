from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.access import Actor
from app.db import to_json
from app.deps import Uow, permitted
from app.downloads import WORD, WORKBOOK, document, workbook
from app.listing import MEDIA_TYPE
from app.routing import api
from app.schemas.leader_cards import CardQuery, CardsQuery, LeaderCard, LeaderCards
from app.services import leader_card_documents, leader_card_tellings, leader_cards
from app.statistics_forms import Telling, figures, told

router = api("leaders")
Reader = Annotated[Actor, permitted("leader_cards.read")]
CARDS = Telling("/leader-cards", leader_card_tellings.cards, leader_card_tellings.chart, reads="region")


@figures(router, CARDS, summary="领导工作卡一览 Leaders' cards", response_model=LeaderCards)
async def list_leader_cards(
    request: Request, uow: Uow, query: Annotated[CardsQuery, Query()], actor: Reader
) -> Response:
    """Every leader of a county who sponsored a project or supervised a department in the period: who has not heard
    which project this month, which projects were not reported on, and how many departments carry one of the three
    marks.

    All of them in one answer; the order is that of the four bodies 四大班子, then by name. What the figures mean:
    `GET /leaders/{leader_id}/card`. Errors: 422 `out_of_range` for a region above a county.
    """
    return await told(request, CARDS, await leader_cards.cards(uow, actor, query))


@router.get("/leaders/{leader_id}/card", summary="领导工作卡 Leader's card", response_model=LeaderCard)
async def get_leader_card(uow: Uow, leader_id: UUID, query: Annotated[CardQuery, Query()], actor: Reader) -> Response:
    """One leader in a year, a quarter, a month, or `from`–`to`: projects sponsored (包扶) by light and stage, projects
    not heard, departments supervised (分管), and three marks: worst-rated, fell in rank, lagging.

    Sponsorship and supervision are dated, and a transfer splits what is told: a project or department counts for each
    leader it had, judged on the last of his days with it, with `share_percent` of the days; `by_days` adds these
    shares up, so that one handed over counts once for all its leaders together. What was taken over is told by
    `gap_points_before`. A year's result marks whoever supervised the department in that year, by shares of that year.

    **Hearing**: each sponsor hears each project once a month by a visit (`/visits`) of any kind. A month is owed by
    whoever sponsors the project on at least half of its days, unless the project ended (terminated, at capacity)
    before it.

    **Reports**: weekly reports (填报) due on the leader's days, by how they stood, as `GET /statistics/reporting`
    counts them; `not_reported` are the projects of which one due in the last month is missing.

    **Lagging**: completed ÷ annual plan of the department's projects below time progress on the day judged, as
    `GET /statistics/projects?group_by=department&as_of=…` tells it.
    """
    found = await leader_cards.card(uow, actor, leader_id, query)
    return Response(to_json(found), media_type=MEDIA_TYPE)


@router.get(
    "/leaders/{leader_id}/card.xlsx",
    summary="领导工作卡表格 Leader's card as workbook",
    response_class=Response,
    responses=WORKBOOK,
)
async def get_leader_card_workbook(
    uow: Uow, leader_id: UUID, query: Annotated[CardQuery, Query()], actor: Reader
) -> Response:
    """A sheet each for projects, departments, and the facts behind the marks. Always in Chinese."""
    found = await leader_cards.card(uow, actor, leader_id, query)
    return workbook(*await leader_card_documents.workbook(found))


@router.get(
    "/leaders/{leader_id}/card.docx",
    summary="打印领导工作卡 Leader's card as Word",
    response_class=Response,
    responses=WORD,
)
async def get_leader_card_document(
    uow: Uow, leader_id: UUID, query: Annotated[CardQuery, Query()], actor: Reader
) -> Response:
    """The card, A4, ready to be printed, with the rule it was split by. Always in Chinese."""
    found = await leader_cards.card(uow, actor, leader_id, query)
    return document(*await leader_card_documents.word(found))
