"""Sums kept per county: brought up to date in portions when a wide region is asked for, and once an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, any_, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.access import Scope
from app.db import Database
from app.models import CountyFigure, CountyFigureState
from app.reading import Prepared, prepared
from app.resources.county_figures import COUNTIES, made, outdated
from app.uow import SHANGHAI

PORTION = 200
"""Counties brought up to date in one transaction: a fraction of a second."""

_COUNTY = 6
_KNOWN = Prepared("SELECT EXISTS (SELECT FROM county_figure_states WHERE year = $1) AS found", ("year",), {})


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


async def refresh(db: Database, prefixes: Sequence[str], year: int, day: date) -> int:
    """Bring the sums of all counties below `prefixes` up to date, each to some moment after this call; how many."""
    count, after = 0, ""
    while due := await _refresh_portion(db, {"prefixes": list(prefixes), "year": year, "day": day, "after": after}):
        # Onwards only: a county that is written to again meanwhile is as new as this call needs it.
        count, after = count + len(due), due[-1]
    return count


async def _refresh_portion(db: Database, wanted: dict[str, Any]) -> list[str]:
    """The counties this brought up to date, in order."""
    if await db.row(prepared("outdated_county_figures", outdated), wanted | {"portion": 1}) is None:
        return []
    async with db.session() as session:
        # Who comes second waits, and then finds the work done.
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("county_figures", 0))))
        # The mark is read before the data: sums may be newer than their mark says, and are then made once more.
        due = (await session.execute(outdated(), wanted | {"portion": PORTION})).all()
        if not due:
            return []
        counties = [row.county_code for row in due]
        f, s = CountyFigure, CountyFigureState
        of_these = delete(f).where(f.county_code == any_(COUNTIES), f.year == wanted["year"])
        await session.execute(of_these, {"counties": counties})
        await session.execute(made(), {"counties": counties, "year": wanted["year"], "day": wanted["day"]})
        states = insert(cast("Table", s.__table__)).values(
            [
                {"county_code": row.county_code, "year": wanted["year"], "mark": row.mark, "day": wanted["day"]}
                for row in due
            ]
        )
        kept = {"mark": states.excluded.mark, "day": states.excluded.day}
        await session.execute(states.on_conflict_do_update(index_elements=["county_code", "year"], set_=kept))
        await session.commit()
    return counties


async def keep_up(db: Database, now: datetime) -> None:
    """Where wide regions are asked for at all, the first to ask in the morning need not wait."""
    day = now.astimezone(SHANGHAI).date()
    found = await db.row(_KNOWN, {"year": day.year})
    if found is not None and found["found"]:
        await refresh(db, [""], day.year, day)
