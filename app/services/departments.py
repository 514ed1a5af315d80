from __future__ import annotations

from uuid import UUID

from app.errors import invalid
from app.models import Assignment, Department, Region
from app.resources.departments import DEPARTMENT
from app.schemas.departments import DepartmentIn, DepartmentPatch
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update, touch_projects


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
    renamed = apply_patch(row, body) & {"name"}
    uow.touch(row)
    uow.record("department.updated", row)
    if renamed:
        await touch_projects(uow, Assignment.department_id == row.id)
    return row
