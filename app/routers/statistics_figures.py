"""The statistics bureau's figures of projects."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Uow, permitted
from app.resources.statistics_figures import STATISTICS_FIGURE
from app.routing import api
from app.schemas.statistics_figures import (
    StatisticsFigureIn,
    StatisticsFigureOut,
    StatisticsFigurePage,
    StatisticsFigureQuery,
)
from app.services import statistics_figures
from app.services.project_parts import require_visible

router = api("projects")


@router.get(
    "/projects/{project_id}/statistics-figures",
    summary="统计数据列表 List statistics figures",
    response_model=StatisticsFigurePage,
)
async def list_statistics_figures(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[StatisticsFigureQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """What the statistics bureau counts of the project, corrected figures included; of a month the last one counts."""
    await require_visible(uow, project_id)
    return await listing.page(request, STATISTICS_FIGURE, actor, query, fixed={"project": project_id})


@router.post(
    "/projects/{project_id}/statistics-figures",
    summary="录入统计数据 Create statistics figure",
    status_code=201,
    response_model=StatisticsFigureOut,
    responses={**CREATED, 200: {"model": StatisticsFigureOut, "description": "Said already; nothing changed"}},
)
async def create_statistics_figure(
    uow: Uow, project_id: UUID, body: StatisticsFigureIn, actor: Annotated[Actor, permitted("statistics_figures.write")]
) -> Response:
    """What the bureau counts as completed of the year up to the end of a month. It never takes the place of what was
    reported; reports of the month's last seven days that are off by more than the region allows are flagged.

    Nothing is overwritten: a second figure for a month corrects the first. Errors: 422 `in_the_future`, 409 `id_taken`.
    """
    identity, new = await statistics_figures.create(uow, project_id, body)
    location = f"/api/v1/statistics-figures/{identity}" if new else None
    return await listing.shown(uow, STATISTICS_FIGURE, identity, status=201 if new else 200, location=location)


@router.get(
    "/statistics-figures/{statistics_figure_id}",
    summary="统计数据 Get statistics figure",
    response_model=StatisticsFigureOut,
    responses=TAGGED,
)
async def get_statistics_figure(
    request: Request, statistics_figure_id: UUID, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """One figure of a project you see. It never changes."""
    return await listing.one(request, STATISTICS_FIGURE, actor, statistics_figure_id)
