"""Lights of many projects: drawing them all anew, and the turn of a day; side by side with just writing the rows."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime

import asyncpg

from app.db import Database
from app.domain.light_rules import SHIPPED
from app.services import light_turns, lights
from app.uow import UnitOfWork

DAY, JUNE = datetime(2016, 5, 31, 4, tzinfo=UTC), datetime(2016, 6, 1, 0, tzinfo=UTC)
HAIKOU = SHIPPED[2]
_PLANS = """
INSERT INTO annual_plans (id, project_id, year, category, planned_investment, planned_start)
SELECT gen_random_uuid(), id, 2016, 'new_start', 1000 + ('x' || right(id::text, 3))::bit(12)::int, '2016-0' || 1 + n % 9
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM projects) AS p
"""
_FIGURES = """
INSERT INTO progress_figures (id, project_id, year, as_of, completed, recorded_at)
SELECT gen_random_uuid(), a.project_id, 2016, day::date,
       round(a.planned_investment * month * (50 + ('x' || right(a.project_id::text, 2))::bit(8)::int % 60) / 1200, 2),
       day
  FROM annual_plans a, generate_series(1, 5) AS month, LATERAL (
       SELECT make_date(2016, month, 28)::timestamptz AS day) AS days
"""
_CHOICES = """
INSERT INTO light_rule_choices (id, region_code, rule_set_id, from_day, entered_at)
SELECT gen_random_uuid(), code, $1, $2, $3 FROM regions
"""
_COPY = (
    "CREATE TABLE copied_facts (LIKE light_facts INCLUDING ALL)",
    "CREATE TABLE copied_periods (LIKE light_periods INCLUDING ALL)",
    "INSERT INTO copied_facts SELECT * FROM light_facts",
    "INSERT INTO copied_periods SELECT * FROM light_periods",
    "DROP TABLE copied_facts, copied_periods",
)


async def measure(url: str) -> None:
    """Fill the projects of that database with plans and figures, light them, and let a month turn."""
    connection = await asyncpg.connect(url)
    for statement in (_PLANS, _FIGURES, "VACUUM ANALYZE"):
        await connection.execute(statement)
    db = await Database.open(url, statement_timeout_ms=60_000)
    try:
        drawn, seconds = await _timed(light_turns.catch_up(db, DAY))
        print(f"  {drawn} lights drawn anew          {seconds:6.1f} s (goal < 30 s for 100 000)", flush=True)
        began = time.perf_counter()
        for statement in _COPY:
            await connection.execute(statement)
        floor = time.perf_counter() - began
        print(f"  ceiling: the same rows copied        {floor:6.1f} s   ratio {floor / seconds:.2f}")
        # As if they had been written on the last day of the month before, and this were the first.
        await connection.execute("UPDATE projects SET updated_at = $1", DAY)
        await connection.execute("VACUUM ANALYZE")
        turned, seconds = await _timed(light_turns.announce(db, JUNE))
        print(f"  a month's turn told: {turned} changed {seconds:6.1f} s", flush=True)
        quiet, seconds = await _timed(light_turns.announce(db, JUNE))
        print(f"  looked again: {quiet} changed          {seconds:6.1f} s", flush=True)
        drawn, seconds = await _timed(_other_rules(db))
        print(f"  {drawn} turned by other rules       {seconds:6.1f} s (goal < 30 s for 100 000 drawn)", flush=True)
    finally:
        await db.close()
        await connection.close()


async def _other_rules(db: Database) -> int:
    """All regions go by another practice from the day on, as `POST /light-rule-choices` has it drawn."""
    ids = [row["id"] for row in await db.pool.fetch("SELECT id FROM projects")]
    await db.pool.execute(_CHOICES, HAIKOU.id, JUNE.date(), JUNE)
    uow = UnitOfWork(db, JUNE)
    try:
        turned = await lights.rules_chosen(uow, ids, JUNE.date())
        await uow.commit()
        return turned
    finally:
        await uow.close()


async def _timed(work: object) -> tuple[int, float]:
    began = time.perf_counter()
    count: int = await work  # type: ignore[misc]  # a coroutine
    return count, time.perf_counter() - began


def run(url: str) -> None:
    print(f"lights as of {date(2016, 5, 31)}")
    asyncio.run(measure(url))
