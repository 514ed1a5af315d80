"""Everything the cards of some leaders are made from, in a handful of reads for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from app.access import Actor, visible
from app.db import Database
from app.domain.held_days import DAY, Days, Held, held
from app.domain.leader_cards import State
from app.reading import prepared
from app.resources.leader_cards import PROJECTS, READ, STATES, SUPERVISIONS, VISITS, Party, tenures
from app.services import card_reports
from app.services.due_reports import DueReport
from app.uow import UnitOfWork

Tenures = list[tuple[date, date | None]]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of one year; `through` is its last day, or today while it runs."""

    first: date
    last: date
    through: date

    @property
    def days(self) -> Days:
        return Days(self.first, self.through)

    @property
    def year(self) -> Days:
        return Days(date(self.first.year, 1, 1), date(self.first.year, 12, 31))


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """A project on the leader's days; `visits` are the leader's own."""

    project_id: UUID
    name: str
    region_code: str
    tenures: Tenures
    held: Held
    state: State
    before: State | None
    visits: Sequence[date]
    reports: Sequence[DueReport]
    """Due on the leader's days."""


@dataclass(frozen=True, slots=True)
class Oversight:
    """A department on the days the leader supervised it, with the projects it answered for on the last of them."""

    department_id: UUID
    name: str
    tenures: Tenures
    held: Held
    states: Sequence[State]
    before: Sequence[State]
    reports: Sequence[DueReport]
    """Due on these days, of projects the department then answered for."""


@dataclass(frozen=True, slots=True)
class LeaderFacts:
    leader: Mapping[str, Any]
    sponsorships: Sequence[Sponsorship]
    oversights: Sequence[Oversight]


class _Held(NamedTuple):
    """One party and one thing it answered for."""

    party: UUID
    subject: UUID


@dataclass(slots=True)
class _Answered:
    name: str
    region_code: str
    tenures: Tenures


async def gather(uow: UnitOfWork, actor: Actor, leaders: Sequence[Mapping[str, Any]], span: Span) -> list[LeaderFacts]:
    """The facts of these leaders, who the actor is known to see."""
    db = uow.db
    ids = [leader["id"] for leader in leaders]
    sponsored = await _tenures(db, actor, "sponsor", ids, span.days)
    supervised = await _supervised(db, ids, span)
    departments = {key.subject for key in supervised}
    # The day before, too, for how things stood when they were taken over.
    responsible = await _tenures(db, actor, "responsible", departments, Days(span.first - DAY, span.through))
    projects_of: dict[UUID, list[tuple[UUID, Tenures]]] = defaultdict(list)
    for key, answered in responsible.items():
        projects_of[key.party].append((key.subject, answered.tenures))

    on_cards = {key: part for key, answered in sponsored.items() if (part := held(answered.tenures, span.days))}
    overseen = {key: part for key, answered in supervised.items() if (part := held(answered.tenures, span.days))}
    wanted = {(key.subject, day) for key, part in on_cards.items() for day in _days(part)}
    for key, part in overseen.items():
        wanted |= {(one, day) for day in _days(part) for one in _on(projects_of[key.subject], day)}
    states = await _states(db, wanted)
    visits = await _visits(db, ids, {key.subject for key in on_cards}, span)
    regions = {
        key.subject: answered.region_code for known in (sponsored, responsible) for key, answered in known.items()
    }
    due = await card_reports.by_project(uow, regions, span.days)

    def sponsorship(key: _Held, part: Held) -> Sponsorship | None:
        answered, state = sponsored[key], states.get((key.subject, part.last))
        if state is None:
            return None  # Not a project yet on the last of these days.
        before = None if part.day_before is None else states.get((key.subject, part.day_before))
        reports = [r for r in due.get(key.subject, ()) if card_reports.on(answered.tenures, r.day)]
        return Sponsorship(
            key.subject, answered.name, answered.region_code, answered.tenures, part, state, before, visits[key],
            reports,
        )  # fmt: skip

    def oversight(key: _Held, part: Held) -> Oversight:
        of, answered = projects_of[key.subject], supervised[key]

        def known(day: date | None) -> list[State]:
            """A project that was none yet on that day is left out, as the statistics do."""
            return [] if day is None else [s for one in _on(of, day) if (s := states.get((one, day)))]

        then, before = known(part.last), known(part.day_before)
        reports = [
            r
            for one, spans in of
            for r in due.get(one, ())
            if card_reports.on(spans, r.day) and card_reports.on(answered.tenures, r.day)
        ]
        return Oversight(key.subject, answered.name, answered.tenures, part, then, before, reports)

    return [
        LeaderFacts(
            leader,
            [s for key, part in on_cards.items() if key.party == leader["id"] and (s := sponsorship(key, part))],
            [oversight(key, part) for key, part in overseen.items() if key.party == leader["id"]],
        )
        for leader in leaders
    ]


def _days(part: Held) -> list[date]:
    return [part.last] if part.day_before is None else [part.last, part.day_before]


def _on(projects: Sequence[tuple[UUID, Tenures]], day: date) -> list[UUID]:
    """Those answered for on a day."""
    return [one for one, spans in projects if any(a <= day and (b is None or b > day) for a, b in spans)]


async def _tenures(
    db: Database, actor: Actor, role: Party, parties: Collection[UUID], days: Days
) -> dict[_Held, _Answered]:
    seen = visible(actor.scopes(READ), PROJECTS)
    statement = prepared(("leader_card", role, seen.shape), lambda: tenures(role, seen))
    values = seen.values | {"parties": list(parties), "first": days.first, "last": days.last}
    found: dict[_Held, _Answered] = {}
    for row in await db.rows(statement, values):
        answered = found.setdefault(
            _Held(row["party"], row["project_id"]), _Answered(row["name"], row["region_code"], [])
        )
        answered.tenures.append((row["valid_from"], row["valid_to"]))
    return found


async def _supervised(db: Database, leaders: list[UUID], span: Span) -> dict[_Held, _Answered]:
    """All of the year: a result is of its own days, not of the card's."""
    values = {"leaders": leaders, "first": span.year.first, "last": span.year.last}
    found: dict[_Held, _Answered] = {}
    for row in await db.rows(SUPERVISIONS, values):
        answered = found.setdefault(_Held(row["leader_id"], row["department_id"]), _Answered(row["name"], "", []))
        answered.tenures.append((row["valid_from"], row["valid_to"]))
    return found


async def _states(db: Database, wanted: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], State]:
    pairs = sorted(wanted)
    values = {"projects": [project for project, _ in pairs], "days": [day for _, day in pairs]}
    return {
        (row["project_id"], row["day"]): State(
            row["stage"], row["since"], row["known_since"], row["light"], row["category"], row["annual_plan"],
            row["completed"],
        )
        for row in await db.rows(STATES, values)
    }  # fmt: skip


async def _visits(
    db: Database, leaders: list[UUID], projects: Collection[UUID], span: Span
) -> Mapping[_Held, list[date]]:
    values = {"leaders": leaders, "projects": list(projects), "last": span.through}
    found: dict[_Held, list[date]] = defaultdict(list)
    for row in await db.rows(VISITS, values):
        found[_Held(row["leader_id"], row["project_id"])].append(row["happened_on"])
    return found
