"""The working days of this installation: what ships, with the years entered here in their place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.db import Database
from app.domain.workdays import CHINA, Workdays
from app.errors import AppError, FieldError, not_found
from app.listing import require_match
from app.models import WorkdayYear
from app.reading import AnySelect, prepared
from app.resources.workday_years import WORKDAY_YEAR, entered_years
from app.schemas.workday_years import WorkdayYearIn
from app.uow import UnitOfWork
from app.writing import get_visible

Days = tuple[date, ...]
SHIPPED = "chinese_calendar"


async def load(uow: UnitOfWork) -> Workdays:
    """The calendar as it stands. Reads outside any transaction."""
    return await read(uow.db)


async def read(db: Database) -> Workdays:
    rows = await db.rows(prepared("workday_years", _select_years), {})
    return _calendar(tuple((row["year"], tuple(row["holidays"]), tuple(row["makeup_days"])) for row in rows))


def _select_years() -> AnySelect:
    y = WorkdayYear
    return select(y.year, y.holidays, y.makeup_days).order_by(y.year)


@lru_cache(maxsize=16)
def _calendar(years: tuple[tuple[int, Days, Days], ...]) -> Workdays:
    return CHINA.with_years(years) if years else CHINA


@lru_cache(maxsize=16)
def calendar_from_json(years: str) -> Workdays:
    """The calendar with years entered, as `resources.report_contexts.workday_years` writes them."""
    return _calendar(
        tuple(
            (year, *[tuple(date.fromisoformat(day) for day in days) for days in (holidays, makeup)])
            for year, holidays, makeup in json.loads(years)
        )
    )


async def every_year(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Every year whose notice is known, entered or shipped, in order."""
    entered = await uow.db.rows(prepared("workday_years.all", entered_years), {})
    known = {year: shipped(year) for year in CHINA.announced} | {row["year"]: dict(row) for row in entered}
    return [known[year] for year in sorted(known)]


def shipped(year: int) -> dict[str, Any]:
    """What ships of a year; 404 when its notice came out later than the product."""
    if year not in CHINA.announced:
        raise not_found(WORKDAY_YEAR.label)

    def of_year(days: Iterable[date]) -> list[date]:
        return sorted(day for day in days if day.year == year)

    return {
        "year": year,
        "holidays": of_year(CHINA.holidays),
        "makeup_days": of_year(CHINA.makeup),
        "source": SHIPPED,
        "shipped": True,
        "version": 0,
        "created_at": None,
        "updated_at": None,
    }


async def is_entered(uow: UnitOfWork, year: int) -> bool:
    return bool(await uow.db.pool.fetchval("SELECT true FROM workday_years WHERE year = $1", year))


async def put(uow: UnitOfWork, year: int, body: WorkdayYearIn, if_match: str | None) -> bool:
    """Enter or replace a year; whether it is new. The same again changes nothing and needs no If-Match."""
    _check(year, body)
    fields = {"holidays": sorted(body.holidays), "makeup_days": sorted(body.makeup_days), "source": body.source}
    await uow.lock_key("workday_year", str(year))
    row = await uow.session.get(WorkdayYear, year, with_for_update=True)
    if row is None:
        if if_match is not None:
            raise AppError("precondition_failed", extra={"current": None, "fields": []})
        row = WorkdayYear(year=year, **fields)
        uow.add(row)
        _note(uow, "workday_year.created", row)
        await uow.flush()
        return True
    if all(getattr(row, name) == value for name, value in fields.items()):
        return False
    await require_match(uow, WORKDAY_YEAR, year, if_match, row.version, fields)
    for name, value in fields.items():
        setattr(row, name, value)
    uow.touch(row)
    _note(uow, "workday_year.updated", row)
    return False


async def remove(uow: UnitOfWork, year: int, if_match: str | None) -> None:
    """Back to what ships, or to a year not announced."""
    row = await get_visible(uow, WORKDAY_YEAR, WorkdayYear, year, lock=True)
    await require_match(uow, WORKDAY_YEAR, year, if_match, row.version)
    _note(uow, "workday_year.deleted", row)
    await uow.session.delete(row)


def _note(uow: UnitOfWork, action: str, row: WorkdayYear) -> None:
    uow.record_plain(action, resource_id=str(row.year), version=row.version, diff=uow.changed_fields(row))


def _check(year: int, body: WorkdayYearIn) -> None:
    """A notice speaks of its year, now and then of the last days of the year before; all faults at once."""
    errors = []
    off = set(body.holidays)
    for field in ("holidays", "makeup_days"):
        days: list[date] = getattr(body, field)
        counted = Counter(days)
        for i, day in enumerate(days):
            code = None
            if day.year != year and (day.year, day.month) != (year - 1, 12):
                code = "outside_year"
            elif counted[day] > 1:
                code = "repeated"
            elif field == "makeup_days" and day.weekday() < 5:
                code = "not_a_weekend"
            elif field == "makeup_days" and day in off:
                code = "both_off_and_worked"
            if code is not None:
                errors.append(FieldError(f"/{field}/{i}", code, {"year": year}))
    if errors:
        raise AppError("invalid_content", errors=errors)
