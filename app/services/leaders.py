from __future__ import annotations

from uuid import UUID

from app.domain.leaders import body_of
from app.errors import invalid
from app.models import Assignment, Leader, Region
from app.resources.leaders import LEADER
from app.schemas.leaders import LeaderIn, LeaderPatch
from app.uow import UnitOfWork
from app.writing import get_for_update, save_patch, touch_projects


async def create(uow: UnitOfWork, body: LeaderIn) -> Leader:
    uow.actor.require_in_region("leaders.write", body.region_code)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    row = Leader(
        id=body.id or uow.new_id(),
        region_code=body.region_code,
        name=body.name,
        title=body.title,
        body=body.body or body_of(body.title),
        active=True,
    )
    uow.add(row)
    uow.record("leader.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, leader_id: UUID, body: LeaderPatch, if_match: str | None) -> Leader:
    row = await get_for_update(uow, LEADER, Leader, leader_id, "leaders.write", if_match, body)
    shown_in_projects = save_patch(uow, row, body, "leader.updated") & {"name", "title"}
    if shown_in_projects:
        await touch_projects(uow, Assignment.leader_id == row.id)
    return row
