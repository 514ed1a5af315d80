from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import Uow, permitted
from app.models import Permit
from app.resources.permits import PERMIT, PERMIT_EVENT
from app.routing import api
from app.schemas.permit_events import PermitEventIn, PermitEventOut, PermitEventPage, PermitEventQuery
from app.services import permit_events
from app.writing import get_visible

router = api("permits")


@router.get("/permits/{permit_id}/events", summary="手续记录 List permit events", response_model=PermitEventPage)
async def list_permit_events(
    request: Request,
    uow: Uow,
    permit_id: UUID,
    query: Annotated[PermitEventQuery, Query()],
    actor: Annotated[Actor, permitted("permits.read")],
) -> Response:
    """Every entry ever made, corrected ones included; `in_force=true` gives those that count."""
    await get_visible(uow, PERMIT, Permit, permit_id)
    return await listing.page(request, PERMIT_EVENT, actor, query, fixed={"permit": permit_id})


@router.post(
    "/permits/{permit_id}/events",
    summary="登记手续办理 Record permit event",
    status_code=201,
    response_model=PermitEventOut,
    responses={**CREATED, 200: {"model": PermitEventOut, "description": "Sent before; nothing changed"}},
)
async def create_permit_event(
    uow: Uow, permit_id: UUID, body: PermitEventIn, actor: Annotated[Actor, permitted("permit_events.write")]
) -> Response:
    """Applied → accepted → (supplement requested → supplemented)* → issued, refused or withdrawn; then applied anew.

    Only an issue need be known of an old permit. An entry may come late: all entries in the order of their days must
    have been possible, else 409 `permit_event_out_of_order` with the `entry` that does not fit, the `state` it meets
    and what is `allowed` there. Nothing is overwritten: `corrects` names the entry this one takes the place of, with
    a `reason`; kind `annulled` says that it never happened. Corrected already: 409 `already_corrected`.
    The dispatch office records all events of its region, a department those of the permits it accepts.
    """
    row, new = await permit_events.create(uow, permit_id, body)
    location = f"/api/v1/permit-events/{row.id}" if new else None
    return await listing.shown(uow, PERMIT_EVENT, row.id, status=201 if new else 200, location=location)


@router.get(
    "/permit-events/{permit_event_id}",
    summary="手续记录 Get permit event",
    response_model=PermitEventOut,
    responses=TAGGED,
)
async def get_permit_event(
    request: Request, permit_event_id: UUID, actor: Annotated[Actor, permitted("permits.read")]
) -> Response:
    """One entry. It never changes; `corrected_by` names the one that took its place."""
    return await listing.one(request, PERMIT_EVENT, actor, permit_event_id)
