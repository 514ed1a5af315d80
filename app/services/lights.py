"""Keeping the lights of projects right: drawn anew, in the same transaction, by every write that matters.

A project's course of light is stored to its end (`domain.light_course`), so that a day that begins needs no work and a
list of red projects is right in its first second. What was shown on past days is never drawn again; only days before
a project was entered here at all are told by the ledgers of those days.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, Text, Uuid, any_, bindparam, delete, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import to_json
from app.domain.light_course import Override, Period, course
from app.domain.light_rules import FOREVER, Choices
from app.domain.lights import Facts
from app.models import LightOverride, LightPeriod, Project
from app.services.light_facts import keep, keep_early, known_from
from app.services.light_rules_in_force import choices_for
from app.uow import SHANGHAI, UnitOfWork
from app.writing import touch_projects_where

_PORTION = 1000
_INSERT = text(
    "INSERT INTO light_periods SELECT * FROM json_populate_recordset(NULL::light_periods, CAST(:rows AS json))"
).bindparams(bindparam("rows", type_=Text))
_P = cast("Table", LightPeriod.__table__)


class Shown(NamedTuple):
    """What a project shows on a day."""

    light: str | None = None
    computed: str | None = None


_NOTHING = Shown()


async def refresh(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Something of these (locked) projects was written; their versions are already new ones."""
    await _against_new_rules(uow)
    for some in _portions(ids):
        await _draw_from(uow, await keep(uow, some))


