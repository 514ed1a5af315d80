"""Outcomes told again show a project's data only to who may still read it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.access import visible
from app.models import Milestone, Report
from app.resources.milestones import MILESTONE
from app.resources.reports import REPORT
from app.services.sync_operations import Operation
from app.uow import UnitOfWork


async def still_seen(uow: UnitOfWork, operations: Sequence[Operation]) -> set[UUID]:
    """Of the operations in conflict, those whose report or milestone the actor sees now."""
    seen: set[UUID] = set()
    for resource, model in ((REPORT, Report), (MILESTONE, Milestone)):
        about = [o for o in operations if o.status == "conflict" and o.type.partition(".")[0] == resource.name]
        if about:
            reach = visible(uow.actor.scopes(resource.permission), resource.scoping)
            ids = {o.resource_id for o in about}
            found = set(await uow.session.scalars(select(model.id).where(model.id.in_(ids), reach.condition())))
            seen |= {o.id for o in about if o.resource_id in found}
    return seen
