"""Weekly field reports (填报)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Db, IfMatch, Uow, permitted
from app.resources.reports import REPORT, REPORTS
from app.routing import api
from app.schemas.base import NewId
from app.schemas.report_queries import ProjectReportQuery, ReportQuery
from app.schemas.reports import ReportIn, ReportOut, ReportPage, ReportPatch, ReviewIn
from app.services import report_changes, report_flag_duties, report_reviews, reports
from app.services.project_parts import require_visible

router = api("reports")
_UNSETTLED = b'"open_flags":null'
"""As PostgreSQL writes it. In a text of the report its quotation marks would be escaped."""
SENT_BEFORE: dict[int | str, dict[str, Any]] = {
    **CREATED,
    200: {"model": ReportOut, "description": "Sent before; nothing changed"},
}


@router.get("/reports", summary="填报列表 List reports", response_model=ReportPage)
async def list_reports(
    request: Request, db: Db, query: Annotated[ReportQuery, Query()], actor: Annotated[Actor, permitted("reports.read")]
) -> Response:
    """Reports of all projects you see, the last arrived first: `?region=990102&week=2016-05-16&status=submitted`."""
    if query.has_flags is not None:
        await report_flag_duties.catch_up(db, request.app.state.clock())
    return await listing.page(request, REPORTS, actor, query)


@router.get("/projects/{project_id}/reports", summary="项目填报 List project reports", response_model=ReportPage)
async def list_project_reports(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ProjectReportQuery, Query()],
    actor: Annotated[Actor, permitted("reports.read")],
) -> Response:
    """The reports of one project, the last arrived first."""
    await require_visible(uow, project_id)
    if query.has_flags is not None:
        await report_flag_duties.catch_up(uow.db, uow.now)
    return await listing.page(request, REPORTS, actor, query, fixed={"project": project_id})


@router.put(
    "/reports/{report_id}",
    summary="填报 Put report",
    status_code=201,
    response_model=ReportOut,
    responses=SENT_BEFORE,
)
async def put_report(
    uow: Uow,
    report_id: Annotated[NewId, Path()],
    body: ReportIn,
    actor: Annotated[Actor, permitted("reports.write")],
) -> Response:
    """Hand in a week's report under an id the phone made. Safe to send again: 200 with the report as it is now.

    "The same" is what the report says now or what it said at first, `made_at` aside; anything else under the id is
    409 `id_taken` with `current`, `sent` and `fields`. It is taken whatever became of the project meanwhile, and its
    milestones are looked at when it is accepted. `late` compares the time of the first arrival with `due_at`. Photos
    are named here; their bytes are sent by themselves, before or after. Two people may report the same week.

    A week can be reported from seven days before it is due. Errors: 404 for a project you do not see; 422
    `week_not_open`, `in_the_future`, `after_the_week`, `correction_differs`, `unknown_reference`; 409
    `not_correctable` when `corrects` names a report that is not accepted, `photo_id_taken`.
    """
    new = await reports.put(uow, report_id, body)
    location = f"/api/v1/reports/{report_id}" if new else None
    return await listing.shown(uow, REPORT, report_id, status=201 if new else 200, location=location)


@router.get("/reports/{report_id}", summary="填报 Get report", response_model=ReportOut, responses=TAGGED)
async def get_report(
    request: Request, db: Db, report_id: UUID, actor: Annotated[Actor, permitted("reports.read")]
) -> Response:
    """One report with its photos' metadata and every round it went through."""
    answer = await listing.one(request, REPORT, actor, report_id)
    if _UNSETTLED not in bytes(answer.body):
        return answer
    if not await report_flag_duties.catch_up(db, request.app.state.clock(), report_id):
        return answer
    return await listing.one(request, REPORT, actor, report_id)


@router.patch("/reports/{report_id}", summary="修改填报 Change report", response_model=ReportOut)
async def update_report(
    uow: Uow,
    report_id: UUID,
    body: ReportPatch,
    actor: Annotated[Actor, permitted("reports.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch by who made the report, or by the dispatch office (else 403 `not_your_report`).

    Every version is kept in `rounds`. A returned report is handed in again by it: `submitted`, in a new round. What
    changes nothing leaves it as it is. Errors: 409 `report_accepted` (make a new report with `corrects` instead),
    `photo_id_taken`; 422 as for `PUT`.
    """
    await report_changes.patch(uow, report_id, body, if_match)
    return await listing.shown(uow, REPORT, report_id)


@router.post(
    "/reports/{report_id}/reviews",
    summary="审核填报 Review report",
    status_code=201,
    response_model=ReportOut,
    responses=CREATED,
)
async def create_review(
    uow: Uow,
    report_id: UUID,
    body: ReviewIn,
    actor: Annotated[Actor, permitted("reports.review")],
    if_match: IfMatch = None,
) -> Response:
    """Return a submitted report with what to mend, or accept it; nobody reviews their own (403 `own_report`).

    With `If-Match` (not required) only the version that was looked at is reviewed: 412 when it was changed meanwhile.
    Accepting takes over what it says: its figure becomes a progress figure of its day (`source` report), its
    milestones are marked done, and the light follows. An amount left unsaid goes on as it was. Of two reports of one
    week the last accepted stands; one that `corrects` another takes its place.

    Errors: 409 `report_not_submitted`; `report_cannot_be_accepted` when it names milestones that are gone, or whose
    days do not fit, each in `errors`; 422 `reason_required`.
    """
    await report_reviews.review(uow, report_id, body, if_match)
    return await listing.shown(uow, REPORT, report_id, status=201, location=f"/api/v1/reports/{report_id}")
