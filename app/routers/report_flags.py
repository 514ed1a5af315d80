"""What looks odd in field reports (疑点), and from which difference on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, STATE_FORBIDS, TAGGED
from app.deps import Db, Uow, permitted
from app.errors import AppError
from app.resources.report_flags import REPORT_FLAG, REPORT_FLAG_RULE, REPORT_FLAGS
from app.routing import api
from app.schemas.report_flags import (
    DismissalIn,
    FlagsOfReportQuery,
    ReportFlagOut,
    ReportFlagPage,
    ReportFlagQuery,
    ReportFlagRuleIn,
    ReportFlagRuleOut,
    ReportFlagRulePage,
    ReportFlagRuleQuery,
)
from app.services import report_flag_duties, report_flag_rules, report_flags

router = api("reports")


@router.get("/report-flags", summary="疑点列表 List report flags", response_model=ReportFlagPage)
async def list_report_flags(
    request: Request,
    db: Db,
    query: Annotated[ReportFlagQuery, Query()],
    actor: Annotated[Actor, permitted("reports.read")],
) -> Response:
    """What looks odd in reports you see, the last raised first: `?region=990102&open=true&kind=photo_used_before`.

    A flag is no verdict and blocks nothing. It is worked out a moment after its report was handed in, or when somebody
    asks for flags before that, and again whenever its report, a report it is compared with,
    a photo's bytes, the project, its plan or its figures change: what holds no longer is withdrawn, and stays here.
    """
    await report_flag_duties.catch_up(db, request.app.state.clock())
    return await listing.page(request, REPORT_FLAGS, actor, query)


@router.get("/reports/{report_id}/flags", summary="填报疑点 List flags of report", response_model=ReportFlagPage)
async def list_flags_of_report(
    request: Request,
    db: Db,
    report_id: UUID,
    query: Annotated[FlagsOfReportQuery, Query()],
    actor: Annotated[Actor, permitted("reports.read")],
) -> Response:
    """All flags a report ever had."""
    await report_flags.require_seen(db, actor, report_id)
    if not await report_flag_duties.catch_up(db, request.app.state.clock(), report_id):
        # An empty list would say that nothing is odd.
        raise AppError("unavailable", headers={"Retry-After": "1"})
    return await listing.page(request, REPORT_FLAGS, actor, query, fixed={"report": report_id})


@router.get(
    "/report-flags/{report_flag_id}", summary="疑点 Get report flag", response_model=ReportFlagOut, responses=TAGGED
)
async def get_report_flag(
    request: Request, report_flag_id: UUID, actor: Annotated[Actor, permitted("reports.read")]
) -> Response:
    """One flag with the facts of both sides."""
    return await listing.one(request, REPORT_FLAG, actor, report_flag_id)


@router.post(
    "/reports/{report_id}/flags/{report_flag_id}/dismissal",
    summary="排除疑点 Dismiss report flag",
    status_code=201,
    response_model=ReportFlagOut,
    responses={**CREATED, **STATE_FORBIDS},
)
async def create_dismissal(
    uow: Uow,
    report_id: UUID,
    report_flag_id: UUID,
    body: DismissalIn,
    actor: Annotated[Actor, permitted("reports.review")],
) -> Response:
    """Say why it is all right. It stays dismissed as long as its facts do; other facts raise another flag.

    Errors: 409 `flag_not_open` when it was dismissed or withdrawn meanwhile.
    """
    row = await report_flags.dismiss(uow, report_id, report_flag_id, body)
    return await listing.shown(uow, REPORT_FLAG, row.id, status=201, location=f"/api/v1/report-flags/{row.id}")


@router.get("/report-flag-rules", summary="疑点规则列表 List report flag rules", response_model=ReportFlagRulePage)
async def list_report_flag_rules(
    request: Request,
    query: Annotated[ReportFlagRuleQuery, Query()],
    actor: Annotated[Actor, permitted("report_flag_rules.read")],
) -> Response:
    """Where regions differ from what ships (15 points, 1000 m, 4 of 64 bits, 5 percent), and since when."""
    return await listing.page(request, REPORT_FLAG_RULE, actor, query)


@router.post(
    "/report-flag-rules",
    summary="设定疑点规则 Create report flag rule",
    status_code=201,
    response_model=ReportFlagRuleOut,
    responses={**CREATED, 200: {"model": ReportFlagRuleOut, "description": "Entered before; nothing changed"}},
)
async def create_report_flag_rule(
    uow: Uow, body: ReportFlagRuleIn, actor: Annotated[Actor, permitted("report_flag_rules.write")]
) -> Response:
    """From which difference on the region's reports are flagged, of weeks that begin on `valid_from` or later.

    Nothing is overwritten: of two for one day the one entered last holds. Flags that were raised by another rule change
    when their report is worked out again. Errors: 409 `id_taken`, 422 `in_the_past`, `unknown_reference`.
    """
    row, new = await report_flag_rules.create(uow, body)
    location = f"/api/v1/report-flag-rules/{row.id}" if new else None
    return await listing.shown(uow, REPORT_FLAG_RULE, row.id, status=201 if new else 200, location=location)


@router.get(
    "/report-flag-rules/{report_flag_rule_id}",
    summary="疑点规则 Get report flag rule",
    response_model=ReportFlagRuleOut,
    responses=TAGGED,
)
async def get_report_flag_rule(
    request: Request, report_flag_rule_id: UUID, actor: Annotated[Actor, permitted("report_flag_rules.read")]
) -> Response:
    """One rule of a region; it never changes."""
    return await listing.one(request, REPORT_FLAG_RULE, actor, report_flag_rule_id)
