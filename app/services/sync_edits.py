"""One offline operation carried out, by the same rules as a request of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.db import to_json
from app.domain.merging import Written, changed_by_others, conflicting
from app.errors import AppError, invalid
from app.listing import etag, representation
from app.models import Milestone, Report
from app.reading import Prepared
from app.resources.milestones import MILESTONE
from app.schemas.milestones import MilestonePatch
from app.schemas.reports import ReportIn, ReportPatch
from app.services import milestones, report_changes, reports
from app.services.project_parts import lock_project
from app.services.report_desk import Desk
from app.services.sync_operations import Operation
from app.uow import UnitOfWork
from app.validation import model_errors
from app.writing import get_visible

Model = TypeVar("Model", bound=BaseModel)


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


def patch_report(desk: Desk, operation: Operation, first: Operation | None) -> Done:
    """On the desk, which is written later. Errors: 409 `edit_conflict` still without its `current`."""
    body = _read(ReportPatch, _with_time(operation))
    base = operation.seen_version = base_of(operation, first)
    report = desk.find(operation.resource_id)
    # First: who may not edit it, or no longer, has no conflict to decide.
    report_changes.require_editable(desk.uow, report)
    said = report_changes.said_by(body)
    _require_untouched(operation, said, report.said, report.version, report.history)
    made = report_changes.edit(desk, report, body)
    return Done(report.place.id, report.version, base, made=made)


async def patch_milestone(uow: UnitOfWork, operation: Operation, first: Operation | None) -> Done:
    body = _read(MilestonePatch, operation.said())
    base = operation.seen_version = base_of(operation, first)
    seen = await get_visible(uow, MILESTONE, Milestone, operation.resource_id)
    await lock_project(uow, seen.project_id, milestones.REPORT)
    row = await get_visible(uow, MILESTONE, Milestone, operation.resource_id, lock=True)
    version = row.version
    await _merge(uow, operation, body, version)
    row = await milestones.change(uow, row.id, body, etag(version))
    return Done(row.project_id, row.version, base, made=row.version != version)


ALONE = {"report.put": put_report, "milestone.patch": patch_milestone}
"""What is carried out by itself; edits of reports come together on a desk."""


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


def base_of(operation: Operation, first: Operation | None) -> int:
    """The version the phone edited: as it says, or the one its chain of edits began with."""
    if operation.base_version is not None:
        return operation.base_version
    inherited = first.seen_version if first is not None and first.resource_id == operation.resource_id else None
    if inherited is None:
        raise invalid("base_version", "missing")
    return inherited


async def _merge(uow: UnitOfWork, operation: Operation, body: MilestonePatch, version: int) -> None:
    if operation.seen_version == version:
        return
    sent = json.loads(to_json(body.model_dump(include=body.model_fields_set)), parse_float=Decimal)
    shown, _ = await representation(uow, MILESTONE, operation.resource_id)
    current = json.loads(shown, parse_float=Decimal)
    try:
        _require_untouched(operation, sent, current, version, await _history(uow, operation))
    except AppError as error:
        show_current(error, current)
        raise


def _require_untouched(
    operation: Operation, sent: dict[str, Any], current: dict[str, Any], version: int, history: Sequence[Written]
) -> None:
    """Nothing, where nobody else touched the same fields since the phone read them; else 409 with both versions."""
    base = operation.seen_version
    assert base is not None
    if base > version:
        raise invalid("base_version", "out_of_range", expected=(f"不大于 {version}", f"at most {version}"))
    before = changed_by_others(history, base, operation.own_versions)
    fields = conflicting(sent, current, before)
    if fields:
        was = {name: before[name] for name in fields}
        raise AppError("edit_conflict", names=", ".join(fields), extra={"fields": fields, "sent": sent, "base": was})


def show_current(error: AppError, current: dict[str, Any]) -> None:
    if error.code == "edit_conflict":
        error.extra["current"] = current


_HISTORY = Prepared(
    """
SELECT version, diff::text AS diff FROM changes
 WHERE resource = 'milestone' AND resource_id = $1 AND version > $2::int ORDER BY version
""",
    ("id", "base"),
    {},
)


async def _history(uow: UnitOfWork, operation: Operation) -> list[Written]:
    rows = await uow.rows(_HISTORY, {"id": str(operation.resource_id), "base": operation.seen_version})
    return [Written(row["version"], json.loads(row["diff"], parse_float=Decimal)) for row in rows]