async def refresh_beside(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Something that these (locked) projects do not show was written; those whose light turns get new versions."""
    await _against_new_rules(uow)
    for some in _portions(ids):
        turned = await _draw_from(uow, await keep(uow, some))
        if turned:
            await touch_projects_where(uow, Project.id == _any(turned))


async def imported(uow: UnitOfWork, ids: Collection[UUID], as_of: date) -> None:
    """A ledger of that day was written. Of the days before a project was entered here it tells what was known then."""
    if as_of < uow.today:
        await _against_new_rules(uow)
        rows = await uow.session.execute(select(Project.id, Project.created_at).where(Project.id.in_(ids)))
        early = [row.id for row in rows if as_of < row.created_at.astimezone(SHANGHAI).date()]
        for some in _portions(early):
            await _draw_from(uow, await keep_early(uow, some, as_of))
    await refresh(uow, ids)


async def overridden(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """An override of these (locked) projects is new or ends."""
    await _against_new_rules(uow)
    await keep(uow, sorted(ids), everything=True)
    await _draw(uow, sorted(ids), uow.today)


async def rules_chosen(uow: UnitOfWork, ids: Collection[UUID], from_day: date) -> int:
    """Other rules are in force for these projects from that day, today or later, on; how many show it today."""
    count = 0
    begun: _Drawing | None = None
    for some in [*_portions(ids), None]:
        # The next are worked out while these are written.
        following = await _begin(uow, some, from_day) if some is not None else None
        if begun is not None:
            turned = await _finish(uow, begun)
            count += len(turned)
            if turned:
                await touch_projects_where(uow, Project.id == _any(turned))
        begun = following
    return count


async def _draw_from(uow: UnitOfWork, known: Mapping[UUID, date]) -> list[UUID]:
    turned = []
    for day in sorted(set(known.values())):
        turned += await _draw(uow, [project for project, since in known.items() if since == day], day)
    return turned


async def _against_new_rules(uow: UnitOfWork) -> None:
    """Let no region choose other rules between reading the rules and keeping what they give."""
    await uow.lock_key_shared("light rules")


def _portions(ids: Collection[UUID]) -> list[list[UUID]]:
    ordered = sorted(ids)
    return [ordered[i : i + _PORTION] for i in range(0, len(ordered), _PORTION)]


async def _draw(uow: UnitOfWork, ids: Sequence[UUID], start: date) -> list[UUID]:
    """The course of each from `start` on in place of what was foreseen; those that now show another light today."""
    return await _finish(uow, await _begin(uow, ids, start))


class _Drawing(NamedTuple):
    """Courses being worked out, in a thread of their own when there are many."""

    ids: Sequence[UUID]
    start: date
    courses: Awaitable[dict[UUID, list[Period]]]
    regions: Mapping[UUID, str]


async def _begin(uow: UnitOfWork, ids: Sequence[UUID], start: date) -> _Drawing:
    known = await known_from(uow, ids, start)
    overrides = await _overrides(uow, ids, start)
    choices = await choices_for(uow, {facts.region_code for found in known.values() for _, facts in found})
    regions = {project: found[-1][1].region_code for project, found in known.items()}
    loop = asyncio.get_running_loop()
    courses: asyncio.Future[dict[UUID, list[Period]]] = loop.create_future()
    if len(known) > 1:
        courses = loop.run_in_executor(None, _courses, known, choices, overrides, start)
    else:
        courses.set_result(_courses(known, choices, overrides, start))
    return _Drawing(ids, start, courses, regions)


async def _finish(uow: UnitOfWork, drawing: _Drawing) -> list[UUID]:
    courses = await drawing.courses
    before = await shown_on(uow, drawing.ids, uow.today)
    await _replace(uow, courses, drawing.start)
    return _note(uow, courses, before, drawing.regions)


def _courses(
    known: Mapping[UUID, list[tuple[date, Facts]]],
    choices: Choices,
    overrides: Mapping[UUID, list[Override]],
    start: date,
) -> dict[UUID, list[Period]]:
    return {project: course(found, choices, overrides.get(project, ()), start) for project, found in known.items()}


async def _overrides(uow: UnitOfWork, ids: Sequence[UUID], start: date) -> dict[UUID, list[Override]]:
    o = LightOverride
    rows = await uow.session.scalars(
        select(o).where(o.project_id == _any(ids), (o.until.is_(None)) | (o.until > start)).order_by(o.since)
    )
    found: dict[UUID, list[Override]] = {}
    for row in rows:
        override = Override(row.id, row.light, row.since, row.until or FOREVER)
        found.setdefault(row.project_id, []).append(override)
    return found


def _any(ids: Sequence[UUID]) -> Any:
    return any_(literal(list(ids), ARRAY(Uuid)))


async def shown_on(uow: UnitOfWork, ids: Sequence[UUID], day: date) -> dict[UUID, Shown]:
    """What each of these projects shows on a day; those without a light may be missing."""
    p = LightPeriod
    rows = await uow.session.execute(
        select(p.project_id, p.light, p.computed).where(p.project_id == _any(ids), p.from_day <= day, p.until_day > day)
    )
    return {row.project_id: Shown(row.light, row.computed) for row in rows}


async def _replace(uow: UnitOfWork, courses: Mapping[UUID, list[Period]], start: date) -> None:
    """From `start` on these periods; one that goes on as it was before stays one."""
    ids = list(courses)
    await uow.session.execute(delete(_P).where(_P.c.project_id == _any(ids), _P.c.from_day >= start))
    cut = await uow.session.execute(
        update(_P).where(_P.c.project_id == _any(ids), _P.c.until_day > start).values(until_day=start)
        .returning(_P.c.project_id, _P.c.from_day, *[_P.c[name] for name in _TOLD])
    )  # fmt: skip
    before = {project: (from_day, tuple(told)) for project, from_day, *told in cut}
    rows, longer = [], []
    for project, periods in courses.items():
        begun, last = before.get(project, (None, _DARK))
        for period in periods:
            told = _told(period)
            if begun is not None and told == last:
                longer.append({"b_project": project, "b_from": begun, "b_until": period.until_day})
            else:
                rows.append(_row(project, period, told, turned=told[:2] != last[:2]))
            # Of what follows nothing goes on: within a course no period tells the same as the one before.
            begun, last = None, told
    if longer:
        lengthen = update(_P).where(_P.c.project_id == bindparam("b_project"), _P.c.from_day == bindparam("b_from"))
        await uow.session.execute(lengthen.values(until_day=bindparam("b_until")), longer)
    if rows:
        # One text for all: a tenth of what it costs to send them row by row.
        await uow.session.execute(_INSERT, {"rows": to_json(rows).decode()})


_TOLD = ("light", "computed", "reason", "rule_set_id", "rule_set_version", "override_id", "parts")
_DARK: tuple[Any, ...] = (None, None)


def _told(period: Period) -> tuple[Any, ...]:
    """What a period tells, as it is stored."""
    light, computed, reason, rule_set, override_id, parts = period.told
    identity, version = (rule_set.id, rule_set.version) if rule_set else (None, None)
    return light, computed, reason, identity, version, override_id, [list(part) for part in parts]


def _row(project: UUID, period: Period, told: tuple[Any, ...], *, turned: bool) -> dict[str, Any]:
    rule_set = period.told.rule_set
    return {
        "project_id": project,
        "from_day": period.from_day,
        # What the driver does for a date by itself: for ever is PostgreSQL's infinity.
        "until_day": "infinity" if period.until_day == FOREVER else period.until_day,
        "rule_set_code": rule_set.code if rule_set else None,
        "turned": turned,
        **dict(zip(_TOLD, told, strict=True)),
    }


def _note(
    uow: UnitOfWork, courses: Mapping[UUID, list[Period]], before: Mapping[UUID, Shown], regions: Mapping[UUID, str]
) -> list[UUID]:
    """One row in the log for each project that shows another light today than it did."""
    turned, today = [], uow.today
    for project, periods in courses.items():
        told = next((p.told for p in periods if p.from_day <= today < p.until_day), None)
        was = before.get(project, _NOTHING)
        now = Shown(told.light, told.computed) if told is not None else was
        if now != was:
            turned.append(project)
            note_turn(uow, project, regions[project], was, now)
    return turned


def note_turn(uow: UnitOfWork, project: UUID, region_code: str, was: Shown, now: Shown) -> None:
    """`light.updated` under the project's id: `light` and `computed_light` from what to what."""
    members = (("light", was.light, now.light), ("computed_light", was.computed, now.computed))
    uow.record_plain(
        "light.updated",
        resource_id=str(project),
        region_code=region_code,
        project_id=project,
        diff={name: [old, new] for name, old, new in members if old != new},
    )
