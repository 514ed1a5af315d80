"""Leaders of the demo's county B at work: who supervises whom, one hand-over in the middle of a year, visits."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app import admin
from app.db import Database
from app.domain.dictionaries import VisitKind
from app.models import Assignment, Department, Leader, Project, Supervision, User
from app.schemas.assignments import AssignmentIn, AssignmentPatch
from app.schemas.supervisions import SupervisionIn
from app.schemas.visits import VisitIn
from app.services import assignments, supervisions, visits
from app.uow import UnitOfWork

COUNTY = "990102"
LEADER, SUCCESSOR = "陈伟", "杨帆"
"""The leader whose account the demo's is, and who took something over from that leader."""
HANDED_OVER_ON = date(2016, 7, 1)
SUPERVISED: tuple[tuple[str, str, date, date | None], ...] = (
    (LEADER, "县工信局", date(2015, 1, 1), None),
    (LEADER, "县住建局", date(2015, 1, 1), HANDED_OVER_ON),
    (SUCCESSOR, "县住建局", HANDED_OVER_ON, None),
    (SUCCESSOR, "县交通运输局", date(2015, 1, 1), None),
    ("赵磊", "县农业农村局", date(2015, 1, 1), None),
    ("赵磊", "县商务局", date(2015, 1, 1), None),
    ("黄丽", "县教育局", date(2015, 1, 1), None),
)
VISITED: tuple[tuple[tuple[int, ...], VisitKind, str, str | None], ...] = (
    # months of 2016, kind, found, decided
    ((3, 4, 5, 6, 7, 8, 9, 10, 11, 12), "watch", "现场察看，进度正常", None),
    ((3, 5, 7, 9, 11), "help", "征地尚余3户未签约", "由县国土局牵头，月底前完成签约"),
    ((3, 4), "press", "施工力量不足，进度滞后", "施工单位增派两个班组，一周内到位"),
    ((6, 12), "follow", "听取业主汇报，手续已报批", None),
)
"""Of the leader's first projects by name; all the others were never heard."""


async def load(db: Database, now: datetime) -> None:
    """What is there already stays as it is."""
    uow = UnitOfWork(db, now)
    try:
        found = await uow.session.execute(select(Leader.name, Leader.id).where(Leader.region_code == COUNTY))
        leaders = {row.name: row.id for row in found}
        there = select(Supervision.id).where(Supervision.leader_id.in_(leaders.values())).limit(1)
        if LEADER not in leaders or await uow.session.scalar(there) is not None:
            return
        await admin.operator(uow, COUNTY)
        await _supervise(uow, leaders)
        projects = await _sponsored(uow, leaders[LEADER])
        await _hand_over(uow, projects[-1], leaders[SUCCESSOR])
        for assignment, (months, kind, finding, decision) in zip(projects, VISITED, strict=False):
            for day in (date(2016, month, 10) for month in months):
                body = VisitIn(
                    project_id=assignment.project_id, leader_id=leaders[LEADER], kind=kind, happened_on=day,
                    finding=finding, decision=decision,
                )  # fmt: skip
                await visits.create(uow, body)
        await _link(uow, leaders[LEADER])
        await uow.commit()
    finally:
        await uow.close()


async def _supervise(uow: UnitOfWork, leaders: dict[str, UUID]) -> None:
    found = await uow.session.execute(select(Department.name, Department.id).where(Department.region_code == COUNTY))
    departments = {row.name: row.id for row in found}
    for leader, department, since, until in SUPERVISED:
        if leader in leaders and department in departments:
            body = SupervisionIn(department_id=departments[department], valid_from=since, valid_to=until)
            await supervisions.create(uow, leaders[leader], body)


async def _sponsored(uow: UnitOfWork, leader: UUID) -> list[Assignment]:
    a = Assignment
    own = select(a).join(Project, Project.id == a.project_id).order_by(Project.name, Project.id)
    current = (a.leader_id == leader, a.role == "sponsor", a.valid_to.is_(None))
    return list(await uow.session.scalars(own.where(*current)))


async def _hand_over(uow: UnitOfWork, assignment: Assignment, successor: UUID) -> None:
    await assignments.change(uow, assignment.id, AssignmentPatch(valid_to=HANDED_OVER_ON), "*")
    body = AssignmentIn(role="sponsor", leader_id=successor, valid_from=HANDED_OVER_ON)
    await assignments.create(uow, assignment.project_id, body)


async def _link(uow: UnitOfWork, leader: UUID) -> None:
    account = await uow.session.scalar(select(User).where(User.username == "leader", User.demo))
    if account is not None:
        account.leader_id = leader
        uow.touch(account)
        uow.record("user.updated", account)
