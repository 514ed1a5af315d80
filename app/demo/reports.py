"""Four weeks of county B's reporter: accepted, returned, late, missing, waiting for review, some with photos."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update

from app.access import Actor, Grant
from app.db import Database
from app.demo import photos
from app.demo.schedules import COUNTY
from app.domain.dictionaries import ProblemKind
from app.domain.reporting_weeks import SHIPPED, WEEK, due_at
from app.models import Assignment, Project, Report, User
from app.schemas.reports import ReportedProblem, ReportIn, ReviewIn
from app.services import report_flag_duties, report_reviews, reports, workdays
from app.services.files import Files
from app.services.reporting_calendars import last_due
from app.uow import SHANGHAI, UnitOfWork

_IN_TIME, _LATE = timedelta(hours=-3), timedelta(hours=16)
_FATES: tuple[tuple[str, ...], ...] = (
    # week by week, the oldest first; one letter a project
    ("a", "a", "a", "a", "a"),
    ("a", "A", "a", "-", "a"),
    ("a", "a", "r", "-", "A"),
    ("s", "a", "s", "-", "S"),
)
"""a accepted, r returned, s waiting for review (capitals: handed in late), - missing."""
_MISTYPED = {(3, 0): 45}
"""(week, project): an amount of the week where the year's was asked for, which is flagged."""
_TEXTS = ("完成土方开挖", "基础施工", "主体结构施工至二层", "主体结构施工至四层")
_PROBLEM: tuple[ProblemKind, str] = ("power", "施工用电容量不足，需增设变压器")


class _People(NamedTuple):
    reporter: Actor
    dispatcher: Actor


async def load(db: Database, files: Files, now: datetime) -> None:
    """What is there already stays as it is."""
    uow = UnitOfWork(db, now)
    try:
        people = await _people(uow)
        projects = await _projects(uow, people) if people is not None else []
        if people is None or not projects or await _reported(uow, projects):
            return
        week = last_due(SHIPPED, now, await workdays.load(uow))
        weeks = [week - (len(_FATES) - 1 - n) * WEEK for n in range(len(_FATES))]
        # They were entered before the first of these weeks was due.
        entered = datetime.combine(weeks[0], datetime.min.time(), SHANGHAI)
        for i, project_id in enumerate(projects):
            east, north = photos.place(i)
            there = {"created_at": entered, "longitude": east, "latitude": north}
            await uow.session.execute(update(Project).where(Project.id == project_id).values(there))
        await uow.commit()
    finally:
        await uow.close()
    taken: list[photos.Photo] = []
    for n, monday in enumerate(weeks):
        for i, project_id in enumerate(projects):
            fate = _FATES[n][i]
            if fate != "-":
                photo = photos.of_report(uow.new_id(), monday, n, i)
                taken += [photo] if photo else []
                await _report(db, now, people, _said(project_id, monday, n, i, photo), fate)
    await photos.send(files, people.reporter, taken)
    await report_flag_duties.catch_up(db, now)


async def _people(uow: UnitOfWork) -> _People | None:
    rows = await uow.session.execute(
        select(User.username, User.id).where(User.username.in_(["reporter", "dispatcher_b"]), User.demo)
    )
    ids = {row.username: row.id for row in rows}
    if len(ids) < 2:
        return None
    return _People(
        Actor(ids["reporter"], "reporter", (Grant("reporter", COUNTY),)),
        Actor(ids["dispatcher_b"], "dispatcher_b", (Grant("dispatcher", COUNTY),)),
    )


async def _projects(uow: UnitOfWork, people: _People) -> list[UUID]:
    a = Assignment
    found = select(a.project_id).where(a.user_id == people.reporter.id, a.role == "reporter").order_by(a.id)
    return list(await uow.session.scalars(found.limit(len(_FATES[0]))))


async def _reported(uow: UnitOfWork, projects: list[UUID]) -> bool:
    return await uow.session.scalar(select(Report.id).where(Report.project_id.in_(projects)).limit(1)) is not None


def _said(project_id: UUID, week: date, n: int, i: int, photo: photos.Photo | None) -> ReportIn:
    return ReportIn(
        project_id=project_id,
        week=week,
        as_of=week + timedelta(days=3),
        completed=Decimal(_MISTYPED.get((n, i), 300 + 120 * i + 45 * n)),
        physical_text=_TEXTS[n],
        physical_percent=Decimal(20 + 5 * i + 6 * n),
        problems=[ReportedProblem(kind=_PROBLEM[0], text=_PROBLEM[1])] if i == n else [],
        photos=[photo.said] if photo else [],
    )


async def _report(db: Database, now: datetime, people: _People, body: ReportIn, fate: str) -> None:
    """Handed in at its own time; reviewed today, when the lights it moves are drawn."""
    uow = UnitOfWork(db, now)
    due = due_at(SHIPPED, body.week, await workdays.load(uow))
    arriving = UnitOfWork(db, min(due + (_LATE if fate.isupper() else _IN_TIME), now), actor=people.reporter)
    report_id = arriving.new_id()
    try:
        await reports.put(arriving, report_id, body)
        await arriving.commit()
        uow.actor = people.dispatcher
        if fate in "aA":
            await report_reviews.review(uow, report_id, ReviewIn(verdict="accepted"))
        elif fate == "r":
            await report_reviews.review(uow, report_id, ReviewIn(verdict="returned", comment="请补充本周形象进度照片"))
        await uow.commit()
    finally:
        await arriving.close()
        await uow.close()
