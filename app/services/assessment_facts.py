"""Facts only people can tell: entered with their document, taken back by a second entry, never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.access import visible
from app.domain.assessment_schemes import ABOUT_PROJECTS
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import Resource
from app.models import AssessmentFact, Assignment, Department, Leader, Project, Region
from app.resources.assessments import ASSESSMENT_FACT
from app.resources.departments import DEPARTMENT
from app.resources.leaders import LEADER
from app.resources.projects import PROJECT
from app.schemas.assessment_facts import FactIn, RetractionIn
from app.services import dictionaries
from app.services.sent_again import sent_again
from app.uow import UnitOfWork

WRITE = "assessments.write"
_ABOUT: dict[str, tuple[Resource, Any, Any]] = {
    "department_id": (DEPARTMENT, Department.id, Department.region_code),
    "leader_id": (LEADER, Leader.id, Leader.region_code),
    "project_id": (PROJECT, Project.id, Project.region_code),
}


async def create(uow: UnitOfWork, body: FactIn) -> tuple[UUID, bool]:
    """The entry's id, and whether it is new."""
    uow.actor.require_in_region(WRITE, body.region_code)
    known = await sent_again(uow, ASSESSMENT_FACT, AssessmentFact, body.id, body)
    if known is not None:
        return known.id, False
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    if body.happened_on > uow.today:
        raise invalid("/happened_on", "in_the_future")
    if errors := await dictionaries.faults(uow, "assessment_fact_kind", "/kind", body.kind):
        raise AppError("invalid_content", errors=errors)
    await _check_subject(uow, body)
    await _check_project(uow, body)
    fields = body.model_dump(exclude={"id"})
    row = AssessmentFact(id=body.id or uow.new_id(), entered_at=uow.now, entered_by=uow.actor.id, **fields)
    return await _add(uow, row), True


async def _check_subject(uow: UnitOfWork, body: FactIn) -> None:
    about = [name for name in _ABOUT if getattr(body, name) is not None]
    if not about or {"department_id", "leader_id"} <= set(about):
        expected = (
            "department_id、leader_id 二选一，或 project_id，或二者之一加 project_id",
            "one of department_id and leader_id, or project_id, or both of these",
        )
        errors = [FieldError(f"/{name}", "invalid_value", {"expected": expected}) for name in about[1:2] or _ABOUT]
        raise AppError("invalid_content", errors=errors)
    for name in about:
        resource, key, region = _ABOUT[name]
        seen = visible(uow.actor.scopes(resource.permission), resource.scoping)
        own = await uow.session.scalar(select(region).where(key == getattr(body, name), seen.condition()))
        if own is None:
            raise invalid(f"/{name}", "unknown_reference", resource=resource.label)
        if not own.startswith(body.region_code):
            raise invalid(f"/{name}", "outside_region", region=body.region_code)


async def _check_project(uow: UnitOfWork, body: FactIn) -> None:
    """A kind about projects names one; a subject named beside a project answered for it on that day."""
    if body.project_id is None:
        if body.kind in ABOUT_PROJECTS:
            raise invalid("/project_id", "about_a_project", kind=body.kind)
        return
    name = "department_id" if body.department_id is not None else "leader_id"
    party = getattr(body, name)
    if party is None:
        return
    a = Assignment
    held = (
        a.project_id == body.project_id,
        a.role == ("responsible" if name == "department_id" else "sponsor"),
        getattr(a, name) == party,
        a.valid_from <= body.happened_on,
        or_(a.valid_to.is_(None), a.valid_to > body.happened_on),
    )
    if await uow.session.scalar(select(a.id).where(*held).limit(1)) is None:
        raise invalid(f"/{name}", "not_answering", day=body.happened_on.isoformat())


async def find(uow: UnitOfWork, identity: UUID) -> AssessmentFact:
    """404 for an entry of a region the actor does not see."""
    seen = visible(uow.actor.scopes(ASSESSMENT_FACT.permission), ASSESSMENT_FACT.scoping)
    row: AssessmentFact | None = await uow.session.scalar(
        select(AssessmentFact).where(AssessmentFact.id == identity, seen.condition())
    )
    if row is None:
        raise not_found(ASSESSMENT_FACT.label)
    return row


async def retract(uow: UnitOfWork, fact: AssessmentFact, body: RetractionIn) -> tuple[UUID, bool]:
    """The retraction's id, and whether it is new. What takes back cannot be taken back: it is entered anew."""
    uow.actor.require_in_region(WRITE, fact.region_code)
    known = await sent_again(uow, ASSESSMENT_FACT, AssessmentFact, body.id, body, retracts_id=fact.id)
    if known is not None:
        return known.id, False
    await uow.lock_key("assessment fact", str(fact.id))
    before = select(AssessmentFact.id).where(AssessmentFact.retracts_id == fact.id)
    if fact.retracts_id is not None or await uow.session.scalar(before) is not None:
        raise AppError("fact_retracted")
    about = {name: getattr(fact, name) for name in ("region_code", "kind", "happened_on", "value", *_ABOUT)}
    row = AssessmentFact(
        id=body.id or uow.new_id(),
        document=body.document,
        note=body.note,
        retracts_id=fact.id,
        entered_at=uow.now,
        entered_by=uow.actor.id,
        **about,
    )
    return await _add(uow, row), True


async def _add(uow: UnitOfWork, row: AssessmentFact) -> UUID:
    uow.add(row)
    uow.record("assessment_fact.created", row)
    await uow.flush()
    return row.id
