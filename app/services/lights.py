"""Keeping the lights of projects right: drawn anew, in the same transaction, by every write that matters.

A project's course of light is stored to its end (`domain.light_course`), so that a day that begins needs no work and a
list of red projects is right in its first second. What was shown on past days is never drawn again; only days before
a project was entered here at all are told by the ledgers of those days.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.light_course import Override, Period, course
from app.domain.light_rules import FOREVER, Choices
from app.domain.lights import Facts
from app.models import LightOverride, LightPeriod, Project
from app.services.light_facts import keep, keep_early, known_from
from app.services.light_rules_in_force import choices_for
from app.services.light_storing import replace
from app.uow import SHANGHAI, UnitOfWork
from app.writing import touch_projects_where

_PORTION = 1000


class Shown(NamedTuple):
    """What a project shows on a day."""

    light: str | None = None
    computed: str | None = None


_NOTHING = Shown()


async def refresh(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Something of these (locked) projects was written; their versions are already new ones."""
    await _against_new_rules(uow)
    async for _ in _draw_each(uow, _newly_known(uow, ids)):
        pass


async def refresh_beside(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Something that these (locked) projects do not show was written; those whose light turns get new versions."""
    await _against_new_rules(uow)
    async for turned in _draw_each(uow, _newly_known(uow, ids)):
        await _touch(uow, turned)


async def imported(uow: UnitOfWork, ids: Collection[UUID], as_of: date) -> None:
    """A ledger of that day was written. Of the days before a project was entered here it tells what was known then."""
    if as_of < uow.today:
        await _against_new_rules(uow)
        rows = await uow.session.execute(select(Project.id, Project.created_at).where(Project.id.in_(ids)))
        early = [row.id for row in rows if as_of < row.created_at.astimezone(SHANGHAI).date()]
        async for _ in _draw_each(uow, _newly_known(uow, early, as_of)):
            pass
    await refresh(uow, ids)


async def overridden(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """An override of these (locked) projects is new or ends."""
    await _against_new_rules(uow)
    await keep(uow, sorted(ids), everything=True)
    async for _ in _draw_each(uow, _all_from(ids, uow.today)):
        pass


async def rules_chosen(uow: UnitOfWork, ids: Collection[UUID], from_day: date) -> int:
    """Other rules are in force for these projects from that day, today or later, on; how many show it today."""
    count = 0
    async for turned in _draw_each(uow, _all_from(ids, from_day)):
        count += len(turned)
        await _touch(uow, turned)
    return count


async def _touch(uow: UnitOfWork, turned: Sequence[UUID]) -> None:
    if turned:
        await touch_projects_where(uow, Project.id == _any(turned))


async def _newly_known(
    uow: UnitOfWork, ids: Collection[UUID], early: date | None = None
) -> AsyncIterator[tuple[list[UUID], date]]:
    """Keep what is known now (or was on that early day): projects of which something is new, and from which day on."""
    for some in _portions(ids):
        known = await (keep(uow, some) if early is None else keep_early(uow, some, early))
        for day in sorted(set(known.values())):
            yield [project for project, since in known.items() if since == day], day


async def _all_from(ids: Collection[UUID], day: date) -> AsyncIterator[tuple[list[UUID], date]]:
    for some in _portions(ids):
        yield some, day


async def _against_new_rules(uow: UnitOfWork) -> None:
    """Let no region choose other rules between reading the rules and keeping what they give."""
    await uow.lock_key_shared("light rules")


def _portions(ids: Collection[UUID]) -> list[list[UUID]]:
    ordered = sorted(ids)
    return [ordered[i : i + _PORTION] for i in range(0, len(ordered), _PORTION)]


async def _draw_each(uow: UnitOfWork, todo: AsyncIterator[tuple[Sequence[UUID], date]]) -> AsyncIterator[list[UUID]]:
    """The course of each from a day on in place of what was foreseen; by portions, those that now show another light.

    The next portion is worked out while one is written.
    """
    begun: _Drawing | None = None
    async for ids, start in todo:
        following = await _begin(uow, ids, start)
        if begun is not None:
            yield await _finish(uow, begun)
        begun = following
    if begun is not None:
        yield await _finish(uow, begun)


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
    await replace(uow, courses, drawing.start)
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
