from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.models import Leader
from app.resources.leaders import LEADER
from app.resources.supervisions import SUPERVISION
from app.routing import api
from app.schemas.supervisions import (
    SupervisionIn,
    SupervisionOut,
    SupervisionPage,
    SupervisionPatch,
    SupervisionQuery,
)
from app.services import supervisions
from app.writing import get_visible

router = api("places")


@router.get("/leaders/{leader_id}/supervisions", summary="分管部门 List supervisions", response_model=SupervisionPage)
async def list_supervisions(
    request: Request,
    uow: Uow,
    leader_id: UUID,
    query: Annotated[SupervisionQuery, Query()],
    actor: Annotated[Actor, permitted("leaders.read")],
) -> Response:
    """Every department the leader supervises or ever did; with `as_of`, those of that day."""
    await get_visible(uow, LEADER, Leader, leader_id)
    return await listing.page(request, SUPERVISION, actor, query, fixed={"leader_id": leader_id})


@router.post(
    "/leaders/{leader_id}/supervisions",
    summary="新增分管 Create supervision",
    status_code=201,
    response_model=SupervisionOut,
    responses=CREATED,
)
async def create_supervision(
    uow: Uow, leader_id: UUID, body: SupervisionIn, actor: Annotated[Actor, permitted("leaders.write")]
) -> Response:
    """The leader supervises a department of the own county from a day on.

    Errors: 409 `periods_overlap` with another period of the same department; 422 `outside_region`,
    `dates_out_of_order`.
    """
    row = await supervisions.create(uow, leader_id, body)
    return await listing.shown(uow, SUPERVISION, row.id, status=201, location=f"/api/v1/supervisions/{row.id}")


@router.get(
    "/supervisions/{supervision_id}",
    summary="分管关系 Get supervision",
    response_model=SupervisionOut,
    responses=NOT_MODIFIED,
)
async def get_supervision(
    request: Request, supervision_id: UUID, actor: Annotated[Actor, permitted("leaders.read")]
) -> Response:
    """One supervision."""
    return await listing.one(request, SUPERVISION, actor, supervision_id)


@router.patch("/supervisions/{supervision_id}", summary="结束分管 End supervision", response_model=SupervisionOut)
async def update_supervision(
    uow: Uow,
    supervision_id: UUID,
    body: SupervisionPatch,
    actor: Annotated[Actor, permitted("leaders.write")],
    if_match: IfMatch = None,
) -> Response:
    """`valid_to` ends it; a null lets an ended one hold again. It is never removed.

    Errors: 409 `periods_overlap`; 422 `dates_out_of_order`.
    """
    await supervisions.change(uow, supervision_id, body, if_match)
    return await listing.shown(uow, SUPERVISION, supervision_id)
