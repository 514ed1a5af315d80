from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from app.access import Actor
from app.deps import Db, Uow, permitted
from app.problems import wants_english
from app.routing import api
from app.schemas.statistics import Overview, OverviewQuery, ProjectStatistics, StatisticsQuery
from app.services import statistics, statistics_charts, statistics_report
from app.statistics_forms import Telling, figures, told

router = api("statistics")
PROJECTS = Telling("/statistics/projects", statistics_report.projects, statistics_charts.projects, reads="region")
OVERVIEW = Telling("/statistics/overview", statistics_report.overview, statistics_charts.overview, reads="region")


@figures(router, PROJECTS, summary="项目统计 Project figures", response_model=ProjectStatistics)
async def project_statistics(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[StatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """Count, investment, plan and progress of the projects you see, in total and by group.

    Takes the filters of the project list. Plans and completed investment are those of `year`; with `as_of` in the
    past, stages, suspensions, responsible departments and leaders are those of that day, completed investment is what
    was in force then, and projects that came later are left out. Place, sector, land and investment are as now.

    By `department` and `leader` a project with several of them counts in each group, but once in the total.
    By `region` groups are the regions directly below the one asked for (below your own, when none is).
    Projects without a key stand together in the last group, with `key` null.
    Groups follow the pipeline, the dictionary or the region code; others come by size.
    """
    english = wants_english(request)
    return await told(request, PROJECTS, await statistics.by_group(db, actor, query, uow.today, english=english))


@figures(router, OVERVIEW, summary="总览 Overview", response_model=Overview)
async def statistics_overview(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[OverviewQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """A dashboard's first screen in one call: figures, groups, what needs attention, what moved last.

    Of the projects you see in `region`. Errors: 422 `unknown_reference` when there is no such region.
    """
    english = wants_english(request)
    return await told(request, OVERVIEW, await statistics.overview(db, actor, query, uow.today, english=english))
