"""Milestones that wait for permits: their forecasts follow the permits, in the transaction that changes either.

Whoever changes a permit, a link, a milestone or what milestones wait for calls `recompute`; the project is locked.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from app.domain.permit_clock import course
from app.domain.permit_forecast import Delay, Waiting, delays
from app.domain.workdays import Workdays
from app.models import Milestone, MilestoneDelay, MilestoneDependency, MilestonePermit, Permit, Project
from app.services import workdays
from app.services.permit_clocks import events_in_force, expected_of, happened
from app.services.project_log import accounts_of, departments_of
from app.uow import UnitOfWork

Row = TypeVar("Row", MilestoneDelay, MilestonePermit, Milestone, MilestoneDependency)


async def recompute(uow: UnitOfWork, project: Project, calendar: Workdays | None = None) -> bool:
    """Forecasts of the project's milestones as its permits allow them; whether any moved.

    A milestone that no permit holds up any more gets back the forecast it had without.
    """
    await uow.flush()
    stood = {row.milestone_id: row for row in await _rows(uow, MilestoneDelay, project)}
    links = await _rows(uow, MilestonePermit, project)
    if not stood and not links:
        return False
    calendar = calendar or await workdays.load(uow)
    milestones = {row.id: row for row in await _rows(uow, Milestone, project)}
    stated = {key: _stated(row, stood.get(key)) for key, row in milestones.items()}
    waiting = await _waiting(uow, project, milestones, stated, links)
    found = delays(waiting, await _expected(uow, project, calendar), calendar)
    moved = [
        key
        for key, milestone in milestones.items()
        if await _put(uow, milestone, stood.get(key), stated[key], found.get(key))
    ]
    if moved:
        await _note(uow, project, [milestones[key] for key in moved])
    return bool(moved)


async def held(uow: UnitOfWork, project: Project, calendar: Workdays) -> dict[UUID, date]:
    """When the last permit that each waiting milestone waits for can be counted on."""
    expected = await _expected(uow, project, calendar)
    found: dict[UUID, date] = {}
    for link in await _rows(uow, MilestonePermit, project) if expected else ():
        day = expected[link.permit_id]
        found[link.milestone_id] = max(found.get(link.milestone_id, day), day)
    return found


def _stated(milestone: Milestone, stood: MilestoneDelay | None) -> date | None:
    """The forecast without permits. One that is not the permits' any more was stated since."""
    if stood is not None and milestone.forecast_finish == stood.finish_on:
        return stood.stated_finish
    return milestone.forecast_finish


async def _rows(uow: UnitOfWork, model: type[Row], project: Project) -> list[Row]:
    statement = select(model).where(model.project_id == project.id)
    return list(await uow.session.scalars(statement.execution_options(populate_existing=True)))


async def _waiting(
    uow: UnitOfWork,
    project: Project,
    milestones: dict[UUID, Milestone],
    stated: dict[UUID, date | None],
    links: list[MilestonePermit],
) -> dict[UUID, Waiting[UUID]]:
    permits: dict[UUID, set[UUID]] = defaultdict(set)
    for link in links:
        permits[link.milestone_id].add(link.permit_id)
    after: dict[UUID, set[UUID]] = defaultdict(set)
    for dependency in await _rows(uow, MilestoneDependency, project):
        after[dependency.milestone_id].add(dependency.predecessor_id)
    return {
        key: Waiting(
            finish_on=stated[key] or row.planned_finish,
            duration_days=row.duration_days,
            settled=row.status != "planned",
            after=frozenset(after[key]),
            permits=frozenset(permits[key]),
        )
        for key, row in milestones.items()
    }


async def _expected(uow: UnitOfWork, project: Project, calendar: Workdays) -> dict[UUID, date]:
    """When each permit that a milestone waits for can be counted on."""
    linked = select(MilestonePermit.permit_id).where(MilestonePermit.project_id == project.id)
    permits = list(await uow.session.scalars(select(Permit).where(Permit.id.in_(linked))))
    events = await events_in_force(uow, [permit.id for permit in permits])
    return {
        permit.id: expected_of(permit, course(happened(events[permit.id])), calendar, uow.today) for permit in permits
    }


async def _put(
    uow: UnitOfWork,
    milestone: Milestone,
    stood: MilestoneDelay | None,
    stated: date | None,
    found: Delay[UUID] | None,
) -> bool:
    """Write one milestone's forecast and why; whether the forecast or its cause is another."""
    milestone.forecast_finish = stated if found is None else found.finish_on
    cause = None if found is None else found.permit
    changed = "forecast_finish" in uow.changed_fields(milestone) or (stood and stood.permit_id) != cause
    if found is None:
        if stood is not None:
            await uow.session.delete(stood)
    elif stood is None:
        uow.session.add(
            MilestoneDelay(
                project_id=milestone.project_id,
                milestone_id=milestone.id,
                permit_id=found.permit,
                stated_finish=stated,
                finish_on=found.finish_on,
            )
        )
    else:
        stood.permit_id, stood.stated_finish, stood.finish_on = found.permit, stated, found.finish_on
    return changed


async def _note(uow: UnitOfWork, project: Project, milestones: list[Milestone]) -> None:
    readers = sorted(await departments_of(uow, project.id))
    accounts = sorted(await accounts_of(uow, project.id))
    for milestone in milestones:
        uow.touch(milestone)
        uow.record(
            "milestone.updated",
            milestone,
            region_code=project.region_code,
            department_ids=readers,
            user_ids=accounts,
        )
