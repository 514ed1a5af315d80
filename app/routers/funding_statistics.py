from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.access import Actor
from app.deps import Db, Uow, permitted
from app.problems import wants_english
from app.routing import api
from app.schemas.funding_statistics import (
    FundingGaps,
    FundingGapsQuery,
    FundingStatistics,
    FundingStatisticsQuery,
    ProjectFunding,
    ProjectFundingQuery,
)
from app.services import funding_statistics, funding_tellings
from app.statistics_forms import Telling, figures, told, worded

router = api("statistics")


FUNDING = Telling("/statistics/funding", funding_tellings.funding, funding_tellings.funding_chart)
GAPS = Telling("/statistics/funding-gaps", funding_tellings.gaps, funding_tellings.gaps_chart)


@figures(router, FUNDING, summary="资金统计 Funding figures", response_model=FundingStatistics)
async def statistics_of_funding(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[FundingStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """Money of a year by step, with the year before, the change in percent and each group's share.

    Entries in force that happened by `as_of` count; the year before is taken by the same day of it, so that a year
    still running is held against the same part of the last. By `year` all years up to `year` are shown.
    Money allocated from a region to a project counts with the project, as approved and received there, and no longer
    with the region: every yuan once. By `department` money of a project with several responsible departments (those
    of `as_of`) stands with each of them, but once in the total; shares then add up to more than 100.
    By `region` groups are the regions directly below the one asked for; a county's own money has the county's code.
    """
    english = wants_english(request)
    body = await funding_statistics.by_group(db, actor, query, uow.today, english=english)
    return await told(request, FUNDING, body)


@figures(router, GAPS, summary="资金缺口 Projects short of money", response_model=FundingGaps)
async def statistics_of_funding_gaps(
    request: Request,
    db: Db,
    uow: Uow,
    query: Annotated[FundingGapsQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """Projects that money holds up: a gap that is too wide, or money that came and is not paid out.

    gap = total investment − secured (已落实: per record what is approved, or what came where that is more), of all
    years together. It holds a project up from `gap_at_least` and `gap_share_at_least` on, both. Pay-out is slow where
    less than `pay_out_below` percent of what came more than `pay_out_days` ago has been paid by `as_of`.
    Projects signed, landed or started, unless `stage` says otherwise. Of projects without any money on record nothing
    is known: they are counted (`unrecorded_count`) and listed only with `unrecorded=true`.
    """
    found = await funding_statistics.gaps(db, actor, query, uow.today, english=wants_english(request))
    return await told(request, GAPS, found)


@router.get("/projects/{project_id}/funding", summary="项目资金 Funding of a project", response_model=ProjectFunding)
async def get_project_funding(
    request: Request,
    db: Db,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ProjectFundingQuery, Query()],
    actor: Annotated[Actor, permitted("funding.read")],
) -> Response:
    """A project's money by channel, all years together: steps, secured, gap, rates. Allocated money is included."""
    english = wants_english(request)
    found = await funding_statistics.of_project(db, actor, project_id, query.as_of, uow.today, english=english)
    return worded(found, english=english)
