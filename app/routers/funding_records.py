from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, TAGGED
from app.deps import IfMatch, Uow, permitted
from app.resources.funding_entries import FUNDING_ENTRY
from app.resources.funding_records import FUNDING_RECORD
from app.routing import api
from app.schemas.funding import (
    AllocationIn,
    FundingEntryIn,
    FundingEntryOut,
    FundingEntryPage,
    FundingEntryQuery,
    FundingRecordIn,
    FundingRecordOut,
    FundingRecordPage,
    FundingRecordPatch,
    FundingRecordQuery,
)
from app.services import funding_entries, funding_records
from app.services.funding_records import require_visible

router = api("funding")
_SENT_BEFORE = "Sent before; nothing changed"


@router.get("/funding-records", summary="资金列表 List funding records", response_model=FundingRecordPage)
async def list_funding_records(
    request: Request, query: Annotated[FundingRecordQuery, Query()], actor: Annotated[Actor, permitted("funding.read")]
) -> Response:
    """Money of the projects you see, and of the regions that are wholly yours. Totals are those of today."""
    return await listing.page(request, FUNDING_RECORD, actor, query)


@router.post(
    "/funding-records",
    summary="新增资金 Create funding record",
    status_code=201,
    response_model=FundingRecordOut,
    responses={**CREATED, 200: {"model": FundingRecordOut, "description": _SENT_BEFORE}},
)
async def create_funding_record(
    uow: Uow, body: FundingRecordIn, actor: Annotated[Actor, permitted("funding.write")]
) -> Response:
    """One sum of money: a project's or a region's, of a year, a channel, perhaps a batch. Its steps are its entries.

    The dispatch office enters money of its region and of all projects there; a department that of its own projects.
    The same sum (project or region, year, channel, batch, name) twice: 409 `duplicate`; then give it a `name`.
    """
    row, new = await funding_records.create(uow, body)
    location = f"/api/v1/funding-records/{row.id}" if new else None
    return await listing.shown(uow, FUNDING_RECORD, row.id, status=201 if new else 200, location=location)


@router.get(
    "/funding-records/{funding_record_id}",
    summary="资金 Get funding record",
    response_model=FundingRecordOut,
    responses=TAGGED,
)
async def get_funding_record(
    request: Request, funding_record_id: UUID, actor: Annotated[Actor, permitted("funding.read")]
) -> Response:
    """One sum of money with the totals of its entries in force."""
    return await listing.one(request, FUNDING_RECORD, actor, funding_record_id)


@router.patch(
    "/funding-records/{funding_record_id}", summary="修改资金 Change funding record", response_model=FundingRecordOut
)
async def change_funding_record(
    uow: Uow,
    funding_record_id: UUID,
    body: FundingRecordPatch,
    actor: Annotated[Actor, permitted("funding.write")],
    if_match: IfMatch = None,
) -> Response:
    """Name and remark. What the money is of never changes: entered wrongly, its entries are corrected to 0."""
    row = await funding_records.change(uow, funding_record_id, body, if_match)
    return await listing.shown(uow, FUNDING_RECORD, row.id)


@router.delete("/funding-records/{funding_record_id}", summary="删除资金 Delete funding record", status_code=204)
async def delete_funding_record(
    uow: Uow,
    funding_record_id: UUID,
    actor: Annotated[Actor, permitted("funding.write")],
    if_match: IfMatch = None,
) -> Response:
    """Only while it has no entries: else 409 `funding_has_entries`."""
    await funding_records.remove(uow, funding_record_id, if_match)
    return Response(status_code=204)


@router.get(
    "/funding-records/{funding_record_id}/entries",
    summary="资金明细列表 List funding entries",
    response_model=FundingEntryPage,
)
async def list_funding_entries(
    request: Request,
    uow: Uow,
    funding_record_id: UUID,
    query: Annotated[FundingEntryQuery, Query()],
    actor: Annotated[Actor, permitted("funding.read")],
) -> Response:
    """Every entry ever made, corrected ones included; `in_force=true` leaves those out."""
    await require_visible(uow, funding_record_id)
    return await listing.page(request, FUNDING_ENTRY, actor, query, fixed={"funding_record": funding_record_id})


@router.post(
    "/funding-records/{funding_record_id}/entries",
    summary="新增资金明细 Create funding entry",
    status_code=201,
    response_model=FundingEntryOut,
    responses={**CREATED, 200: {"model": FundingEntryOut, "description": _SENT_BEFORE}},
)
async def create_funding_entry(
    uow: Uow,
    funding_record_id: UUID,
    body: FundingEntryIn,
    actor: Annotated[Actor, permitted("funding.write")],
) -> Response:
    """One step: applied 申请 → approved 批复 → received 到位 → paid 支付, with day, amount and document number.

    Nothing is overwritten: a correction names the entry whose place it takes (`corrects_id`) and why (`reason`); its
    amount is what the entry should have said, 0 takes it back.
    409 `received_exceeds_approved` and `paid_exceeds_received` (`totals` shows what would be) unless `excess_reason`
    says why; it covers that much and no more. 409 `allocation_exceeds_received` where received would fall below what
    is allocated, whatever the reason. 409 `entry_already_corrected` names the entry that is in force.
    """
    row, new = await funding_entries.add(uow, funding_record_id, body)
    return await _entry(uow, row.id, new=new)


@router.get(
    "/funding-records/{funding_record_id}/allocations",
    summary="资金分配列表 List allocations",
    response_model=FundingRecordPage,
)
async def list_allocations(
    request: Request,
    uow: Uow,
    funding_record_id: UUID,
    query: Annotated[FundingRecordQuery, Query()],
    actor: Annotated[Actor, permitted("funding.read")],
) -> Response:
    """What of a region's money went to which project: one record a project, `received` is its share."""
    await require_visible(uow, funding_record_id)
    return await listing.page(request, FUNDING_RECORD, actor, query, fixed={"source_id": funding_record_id})


@router.post(
    "/funding-records/{funding_record_id}/allocations",
    summary="分配资金 Allocate funding",
    status_code=201,
    response_model=FundingEntryOut,
    responses={**CREATED, 200: {"model": FundingEntryOut, "description": _SENT_BEFORE}},
)
async def create_allocation(
    uow: Uow,
    funding_record_id: UUID,
    body: AllocationIn,
    actor: Annotated[Actor, permitted("funding.write")],
) -> Response:
    """A region's money goes to a project of that region. Answers the entry that books it as received there.

    Never more than was received and is still there: 409 `allocation_exceeds_received`, however many allocate at once.
    Changed or taken back by correcting the entry. Only a region's own money: 409 `not_a_regions_money`.
    """
    row, new = await funding_entries.allocate(uow, funding_record_id, body)
    return await _entry(uow, row.id, new=new)


@router.get(
    "/funding-entries/{funding_entry_id}",
    summary="资金明细 Get funding entry",
    response_model=FundingEntryOut,
    responses=TAGGED,
)
async def get_funding_entry(
    request: Request, funding_entry_id: UUID, actor: Annotated[Actor, permitted("funding.read")]
) -> Response:
    """One entry. It never changes; `corrected_by_id` names the one that took its place."""
    return await listing.one(request, FUNDING_ENTRY, actor, funding_entry_id)


async def _entry(uow: Uow, entry_id: UUID, *, new: bool) -> Response:
    location = f"/api/v1/funding-entries/{entry_id}" if new else None
    return await listing.shown(uow, FUNDING_ENTRY, entry_id, status=201 if new else 200, location=location)
