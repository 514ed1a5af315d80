"""What happens to permits: only ever added to. State, due day and forecasts follow in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.domain.labels import LABELS
from app.domain.permit_clock import OutOfOrderError, course
from app.errors import AppError, invalid
from app.models import Permit, PermitEvent, Project
from app.resources.permits import RECORDING
from app.schemas.permit_events import PermitEventIn
from app.services import permit_forecasts, workdays
from app.services.permit_clocks import events_in_force, happened, keep
from app.services.permits import lock, note
from app.services.project_log import note_activity
from app.uow import UnitOfWork
from app.writing import require_reach

WRITE = "permit_events.write"
_STATES, _KINDS = LABELS["permit_state"], LABELS["permit_event_kind"]


async def create(uow: UnitOfWork, permit_id: UUID, body: PermitEventIn) -> tuple[PermitEvent, bool]:
    """The entry, and whether it is new."""
    project, permit = await lock(uow, permit_id)
    await require_reach(uow, RECORDING, permit_id, WRITE)
    known = await _sent_before(uow, permit, body)
    if known is not None:
        return known, False
    corrected = await _corrected(uow, permit, body)
    position, recorded_at = await _next(uow, permit)
    row = PermitEvent(
        id=body.id or uow.new_id(),
        permit_id=permit.id,
        kind=body.kind,
        happened_on=body.happened_on or (corrected.happened_on if corrected else uow.today),
        position=corrected.position if corrected else position,
        document_number=_said(body, corrected, "document_number"),
        note=_said(body, corrected, "note"),
        corrects_id=body.corrects,
        reason=body.reason,
        recorded_at=recorded_at,
        recorded_by=uow.actor.id,
    )
    if row.happened_on > uow.today:
        raise invalid("/happened_on", "in_the_future")
    await _apply(uow, project, permit, row)
    return row, True


def _said(body: PermitEventIn, corrected: PermitEvent | None, name: str) -> str | None:
    """What a correction leaves out stands as it was."""
    said: str | None = getattr(body if corrected is None or name in body.model_fields_set else corrected, name)
    return said


async def _apply(uow: UnitOfWork, project: Project, permit: Permit, row: PermitEvent) -> None:
    before = await events_in_force(uow, [permit.id])
    others = [event for event in before[permit.id] if event.id != row.corrects_id]
    entry = [row] if row.kind != "annulled" else []
    events = sorted([*others, *entry], key=lambda event: (event.happened_on, event.position))
    _require_order(events, row)
    uow.session.add(row)
    await note(uow, "permit_event.created", row, project, also=[permit.department_id])
    keep(permit, events, await workdays.load(uow), uow.today)
    uow.touch(permit)
    await note(uow, "permit.updated", permit, project)
    await note_activity(uow, project)
    await permit_forecasts.recompute(uow, project)


async def _sent_before(uow: UnitOfWork, permit: Permit, body: PermitEventIn) -> PermitEvent | None:
    """The entry made before under the id the client sends again; 409 when it says something else."""
    row = await uow.session.get(PermitEvent, body.id) if body.id is not None else None
    if row is None:
        return None
    sent = body.model_dump(exclude_unset=True, exclude_none=True, exclude={"id"})
    stored = {**{name: getattr(row, name, None) for name in sent}, "corrects": row.corrects_id}
    fields = sorted(name for name, value in sent.items() if stored[name] != value)
    if row.permit_id != permit.id or fields:
        raise AppError("id_taken", extra={"fields": fields} if row.permit_id == permit.id else {})
    return row


async def _corrected(uow: UnitOfWork, permit: Permit, body: PermitEventIn) -> PermitEvent | None:
    """The entry to be corrected: of this permit, and not corrected yet."""
    if body.corrects is None:
        if body.kind == "annulled":
            raise invalid("/corrects", "missing")
        return None
    e = PermitEvent
    row: PermitEvent | None = await uow.session.scalar(select(e).where(e.permit_id == permit.id, e.id == body.corrects))
    if row is None:
        raise invalid("/corrects", "unknown_reference", resource=("手续记录", "permit event"))
    if body.reason is None:
        raise invalid("/reason", "reason_required")
    later = await uow.session.scalar(select(e.id).where(e.corrects_id == row.id))
    if later is not None:
        raise AppError("already_corrected", extra={"corrected_by": later})
    return row


async def _next(uow: UnitOfWork, permit: Permit) -> tuple[int, datetime]:
    """Place and time of a new entry: after the last even if its request came earlier and waited for the lock."""
    e = PermitEvent
    last: Any = (
        await uow.session.execute(select(func.max(e.position), func.max(e.recorded_at)).where(e.permit_id == permit.id))
    ).one()
    if last[0] is None:
        return 0, uow.now
    return last[0] + 1, max(uow.now, last[1] + timedelta(microseconds=1))


def _require_order(events: list[PermitEvent], row: PermitEvent) -> None:
    """409 when the entries, in their order, cannot have happened; with the entry that does not fit."""
    try:
        course(happened(events))
    except OutOfOrderError as error:
        wrong = events[error.index]
        allowed = [_KINDS[kind] for kind in error.allowed] or [("无", "nothing")]
        raise AppError(
            "permit_event_out_of_order",
            kind=_KINDS[wrong.kind],
            day=wrong.happened_on,
            state=_STATES[error.state],
            allowed=("、".join(zh for zh, _ in allowed), ", ".join(en for _, en in allowed)),
            extra={
                "state": error.state,
                "allowed": error.allowed,
                "entry": {"id": wrong.id if wrong is not row else None, "kind": wrong.kind, "on": wrong.happened_on},
            },
        ) from None
