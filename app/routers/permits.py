"""Permits (手续), what happens to them, and the milestones that wait for them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import IfMatch, Uow, permitted
from app.problems import wants_english
from app.resources.permits import PERMIT, PERMIT_LIST
from app.routing import api
from app.schemas.permit_statistics import PermitStatistics, PermitStatisticsQuery
from app.schemas.permits import (
    PermitAsOf,
    PermitIn,
    PermitOut,
    PermitPage,
    PermitPatch,
    PermitQuery,
    ProjectPermitQuery,
)
from app.services import permit_tellings, permits
from app.services.permit_clocks import dresser
from app.services.permit_statistics import by_group
from app.services.project_parts import require_visible
from app.services.workdays import load
from app.statistics_forms import Telling, figures, told
from app.uow import UnitOfWork

router = api("permits")
SENT_BEFORE: dict[int | str, dict[str, Any]] = {
    **CREATED,
    200: {"model": PermitOut, "description": "Sent before; nothing changed"},
}


async def _shown(
    uow: UnitOfWork, permit_id: UUID, *, as_of: date | None = None, status: int = 200, location: str | None = None
) -> Response:
    """The permit with its clock."""
    body, version = await listing.representation(uow, PERMIT, permit_id)
    headers = {"ETag": listing.etag(version), **({"Location": location} if location else {})}
    dress = await dresser(uow, as_of, full=True)
    return Response(dress(body), status, headers, listing.MEDIA_TYPE)


@router.get("/projects/{project_id}/permits", summary="项目手续 List permits of a project", response_model=PermitPage)
async def list_project_permits(
    request: Request,
    uow: Uow,
    project_id: UUID,
    query: Annotated[ProjectPermitQuery, Query()],
    actor: Annotated[Actor, permitted("permits.read")],
) -> Response:
    """The permits of one project with their clocks as of today."""
    await require_visible(uow, project_id)
    dress = await dresser(uow)
    return await listing.page(request, PERMIT_LIST, actor, query, fixed={"project": project_id}, dress=dress)


@router.post(
    "/projects/{project_id}/permits",
    summary="新增手续 Create permit",
    status_code=201,
    response_model=PermitOut,
    responses=SENT_BEFORE,
)
async def create_permit(
    uow: Uow, project_id: UUID, body: PermitIn, actor: Annotated[Actor, permitted("permits.write")]
) -> Response:
    """A permit the project needs, not applied for yet.

    Left out, the time limit is what the region's rules say of the kind today (`GET /permit-kinds`), and stays so.
    A project may have several of one kind. Errors: 422 `unknown_code` (kind), `unknown_reference` (department,
    milestones), `inactive`.
    """
    row, new = await permits.create(uow, project_id, body)
    location = f"/api/v1/permits/{row.id}" if new else None
    return await _shown(uow, row.id, status=201 if new else 200, location=location)


@router.get("/permits", summary="手续列表 List permits", response_model=PermitPage)
async def list_permits(
    request: Request,
    uow: Uow,
    query: Annotated[PermitQuery, Query()],
    actor: Annotated[Actor, permitted("permits.read")],
) -> Response:
    """Permits of all projects you see, and for a department those it accepts; what is due first comes first.

    `overdue=true`: not decided though the authority's working days are used up. `due_within=5`: running, in time, and
    due within five working days. A permit whose clock stands still has no due day and is in neither.
    """
    chosen = query.chosen()
    if "due_within" in chosen:
        chosen["due"] = (uow.today, (await load(uow)).shift(uow.today, chosen.pop("due_within")))
    if "overdue" in chosen:
        chosen["overdue"] = (chosen["overdue"], uow.today)
    return await listing.page(request, PERMIT_LIST, actor, query, filters=chosen, dress=await dresser(uow))


@router.get("/permits/{permit_id}", summary="手续 Get permit", response_model=PermitOut, responses=TAGGED)
async def get_permit(
    request: Request,
    uow: Uow,
    permit_id: UUID,
    query: Annotated[PermitAsOf, Query()],
    actor: Annotated[Actor, permitted("permits.read")],
) -> Response:
    """One permit with its entries in force, the milestones it moves, and its clock.

    `as_of` asks for it on any day: state, dates, entries and clock of a past one know nothing of later events, a coming
    one is reckoned as if nothing happened until then. What was said of the permit (limit, department, expectations)
    and its milestones are as now.
    """
    answer = await listing.one(request, PERMIT, actor, permit_id)
    dress = await dresser(uow, query.as_of, full=True)
    return Response(dress(bytes(answer.body).decode()), 200, {"ETag": answer.headers["etag"]}, listing.MEDIA_TYPE)


@router.patch("/permits/{permit_id}", summary="修改手续 Change permit", response_model=PermitOut)
async def update_permit(
    uow: Uow,
    permit_id: UUID,
    body: PermitPatch,
    actor: Annotated[Actor, permitted("permits.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch of what is said about the permit; its state follows from its events alone."""
    row = await permits.change(uow, permit_id, body, if_match)
    return await _shown(uow, row.id)


@router.delete("/permits/{permit_id}", summary="删除手续 Delete permit", status_code=204)
async def delete_permit(
    uow: Uow, permit_id: UUID, actor: Annotated[Actor, permitted("permits.write")], if_match: IfMatch = None
) -> Response:
    """Only for what was entered by mistake. Something was recorded of it: 409 `permit_has_events`."""
    await permits.remove(uow, permit_id, if_match)
    return Response(status_code=204)


@router.put(
    "/permits/{permit_id}/milestones/{milestone_id}",
    summary="节点等待手续 Let a milestone wait for a permit",
    response_model=PermitOut,
)
async def link_permit_milestone(
    uow: Uow, permit_id: UUID, milestone_id: UUID, actor: Annotated[Actor, permitted("permits.write")]
) -> Response:
    """The milestone cannot begin before the permit is issued.

    Its forecast becomes the day the permit can be counted on plus its own working days, where that is later than what
    was stated or planned, and milestones behind it move along. Both are of one project, else 404.
    """
    row = await permits.link(uow, permit_id, milestone_id, linked=True)
    return await _shown(uow, row.id)


@router.delete(
    "/permits/{permit_id}/milestones/{milestone_id}",
    summary="节点不再等待手续 Let a milestone wait no longer",
    response_model=PermitOut,
)
async def unlink_permit_milestone(
    uow: Uow, permit_id: UUID, milestone_id: UUID, actor: Annotated[Actor, permitted("permits.write")]
) -> Response:
    """The milestone waits for the permit no longer and gets back the forecast it had without; 200 with the permit."""
    row = await permits.link(uow, permit_id, milestone_id, linked=False)
    return await _shown(uow, row.id)


# A department's permits are of projects wherever it accepts them.
PERMITS = Telling("/statistics/permits", permit_tellings.permits, permit_tellings.permits_chart, reads="all")


@figures(router, PERMITS, summary="手续统计 Permit figures", response_model=PermitStatistics)
async def permit_statistics(
    request: Request,
    uow: Uow,
    query: Annotated[PermitStatisticsQuery, Query()],
    actor: Annotated[Actor, permitted("statistics.read")],
) -> Response:
    """How many permits each department (or kind, or region) has in each state, due soon and late, as of today.

    Counts the permits you see, those your department accepts included. Departments with most late permits come first;
    permits without one stand in the last group, with `key` null.
    """
    english = wants_english(request)
    return await told(request, PERMITS, await by_group(uow, query, english=english))
