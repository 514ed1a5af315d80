"""Collecting what lights go by, keeping it as it becomes known, and reading it as it was known on a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, DateTime, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.domain.light_rules import FOREVER
from app.domain.lights import Due, Facts, Plan
from app.domain.stages import ORDER
from app.uow import UnitOfWork

_UNDER_WAY = list(ORDER[ORDER.index("started") :])

# Facts as JSON, one row a project. Dated entries count up to :until; plans from the year of :day on; of the figures of
# a month the last one. `started_on` is when the project last crossed into the started stages, if it still is there.
_COLLECT = """
SELECT p.id, jsonb_strip_nulls(jsonb_build_object(
    'region', p.region_code,
    'planned_start', p.planned_start,
    'enrolled_on', p.enrolled_on,
    'problem', CASE WHEN p.problem <> '' THEN true END,
    'started_on', CASE WHEN coalesce(moved.to_stage, p.stage) = ANY(:under_way)
                       THEN coalesce(began.happened_on, p.stage_since) END,
    'terminated_on', CASE WHEN coalesce(moved.to_stage, p.stage) = 'terminated'
                          THEN coalesce(moved.happened_on, p.stage_since) END,
    'suspended_since', (SELECT min(s.since) FROM suspensions s
                         WHERE s.project_id = p.id AND s.since <= :until AND (s.until IS NULL OR s.until > :until)),
    'plans', plans.found,
    'figures', (SELECT jsonb_object_agg(y.year, y.figures) FROM (
        SELECT m.year, jsonb_agg(jsonb_build_array(m.as_of, trim_scale(m.completed)) ORDER BY m.as_of) AS figures
          FROM (SELECT DISTINCT ON (f.year, date_trunc('month', f.as_of)) f.year, f.as_of, f.completed
                  FROM progress_figures f
                 WHERE f.project_id = p.id AND f.completed IS NOT NULL AND f.as_of <= :until
                   AND f.year >= date_part('year', CAST(:day AS date))
                 ORDER BY f.year, date_trunc('month', f.as_of), f.as_of DESC, f.recorded_at DESC, f.id DESC) AS m
         GROUP BY m.year) AS y),
    'milestones', (SELECT jsonb_agg(jsonb_build_array(m.planned_finish, m.status = 'done', m.actual_finish)
                                    ORDER BY m.planned_finish, m.id)
                     FROM milestones m WHERE m.project_id = p.id AND m.planned_finish IS NOT NULL)
  )) AS facts
  FROM projects p
  CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(a.year, jsonb_build_array(trim_scale(a.planned_investment), to_jsonb(a.monthly),
                                                      a.planned_start)) AS found
      FROM annual_plans a WHERE a.project_id = p.id AND a.year >= date_part('year', CAST(:day AS date))) AS plans
  LEFT JOIN LATERAL (
    SELECT t.to_stage, t.happened_on FROM stage_transitions t
     WHERE t.project_id = p.id AND t.happened_on <= :until
     ORDER BY t.happened_on DESC, t.entered_at DESC, t.id DESC LIMIT 1) AS moved ON true
  LEFT JOIN LATERAL (
    SELECT t.happened_on FROM stage_transitions t
     WHERE t.project_id = p.id AND t.happened_on <= :until AND t.to_stage = ANY(:under_way)
       AND (t.from_stage IS NULL OR t.from_stage <> ALL(:under_way))
     ORDER BY t.happened_on DESC, t.entered_at DESC, t.id DESC LIMIT 1) AS began ON true
 WHERE p.id = ANY(:ids)
"""

# What is known anew: where it differs from what was, and only of projects that have, or had, a plan. One that waited
# for its project's lock over midnight writes behind the later day that was written meanwhile. Materialized: else the
# facts would be collected once for each place that names them.
_KEEP = f"""
WITH found AS MATERIALIZED ({_COLLECT})
INSERT INTO light_facts (project_id, since, entered_at, facts)
SELECT found.id, greatest(:day, last.since), :now, found.facts
  FROM found
  LEFT JOIN LATERAL (
    SELECT l.since, l.facts FROM light_facts l WHERE l.project_id = found.id AND (:latest OR l.since <= :day)
     ORDER BY l.since DESC LIMIT 1) AS last ON true
 WHERE found.facts IS DISTINCT FROM last.facts AND (last.facts IS NOT NULL OR found.facts ? 'plans' OR :everything)
ON CONFLICT (project_id, since) DO UPDATE SET facts = excluded.facts, entered_at = excluded.entered_at
RETURNING project_id, since
"""  # noqa: S608  # both are constants

_KNOWN = """
SELECT l.project_id, l.since, CAST(l.facts AS text) AS facts FROM light_facts l
 WHERE l.project_id = ANY(:ids)
   AND l.since >= coalesce(
         (SELECT max(e.since) FROM light_facts e WHERE e.project_id = l.project_id AND e.since <= :day), :day)
 ORDER BY l.project_id, l.since
