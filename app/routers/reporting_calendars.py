"""When field reports are due, and of which projects."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Uow, permitted
from app.resources.reporting_calendars import REPORTING_CALENDAR
from app.routing import api
from app.schemas.reporting_calendars import (
    ReportingCalendarIn,
    ReportingCalendarOut,
    ReportingCalendarPage,
    ReportingCalendarQuery,
    ReportingWeeks,
    ReportingWeeksQuery,
)
from app.services import reporting_calendars

router = api("reports")


@router.get("/reporting-weeks", summary="填报周期 List reporting weeks", response_model=ReportingWeeks)
async def list_reporting_weeks(
    uow: Uow,
    query: Annotated[ReportingWeeksQuery, Query()],
    actor: Annotated[Actor, permitted("reporting_calendars.read")],
) -> Any:
    """When the reports of each week are due in a region, and which stages have to report.

    Friday 18:00 of Asia/Shanghai unless the region, or one above it, has a calendar of its own. A due day that is no
    working day moves to the last working day before it. Errors: 422 `unknown_reference`, `out_of_range`.
    """
    return await reporting_calendars.weeks(uow, query)


@router.get(
    "/reporting-calendars", summary="填报日历列表 List reporting calendars", response_model=ReportingCalendarPage
)
async def list_reporting_calendars(
    request: Request,
    query: Annotated[ReportingCalendarQuery, Query()],
    actor: Annotated[Actor, permitted("reporting_calendars.read")],
) -> Response:
    """Where regions differ from Friday 18:00, and since when; the nearest region above a project decides."""
    return await listing.page(request, REPORTING_CALENDAR, actor, query)


@router.post(
    "/reporting-calendars",
    summary="设定填报日历 Create reporting calendar",
    status_code=201,
    response_model=ReportingCalendarOut,
    responses={**CREATED, 200: {"model": ReportingCalendarOut, "description": "Entered before; nothing changed"}},
)
async def create_reporting_calendar(
    uow: Uow, body: ReportingCalendarIn, actor: Annotated[Actor, permitted("reporting_calendars.write")]
) -> Response:
    """A region's own due moment and stages, for weeks that begin on `valid_from` or later; past weeks keep theirs.

    Nothing is overwritten: of two for one day the one entered last holds. Errors: 409 `id_taken` for other content
    under the id, 422 `in_the_past`, `unknown_reference`.
    """
    row, new = await reporting_calendars.create(uow, body)
    location = f"/api/v1/reporting-calendars/{row.id}" if new else None
    return await listing.shown(uow, REPORTING_CALENDAR, row.id, status=201 if new else 200, location=location)


@router.get(
    "/reporting-calendars/{reporting_calendar_id}",
    summary="填报日历 Get reporting calendar",
    response_model=ReportingCalendarOut,
    responses=TAGGED,
)
async def get_reporting_calendar(
    request: Request, reporting_calendar_id: UUID, actor: Annotated[Actor, permitted("reporting_calendars.read")]
) -> Response:
    """One calendar of a region; it never changes."""
    return await listing.one(request, REPORTING_CALENDAR, actor, reporting_calendar_id)
