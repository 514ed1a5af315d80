from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.suspensions import SUSPENSION
from app.routing import api
from app.schemas.suspensions import SuspensionIn, SuspensionOut, SuspensionPage, SuspensionPatch, SuspensionQuery
from app.services import suspensions
from app.services.project_parts import require_visible

router = api("projects")


@router.get("/projects/{project_id}/suspensions", summary="暂停记录 List suspensions", response_model=SuspensionPage)
async def list_suspensions(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[SuspensionQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """When and why the project was paused."""
    await require_visible(uow, project_id)
    return await listing.page(request, SUSPENSION, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/suspensions",
    summary="暂停项目 Create suspension",
    status_code=201,
    response_model=SuspensionOut,
    responses={**CREATED, 200: {"model": SuspensionOut, "description": "Sent before; nothing changed"}},
)
async def create_suspension(
    uow: Uow, project_id: UUID, body: SuspensionIn, actor: Annotated[Actor, permitted("suspensions.write")]
) -> Response:
    """Pause the project; until it goes on it moves to no later stage.

    409 `already_suspended`, `project_terminated`. `since` must not be ahead, nor within an earlier suspension.
    """
    row, new = await suspensions.create(uow, project_id, body)
    location = f"/api/v1/suspensions/{row.id}" if new else None
    return await listing.shown(uow, SUSPENSION, row.id, status=201 if new else 200, location=location)


@router.get(
    "/suspensions/{suspension_id}", summary="暂停 Get suspension", response_model=SuspensionOut, responses=NOT_MODIFIED
)
async def get_suspension(
    request: Request, suspension_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One suspension of a project you see."""
    return await listing.one(request, SUSPENSION, actor, suspension_id)


@router.patch("/suspensions/{suspension_id}", summary="结束暂停 End suspension", response_model=SuspensionOut)
async def end_suspension(
    uow: Uow,
    suspension_id: UUID,
    body: SuspensionPatch,
    actor: Annotated[Actor, permitted("suspensions.write")],
    if_match: IfMatch = None,
) -> Response:
    """Work goes on from `until`, today or earlier. Ended already on another day: 409 `already_ended`."""
    row = await suspensions.end(uow, suspension_id, body, if_match)
    return await listing.shown(uow, SUSPENSION, row.id)
