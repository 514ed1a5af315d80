"""Milestones for a few demo projects: a template applied, counted back from a deadline, adopted."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.db import Database
from app.domain.milestone_templates import SHIPPED
from app.models import Milestone, Project
from app.schemas.milestone_templates import TemplateApplicationIn
from app.schemas.schedules import AdoptionIn, ScheduleIn
from app.services import milestone_templates, schedules
from app.uow import UnitOfWork

COUNTY = "990102"
_PROJECTS = 4
_DAYS = (540, 600, 660, 400)
"""Days from today to the deadline, project by project: the last one cannot be met."""


async def load(db: Database, now: datetime) -> None:
    """What is there already stays as it is."""
    uow = UnitOfWork(db, now)
    try:
        planned = await uow.session.scalar(
            select(Milestone.id).join(Project, Project.id == Milestone.project_id).where(Project.county_code == COUNTY)
        )
        if planned is not None:
            return
        await admin.operator(uow, COUNTY)
        for (project_id, sector), days in zip(await _chosen(uow), _DAYS, strict=False):
            template = next((t for t in SHIPPED if t.sector == sector), SHIPPED[0])
            await milestone_templates.apply(uow, project_id, TemplateApplicationIn(template_id=template.id))
            deadline = uow.today + timedelta(days=days)
            proposed, _ = await schedules.create(uow, project_id, ScheduleIn(deadline=deadline))
            if proposed.late_by_days == 0:
                await schedules.adopt(uow, proposed.id, AdoptionIn())
        await uow.commit()
    finally:
        await uow.close()


async def _chosen(uow: UnitOfWork) -> list[tuple[UUID, str]]:
    p = Project
    rows = await uow.session.execute(
        select(p.id, p.sector).where(p.county_code == COUNTY).order_by(p.id).limit(_PROJECTS)
    )
    return [(row.id, row.sector) for row in rows]
