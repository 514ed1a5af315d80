from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.projects import PROJECT, PROJECT_AS_OF
from app.routing import api
from app.schemas.projects import ProjectIn, ProjectOut, ProjectPage, ProjectPatch, ProjectQuery
from app.services import projects

router = api("projects")


@router.get("/projects", summary="项目列表 List projects", response_model=ProjectPage)
async def list_projects(
    request: Request,
    uow: Uow,
    query: Annotated[ProjectQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """Projects you see, slim. With `as_of`, the pipeline of that day: `stage` is the one of then."""
    filters = query.filters(uow.today)
    resource = PROJECT_AS_OF if "stage_as_of" in filters else PROJECT
    return await listing.page(request, resource, actor, query, filters=filters)


@router.post(
    "/projects",
    summary="新增项目 Create project",
    status_code=201,
    response_model=ProjectOut,
    responses={**CREATED, 200: {"model": ProjectOut, "description": "Sent before; nothing changed"}},
)
async def create_project(uow: Uow, body: ProjectIn, actor: Annotated[Actor, permitted("projects.create")]) -> Response:
    """Leaders, departments and plans are added after, each under the project's own address.

    With its own `id` a client may send the same again: 200 with the same project; other content is 409 `id_taken`.
    Errors, all at once: 422 `unknown_reference`, `unknown_code`, `dates_out_of_order`; `missing` for half a point.
    """
    row, new = await projects.create(uow, body)
    status, location = (201, f"/api/v1/projects/{row.id}") if new else (200, None)
    return await listing.shown(uow, PROJECT, row.id, status=status, location=location)


@router.get("/projects/{project_id}", summary="项目 Get project", response_model=ProjectOut, responses=NOT_MODIFIED)
async def get_project(
    request: Request, project_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One project with everyone who answers for it now, its plans and its latest figure."""
    return await listing.one(request, PROJECT, actor, project_id)


@router.patch("/projects/{project_id}", summary="修改项目 Change project", response_model=ProjectOut)
async def update_project(
    uow: Uow,
    project_id: UUID,
    body: ProjectPatch,
    actor: Annotated[Actor, permitted("projects.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch: what is sent is set, null clears. The stage moves by `stage-transitions` only."""
    await projects.change(uow, project_id, body, if_match)
    return await listing.shown(uow, PROJECT, project_id)


@router.delete("/projects/{project_id}", summary="删除项目 Delete project", status_code=204)
async def delete_project(
    uow: Uow,
    project_id: UUID,
    actor: Annotated[Actor, permitted("projects.delete")],
    if_match: IfMatch = None,
) -> Response:
    """For entries made by mistake. A project that came to nothing is terminated, and stays; so does one that was
    reported on (409 `still_referenced`)."""
    await projects.remove(uow, project_id, if_match)
    return Response(status_code=204)
