from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from app.access import Actor
from app.deps import Uow, permitted
from app.downloads import WORKBOOK, workbook
from app.routing import api
from app.schemas.funding import FundingFilters
from app.schemas.projects import ProjectFilters
from app.services import exports, funding_export

router = api("imports")


@router.get(
    "/projects.xlsx", summary="导出台账 Export projects as a ledger", response_class=Response, responses=WORKBOOK
)
async def export_projects(
    uow: Uow, query: Annotated[ProjectFilters, Query()], actor: Annotated[Actor, permitted("projects.read")]
) -> Response:
    """The projects you see as an Excel ledger in the county format, by the filters of the project list.

    Plans and completed investment are those of `year`; with `as_of` in the past, stages, departments, leaders and
    figures are those of that day. Milestones stand as they are now, a column for each name. Importing the file into the
    same region changes nothing. At most 49 900 projects: else 422 `export_too_large`.
    """
    return workbook(*await exports.export(uow, query))


@router.get(
    "/funding-records.xlsx",
    summary="导出资金台账 Export funding as a ledger",
    response_class=Response,
    responses=WORKBOOK,
)
async def export_funding_records(
    uow: Uow, query: Annotated[FundingFilters, Query()], actor: Annotated[Actor, permitted("funding.read")]
) -> Response:
    """The money you see as an Excel ledger, one row a record, by the filters of the list.

    Amounts are the totals of today; days and document numbers those of the entries in force. Importing the file into
    the same region (`kind=funding`) changes nothing. At most 49 900 records: else 422 `export_too_large`.
    """
    return workbook(*await funding_export.export(uow, query))
