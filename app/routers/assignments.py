from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.assignments import ASSIGNMENT
from app.routing import api
from app.schemas.assignments import AssignmentIn, AssignmentOut, AssignmentPage, AssignmentPatch, AssignmentQuery
from app.services import assignments
from app.services.project_parts import require_visible

router = api("projects")


@router.get(
    "/projects/{project_id}/assignments", summary="责任关系列表 List assignments", response_model=AssignmentPage
)
async def list_assignments(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[AssignmentQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """Everyone who ever answered for the project, ended ones included; `as_of` asks who did on a day."""
    await require_visible(uow, project_id)
    return await listing.page(request, ASSIGNMENT, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/assignments",
    summary="新增责任关系 Create assignment",
    status_code=201,
    response_model=AssignmentOut,
    responses={**CREATED, 200: {"model": AssignmentOut, "description": "Sent before; nothing changed"}},
)
async def create_assignment(
    uow: Uow, project_id: UUID, body: AssignmentIn, actor: Annotated[Actor, permitted("assignments.write")]
) -> Response:
    """Someone begins to answer for the project, today unless `valid_from` says otherwise; a day ahead counts from then.

    A transfer: end the old assignment with `valid_to` = D, create the new one with `valid_from` = D. A role may have
    several (joint owners). The same party twice in a role at one time: 409 `duplicate`. A leader, department or
    account you do not see: 422 `unknown_reference`; one of another county: `outside_region`; retired: `inactive`.
    """
    row, new = await assignments.create(uow, project_id, body)
    location = f"/api/v1/assignments/{row.id}" if new else None
    return await listing.shown(uow, ASSIGNMENT, row.id, status=201 if new else 200, location=location)


@router.get(
    "/assignments/{assignment_id}",
    summary="责任关系 Get assignment",
    response_model=AssignmentOut,
    responses=NOT_MODIFIED,
)
async def get_assignment(
    request: Request, assignment_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One assignment of a project you see."""
    return await listing.one(request, ASSIGNMENT, actor, assignment_id)


@router.patch(
    "/assignments/{assignment_id}", summary="结束或修改责任关系 Change assignment", response_model=AssignmentOut
)
async def update_assignment(
    uow: Uow,
    assignment_id: UUID,
    body: AssignmentPatch,
    actor: Annotated[Actor, permitted("assignments.write")],
    if_match: IfMatch = None,
) -> Response:
    """End it with `valid_to`, the first day without; correct `phone` and `position`. JSON merge patch.

    Who answered when is never overwritten or deleted: once `valid_to` has come it stays, 409 `already_ended`; until
    then it may still be moved or cleared. `valid_to` = `valid_from` takes back what was entered by mistake.
    """
    row = await assignments.change(uow, assignment_id, body, if_match)
    return await listing.shown(uow, ASSIGNMENT, row.id)
