"""The plan of a project for a year: put as a whole, taken away as a whole. The project is locked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.partial_dates import in_order
from app.errors import AppError, invalid, not_found
from app.listing import require_match
from app.models import AnnualPlan
from app.resources.annual_plans import ANNUAL_PLAN
from app.schemas.annual_plans import AnnualPlanIn
from app.services.project_log import note_part
from app.services.project_parts import lock_project, require_visible
from app.uow import UnitOfWork


async def identity(uow: UnitOfWork, project_id: UUID, year: int) -> UUID:
    """The id of a year's plan; 404 without one."""
    await require_visible(uow, project_id)
    found: UUID | None = await uow.db.pool.fetchval(
        "SELECT id FROM annual_plans WHERE project_id = $1 AND year = $2", project_id, year
    )
    if found is None:
        raise not_found(ANNUAL_PLAN.label)
    return found


async def put(
    uow: UnitOfWork, project_id: UUID, year: int, body: AnnualPlanIn, if_match: str | None
) -> tuple[AnnualPlan, bool]:
    """The plan, and whether it is new. The very same content again changes nothing and needs no If-Match."""
    _check(body)
    project = await lock_project(uow, project_id, "plans.write")
    row = await _stored(uow, project_id, year)
    fields = body.model_dump()
    if row is None:
        if if_match is not None:
            raise AppError("precondition_failed", extra={"current": None, "fields": []})
        row = AnnualPlan(id=uow.new_id(), project_id=project.id, year=year, **fields)
        uow.add(row)
        await note_part(uow, "annual_plan.created", row, project)
        await uow.flush()
        return row, True
    if all(getattr(row, name) == value for name, value in fields.items()):
        return row, False
    await require_match(uow, ANNUAL_PLAN, row.id, if_match, row.version, fields)
    for name, value in fields.items():
        setattr(row, name, value)
    uow.touch(row)
    await note_part(uow, "annual_plan.updated", row, project)
    return row, False


async def remove(uow: UnitOfWork, project_id: UUID, year: int, if_match: str | None) -> None:
    project = await lock_project(uow, project_id, "plans.write")
    row = await _stored(uow, project_id, year)
    if row is None:
        raise not_found(ANNUAL_PLAN.label)
    await require_match(uow, ANNUAL_PLAN, row.id, if_match, row.version)
    gone: dict[str, Any] = {"year": [year, None]}
    gone |= {name: [value, None] for name in AnnualPlanIn.model_fields if (value := getattr(row, name)) is not None}
    await note_part(uow, "annual_plan.deleted", row, project, diff=gone)
    await uow.session.delete(row)


async def _stored(uow: UnitOfWork, project_id: UUID, year: int) -> AnnualPlan | None:
    statement = select(AnnualPlan).where(AnnualPlan.project_id == project_id, AnnualPlan.year == year)
    found: AnnualPlan | None = await uow.session.scalar(statement.with_for_update())
    return found


def _check(body: AnnualPlanIn) -> None:
    if not in_order(body.planned_start, body.planned_completion):
        raise invalid("/planned_completion", "dates_out_of_order")
    if body.monthly is None:
        return
    if body.planned_investment is None:
        raise invalid("/planned_investment", "missing")
    total = sum(body.monthly, Decimal(0))
    if total != body.planned_investment:
        raise invalid("/monthly", "does_not_add_up", sum=_plain(total), planned=_plain(body.planned_investment))


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")
