"""Permits for the demo projects that have milestones: issued, overdue (one moves what waits for it), being
supplemented, due soon, to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.db import Database
from app.demo.schedules import COUNTY
from app.domain.permit_clock import PermitEventKind
from app.models import Department, Milestone, Permit, Project
from app.schemas.permit_events import PermitEventIn
from app.schemas.permits import PermitIn
from app.services import permit_events, permits
from app.uow import UnitOfWork

_Events = tuple[tuple[PermitEventKind, int], ...]
"""What happened, and how many days ago."""

_APPROVED: _Events = (("applied", 90), ("accepted", 88), ("issued", 75))
_LAND_USE: tuple[_Events, ...] = (
    (("applied", 62), ("accepted", 60)),
    (("applied", 40), ("accepted", 38), ("supplement_requested", 30)),
    (("applied", 62), ("accepted", 60), ("issued", 40)),
    (("applied", 28), ("accepted", 26), ("supplement_requested", 20), ("supplemented", 18)),
)
"""Project by project: overdue, waiting for the applicant, issued, due soon."""
_APPLICATION_IN = (60, 300, 90, 120)
"""Days from today until the construction permit is to be applied for: the second is too late for the plan."""
_LAND_LATE = timedelta(days=20)
"""How much later than the first project is to have its land the overdue permit is expected that this waits for."""


async def load(db: Database, now: datetime) -> None:
    """What is there already stays as it is."""
    uow = UnitOfWork(db, now)
    try:
        entered = select(Permit.id).join(Project, Project.id == Permit.project_id).where(Project.county_code == COUNTY)
        if await uow.session.scalar(entered.limit(1)) is not None:
            return
        await admin.operator(uow, COUNTY)
        industry, building = await _department(uow, "县工信局"), await _department(uow, "县住建局")
        for i, (project_id, start) in enumerate(await _starts(uow)):
            await _permit(uow, project_id, PermitIn(kind="project_approval", department_id=industry), _APPROVED)
            land_use = PermitIn(kind="land_use_planning_permit", department_id=building)
            if i == 0:
                land_use = await _late_for_the_land(uow, project_id, land_use)
            await _permit(uow, project_id, land_use, _LAND_USE[i % len(_LAND_USE)])
            await _permit(uow, project_id, PermitIn(kind="environmental_assessment"), (("accepted", 15),))
            planned = uow.today + timedelta(days=_APPLICATION_IN[i % len(_APPLICATION_IN)])
            construction = PermitIn(
                kind="construction_permit",
                department_id=building,
                planned_application_on=planned,
                milestone_ids=[start],
            )
            await _permit(uow, project_id, construction, ())
        await uow.commit()
    finally:
        await uow.close()


async def _permit(uow: UnitOfWork, project_id: UUID, body: PermitIn, events: _Events) -> None:
    row, _ = await permits.create(uow, project_id, body)
    for kind, ago in events:
        happened_on = uow.today - timedelta(days=ago)
        await permit_events.create(uow, row.id, PermitEventIn(kind=kind, happened_on=happened_on))


async def _late_for_the_land(uow: UnitOfWork, project_id: UUID, body: PermitIn) -> PermitIn:
    """So late that the land is not there in time, nor anything after it."""
    m = Milestone
    land = await uow.session.scalar(select(m).where(m.project_id == project_id, m.kind == "land").limit(1))
    if land is None or land.planned_start is None:
        return body
    return body.model_copy(update={"expected_on": land.planned_start + _LAND_LATE, "milestone_ids": [land.id]})


async def _department(uow: UnitOfWork, name: str) -> UUID | None:
    statement = select(Department.id).where(Department.region_code == COUNTY, Department.name == name)
    found: UUID | None = await uow.session.scalar(statement)
    return found


async def _starts(uow: UnitOfWork) -> list[tuple[UUID, UUID]]:
    """Projects with the milestone at which work begins."""
    m = Milestone
    rows = await uow.session.execute(
        select(m.project_id, m.id)
        .join(Project, Project.id == m.project_id)
        .where(Project.county_code == COUNTY, m.kind == "construction_start")
        .order_by(m.project_id, m.position)
    )
    return [(row.project_id, row.id) for row in rows]
