"""Who has to report in a week, who has, who is late or missing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.deps import Uow, permitted
from app.problems import wants_english
from app.resources.reporting import REPORTING_DUTY
from app.routing import api
from app.schemas.reporting import (
    ReportingDutyPage,
    ReportingDutyQuery,
    ReportingStatistics,
    ReportingStatisticsQuery,
)
from app.services import reporting, reporting_tellings
from app.statistics_forms import Telling, figures, told

router = api("reports")


@router.get("/reporting-duties", summary="应报清单 List reporting duties", response_model=ReportingDutyPage)
async def list_reporting_duties(
    request: Request,
    uow: Uow,
    query: Annotated[ReportingDutyQuery, Query()],
    actor: Annotated[Actor, permitted("reports.read")],
) -> Response:
    """Projects that had to be reported on in a week, with who answers for it and how it stands.

    Missing reports: `?state=missing`, late ones: `?state=late`, each with the hours; before the due moment those not
    handed in are `open`. A project has to be reported on when, on the day its region's reports were due, it was in a
    stage that reports (landed, started, unless the region says otherwise), not suspended, and had been entered here.
    Of several reports of one week the first counts. Stages, departments and reporters are those of the due day.
    """
    filters = await reporting.chosen(uow, query)
    return await listing.page(request, REPORTING_DUTY, actor, query, filters=filters)


# A project's place is its own: what a department sees lies within the region asked for.
REPORTING = Telling(
    "/statistics/reporting", reporting_tellings.reporting, reporting_tellings.reporting_chart, reads="region"
)


@figures(router, REPORTING, summary="填报统计 Reporting figures", response_model=ReportingStatistics)
async def reporting_statistics(
    request: Request,
    uow: Uow,
    query: Annotated[ReportingStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """Reports expected, in time, late and missing, and the reporting rate (填报率), over one week or up to 60.

    What is expected is told at `GET /reporting-duties`. By department and reporter a project with several of them
    counts in each group, but once in the total. Groups with most missing reports come first; projects without a key
    stand in the last group, with `key` null. Errors: 422 `invalid_value` for days that are no Mondays, `out_of_range`.
    """
    english = wants_english(request)
    return await told(request, REPORTING, await reporting.by_group(uow, query, english=english))
