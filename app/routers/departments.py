from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app import listing
from app.access import Actor
from app.contract import CREATED, NOT_MODIFIED
from app.deps import IfMatch, Uow, permitted
from app.resources.departments import DEPARTMENT
from app.routing import api
from app.schemas.departments import DepartmentIn, DepartmentOut, DepartmentPage, DepartmentPatch, DepartmentQuery
from app.services import departments

router = api("places")


@router.get("/departments", summary="部门列表 List departments", response_model=DepartmentPage)
async def list_departments(
    request: Request,
    query: Annotated[DepartmentQuery, Query()],
    actor: Annotated[Actor, permitted("departments.read")],
) -> Response:
    """Departments, townships, park committees and owners of the regions you see."""
    return await listing.page(request, DEPARTMENT, actor, query)


@router.post(
    "/departments",
    summary="新增部门 Create department",
    status_code=201,
    response_model=DepartmentOut,
    responses=CREATED,
)
async def create_department(
    uow: Uow, body: DepartmentIn, actor: Annotated[Actor, permitted("departments.write")]
) -> Response:
    """A unit of one region. Its name is unique there: else 409 `duplicate`."""
    row = await departments.create(uow, body)
    return await listing.shown(uow, DEPARTMENT, row.id, status=201, location=f"/api/v1/departments/{row.id}")


@router.get(
    "/departments/{department_id}", summary="部门 Get department", response_model=DepartmentOut, responses=NOT_MODIFIED
)
async def get_department(
    request: Request, department_id: UUID, actor: Annotated[Actor, permitted("departments.read")]
) -> Response:
    """One department."""
    return await listing.one(request, DEPARTMENT, actor, department_id)


@router.patch("/departments/{department_id}", summary="修改部门 Change department", response_model=DepartmentOut)
async def update_department(
    uow: Uow,
    department_id: UUID,
    body: DepartmentPatch,
    actor: Annotated[Actor, permitted("departments.write")],
    if_match: IfMatch = None,
) -> Response:
    """JSON merge patch. A department is never deleted, only made inactive: history refers to it."""
    row = await departments.change(uow, department_id, body, if_match)
    return await listing.shown(uow, DEPARTMENT, row.id)
