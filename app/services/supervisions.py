"""Who supervised which department when (分管). A leader's supervisions change one at a time: the leader is locked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.access import visible
from app.errors import AppError, invalid
from app.models import Department, Leader, Supervision
from app.resources.departments import DEPARTMENT
from app.resources.leaders import LEADER
from app.resources.supervisions import SUPERVISION
from app.schemas.supervisions import SupervisionIn, SupervisionPatch
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update, get_visible, require_reach


async def create(uow: UnitOfWork, leader_id: UUID, body: SupervisionIn) -> Supervision:
    leader = await get_visible(uow, LEADER, Leader, leader_id, lock=True)
    await require_reach(uow, LEADER, leader_id, "leaders.write")
    await _check_department(uow, leader, body.department_id)
    row = Supervision(
        id=body.id or uow.new_id(),
        leader_id=leader.id,
        department_id=body.department_id,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )
    await _check_period(uow, row)
    uow.add(row)
    _note(uow, "supervision.created", row, leader)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, supervision_id: UUID, body: SupervisionPatch, if_match: str | None) -> None:
    """End it, correct the day it ended, or let it hold again."""
    found = await get_visible(uow, SUPERVISION, Supervision, supervision_id)
    leader = await get_visible(uow, LEADER, Leader, found.leader_id, lock=True)
    row = await get_for_update(uow, SUPERVISION, Supervision, supervision_id, "leaders.write", if_match, body)
    apply_patch(row, body)
    await _check_period(uow, row)
    uow.touch(row)
    _note(uow, "supervision.updated", row, leader)


def _note(uow: UnitOfWork, action: str, row: Supervision, leader: Leader) -> None:
    """The leader shows what is supervised now: a new version of both, for readers of the leader's region."""
    uow.touch(leader)
    uow.record(action, row, region_code=leader.region_code, department_ids=[row.department_id])


async def _check_department(uow: UnitOfWork, leader: Leader, department_id: UUID) -> None:
    seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
    region = await uow.session.scalar(
        select(Department.region_code).where(Department.id == department_id, seen.condition())
    )
    if region is None:
        raise invalid("/department_id", "unknown_reference", resource=DEPARTMENT.label)
    # A leader of a township may look after a bureau of the county, but not beyond it.
    reach = leader.region_code[:6]
    if not region.startswith(reach):
        raise invalid("/department_id", "outside_region", region=reach)


async def _check_period(uow: UnitOfWork, row: Supervision) -> None:
    """In order, and apart from the other periods of the same leader and department."""
    if row.valid_to is not None and row.valid_to <= row.valid_from:
        raise invalid("/valid_to", "dates_out_of_order")
    s = Supervision
    overlapping = select(s).where(
        s.leader_id == row.leader_id,
        s.department_id == row.department_id,
        s.id != row.id,
        or_(s.valid_to.is_(None), s.valid_to > row.valid_from),
    )
    if row.valid_to is not None:
        overlapping = overlapping.where(s.valid_from < row.valid_to)
    other = (await uow.session.scalars(overlapping.order_by(s.valid_from).limit(1))).first()
    if other is not None:
        until = str(other.valid_to) if other.valid_to else ("今", "now")
        raise AppError("periods_overlap", valid_from=str(other.valid_from), valid_to=until)
