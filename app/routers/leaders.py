from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import IfMatch, Uow, permitted
from app.resources.leaders import LEADER
from app.routing import api
from app.schemas.leaders import LeaderIn, LeaderOut, LeaderPage, LeaderPatch, LeaderQuery
from app.services import leaders

router = api("places")


@router.get("/leaders", summary="领导列表 List leaders", response_model=LeaderPage)
async def list_leaders(
    request: Request,
    query: Annotated[LeaderQuery, Query()],
    actor: Annotated[Actor, permitted("leaders.read")],
) -> Response:
    """Leaders of the regions you see."""
    return await listing.page(request, LEADER, actor, query)


@router.post("/leaders", summary="新增领导 Create leader", status_code=201, response_model=LeaderOut, responses=CREATED)
async def create_leader(uow: Uow, body: LeaderIn, actor: Annotated[Actor, permitted("leaders.write")]) -> Response:
    """A leader of one region. The name is unique there: else 409 `duplicate`.

    Left out, `body` is read off the title: 县委, 人大, 政协, else government.
    """
    row = await leaders.create(uow, body)
    return await listing.shown(uow, LEADER, row.id, status=201, location=f"/api/v1/leaders/{row.id}")


@router.get("/leaders/{leader_id}", summary="领导 Get leader", response_model=LeaderOut, responses=TAGGED)
async def get_leader(request: Request, leader_id: UUID, actor: Annotated[Actor, permitted("leaders.read")]) -> Response:
    """One leader with the departments supervised now; past ones are under `supervisions`."""
    return await listing.one(request, LEADER, actor, leader_id)


@router.patch("/leaders/{leader_id}", summary="修改领导 Change leader", response_model=LeaderOut)
async def update_leader(
    uow: Uow,
    leader_id: UUID,
    body: LeaderPatch,
    actor: Annotated[Actor, permitted("leaders.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch. A leader is never deleted, only made inactive: history refers to the person.

    A new name or title also gives the leader's projects a new ETag.
    """
    await leaders.change(uow, leader_id, body, if_match)
    return await listing.shown(uow, LEADER, leader_id)
