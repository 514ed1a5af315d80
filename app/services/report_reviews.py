"""Reviewing reports. Accepting one takes over what it says, in the same transaction: figure, milestones, lights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.labels import LABELS
from app.domain.progress import Figure
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import require_match
from app.models import Milestone, Project, Report, ReportRound
from app.resources.milestones import MILESTONE
from app.resources.projects import PROJECT
from app.resources.reports import REPORT
from app.schemas.milestones import MilestonePatch
from app.schemas.reports import ReviewIn
from app.services import milestones, progress_figures, report_flags
from app.services.project_log import accounts_of, departments_of
from app.services.report_desk import REVIEW
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach


async def review(uow: UnitOfWork, report_id: UUID, body: ReviewIn, if_match: str | None = None) -> Report:
    """The report with its new status; `if_match`, when given, must name the version that was looked at."""
    project, row = await _lock(uow, report_id)
    await require_reach(uow, PROJECT, project.id, REVIEW)
    if row.reporter_id == uow.actor.id:
        raise AppError("own_report")
    if if_match is not None:
        await require_match(uow, REPORT, report_id, if_match, row.version)
    if row.status != "submitted":
        raise AppError("report_not_submitted", now=LABELS["report_status"][row.status])
    if body.verdict == "returned" and body.comment is None:
        raise invalid("/comment", "reason_required")
    if body.verdict == "accepted":
        await _take_over(uow, project, row)
    corrected = await _corrected(uow, row) if body.verdict == "accepted" else []
    # Of several corrections the last accepted stands, even if its request came earlier and waited for the lock.
    at = max([uow.now, *(other.updated_at + timedelta(microseconds=1) for other in corrected[1:])])
    reviewed = await _last_round(uow, row)
    reviewed.verdict, reviewed.comment = body.verdict, body.comment
    reviewed.reviewed_by, reviewed.reviewed_at = uow.actor.id, at
    diff: dict[str, Any] = {"status": [row.status, body.verdict]}
    if body.comment is not None:
        diff["comment"] = [None, body.comment]
    row.status = body.verdict
    uow.touch(row)
    row.updated_at = at
    await _note(uow, row, project, diff)
    before = str(corrected[-1].id) if corrected[1:] else None
    for other in corrected:
        told = None if other is corrected[-1] else before
        await _note(uow, other, project, {"corrected_by": [told, str(row.id)]})
    return row


async def _corrected(uow: UnitOfWork, row: Report) -> list[Report]:
    """What it takes the place of: the report it corrects, then the corrections of it accepted so far, in order."""
    if row.corrects is None:
        return []
    first = await uow.session.get_one(Report, row.corrects)
    r = Report
    others = select(r).where(r.corrects == first.id, r.status == "accepted").order_by(r.updated_at, r.id)
    return [first, *await uow.session.scalars(others)]


async def _take_over(uow: UnitOfWork, project: Project, row: Report) -> None:
    """What the report says becomes what is known of the project; all that does not fit it is named at once."""
    errors = await _milestones_done(uow, project, row)
    if errors:
        raise AppError("report_cannot_be_accepted", errors=errors)
    figure = await _figure(uow, row)
    if figure is not None:
        await progress_figures.record_figure(uow, project, figure, source="report", report_id=row.id)


async def _figure(uow: UnitOfWork, row: Report) -> Figure | None:
    """The figure it gives: what it leaves unsaid of the amount goes on as it was, of the same day all of it does."""
    before = await progress_figures.known_on(uow, row.project_id, row.as_of.year, row.as_of)
    completed, text, percent = row.completed, row.physical_text, row.physical_percent
    if completed is None and text is None and percent is None:
        return None
    if before is not None and completed is None:
        completed = before.completed
    if before is not None and before.as_of == row.as_of:
        text = before.physical_text if text is None else text
        percent = before.physical_percent if percent is None else percent
    return Figure(row.as_of.year, row.as_of, completed, text, percent)


async def _milestones_done(uow: UnitOfWork, project: Project, row: Report) -> list[FieldError]:
    """Mark them as done; what stands against it."""
    ids = [UUID(done["milestone_id"]) for done in row.milestones_done]
    m = Milestone
    rows = await uow.session.execute(select(m.id, m.status).where(m.project_id == project.id, m.id.in_(ids)))
    known = {found.id: found.status for found in rows}
    errors: list[FieldError] = []
    for i, (identity, done) in enumerate(zip(ids, row.milestones_done, strict=True)):
        at = f"/milestones_done/{i}"
        if identity not in known:
            errors.append(FieldError(f"{at}/milestone_id", "unknown_reference", {"resource": MILESTONE.label}))
            continue
        finish = done["actual_finish"]
        if finish is None and known[identity] == "done":
            continue  # its day stands as it was entered
        said = MilestonePatch.model_validate({"status": "done", "actual_finish": finish or row.as_of.isoformat()})
        try:
            await milestones.change(uow, identity, said, "*")
        except AppError as error:
            errors += [FieldError(f"{at}{fault.pointer}", fault.code, fault.params) for fault in error.errors]
            if not error.errors:
                raise
        else:
            await uow.session.flush()  # the next one reads the project anew
    return errors


async def _lock(uow: UnitOfWork, report_id: UUID) -> tuple[Project, Report]:
    """The report, seen (404), and its project, both locked: the project first, as everywhere."""
    found = await get_visible(uow, REPORT, Report, report_id)
    project = await get_visible(uow, PROJECT, Project, found.project_id, lock=True)
    return project, await get_visible(uow, REPORT, Report, report_id, lock=True)


async def _note(uow: UnitOfWork, row: Report, project: Project, diff: dict[str, Any]) -> None:
    """Nothing a light or the project itself shows hangs on a report that is not accepted."""
    uow.record(
        "report.updated",
        row,
        region_code=project.region_code,
        project_id=project.id,
        department_ids=sorted(await departments_of(uow, project.id)),
        user_ids=sorted(await accounts_of(uow, project.id)),
        diff=diff,
    )
    uow.then(report_flags.of_reports, row.id)


async def _last_round(uow: UnitOfWork, row: Report) -> ReportRound:
    """What the field wrote last."""
    t = ReportRound
    found = await uow.session.scalar(select(t).where(t.report_id == row.id).order_by(t.version.desc()).limit(1))
    if found is None:  # every report came with its first one
        raise not_found(REPORT.label)
    return found
