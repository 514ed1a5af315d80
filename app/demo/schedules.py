"""Milestones for a few demo projects: a template applied, counted back from a deadline, adopted; one begun, and
rescheduled by a decision. They have a plan for this year, too: so there are lights and a wall chart today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.db import Database
from app.domain.milestone_templates import SHIPPED
from app.models import Milestone, Project
from app.schemas.annual_plans import AnnualPlanIn
from app.schemas.milestone_templates import TemplateApplicationIn
from app.schemas.milestones import MilestonePatch
from app.schemas.projects import ProjectPatch
from app.schemas.schedules import AdoptionIn, ScheduleIn
from app.services import annual_plans, milestone_templates, milestones, projects, schedules
from app.uow import UnitOfWork

COUNTY = "990102"
_PROJECTS = 4
_DAYS = (540, 600, 660, 400)
"""Days from today to the deadline, project by project: the last one cannot be met."""
_WORKED = (45, 12, 8)
"""How many days ago the first project's first milestone was begun and done, and its second begun."""
_WHILE = timedelta(days=300)
_POSTPONED = timedelta(days=45)
_PLANNED = (400, 700, 1200, 2000)
"""Investment planned for this year, project by project, in 万元; what is reported of it is in `reports`."""
_ENROLLED = 2
"""How many of them entered statistics once they had begun."""


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
        chosen = await _chosen(uow)
        for (project_id, sector), days in zip(chosen, _DAYS, strict=False):
            template = next((t for t in SHIPPED if t.sector == sector), SHIPPED[0])
            await milestone_templates.apply(uow, project_id, TemplateApplicationIn(template_id=template.id))
            await _adopt(uow, project_id, uow.today + timedelta(days=days), AdoptionIn())
        await _this_year(uow, [project_id for project_id, _ in chosen])
        if chosen:
            first, _ = chosen[0]
            await _begin(uow, first)
            await _adopt(uow, first, uow.today + timedelta(days=_DAYS[0]) + _POSTPONED, _decision(uow))
        await uow.commit()
    finally:
        await uow.close()


async def _this_year(uow: UnitOfWork, chosen: list[UUID]) -> None:
    for project_id, planned in zip(chosen, _PLANNED, strict=False):
        plan = AnnualPlanIn(category="continued", planned_investment=Decimal(planned))
        await annual_plans.put(uow, project_id, uow.today.year, plan, None)
    for project_id in chosen[:_ENROLLED]:
        await projects.change(uow, project_id, ProjectPatch(enrolled_on=uow.today - _WHILE), "*")
    await uow.flush()


def _decision(uow: UnitOfWork) -> AdoptionIn:
    """By which the first project's deadline was moved."""
    minutes = f"县长办公会议纪要〔{uow.today.year}〕5号"
    return AdoptionIn(decision_reference=minutes, reason="征地拆迁滞后，经会议研究同意顺延")


async def _adopt(uow: UnitOfWork, project_id: UUID, deadline: date, decision: AdoptionIn) -> None:
    proposed, _ = await schedules.create(uow, project_id, ScheduleIn(deadline=deadline))
    if proposed.late_by_days == 0:
        await schedules.adopt(uow, proposed.id, decision)


async def _begin(uow: UnitOfWork, project_id: UUID) -> None:
    """The first milestone was done some time ago, the second is under way."""
    first, second = await uow.session.scalars(
        select(Milestone.id).where(Milestone.project_id == project_id).order_by(Milestone.position).limit(2)
    )
    started, finished, begun = (uow.today - timedelta(days=days) for days in _WORKED)
    done = MilestonePatch(actual_start=started, actual_finish=finished)
    await milestones.change(uow, first, done, "*")
    await milestones.change(uow, second, MilestonePatch(actual_start=begun), "*")


async def _chosen(uow: UnitOfWork) -> list[tuple[UUID, str]]:
    p = Project
    rows = await uow.session.execute(
        select(p.id, p.sector).where(p.county_code == COUNTY).order_by(p.id).limit(_PROJECTS)
    )
    return [(row.id, row.sector) for row in rows]
