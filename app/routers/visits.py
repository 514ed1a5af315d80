from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import IfMatch, Uow, permitted
from app.resources.visits import VISIT, VISITS
from app.routing import api
from app.schemas.visits import VisitIn, VisitOut, VisitPage, VisitPatch, VisitQuery
from app.services import visits

router = api("leaders")
Writer = Annotated[Actor, permitted("visits.write")]


@router.get("/visits", summary="包扶记录列表 List visits", response_model=VisitPage)
async def list_visits(
    request: Request, query: Annotated[VisitQuery, Query()], actor: Annotated[Actor, permitted("visits.read")]
) -> Response:
    """Leaders' visits (盯、跟、帮、督) to the projects you see, the latest first.

    One leader's since a day: `?leader_id=…&happened_from=2016-03-01`. Which projects a sponsor has not heard in a month
    is on the leader's card, `GET /leaders/{leader_id}/card`.
    """
    return await listing.page(request, VISITS, actor, query)


@router.post(
    "/visits",
    summary="登记包扶 Create visit",
    status_code=201,
    response_model=VisitOut,
    responses={**CREATED, 200: {"model": VisitOut, "description": "Sent before; nothing changed"}},
)
async def create_visit(uow: Uow, body: VisitIn, actor: Writer) -> Response:
    """A leader was at a project, or heard it report: for the sponsor leader that month is heard.

    A leader enters his own (the account's `leader_id`, see `/users`), the dispatch office anybody's of its region; a
    leader who does not sponsor the project may visit it, too. Others': 403. Errors: 422 `unknown_reference`,
    `outside_region` for a leader of another county, `in_the_future`, `missing` where nobody is named.
    """
    identity, new = await visits.create(uow, body)
    location = f"/api/v1/visits/{identity}" if new else None
    return await listing.shown(uow, VISIT, identity, status=201 if new else 200, location=location)


@router.get("/visits/{visit_id}", summary="包扶记录 Get visit", response_model=VisitOut, responses=TAGGED)
async def get_visit(request: Request, visit_id: UUID, actor: Annotated[Actor, permitted("visits.read")]) -> Response:
    """One visit to a project you see."""
    return await listing.one(request, VISIT, actor, visit_id)


@router.patch("/visits/{visit_id}", summary="修改包扶记录 Change visit", response_model=VisitOut)
async def update_visit(uow: Uow, visit_id: UUID, body: VisitPatch, actor: Writer, if_match: IfMatch = None) -> Response:
    """JSON merge patch of kind, day, finding and decision; another leader's or project's visit is another visit."""
    await visits.change(uow, visit_id, body, if_match)
    return await listing.shown(uow, VISIT, visit_id)


@router.delete("/visits/{visit_id}", summary="删除包扶记录 Delete visit", status_code=204)
async def delete_visit(uow: Uow, visit_id: UUID, actor: Writer, if_match: IfMatch = None) -> Response:
    """One entered by mistake; the change log keeps what it said."""
    await visits.remove(uow, visit_id, if_match)
    return Response(status_code=204)
