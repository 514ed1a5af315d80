from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.regions import REGION
from app.routing import api
from app.schemas.base import RegionCode
from app.schemas.regions import RegionIn, RegionOut, RegionPage, RegionPatch, RegionQuery
from app.services import regions

router = api("places")


@router.get("/regions", summary="行政区划列表 List regions", response_model=RegionPage)
async def list_regions(
    request: Request,
    query: Annotated[RegionQuery, Query()],
    actor: Annotated[Actor, permitted("regions.read")],
) -> Response:
    """The tree of regions; everyone who is signed in sees all of it."""
    return await listing.page(request, REGION, actor, query)


@router.post(
    "/regions", summary="新增行政区划 Create region", status_code=201, response_model=RegionOut, responses=CREATED
)
async def create_region(uow: Uow, body: RegionIn, actor: Annotated[Actor, permitted("regions.write")]) -> Response:
    """A region within your own. Its parent is the nearest existing region whose code its own begins with.

    Errors: 422 `parent_missing` when there is none (provinces need none), 422 `kind_does_not_fit`, 409 `duplicate`.
    """
    row = await regions.create(uow, body)
    return await listing.shown(uow, REGION, row.code, status=201, location=f"/api/v1/regions/{row.code}")


@router.get("/regions/{code}", summary="行政区划 Get region", response_model=RegionOut, responses=NOT_MODIFIED)
async def get_region(
    request: Request, code: RegionCode, actor: Annotated[Actor, permitted("regions.read")]
) -> Response:
    """One region by its statistical code."""
    return await listing.one(request, REGION, actor, code)


@router.patch("/regions/{code}", summary="修改行政区划 Change region", response_model=RegionOut)
async def update_region(
    uow: Uow,
    code: RegionCode,
    body: RegionPatch,
    actor: Annotated[Actor, permitted("regions.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch of name and kind. A new name also gives the region's projects a new ETag.

    Errors: 422 `kind_does_not_fit`.
    """
    await regions.change(uow, code, body, if_match)
    return await listing.shown(uow, REGION, code)


@router.delete("/regions/{code}", summary="删除行政区划 Delete region", status_code=204)
async def delete_region(
    uow: Uow,
    code: RegionCode,
    actor: Annotated[Actor, permitted("regions.write")],
    if_match: IfMatch = None,
) -> Response:
    """For entries made by mistake. Errors: 409 `still_referenced` while regions, projects or accounts belong to it."""
    await regions.remove(uow, code, if_match)
    return Response(status_code=204)