"""

_TYPES = (
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("day", type_=Date),
    bindparam("until", type_=Date),
    bindparam("under_way", value=_UNDER_WAY, type_=ARRAY(Text)),
)
_COLLECTING = text("SELECT c.id, CAST(c.facts AS text) AS facts FROM (" + _COLLECT + ") AS c").bindparams(*_TYPES)  # noqa: S608  # a constant
_KEEPING = text(_KEEP).bindparams(
    *_TYPES,
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("latest", type_=Boolean),
    bindparam("everything", type_=Boolean),
)
_KNOWING = text(_KNOWN).bindparams(_TYPES[0], _TYPES[1])


async def keep(uow: UnitOfWork, ids: Sequence[UUID], *, everything: bool = False) -> dict[UUID, date]:
    """Keep what is known of these projects now, where it is new; from which day each, where it was.

    `everything`: also of projects that never had a plan.
    """
    return await _keep(uow, ids, uow.today, FOREVER, latest=True, everything=everything)


async def keep_early(uow: UnitOfWork, ids: Sequence[UUID], day: date) -> dict[UUID, date]:
    """Keep as known on that past day what entries of up to that day tell."""
    return await _keep(uow, ids, day, day, latest=False, everything=False)


async def _keep(
    uow: UnitOfWork, ids: Sequence[UUID], day: date, until: date, *, latest: bool, everything: bool
) -> dict[UUID, date]:
    values = {"ids": list(ids), "day": day, "until": until, "now": uow.now, "latest": latest, "everything": everything}
    rows = await uow.session.execute(_KEEPING, values)
    return {row.project_id: row.since for row in rows}


async def known_from(uow: UnitOfWork, ids: Sequence[UUID], day: date) -> dict[UUID, list[tuple[date, Facts]]]:
    """What was known on `day` (if anything was) and all that became known later, each with its day, in order."""
    found: dict[UUID, list[tuple[date, Facts]]] = {}
    for row in await uow.session.execute(_KNOWING, {"ids": list(ids), "day": day}):
        found.setdefault(row.project_id, []).append((row.since, read(row.facts)))
    return found


async def collect(uow: UnitOfWork, ids: Sequence[UUID], day: date) -> dict[UUID, Facts]:
    """What is known by now of that day."""
    rows = await uow.session.execute(_COLLECTING, {"ids": list(ids), "day": day, "until": day})
    return {row.id: read(row.facts) for row in rows}


_READER = json.JSONDecoder(parse_float=Decimal)


def read(stored: str) -> Facts:
    return facts_of(_READER.decode(stored))


def facts_of(stored: Mapping[str, Any]) -> Facts:
    """Facts from their JSON; amounts exact, whether they came as numbers or as texts."""
    return Facts(
        region_code=stored["region"],
        planned_start=stored.get("planned_start"),
        started_on=_day(stored.get("started_on")),
        enrolled_on=_day(stored.get("enrolled_on")),
        terminated_on=_day(stored.get("terminated_on")),
        suspended_since=_day(stored.get("suspended_since")),
        problem_stated=stored.get("problem", False),
        plans={int(year): _plan(*plan) for year, plan in stored.get("plans", {}).items()},
        figures={
            int(year): tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in figures)
            for year, figures in stored.get("figures", {}).items()
        },
        milestones=tuple(
            Due(date.fromisoformat(planned), done, _day(finished))
            for planned, done, finished in stored.get("milestones", ())
        ),
    )


def _plan(investment: Any, monthly: Any, start: str | None) -> Plan:
    return Plan(
        None if investment is None else Decimal(investment),
        None if monthly is None else tuple(Decimal(amount) for amount in monthly),
        start,
    )


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


_UNLIT = text("""
SELECT p.id FROM projects p
 WHERE EXISTS (SELECT FROM annual_plans a WHERE a.project_id = p.id AND a.year >= date_part('year', CAST(:day AS date)))
   AND NOT EXISTS (SELECT FROM light_facts l WHERE l.project_id = p.id)
 ORDER BY p.id LIMIT :portion FOR NO KEY UPDATE OF p SKIP LOCKED
""").bindparams(_TYPES[1])


async def ids_of_plans_without_lights(uow: UnitOfWork, portion: int) -> list[UUID]:
    """Projects with a plan of this year or later of which nothing is kept yet, locked."""
    return list(await uow.session.scalars(_UNLIT, {"day": uow.today, "portion": portion}))
