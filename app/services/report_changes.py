"""Changing a report until it is accepted: every version the field wrote is kept, a returned one is handed in again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.errors import AppError, FieldError, invalid
from app.listing import require_match
from app.resources.reports import REPORT
from app.schemas.reports import ReportPatch
from app.services.report_checks import WRITE, content_faults
from app.services.report_desk import NO_HISTORY, Desk, Edited
from app.uow import UnitOfWork

_REQUIRED = ("as_of", "milestones_done", "problems", "photos")


async def patch(uow: UnitOfWork, report_id: UUID, body: ReportPatch, if_match: str | None) -> None:
    desk = Desk(uow)
    await desk.read({report_id: NO_HISTORY})
    report = desk.find(report_id)
    require_editor(uow, report)
    wanted = body.model_dump(mode="json", exclude_unset=True)
    await require_match(uow, REPORT, report_id, if_match, report.version, wanted)
    require_editable(uow, report)
    edit(desk, report, body)
    await desk.write()


def require_editor(uow: UnitOfWork, report: Edited) -> None:
    """Who made it, or the dispatch office."""
    if not report.place.allowed:
        raise AppError("forbidden", permission=WRITE)
    if report.reporter_id != uow.actor.id and not report.place.office:
        raise AppError("not_your_report")


def require_editable(uow: UnitOfWork, report: Edited) -> None:
    require_editor(uow, report)
    if report.status == "accepted":
        raise AppError("report_accepted")


def edit(desk: Desk, report: Edited, body: ReportPatch) -> bool:
    """Whether an edit of an editable report changes anything. Raises what is wrong; then nothing is changed."""
    _check(desk.uow, report, body)
    said = said_by(body)
    diff: dict[str, Any] = {n: [report.said[n], value] for n, value in said.items() if report.said[n] != value}
    if not diff:
        return False
    if "photos" in diff:
        desk.require_free(report, said["photos"])
        diff["photos"] = [[str(photo["id"]) for photo in photos] for photos in diff["photos"]]
    desk.hand_in(report, {**report.said, **said}, body.made_at, diff)
    return True


def said_by(body: ReportPatch) -> dict[str, Any]:
    """Field → value, of those that are sent, as `Edited.said` has them."""
    sent = body.model_fields_set - {"made_at"}
    plain = body.model_dump(mode="json", include=sent & {"milestones_done", "problems"})
    return {**body.model_dump(include=sent), **plain}


def _check(uow: UnitOfWork, report: Edited, body: ReportPatch) -> None:
    errors = content_faults(body, report.week, uow.today)
    if report.corrects is not None and body.as_of is not None and body.as_of != report.said["as_of"]:
        errors.append(FieldError("/as_of", "correction_differs", {"value": report.said["as_of"].isoformat()}))
    if errors:
        raise AppError("invalid_content", errors=errors)
    for name in _REQUIRED:
        if name in body.model_fields_set and getattr(body, name) is None:
            raise invalid(f"/{name}", "missing")
