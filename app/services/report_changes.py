"""Changing a report until it is accepted: every version the field wrote is kept, a returned one is handed in again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.access import visible
from app.domain.dictionaries import ReportStatus
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import require_match
from app.models import Project, Report, ReportPhoto, ReportRound
from app.resources.projects import PROJECT
from app.resources.reports import REPORT
from app.schemas.reports import ReportPatch, ReportPhotoIn
from app.services import report_flags
from app.services.project_log import accounts_of, departments_of, note_activity
from app.services.report_checks import WRITE, content_faults
from app.services.reports import CONTENT
from app.uow import UnitOfWork
from app.writing import apply_patch, get_visible, require_reach

REVIEW = "reports.review"
_LISTS = ("milestones_done", "problems")
_BY_THEMSELVES = frozenset({*_LISTS, "photos", "made_at"})


async def patch(uow: UnitOfWork, report_id: UUID, body: ReportPatch, if_match: str | None) -> Report:
    project, row = await lock(uow, report_id)
    await require_reach(uow, PROJECT, project.id, WRITE)
    await _require_author(uow, project, row)
    wanted = body.model_dump(mode="json", exclude_unset=True)
    await require_match(uow, REPORT, report_id, if_match, row.version, wanted)
    if row.status == "accepted":
        raise AppError("report_accepted")
    _check(uow, row, body)
    photos = await photos_of(uow, row)
    changed = apply_patch(row, body, skip=_BY_THEMSELVES) | _apply_lists(row, body)
    diff = uow.changed_fields(row)
    if body.photos is not None and (wanted_photos := [p.model_dump() for p in body.photos]) != _plain(photos):
        diff["photos"] = [[str(p.id) for p in photos], [str(p.id) for p in body.photos]]
        await _put_photos(uow, row, photos, body.photos)
    else:
        wanted_photos = _plain(photos)
    if not changed and "photos" not in diff:
        return row
    await _hand_in(uow, row, body, wanted_photos, diff)
    await note(uow, "report.updated", row, project, diff)
    await note_activity(uow, project)
    return row


async def lock(uow: UnitOfWork, report_id: UUID) -> tuple[Project, Report]:
    """The report, seen (404), and its project, both locked: the project first, as everywhere."""
    found = await get_visible(uow, REPORT, Report, report_id)
    project = await get_visible(uow, PROJECT, Project, found.project_id, lock=True)
    return project, await get_visible(uow, REPORT, Report, report_id, lock=True)


async def note(uow: UnitOfWork, action: str, row: Report, project: Project, diff: dict[str, Any]) -> None:
    """Nothing a light or the project itself shows hangs on a report that is not accepted."""
    uow.record(
        action,
        row,
        region_code=project.region_code,
        project_id=project.id,
        department_ids=sorted(await departments_of(uow, project.id)),
        user_ids=sorted(await accounts_of(uow, project.id)),
        diff=diff,
    )
    uow.then(report_flags.of_reports, row.id)


async def last_round(uow: UnitOfWork, row: Report) -> ReportRound:
    """What the field wrote last."""
    t = ReportRound
    found = await uow.session.scalar(select(t).where(t.report_id == row.id).order_by(t.version.desc()).limit(1))
    if found is None:  # every report came with its first one
        raise not_found(REPORT.label)
    return found


async def photos_of(uow: UnitOfWork, row: Report) -> list[ReportPhoto]:
    p = ReportPhoto
    return list(await uow.session.scalars(select(p).where(p.report_id == row.id).order_by(p.position)))


async def _require_author(uow: UnitOfWork, project: Project, row: Report) -> None:
    """Who made it, or the dispatch office."""
    if row.reporter_id == uow.actor.id:
        return
    office = visible(uow.actor.scopes(REVIEW), PROJECT.scoping)
    if await uow.session.scalar(select(Project.id).where(Project.id == project.id, office.condition())) is None:
        raise AppError("not_your_report")


def _check(uow: UnitOfWork, row: Report, body: ReportPatch) -> None:
    errors = content_faults(body, row.week, uow.today)
    if row.corrects is not None and body.as_of is not None and body.as_of != row.as_of:
        errors.append(FieldError("/as_of", "correction_differs", {"value": row.as_of.isoformat()}))
    if errors:
        raise AppError("invalid_content", errors=errors)


def _apply_lists(row: Report, body: ReportPatch) -> set[str]:
    changed = set()
    for name in {*_LISTS, "photos"} & body.model_fields_set:
        if getattr(body, name) is None:
            raise invalid(f"/{name}", "missing")
    for name in set(_LISTS) & body.model_fields_set:
        plain = [item.model_dump(mode="json") for item in getattr(body, name)]
        if getattr(row, name) != plain:
            setattr(row, name, plain)
            changed.add(name)
    return changed


def _plain(photos: list[ReportPhoto]) -> list[dict[str, Any]]:
    return [{name: getattr(photo, name) for name in ReportPhotoIn.model_fields} for photo in photos]


async def _put_photos(uow: UnitOfWork, row: Report, before: list[ReportPhoto], after: list[ReportPhotoIn]) -> None:
    """The photos named now, in their order; what is named no longer is in the rounds that named it."""
    known, kept = {photo.id: photo for photo in before}, {photo.id for photo in after}
    if gone := known.keys() - kept:
        await uow.session.execute(delete(ReportPhoto).where(ReportPhoto.id.in_(gone)))
    for position, photo in enumerate(after):
        said = {"position": position, **photo.model_dump(exclude={"id"})}
        stored = known.get(photo.id)
        if stored is None:
            uow.session.add(ReportPhoto(id=photo.id, report_id=row.id, **said))
        else:
            for name, value in said.items():
                setattr(stored, name, value)


async def _hand_in(
    uow: UnitOfWork, row: Report, body: ReportPatch, photos: list[dict[str, Any]], diff: dict[str, Any]
) -> None:
    """A version of its own, in the round that runs, or in a new one when it had been returned."""
    last = await last_round(uow, row)
    returned = row.status == "returned"
    submitted: ReportStatus = "submitted"
    if returned:
        diff["status"] = [row.status, submitted]
    row.status, row.made_at = submitted, body.made_at
    uow.touch(row)
    content = {name: photos if name == "photos" else getattr(row, name) for name in CONTENT}
    uow.session.add(
        ReportRound(
            report_id=row.id,
            version=row.version,
            number=last.number + 1 if returned else last.number,
            content=content,
            sent_by=uow.actor.id,
            made_at=body.made_at,
            received_at=uow.now,
        )
    )
