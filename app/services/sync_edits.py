"""One offline operation carried out, by the same service functions that a request of its own would call."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.db import to_json
from app.domain.merging import Written, changed_by_others, conflicting
from app.errors import AppError, invalid
from app.listing import Resource, etag, representation
from app.models import Milestone, Report
from app.reading import Prepared
from app.resources.milestones import MILESTONE
from app.resources.reports import REPORT
from app.schemas.milestones import MilestonePatch
from app.schemas.reports import ReportIn, ReportPatch
from app.services import milestones, report_changes, reports
from app.services.project_parts import lock_project
from app.services.sync_operations import Operation
from app.uow import UnitOfWork
from app.validation import model_errors
from app.writing import get_visible

Model = TypeVar("Model", bound=BaseModel)
_PHONES_OWN = frozenset({"made_at"})
"""Beside what is edited, never a reason for a conflict."""


class Done(NamedTuple):
    project_id: UUID
    version: int
    seen_version: int
    """What the editor knew of, for the next edit of the chain."""
    made: bool
    """Whether this made that version."""


async def put_report(uow: UnitOfWork, operation: Operation, _: Operation | None) -> Done:
    body = report_of(operation)
    new = await reports.put(uow, operation.resource_id, body)
    version = 1 if new else await uow.session.scalar(select(Report.version).where(Report.id == operation.resource_id))
    assert version is not None
    return Done(body.project_id, version, 1, made=new)


async def patch_report(uow: UnitOfWork, operation: Operation, first: Operation | None) -> Done:
    body = _read(ReportPatch, _with_time(operation))
    base = operation.seen_version = _base(operation, first)
    _, row = await report_changes.lock(uow, operation.resource_id)
    version = row.version
    await _merge(uow, operation, REPORT, body, version)
    row = await report_changes.patch(uow, row.id, body, etag(version))
    return Done(row.project_id, row.version, base, made=row.version != version)


async def patch_milestone(uow: UnitOfWork, operation: Operation, first: Operation | None) -> Done:
    body = _read(MilestonePatch, operation.said())
    base = operation.seen_version = _base(operation, first)
    seen = await get_visible(uow, MILESTONE, Milestone, operation.resource_id)
    await lock_project(uow, seen.project_id, milestones.REPORT)
    row = await get_visible(uow, MILESTONE, Milestone, operation.resource_id, lock=True)
    version = row.version
    await _merge(uow, operation, MILESTONE, body, version)
    row = await milestones.change(uow, row.id, body, etag(version))
    return Done(row.project_id, row.version, base, made=row.version != version)


EDITS = {"report.put": put_report, "report.patch": patch_report, "milestone.patch": patch_milestone}


def report_of(operation: Operation) -> ReportIn:
    """What a `report.put` says. Errors: 422."""
    if operation.resource_id.version != 7:
        raise invalid("resource_id", "wrong_type", expected=("应为 UUIDv7", "a UUIDv7"))
    return _read(ReportIn, _with_time(operation))


def _with_time(operation: Operation) -> dict[str, Any]:
    """The operation's own time stands for the report's where that says none."""
    said = operation.said()
    if operation.made_at is not None:
        said.setdefault("made_at", operation.made_at.isoformat())
    return said


def _read(model: type[Model], said: dict[str, Any]) -> Model:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        faults = model_errors(model, error.errors(include_url=False))
        raise AppError("invalid_content", errors=faults) from None


def _base(operation: Operation, first: Operation | None) -> int:
    """The version the phone edited: as it says, or the one its chain of edits began with."""
    if operation.base_version is not None:
        return operation.base_version
    inherited = first.seen_version if first is not None and first.resource_id == operation.resource_id else None
    if inherited is None:
        raise invalid("base_version", "missing")
    return inherited


async def _merge(uow: UnitOfWork, operation: Operation, resource: Resource, body: BaseModel, version: int) -> None:
    """Nothing, where nobody else touched the same fields since the phone read them; else 409 with both versions."""
    base = operation.seen_version
    assert base is not None
    if base > version:
        raise invalid("base_version", "out_of_range", expected=(f"不大于 {version}", f"at most {version}"))
    if base == version:
        return
    before = changed_by_others(await _history(uow, operation, base), base, operation.own_versions)
    edited = body.model_fields_set - _PHONES_OWN
    if not edited & before.keys():
        return
    sent = json.loads(to_json(body.model_dump(include=edited)), parse_float=Decimal)
    shown, _ = await representation(uow, resource, operation.resource_id)
    current = json.loads(shown, parse_float=Decimal)
    fields = conflicting(sent, _as_sent(current), before)
    if fields:
        was = {name: before[name] for name in fields}
        extra = {"fields": fields, "current": current, "sent": sent, "base": was}
        raise AppError("edit_conflict", names=", ".join(fields), extra=extra)


def _as_sent(current: dict[str, Any]) -> dict[str, Any]:
    """Photos are shown with their place, which a phone tells by their order."""
    photos = [{k: v for k, v in photo.items() if k != "position"} for photo in current.get("photos", ())]
    return {**current, "photos": photos}


_HISTORY = Prepared(
    """
SELECT version, diff::text AS diff FROM changes
 WHERE resource = $1 AND resource_id = $2 AND version > $3::int ORDER BY version
""",
    ("resource", "id", "base"),
    {},
)


async def _history(uow: UnitOfWork, operation: Operation, base: int) -> list[Written]:
    resource = operation.type.partition(".")[0]
    rows = await uow.rows(_HISTORY, {"resource": resource, "id": str(operation.resource_id), "base": base})
    return [Written(row["version"], json.loads(row["diff"], parse_float=Decimal)) for row in rows]
