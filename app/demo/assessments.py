"""County B's assessments of 2016: its townships and parks beside the departments, what was entered, and rankings.

The ledger names departments only; here each township answers beside them for the projects that lie in it, and a park
for the industry around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.access import Actor, Grant
from app.db import Database
from app.domain.assessment_schemes import Scheme
from app.domain.assessment_shipped import NINGXIANG, YANAN
from app.domain.dictionaries import AssessmentSubjectKind, DepartmentKind
from app.models import Assessment, Department, Project, Region, User
from app.schemas.assessment_facts import FactIn
from app.schemas.assessments import AssessmentIn, PeriodIn
from app.schemas.assignments import AssignmentIn
from app.schemas.departments import DepartmentIn
from app.services import assessment_facts, assessments, assignments, departments
from app.uow import UnitOfWork

COUNTY, DISPATCHER = "990102", "dispatcher_b"
SINCE = date(2016, 3, 1)
"""The day after the ledger's: sent in again, a ledger leaves alone what came to be after it."""
PARKS: dict[str, tuple[str, ...]] = {"990102401": ("990102001", "990102002"), "990102402": ("990102003", "990102004")}
"""Each with the townships whose industry it answers for."""
RUNS: tuple[tuple[Scheme, AssessmentSubjectKind], ...] = ((NINGXIANG, "department"), (YANAN, "leader"))
PERIODS = (
    PeriodIn(kind="quarter", year=2016, number=1),
    PeriodIn(kind="quarter", year=2016, number=2),
    PeriodIn(kind="year", year=2016),
)
"""Of two quarters the second tells who moved."""
_STARTED = ("县工信局", "龙山镇")
"""Who hosted a collective start."""
_COMMENDED = ("县交通运输局", 3)
_PROVINCIAL = 3
"""So many projects are in the provincial assessment; the next one was criticised, the one after put into operation."""


async def load(db: Database, now: datetime) -> None:
    """Once: a county that has any keeps what it has."""
    uow = UnitOfWork(db, now)
    try:
        projects = (
            await uow.session.scalars(select(Project).where(Project.county_code == COUNTY).order_by(Project.name))
        ).all()
        found = await uow.session.scalar(select(Assessment.id).where(Assessment.region_code == COUNTY).limit(1))
        user_id = await uow.session.scalar(select(User.id).where(User.username == DISPATCHER, User.demo))
        if found is not None or user_id is None or not projects:
            return
        await admin.operator(uow, COUNTY)
        await _places(uow, projects)
        await uow.commit()
        uow.actor = Actor(user_id, DISPATCHER, (Grant("dispatcher", COUNTY),))
        await _enter(uow, [project.id for project in projects])
        await uow.commit()
        for period in PERIODS:
            for scheme, kind in RUNS:
                body = AssessmentIn(region_code=COUNTY, scheme_id=scheme.id, period=period, subject_kind=kind)
                identity, _ = await assessments.create(uow, body)
                await assessments.publish(uow, identity, "*")
        await uow.commit()
    finally:
        await uow.close()


async def _places(uow: UnitOfWork, projects: Sequence[Project]) -> None:
    regions = await uow.session.execute(
        select(Region.code, Region.name, Region.kind)
        .where(Region.parent_code == COUNTY, Region.kind.in_(("township", "park")))
        .order_by(Region.code)
    )
    for region in regions.all():
        park = region.kind == "park"
        kind: DepartmentKind = "park_committee" if park else "township"
        own = await _department(uow, region.code, f"{region.name}管委会" if park else region.name, kind)
        within = PARKS.get(region.code, ()) if park else (region.code,)
        for project in projects:
            if project.region_code in within and (not park or project.sector == "industry"):
                body = AssignmentIn(role="responsible", department_id=own, valid_from=SINCE)
                await assignments.create(uow, project.id, body)


async def _department(uow: UnitOfWork, region: str, name: str, kind: DepartmentKind) -> UUID:
    d = Department
    known = await uow.session.scalar(select(d.id).where(d.region_code == region, d.name == name))
    if known is None:
        known = (await departments.create(uow, DepartmentIn(region_code=region, name=name, kind=kind))).id
    return known


async def _enter(uow: UnitOfWork, projects: Sequence[UUID]) -> None:
    d = Department
    found = await uow.session.execute(select(d.name, d.id).where(d.region_code.startswith(COUNTY)))
    known = {row.name: row.id for row in found}
    facts = [
        *(
            ("collective_start", date(2016, 3, 18), "乙县委办〔2016〕9号", {"department_id": known[name]})
            for name in _STARTED
            if name in known
        ),
        *(
            ("provincial_assessment", date(2016, 1, 20), "省重点办〔2016〕3号", {"project_id": one})
            for one in projects[:_PROVINCIAL]
        ),
        *(
            ("criticism", date(2016, 5, 12), "乙县督查通报〔2016〕5号", {"project_id": one})
            for one in projects[_PROVINCIAL:][:1]
        ),
        *(
            ("operation", date(2016, 6, 8), "乙县工信函〔2016〕21号", {"project_id": one})
            for one in projects[_PROVINCIAL:][1:2]
        ),
    ]
    name, points = _COMMENDED
    if name in known:
        facts.append(
            (
                "commendation",
                date(2016, 4, 29),
                "乙县政通报〔2016〕2号",
                {"department_id": known[name], "value": points},
            )
        )
    for kind, day, document, about in facts:
        body = FactIn.model_validate(
            {"region_code": COUNTY, "kind": kind, "happened_on": day, "document": document, **about}
        )
        await assessment_facts.create(uow, body)
