from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, ETAG_HEADERS, NOT_MODIFIED, TAGGED
from app.deps import IfMatch, Uow, permitted
from app.resources.milestones import MILESTONE, MILESTONES
from app.routing import api
from app.schemas.milestone_sets import MilestoneSetIn, MilestoneSetOut
from app.schemas.milestones import (
    MilestoneIn,
    MilestoneOut,
    MilestonePage,
    MilestonePatch,
    MilestoneProgress,
    MilestoneQuery,
    ProjectMilestoneQuery,
)
from app.services import milestone_progress, milestone_sets, milestones
from app.services.project_parts import require_visible

router = api("milestones")


@router.get("/milestones", summary="全部节点 List milestones", response_model=MilestonePage)
async def list_milestones(
    request: Request,
    query: Annotated[MilestoneQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """Milestones of all projects you see, the next due first: `?region=990102&overdue=true&due_before=2016-07-01`."""
    return await listing.page(request, MILESTONES, actor, query)


@router.get(
    "/projects/{project_id}/milestones", summary="项目节点 List project milestones", response_model=MilestonePage
)
async def list_project_milestones(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ProjectMilestoneQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The project's milestones in their order. All in one answer: `GET /projects/{project_id}/milestone-set`."""
    await require_visible(uow, project_id)
    return await listing.page(request, MILESTONES, actor, query, fixed={"project": project_id})


@router.get(
    "/projects/{project_id}/milestone-progress",
    summary="节点完成情况 Milestone progress",
    response_model=MilestoneProgress,
)
async def get_milestone_progress(
    uow: Uow, project_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """How far the project is by its milestones (形象进度): the weighted share that is done, and what comes next."""
    return Response(await milestone_progress.progress(uow, project_id), media_type=listing.MEDIA_TYPE)


@router.get(
    "/projects/{project_id}/milestone-set",
    summary="全部节点（整体） Get milestone set",
    response_model=MilestoneSetOut,
    responses=NOT_MODIFIED,
)
async def get_milestone_set(
    request: Request, uow: Uow, project_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """All milestones of the project in one answer, with the ETag that replacing them needs.

    A 304 means that no milestone was changed; `overdue` follows the day, `provisional` the holidays announced.
    """
    body, version = await milestone_progress.everything(uow, project_id)
    headers = {"ETag": listing.etag(version)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, version):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, listing.MEDIA_TYPE)


@router.put(
    "/projects/{project_id}/milestone-set",
    summary="整体替换节点 Put milestone set",
    response_model=MilestoneSetOut,
    responses={200: {"description": "Replaced, or the same as before", "headers": ETAG_HEADERS}},
    max_body_size=8 * 1024 * 1024,
)
async def put_milestone_set(
    uow: Uow,
    project_id: UUID,
    body: MilestoneSetIn,
    actor: Annotated[Actor, permitted("milestones.write")],
    if_match: IfMatch = None,
) -> Response:
    """Replace the whole plan of the project, up to 10 000 milestones (8 MiB), in the order sent: those it has are
    changed, new ones made, those left out deleted. What was reported (status, actual days, steps, forecast) stays.

    Needs `If-Match` from `GET` where the project has milestones and something changes. Unknown predecessors, cycles,
    bad durations and whatever else is wrong: one 422 that names every milestone, by id in `faults`. Planned dates other
    than the current baseline's: 409 `planned_by_baseline` that names them; left out, they stay.
    """
    await milestone_sets.put(uow, project_id, body, if_match)
    answer, version = await milestone_progress.everything_now(uow, project_id)
    return Response(answer, 200, {"ETag": listing.etag(version)}, listing.MEDIA_TYPE)


@router.post(
    "/projects/{project_id}/milestones",
    summary="新增节点 Create milestone",
    status_code=201,
    response_model=MilestoneOut,
    responses={**CREATED, 200: {"model": MilestoneOut, "description": "Sent before; nothing changed"}},
)
async def create_milestone(
    uow: Uow, project_id: UUID, body: MilestoneIn, actor: Annotated[Actor, permitted("milestones.write")]
) -> Response:
    """A milestone (节点) of the project. Predecessors are milestones of the same project.

    An unknown predecessor or a cycle: 422 naming the milestones, by id in `faults`. Done without a day: today.
    """
    row, new = await milestones.create(uow, project_id, body)
    location = f"/api/v1/milestones/{row.id}" if new else None
    return await listing.shown(uow, MILESTONE, row.id, status=201 if new else 200, location=location)


@router.get("/milestones/{milestone_id}", summary="节点 Get milestone", response_model=MilestoneOut, responses=TAGGED)
async def get_milestone(
    request: Request, milestone_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One milestone of a project you see."""
    return await listing.one(request, MILESTONE, actor, milestone_id)


@router.patch("/milestones/{milestone_id}", summary="修改节点 Change milestone", response_model=MilestoneOut)
async def update_milestone(
    uow: Uow,
    milestone_id: UUID,
    body: MilestonePatch,
    actor: Annotated[Actor, permitted("milestones.report")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch. Departments and reporters of the project say how the work goes: `status`, `actual_start`,
    `actual_finish`, `forecast_finish`, `steps`, `note`; the rest is the dispatch office's (403).

    A day implies its status (`actual_finish`: done), a status without its day means today; going back to `planned` or
    `in_progress` takes the days back. No day may lie ahead. A cycle or an unknown predecessor: 422 naming them. What is
    reported done before its predecessors is taken as reported; `done_before_ids` warns of it.

    Planned dates are free until a schedule is adopted; from then on those of a milestone that the current baseline
    names are the baseline's: 409 `planned_by_baseline`. Adopt another schedule, with the decision behind it.
    """
    row = await milestones.change(uow, milestone_id, body, if_match)
    return await listing.shown(uow, MILESTONE, row.id)


@router.delete("/milestones/{milestone_id}", summary="删除节点 Delete milestone", status_code=204)
async def delete_milestone(
    uow: Uow, milestone_id: UUID, actor: Annotated[Actor, permitted("milestones.write")], if_match: IfMatch = None
) -> Response:
    """It is planned no longer; what waited for it waits no more. Baselines adopted before still name it."""
    await milestones.remove(uow, milestone_id, if_match)
    return Response(status_code=204)
