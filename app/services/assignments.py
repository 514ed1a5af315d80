"""Who answers for a project: begun, ended, never overwritten. One at a time: the project is locked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.access import visible
from app.domain.assignments import FIELDS, PARTIES, party_faults
from app.errors import AppError, FieldError, invalid
from app.listing import Resource
from app.models import Assignment, Department, Leader, Project, User
from app.resources.assignments import ASSIGNMENT
from app.resources.departments import DEPARTMENT
from app.resources.leaders import LEADER
from app.resources.project_columns import ANSWERING
from app.schemas.assignments import AssignmentIn, AssignmentPatch
from app.services import project_parties
from app.services.project_log import note_part
from app.services.project_parts import lock_part, lock_project, sent_before
from app.uow import UnitOfWork
from app.writing import apply_patch

ACCOUNT = ("账号", "account")


async def create(uow: UnitOfWork, project_id: UUID, body: AssignmentIn) -> tuple[Assignment, bool]:
    """The assignment, and whether it is new: sent again under the same id it is not."""
    project = await lock_project(uow, project_id, "assignments.write")
    known: Assignment | None = await sent_before(uow, ASSIGNMENT, Assignment, project, body)
    if known is not None:
        return known, False
    await _check_party(uow, project, body)
    fields = body.model_dump(exclude={"id", "valid_from"})
    row = Assignment(
        id=body.id or uow.new_id(), project_id=project.id, valid_from=body.valid_from or uow.today, **fields
    )
    await _check_period(uow, row)
    uow.add(row)
    await note_part(uow, "assignment.created", row, project, also=_comes_to_see(row))
    uow.then(project_parties.refresh, project.id)
    await uow.flush()
    return row, True


async def change(uow: UnitOfWork, assignment_id: UUID, body: AssignmentPatch, if_match: str | None) -> Assignment:
    """End it, or correct how to reach the party. What has ended stays as it was: it is history."""
    project, row = await lock_part(uow, ASSIGNMENT, Assignment, assignment_id, "assignments.write", if_match, body)
    over = row.valid_to is not None and row.valid_to <= uow.today
    if over and "valid_to" in body.model_fields_set and body.valid_to != row.valid_to:
        raise AppError("already_ended")
    changed = apply_patch(row, body)
    if "valid_to" in changed:
        await _check_period(uow, row)
    if changed:
        uow.touch(row)
        await note_part(uow, "assignment.updated", row, project, also=_comes_to_see(row))
        uow.then(project_parties.refresh, project.id)
    return row


def _comes_to_see(row: Assignment) -> list[UUID | None]:
    return [row.department_id] if row.role in ANSWERING else []


async def _check_period(uow: UnitOfWork, row: Assignment) -> None:
    """In order, and apart from the other times the same party held the same role: else 409 `duplicate`."""
    if row.valid_to is not None and row.valid_to < row.valid_from:
        raise invalid("/valid_to", "dates_out_of_order")
    if row.valid_to == row.valid_from:
        return  # Taken back: it never held, so it is in nobody's way.
    a = Assignment
    party = next(field for field in FIELDS if getattr(row, field) is not None)
    overlapping = select(a.id).where(
        a.project_id == row.project_id,
        a.id != row.id,
        a.role == row.role,
        getattr(a, party) == getattr(row, party),
        or_(a.valid_to.is_(None), a.valid_to > a.valid_from),
        or_(a.valid_to.is_(None), a.valid_to > row.valid_from),
    )
    if row.valid_to is not None:
        overlapping = overlapping.where(a.valid_from < row.valid_to)
    other = await uow.session.scalar(overlapping.limit(1))
    if other is not None:
        raise AppError("duplicate", extra={"existing_id": other})


async def _check_party(uow: UnitOfWork, project: Project, body: AssignmentIn) -> None:
    """Exactly one party, of a kind that fits the role, that the actor can see and that belongs to the county."""
    named = [field for field in FIELDS if getattr(body, field) is not None]
    allowed = ", ".join(PARTIES[body.role])
    errors = [
        FieldError(f"/{field}" if field else "", code, {"allowed": allowed})
        for field, code in party_faults(body.role, named)
    ]
    if errors:
        raise AppError("invalid_content", errors=errors)
    for field, resource, model in (("leader_id", LEADER, Leader), ("department_id", DEPARTMENT, Department)):
        identity = getattr(body, field)
        if identity is not None:
            await _check_unit(uow, project, f"/{field}", resource, model, identity, past=body.valid_to is not None)
    if body.user_id is not None:
        await check_account(uow, project, body.user_id)


async def _check_unit(
    uow: UnitOfWork, project: Project, pointer: str, resource: Resource, model: Any, identity: UUID, *, past: bool
) -> None:
    """A leader or department of the project's county, or of what lies above it; retired ones only for the past."""
    seen = visible(uow.actor.scopes(resource.permission), resource.scoping)
    row = await uow.session.scalar(select(model).where(model.id == identity, seen.condition()))
    if row is None:
        raise invalid(pointer, "unknown_reference", resource=resource.label)
    county = project.region_code[:6]
    if not (row.region_code.startswith(county) or county.startswith(row.region_code)):
        raise invalid(pointer, "outside_region", region=county)
    if not row.active and not past:
        raise invalid(pointer, "inactive")


async def check_account(uow: UnitOfWork, project: Project, user_id: UUID, pointer: str = "/user_id") -> None:
    """A dispatcher sees no accounts, so those of the project's county may be named, and no others."""
    county = project.region_code[:6]
    found = await uow.session.scalar(
        select(User.id).where(User.id == user_id, User.region_code.startswith(county), User.disabled.is_(False))
    )
    if found is None:
        raise invalid(pointer, "unknown_reference", resource=ACCOUNT)
