from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.db import to_json
from app.deps import Uow, permitted
from app.resources.progress_figures import PROGRESS_FIGURE
from app.routing import api
from app.schemas.progress_figures import (
    FiguresQuery,
    ProgressFigureIn,
    ProgressFigureOut,
    ProgressFigurePage,
    ProgressFigureQuery,
    ProjectFigures,
)
from app.services import progress_figures
from app.services.project_parts import require_visible

router = api("projects")


@router.get(
    "/projects/{project_id}/progress-figures",
    summary="进度数据列表 List progress figures",
    response_model=ProgressFigurePage,
)
async def list_progress_figures(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ProgressFigureQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """All figures ever given, corrected ones included. Of those for one day the last recorded is in force."""
    await require_visible(uow, project_id)
    return await listing.page(request, PROGRESS_FIGURE, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/progress-figures",
    summary="新增进度数据 Create progress figure",
    status_code=201,
    response_model=ProgressFigureOut,
    responses={**CREATED, 200: {"model": ProgressFigureOut, "description": "In force already; nothing changed"}},
)
async def create_progress_figure(
    uow: Uow, project_id: UUID, body: ProgressFigureIn, actor: Annotated[Actor, permitted("progress.write")]
) -> Response:
    """What is completed of the year up to a day. Nothing is overwritten: a second figure for a day corrects the first.

    Exactly what is in force already: 200 with the figure that says so. A day ahead, or before its year: 422.
    """
    recorded = await progress_figures.create(uow, project_id, body)
    location = f"/api/v1/progress-figures/{recorded.id}" if recorded.new else None
    status = 201 if recorded.new else 200
    return await listing.shown(uow, PROGRESS_FIGURE, recorded.id, status=status, location=location)


@router.get(
    "/progress-figures/{progress_figure_id}",
    summary="进度数据 Get progress figure",
    response_model=ProgressFigureOut,
    responses=TAGGED,
)
async def get_progress_figure(
    request: Request, progress_figure_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One figure of a project you see. It never changes."""
    return await listing.one(request, PROGRESS_FIGURE, actor, progress_figure_id)


@router.get("/projects/{project_id}/figures", summary="计划与完成 Project figures", response_model=ProjectFigures)
async def get_project_figures(
    uow: Uow,
    project_id: UUID,
    query: Annotated[FiguresQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The year's plan against what is completed of it on a day: rate, time progress (序时进度), gap in points."""
    found = await progress_figures.figures(uow, project_id, query.year, query.as_of)
    return Response(to_json(found), media_type=listing.MEDIA_TYPE)
