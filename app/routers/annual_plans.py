from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, ETAG_HEADERS, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.annual_plans import ANNUAL_PLAN
from app.routing import api
from app.schemas.annual_plans import AnnualPlanIn, AnnualPlanOut, AnnualPlanPage, AnnualPlanQuery
from app.services import annual_plans
from app.services.project_parts import require_visible

router = api("projects")
Year = Annotated[int, Path(ge=1949, le=2199, examples=[2016])]


@router.get(
    "/projects/{project_id}/annual-plans", summary="年度计划列表 List annual plans", response_model=AnnualPlanPage
)
async def list_annual_plans(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[AnnualPlanQuery, Query()],
    actor: Annotated[Actor, permitted("projects.read")],
) -> Response:
    """The project's plans, one a year. How one goes: `GET /projects/{project_id}/figures`."""
    await require_visible(uow, project_id)
    return await listing.page(request, ANNUAL_PLAN, actor, query, fixed={"project": project_id})


@router.get(
    "/projects/{project_id}/annual-plans/{year}",
    summary="年度计划 Get annual plan",
    response_model=AnnualPlanOut,
    responses=NOT_MODIFIED,
)
async def get_annual_plan(
    request: Request, uow: Uow, project_id: UUID, year: Year, actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """The plan of one year."""
    return await listing.one(request, ANNUAL_PLAN, actor, await annual_plans.identity(uow, project_id, year))


@router.put(
    "/projects/{project_id}/annual-plans/{year}",
    summary="设定年度计划 Put annual plan",
    response_model=AnnualPlanOut,
    responses={
        **CREATED,
        201: {"model": AnnualPlanOut, "description": "Created", **CREATED[201]},
        200: {"description": "Replaced, or the same as before", "headers": ETAG_HEADERS},
    },
)
async def put_annual_plan(
    uow: Uow,
    project_id: UUID,
    year: Year,
    body: AnnualPlanIn,
    actor: Annotated[Actor, permitted("plans.write")],
    if_match: IfMatch = None,
) -> Response:
    """Create the year's plan (201) or replace it whole (200; needs `If-Match` then).

    The very same content again is a 200 that changes nothing, with or without `If-Match`. A monthly split that does
    not add up to `planned_investment`: 422 `does_not_add_up`, naming both sums.
    """
    row, new = await annual_plans.put(uow, project_id, year, body, if_match)
    location = f"/api/v1/projects/{project_id}/annual-plans/{year}" if new else None
    return await listing.shown(uow, ANNUAL_PLAN, row.id, status=201 if new else 200, location=location)


@router.delete("/projects/{project_id}/annual-plans/{year}", summary="删除年度计划 Delete annual plan", status_code=204)
async def delete_annual_plan(
    uow: Uow,
    project_id: UUID,
    year: Year,
    actor: Annotated[Actor, permitted("plans.write")],
    if_match: IfMatch = None,
) -> Response:
    """The project is no longer planned for that year. What was planned stays in the change log."""
    await annual_plans.remove(uow, project_id, year, if_match)
    return Response(status_code=204)
