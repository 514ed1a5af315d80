"""Reports handed in for the first time, as nearly all are: one statement takes however many come at once.

It takes what is plainly right and nothing else; what it leaves is for `services.reports`, which says what is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg

from app.access import Actor, scope_row
from app.db import Database, to_json
from app.domain.reporting_weeks import ReportingRule, due_at, rules_of_week
from app.gathering import Gathering
from app.resources.report_intake import intake, mark, reckoning
from app.resources.reports import REPORT
from app.schemas.reports import ReportIn
from app.services.new_reports import drafted, shown
from app.services.report_checks import WRITE, content_faults
from app.services.reporting_calendars import rules_from_json
from app.services.reports import content_of, logged, photo_rows, plain_row
from app.services.workdays import calendar_from_json
from app.uow import SHANGHAI

_MOST_RULES = 100
"""Of the regions an account reaches; who reaches more is no reporter."""
_MOST_WEEKS = 100


@dataclass(slots=True)
class _Reckoning:
    """When reports are due, by the rules and working days read last. The statement looks whether they still hold."""

    rules: tuple[ReportingRule, ...]
    years: str
    """As the database wrote them."""
    mark: int
    weeks: dict[date, dict[str, datetime]] = field(default_factory=dict)

    def due(self, week: date, actor: Actor) -> dict[str, datetime] | None:
        """What each region says the actor's projects may lie in; None: too many."""
        known = self.weeks.get(week)
        if known is None:
            if len(self.weeks) >= _MOST_WEEKS:
                self.weeks.clear()
            calendar = calendar_from_json(self.years)
            known = {code: due_at(rule, week, calendar) for code, rule in rules_of_week(self.rules, week).items()}
            self.weeks[week] = known
        if len(known) == 1:
            return known
        regions = [scope.region for scope in actor.scopes(WRITE)]
        near = {
            code: due
            for code, due in known.items()
            if any(code.startswith(region) or region.startswith(code) for region in regions)
        }
        return near if len(near) <= _MOST_RULES else None


class _Said(NamedTuple):
    json: bytes
    """As the statement reads it."""
    photos: bool


class Desk:
    """Where reports are handed in to one database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._reckoning: _Reckoning | None = None
        self._taking: Gathering[int, _Said, asyncpg.Record] = Gathering(self._take)

    async def take(self, report_id: UUID, body: ReportIn, actor: Actor, now: datetime, request_id: str) -> bytes | None:
        """The new report's full representation, committed; None: left alone, for whatever reason.

        Errors: those of the database and of what cannot be written as JSON.
        """
        scopes = actor.scopes(WRITE)
        today = now.astimezone(SHANGHAI).date()
        # Who may write without reading, or reads less, is no case for this.
        if not scopes or scopes != actor.scopes(REPORT.permission) or body.corrects is not None:
            return None
        if content_faults(body, body.week, today):
            return None
        row = plain_row(report_id, body.model_dump(), actor.id, now)
        photos = photo_rows(report_id, row)
        said = {
            **row,
            "today": today,
            "content": content_of(row),
            "photos": photos,
            "diff": logged(row),
            "request_id": request_id,
            "scopes": [scope_row(scope) for scope in scopes],
        }
        for _ in range(2):
            reckoning = self._reckoning or await self._reckon()
            due = reckoning.due(body.week, actor)
            if due is None:
                return None
            reckoned = to_json(said | {"dues": due, "mark": reckoning.mark})
            answer = self._taking.ask(report_id.int, _Said(reckoned, bool(photos)))
            await asyncio.sleep(0)
            # The statement is on its way; meanwhile:
            draft = drafted(row, photos)
            found = await answer
            if found is not None:
                return shown(draft, found)
            if await self._holds(reckoning):
                return None
        return None

    async def _holds(self, reckoning: _Reckoning) -> bool:
        """Whether what it was reckoned by is still so; it is forgotten if not."""
        row = await self._db.row(mark(), {})
        if row is not None and row["mark"] == reckoning.mark:
            return True
        if self._reckoning is reckoning:
            self._reckoning = None
        return False

    async def _reckon(self) -> _Reckoning:
        row = await self._db.row(reckoning(), {})
        assert row is not None
        self._reckoning = _Reckoning(rules_from_json(row["rules"]), row["years"], row["mark"])
        return self._reckoning

    async def _take(self, reports: Mapping[int, _Said]) -> dict[int, asyncpg.Record]:
        line = await self._db.line()
        # In one order, which the plan keeps, so that no two processes wait in a circle over the same ids.
        said = [reports[report_id] for report_id in sorted(reports)]
        statement = intake(photos=any(each.photos for each in said))
        rows = await line.fetch(statement.sql, "[" + b",".join(each.json for each in said).decode() + "]")
        return {row["id"].int: row for row in rows}


_desks: WeakKeyDictionary[Database, Desk] = WeakKeyDictionary()


def desk_of(db: Database) -> Desk:
    found = _desks.get(db)
    if found is None:
        found = _desks[db] = Desk(db)
    return found
