from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, ETAG_HEADERS, NOT_MODIFIED
from app.db import to_json
from app.deps import IfMatch, Uow, permitted
from app.resources.workday_years import WORKDAY_YEAR
from app.routing import api
from app.schemas.workday_years import WorkdayYearIn, WorkdayYearOut, WorkdayYears
from app.services import workdays

router = api("places")
Year = Annotated[int, Path(ge=1949, le=2199, examples=[2016])]


@router.get("/workday-years", summary="节假日安排列表 List years of working days", response_model=WorkdayYears)
async def list_workday_years(uow: Uow, actor: Annotated[Actor, permitted("workdays.read")]) -> Response:
    """Every year whose public holidays and make-up working days (调休) are known, shipped or entered, in one answer.

    All computing in working days goes by these. A year that is not here counts Monday to Friday only, and what is
    computed with it is marked `provisional`.
    """
    return Response(to_json({"items": await workdays.every_year(uow)}), media_type=listing.MEDIA_TYPE)


@router.get(
    "/workday-years/{year}",
    summary="年度节假日安排 Get year of working days",
    response_model=WorkdayYearOut,
    responses=NOT_MODIFIED,
)
async def get_workday_year(
    request: Request, uow: Uow, year: Year, actor: Annotated[Actor, permitted("workdays.read")]
) -> Response:
    """One year; 404 while its notice is not known."""
    if await workdays.is_entered(uow, year):
        return await listing.one(request, WORKDAY_YEAR, actor, year)
    found, headers = workdays.shipped(year), {"ETag": listing.etag(0)}
    asked = request.headers.get("if-none-match")
    if asked is not None and listing.matches(asked, 0):
        return Response(status_code=304, headers=headers)
    return Response(to_json(found), 200, headers, listing.MEDIA_TYPE)


@router.put(
    "/workday-years/{year}",
    summary="录入年度节假日安排 Put year of working days",
    response_model=WorkdayYearOut,
    responses={
        **CREATED,
        201: {"model": WorkdayYearOut, "description": "Entered", **CREATED[201]},
        200: {"description": "Replaced, or the same as before", "headers": ETAG_HEADERS},
    },
)
async def put_workday_year(
    uow: Uow,
    year: Year,
    body: WorkdayYearIn,
    actor: Annotated[Actor, permitted("workdays.write")],
    if_match: IfMatch = None,
) -> Response:
    """Enter the notice of a year as it comes out (201), or replace what was entered (200; needs `If-Match` then).

    It holds for the whole installation at once and takes the place of what ships for that year. Days lie in the year
    or in the December before; a make-up day is a Saturday or Sunday. Schedules computed earlier stay as they were.
    """
    new = await workdays.put(uow, year, body, if_match)
    location = f"/api/v1/workday-years/{year}" if new else None
    return await listing.shown(uow, WORKDAY_YEAR, year, status=201 if new else 200, location=location)


@router.delete("/workday-years/{year}", summary="删除录入的节假日安排 Delete year of working days", status_code=204)
async def delete_workday_year(
    uow: Uow, year: Year, actor: Annotated[Actor, permitted("workdays.write")], if_match: IfMatch = None
) -> Response:
    """Take back what was entered for the year: what ships counts again. What ships cannot be deleted (404)."""
    await workdays.remove(uow, year, if_match)
    return Response(status_code=204)
