"""Lights that turn by the calendar: shown from the first second of the day, told of here.

Nobody writes on that day, so this does: the project gets a new version (its ETag), the change log a row. Days on which
nothing turns write nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Row, Uuid, any_, bindparam, literal, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import Database
from app.models import Project
from app.services import lights
from app.services.light_facts import ids_of_plans_without_lights
from app.uow import UnitOfWork
from app.writing import touch_projects_where

LOOK_BACK = timedelta(days=400)
"""Longer than the service will ever have been down."""
PORTION = 1000
UNLIT = 5 * PORTION
"""More at a time: within a transaction one portion is worked out while the one before is written."""

_DUE = text("""
SELECT p.id, p.region_code, was.light AS was_light, was.computed AS was_computed,
       now.light AS now_light, now.computed AS now_computed
  FROM projects p
  LEFT JOIN light_periods was ON was.project_id = p.id
   AND was.from_day <= (p.updated_at AT TIME ZONE 'Asia/Shanghai')::date
   AND was.until_day > (p.updated_at AT TIME ZONE 'Asia/Shanghai')::date
  LEFT JOIN light_periods now ON now.project_id = p.id AND now.from_day <= :today AND now.until_day > :today
 WHERE p.id IN (
    SELECT t.project_id FROM light_periods t JOIN projects q ON q.id = t.project_id
     WHERE t.turned AND t.from_day > :since AND t.from_day <= :today
       AND t.from_day > (q.updated_at AT TIME ZONE 'Asia/Shanghai'))
 -- County by county, so that what is kept of a county's figures grows old once and not with every portion.
 ORDER BY p.county_code, p.id
 LIMIT :portion
   FOR NO KEY UPDATE OF p SKIP LOCKED
""").bindparams(bindparam("today", type_=Date), bindparam("since", type_=Date), bindparam("portion", type_=Integer))


async def announce(db: Database, now: datetime) -> int:
    """Note every project whose light turned since its last version; how many. Again: none."""
    count = 0
    while True:
        uow = UnitOfWork(db, now)
        try:
            values = {"today": uow.today, "since": uow.today - LOOK_BACK, "portion": PORTION}
            # Another worker may be at it: what it holds is left to it.
            due = (await uow.session.execute(_DUE, values)).all()
            await _tell(uow, due)
            await uow.commit()
        finally:
            await uow.close()
        count += len(due)
        if len(due) < PORTION:
            return count


async def _tell(uow: UnitOfWork, due: list[Row[Any]] | Any) -> None:
    if not due:
        return
    await touch_projects_where(uow, Project.id == any_(literal([row.id for row in due], ARRAY(Uuid))))
    for row in due:
        was, now = lights.Shown(row.was_light, row.was_computed), lights.Shown(row.now_light, row.now_computed)
        if was != now:
            lights.note_turn(uow, row.id, row.region_code, was, now)


async def catch_up(db: Database, now: datetime) -> int:
    """Light the projects with plans that have none yet: those from before there were lights. How many."""
    count = 0
    while True:
        uow = UnitOfWork(db, now)
        try:
            some: list[UUID] = await ids_of_plans_without_lights(uow, UNLIT)
            if some:
                await lights.refresh(uow, some)
                await touch_projects_where(uow, Project.id == any_(literal(some, ARRAY(Uuid))))
            await uow.commit()
        finally:
            await uow.close()
        count += len(some)
        if len(some) < UNLIT:
            return count
