from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from app.errors import invalid
from app.models import Assignment, Department, Leader, Region, Supervision
from app.resources.departments import DEPARTMENT
from app.schemas.departments import DepartmentIn, DepartmentPatch
from app.uow import UnitOfWork
from app.writing import get_for_update, save_patch, touch_projects


async def create(uow: UnitOfWork, body: DepartmentIn) -> Department:
    uow.actor.require_in_region("departments.write", body.region_code)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    row = Department(
        id=body.id or uow.new_id(),
        region_code=body.region_code,
        name=body.name,
        kind=body.kind,
        assessment_group=body.assessment_group,
        active=True,
    )
    uow.add(row)
    uow.record("department.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, department_id: UUID, body: DepartmentPatch, if_match: str | None) -> Department:
    row = await get_for_update(uow, DEPARTMENT, Department, department_id, "departments.write", if_match, body)
    renamed = save_patch(uow, row, body, "department.updated") & {"name"}
    if renamed:
        await _touch_supervision(uow, row.id)
        await touch_projects(uow, Assignment.department_id == row.id)
    return row


async def _touch_supervision(uow: UnitOfWork, department_id: UUID) -> None:
    """Leaders and supervisions show the department's name: their ETags must change with it.

    Leaders before projects, as when a leader is renamed: two renames then never wait for each other in a circle.
    """
    await uow.flush()
    supervises = Supervision.department_id == department_id
    for model, shown_in in (
        (Leader, Leader.id.in_(select(Supervision.leader_id).where(supervises))),
        (Supervision, supervises),
    ):
        await uow.session.execute(
            update(model)
            .where(shown_in)
            .values(version=model.version + 1, updated_at=uow.now)
            .execution_options(synchronize_session=False)
        )
