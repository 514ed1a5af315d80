"""Sums kept per county: brought up to date in portions when a wide region is asked for, and beforehand.

Beforehand means every few seconds where somebody's grant is wide, for today and, before midnight, for the day that is
about to begin. Whoever asks then finds at most a few seconds' writes to add up.

Those of past days are made when they are asked for, and kept for as long as a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, any_, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.access import Scope
from app.db import Database
from app.models import CountyFigure, CountyFigureState
from app.reading import Prepared, prepared
from app.resources.county_figures import COUNTIES, made, outdated
from app.uow import SHANGHAI

PORTION = 200
"""Counties brought up to date in one transaction: a fraction of a second."""
BEFOREHAND = timedelta(minutes=30)
"""How long before midnight the sums of the next day are made."""

PAST_FRESH, PAST_KEPT = timedelta(hours=12), timedelta(hours=24)
"""How old sums of a past day may be when they are used, and when they are cleared away."""

PAST_AT_MOST = 30
"""So many past days (each of a year) have their sums kept at once; the country's take 50 MB a day."""
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_COUNTY = 6
_STATE = Prepared(
    "SELECT (SELECT sum(mark) FROM data_versions) AS marks,"
    " (SELECT array_agg(DISTINCT region_code) FROM grants WHERE length(region_code) < 6 AND valid_from <= $1"
    " AND (valid_to IS NULL OR valid_to > $1)) AS prefixes",
    ("day",),
    {},
)
_YEARS = Prepared(
    "SELECT DISTINCT year FROM county_figure_states WHERE day >= $1 AND year BETWEEN $2::int - 1 AND $2::int + 1",
    ("day", "year"),
    {},
)
"""Those asked for, of the years that many ask for."""


_OTHERS = Prepared(
    # Not count(DISTINCT …), which sorts every row.
    "SELECT count(*) AS others FROM (SELECT DISTINCT year, day FROM county_figure_states WHERE past) AS kept"
    " WHERE (year, day) IS DISTINCT FROM ($1::int, $2::date)",
    ("year", "day"),
    {},
)


async def room(db: Database, year: int, day: date) -> bool:
    """Whether the sums of that past day may be kept beside the others."""
    row = await db.row(_OTHERS, {"year": year, "day": day})
    assert row is not None
    return bool(row["others"] < PAST_AT_MOST)


def wide(scopes: Sequence[Scope], region: str | None) -> list[str] | None:
    """Prefixes of whole counties to add up; None where looking at every project is as good, or the only way."""
    prefixes = []
    for scope in scopes:
        if scope.department_id is not None or scope.user_id is not None or len(scope.region) > _COUNTY:
            return None
        if region is None or scope.region.startswith(region):
            prefixes.append(scope.region)
        elif region.startswith(scope.region):
            prefixes.append(region)
    if any(len(prefix) > _COUNTY for prefix in prefixes):
        return None
    return prefixes if any(len(prefix) < _COUNTY for prefix in prefixes) else None


async def refresh(db: Database, prefixes: Sequence[str], year: int, day: date, *, past: bool = False) -> int:
    """Bring the sums of all counties below `prefixes` up to date, each to some moment after this call; how many.

    `past`: as projects were on that day. Sums about to be cleared away are made again, so that none go while they are
    being read.
    """
    count, after = 0, ""
    since = datetime.now(UTC) - PAST_FRESH if past else _EVER
    wanted = {"prefixes": list(prefixes), "year": year, "day": day, "past": past, "made_since": since}
    while due := await _refresh_portion(db, wanted | {"after": after}):
        # Onwards only: a county that is written to again meanwhile is as new as this call needs it.
        count, after = count + len(due), due[-1]
    return count


async def _refresh_portion(db: Database, wanted: dict[str, Any]) -> list[str]:
    """The counties this brought up to date, in order."""
    if await db.row(prepared("outdated_county_figures", outdated), wanted | {"portion": 1}) is None:
        return []
    year, day, past = wanted["year"], wanted["day"], wanted["past"]
    async with db.session() as session:
        # Who comes second waits, and then finds the work done.
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("county_figures", 0))))
        # The mark is read before the data: sums may be newer than their mark says, and are then made once more.
        due = (await session.execute(outdated(), wanted | {"portion": PORTION})).all()
        if not due:
            return []
        counties = [row.county_code for row in due]
        # Room to add up in memory what PostgreSQL would sort on disk.
        await session.execute(text("SET LOCAL work_mem = '64MB'"))
        f, s = CountyFigure, CountyFigureState
        of_these = delete(f).where(f.county_code == any_(COUNTIES), f.year == year, f.day == day)
        await session.execute(of_these, {"counties": counties})
        await session.execute(made(past=past), {"counties": counties, "year": year, "day": day})
        states = insert(cast("Table", s.__table__)).values(
            [{"county_code": row.county_code, "year": year, "day": day, "mark": row.mark, "past": past} for row in due]
        )
        kept = {"mark": states.excluded.mark, "past": past, "made_at": func.now()}
        await session.execute(states.on_conflict_do_update(index_elements=["county_code", "year", "day"], set_=kept))
        await session.commit()
    return counties


async def keep_up(db: Database, now: datetime, known: object = None) -> object:
    """Bring up to date what wide grants reach, so that nobody who asks for it has to wait.

    Gives what it went by; called with that again, it does nothing as long as that holds.
    """
    here = now.astimezone(SHANGHAI)
    today, soon = here.date(), (here + BEFOREHAND).date()
    # Before anything is added up: what is written meanwhile is for the next call.
    row = await db.row(_STATE, {"day": today})
    assert row is not None
    state = (row["marks"], row["prefixes"], today, soon)
    if row["prefixes"] is None or state == known:
        return state
    asked = {found["year"] for found in await db.rows(_YEARS, {"day": today, "year": today.year})}
    for day in sorted({today, soon}):
        # The year before is what this one is compared with, so it comes second.
        for year in (day.year, *sorted((asked | {day.year - 1}) - {day.year})):
            await refresh(db, row["prefixes"], year, day)
    return state


# The sums first and then their states, as whoever makes them anew writes them: else the two could wait in a circle.
_CLEARED = (
    """
DELETE FROM county_figures f WHERE day < $1 AND NOT EXISTS
 (SELECT FROM county_figure_states s
   WHERE s.county_code = f.county_code AND s.year = f.year AND s.day = f.day AND s.made_at >= $2)
""",
    "DELETE FROM county_figure_states WHERE day < $1 AND made_at < $2",
)


async def clear(db: Database, now: datetime) -> None:
    """Remove the sums of past days a day after they were made; yesterday's stay for who asked before midnight and is
    still being answered."""
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    async with db.pool.acquire() as connection, connection.transaction():
        for statement in _CLEARED:
            await connection.execute(statement, yesterday, now - PAST_KEPT, timeout=60)
