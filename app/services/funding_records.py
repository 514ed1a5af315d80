"""Money of a project or a region: the record. What moves it are its entries (`funding_entries`)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select

from app.access import visible
from app.errors import AppError, FieldError, invalid
from app.listing import Resource, representation
from app.models import FundingEntry, FundingRecord, Project, Region
from app.resources.funding_records import FUNDING_RECORD
from app.resources.projects import PROJECT
from app.schemas.funding import FundingRecordIn, FundingRecordPatch
from app.services import dictionaries
from app.services.project_log import departments_of
from app.services.project_parts import lock_project
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update, get_visible

CHANNEL = "funding_channel"
WITH_BATCH = "special_construction_fund"
_UNKNOWN_PROJECT = ("项目", "project")


async def create(uow: UnitOfWork, body: FundingRecordIn) -> tuple[FundingRecord, bool]:
    """The record, and whether it is new: the same id with the same content again changes nothing."""
    await _require_right(uow, body)
    if body.id is not None:
        await uow.lock_key("funding_record", str(body.id))
        known = await uow.session.get(FundingRecord, body.id)
        if known is not None:
            await require_same(uow, FUNDING_RECORD, known, body)
            return known, False
    await _check(uow, body)
    row = FundingRecord(id=body.id or uow.new_id(), **body.model_dump(exclude={"id"}))
    uow.add(row)
    await note(uow, "funding_record.created", row)
    await uow.flush()
    return row, True


async def _require_right(uow: UnitOfWork, body: FundingRecordIn) -> None:
    """The project seen (422: it is named in a body) and within reach, or the region within reach (403)."""
    if (body.project_id is None) == (body.region_code is None):
        raise invalid("/project_id", "one_party", allowed="project_id, region_code")
    if body.region_code is not None:
        uow.actor.require_in_region("funding.write", body.region_code)
        if await uow.session.get(Region, body.region_code) is None:
            raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
        return
    assert body.project_id is not None
    await project_in_body(uow, body.project_id)


async def project_in_body(uow: UnitOfWork, project_id: UUID) -> Project:
    """The project named in a body, locked: 422 when it is not the actor's to see, 403 when not to write to."""
    seen = visible(uow.actor.scopes(PROJECT.permission), PROJECT.scoping)
    found = await uow.session.scalar(select(Project.id).where(Project.id == project_id, seen.condition()))
    if found is None:
        raise invalid("/project_id", "unknown_reference", resource=_UNKNOWN_PROJECT)
    return await lock_project(uow, project_id, "funding.write")


async def _check(uow: UnitOfWork, body: FundingRecordIn) -> None:
    errors = await dictionaries.faults(uow, CHANNEL, "/channel", body.channel)
    if body.channel == WITH_BATCH and body.batch is None:
        errors.append(FieldError("/batch", "missing", {}))
    if errors:
        raise AppError("invalid_content", errors=errors)


async def require_same(uow: UnitOfWork, resource: Resource, row: Any, body: BaseModel) -> None:
    """409 `id_taken` unless the stored row says all that was sent; it is shown to who may see it."""
    sent = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"id"})
    fields = sorted(name for name, value in sent.items() if getattr(row, name) != value)
    if not fields:
        return
    seen = visible(uow.actor.scopes(resource.permission), resource.scoping)
    statement = resource.full().with_only_columns(resource.key).where(resource.key == row.id, seen.condition())
    if await uow.session.scalar(statement) is None:
        raise AppError("id_taken")
    shown, _ = await representation(uow, resource, row.id)
    current = json.loads(shown, parse_float=Decimal)
    raise AppError("id_taken", extra={"current": current, "sent": sent, "fields": fields})


async def change(uow: UnitOfWork, record_id: UUID, body: FundingRecordPatch, if_match: str | None) -> FundingRecord:
    row = await get_for_update(uow, FUNDING_RECORD, FundingRecord, record_id, "funding.write", if_match, body)
    if apply_patch(row, body):
        uow.touch(row)
        await note(uow, "funding_record.updated", row)
    return row


async def remove(uow: UnitOfWork, record_id: UUID, if_match: str | None) -> None:
    """Only what never had an entry: 409 `funding_has_entries` otherwise."""
    row = await get_for_update(uow, FUNDING_RECORD, FundingRecord, record_id, "funding.write", if_match)
    counted = select(func.count()).where(FundingEntry.funding_record_id == record_id)
    if await uow.session.scalar(counted):
        raise AppError("funding_has_entries")
    gone = {name: [value, None] for name in FundingRecordIn.model_fields if (value := getattr(row, name)) is not None}
    await note(uow, "funding_record.deleted", row, diff={k: [str(v[0]), None] for k, v in gone.items() if k != "id"})
    await uow.session.delete(row)


async def note(
    uow: UnitOfWork, action: str, row: Any, *, record: FundingRecord | None = None, diff: dict[str, Any] | None = None
) -> None:
    """A write to a record (or, with `record`, to an entry of it), told to whoever sees the project or the region."""
    record = record or row
    if record.project_id is None:
        uow.record(action, row, region_code=record.region_code, diff=diff)
        return
    region = await uow.session.scalar(select(Project.region_code).where(Project.id == record.project_id))
    readers = sorted(await departments_of(uow, record.project_id))
    uow.record(action, row, region_code=region, project_id=record.project_id, department_ids=readers, diff=diff)


async def require_visible(uow: UnitOfWork, record_id: UUID) -> None:
    """404 for money the actor does not see; an empty list would tell nothing."""
    await get_visible(uow, FUNDING_RECORD, FundingRecord, record_id)
