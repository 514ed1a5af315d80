from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.db import to_json
from app.deps import Db, IfMatch, Uow, permitted
from app.domain.indicators import SHIPPED
from app.resources.indicators import INDICATOR
from app.routing import api
from app.schemas.base import Code
from app.schemas.indicators import IndicatorIn, IndicatorList, IndicatorOut, IndicatorPatch, IndicatorQuery
from app.services import indicators

router = api("targets")


@router.get("/indicators", summary="指标目录 List indicators", response_model=IndicatorList)
async def list_indicators(
    db: Db, query: Annotated[IndicatorQuery, Query()], actor: Annotated[Actor, permitted("dictionaries.read")]
) -> Response:
    """Every indicator there is: those that ship first, then those counties added. Small; comes whole.

    `computation` says how the actual of a target comes about: counted from projects (`key_projects`, `signings`,
    `starts`, `completions`, `productions`, `enrolments`), summed (`completed_investment`), the growth rate of a
    published series (`series_growth`), or `entered`. With `threshold` only projects of that size count.
    """
    return Response(to_json({"items": await indicators.everything(db, query)}), media_type=listing.MEDIA_TYPE)


@router.post(
    "/indicators", summary="新增指标 Create indicator", status_code=201, response_model=IndicatorOut, responses=CREATED
)
async def create_indicator(
    uow: Uow, body: IndicatorIn, actor: Annotated[Actor, permitted("indicators.write")]
) -> Response:
    """An indicator that does not ship. Its code is one for all counties: 409 `duplicate` when there is such a code.

    Errors: 422 `unknown_code` for a unit or series that is not there, `invalid_value` for a threshold or a series where
    the computation takes none.
    """
    row = await indicators.create(uow, body)
    return await listing.shown(uow, INDICATOR, row.code, status=201, location=f"/api/v1/indicators/{row.code}")


@router.get("/indicators/{code}", summary="指标 Get indicator", response_model=IndicatorOut, responses=NOT_MODIFIED)
async def get_indicator(
    request: Request, code: Code, actor: Annotated[Actor, permitted("dictionaries.read")]
) -> Response:
    """One indicator."""
    if code in SHIPPED:
        headers = {"ETag": listing.etag(1)}
        asked = request.headers.get("if-none-match")
        if asked is not None and listing.matches(asked, 1):
            return Response(status_code=304, headers=headers)
        return Response(to_json(indicators.shipped(SHIPPED[code])), 200, headers, listing.MEDIA_TYPE)
    return await listing.one(request, INDICATOR, actor, code)


@router.patch("/indicators/{code}", summary="修改指标 Change indicator", response_model=IndicatorOut)
async def update_indicator(
    uow: Uow,
    code: Code,
    body: IndicatorPatch,
    actor: Annotated[Actor, permitted("indicators.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch of labels and `active`, by the region that keeps it. What it measures never changes.

    Errors: 409 `dictionary_closed` for one that ships.
    """
    await indicators.change(uow, code, body, if_match)
    return await listing.shown(uow, INDICATOR, code)
