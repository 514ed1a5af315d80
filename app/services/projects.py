"""Projects: creating, changing, removing."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.domain.partial_dates import in_order
from app.errors import AppError, FieldError, invalid, unknown_code
from app.listing import representation
from app.models import DictionaryEntry, Project, Region, StageTransition
from app.resources.projects import PROJECT
from app.schemas.projects import ProjectIn, ProjectPatch
from app.services import project_parties
from app.services.project_log import note_project
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update

_TOGETHER = (("longitude", "latitude"), ("planned_start", "planned_completion"))
"""Fields that make sense beside each other only: a change of one is held against the other on record."""


async def create(uow: UnitOfWork, body: ProjectIn) -> tuple[Project, bool]:
    """A new project with the first entry of its stage history; or, False, the one the same body made before.

    409 `id_taken` when the client's id belongs to a project of other content.
    """
    uow.actor.require_in_region("projects.create", body.region_code)
    if body.id is not None:
        await uow.lock_key("project", str(body.id))
        existing = await uow.session.get(Project, body.id)
        if existing is not None:
            await _require_same(uow, existing, body)
            return existing, False
    await _check(uow, body.model_dump())
    since = body.stage_since or uow.today
    if since > uow.today:
        raise invalid("/stage_since", "in_the_future")
    fields = body.model_dump(exclude={"id", "code", "stage_since"})
    row = Project(
        id=body.id or uow.new_id(),
        code=body.code or await next_code(uow, body.region_code),
        stage_since=since,
        last_activity_on=since,
        **fields,
    )
    uow.add(row)
    uow.session.add(first_transition(uow, row, since))
    uow.record("project.created", row)
    await uow.flush()
    return row, True


async def _require_same(uow: UnitOfWork, row: Project, body: ProjectIn) -> None:
    """409 unless the stored project says all that was sent; it is shown to who may see it."""
    if not uow.actor.may_in_region("projects.read", row.region_code):
        raise AppError("id_taken")
    sent = body.model_dump(exclude_unset=True)
    fields = sorted(name for name, value in sent.items() if getattr(row, name) != value)
    if fields:
        shown, _ = await representation(uow, PROJECT, row.id)
        current = json.loads(shown, parse_float=Decimal)
        raise AppError("id_taken", extra={"current": current, "sent": sent, "fields": fields})


def first_transition(uow: UnitOfWork, row: Project, since: date, source: str = "api") -> StageTransition:
    return StageTransition(
        id=uow.new_id(),
        project_id=row.id,
        from_stage=None,
        to_stage=row.stage,
        happened_on=since,
        entered_at=uow.now,
        entered_by=uow.actor.id,
        source=source,
    )


async def next_code(uow: UnitOfWork, region_code: str) -> str:
    """An own code for a project that came without one: county code and a running number."""
    number = await uow.session.scalar(select(func.nextval("project_code_numbers")))
    return f"{region_code[:6]}-{number:06d}"


async def change(uow: UnitOfWork, project_id: UUID, body: ProjectPatch, if_match: str | None) -> Project:
    row = await get_for_update(uow, PROJECT, Project, project_id, "projects.write", if_match, body)
    sent = body.model_dump(exclude_unset=True)
    if sent.get("region_code") not in (None, row.region_code):
        # Who takes a project out of a region must answer for both.
        for region in (row.region_code, sent["region_code"]):
            uow.actor.require_in_region("projects.create", region)
    beside = {name: getattr(row, name) for pair in _TOGETHER if sent.keys() & set(pair) for name in pair}
    await _check(uow, beside | sent)
    region_before = row.region_code
    if not apply_patch(row, body):
        return row
    uow.touch(row)
    await note_project(uow, "project.updated", row)
    if row.region_code != region_before:
        # The readers of the region it left would never hear of that otherwise.
        uow.record("project.updated", row, region_code=region_before)
        uow.then(project_parties.refresh, row.id)
    return row


async def remove(uow: UnitOfWork, project_id: UUID, if_match: str | None) -> None:
    """Only for what was entered by mistake; a project that fails is terminated instead."""
    row = await get_for_update(uow, PROJECT, Project, project_id, "projects.delete", if_match)
    await note_project(uow, "project.deleted", row)
    await uow.session.delete(row)


async def _check(uow: UnitOfWork, fields: dict[str, Any]) -> None:
    """All that is wrong at once: half a point, dates out of order, unknown region, sector and programmes."""
    longitude, latitude = fields.get("longitude"), fields.get("latitude")
    errors = []
    if (longitude is None) != (latitude is None):
        errors.append(FieldError("/latitude" if latitude is None else "/longitude", "missing", {}))
    if not in_order(fields.get("planned_start"), fields.get("planned_completion")):
        errors.append(FieldError("/planned_completion", "dates_out_of_order", {}))
    region = fields.get("region_code")
    if region is not None and await uow.session.get(Region, region) is None:
        errors.append(FieldError("/region_code", "unknown_reference", {"resource": ("行政区划", "region")}))
    wanted = [("sector", "/sector", fields["sector"])] if fields.get("sector") else []
    wanted += [("programme", f"/programmes/{i}", code) for i, code in enumerate(fields.get("programmes") or [])]
    if wanted:
        entries = await uow.session.execute(
            select(DictionaryEntry.dictionary, DictionaryEntry.code).where(DictionaryEntry.active)
        )
        known = {(row.dictionary, row.code) for row in entries}
        errors += [
            unknown_code(pointer, code, sorted(known_code for name, known_code in known if name == dictionary))
            for dictionary, pointer, code in wanted
            if (dictionary, code) not in known
        ]
    if errors:
        raise AppError("invalid_content", errors=errors)
