"""Everything a run is worked out from, gathered and written down as JSON: the same facts always give the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.db import to_json
from app.domain.assessment_schemes import Joint
from app.domain.assessment_shares import Part, Period, Tenure, parts
from app.domain.held_days import Days, held
from app.domain.stages import ORDER
from app.models import RatingCampaign, RatingResult
from app.services.assessment_entries import entries
from app.services.assessment_reports import reports
from app.services.import_reading import lift_limits
from app.uow import UnitOfWork

_HELD = text("""
SELECT a.project_id, coalesce(a.department_id, a.leader_id) AS party, a.valid_from, a.valid_to
  FROM assignments a JOIN projects p ON p.id = a.project_id
 WHERE a.role = :role AND p.county_code >= :county AND p.county_code < :county || ':'
   AND p.region_code >= :region AND p.region_code < :region || ':'
   AND a.valid_from <= :ends AND coalesce(a.valid_to, DATE 'infinity') > greatest(a.valid_from, :starts)
 ORDER BY a.project_id, a.valid_from, a.id
""").bindparams(*[bindparam(n, type_=Date) for n in ("starts", "ends")])

_PROJECTS = text("""
SELECT p.id, p.name, p.sector, p.major, p.total_investment, plan.category, plan.planned_investment, plan.monthly,
       latest.to_stage AS stage, earlier.to_stage AS stage_before, light.light,
       coalesce((SELECT array_agg(t.from_stage || '>' || t.to_stage ORDER BY t.happened_on, t.entered_at, t.id)
                   FROM stage_transitions t
                  WHERE t.project_id = p.id AND t.happened_on BETWEEN :starts AND :ends AND t.from_stage IS NOT NULL),
                '{}') AS moves,
       coalesce((SELECT array_agg(DISTINCT f.kind ORDER BY f.kind) FROM assessment_facts f
                  WHERE f.project_id = p.id AND f.happened_on BETWEEN :starts AND :ends AND f.retracts_id IS NULL
                    AND NOT EXISTS (SELECT FROM assessment_facts r WHERE r.retracts_id = f.id)), '{}') AS entered
  FROM projects p
  LEFT JOIN annual_plans plan ON plan.project_id = p.id AND plan.year = date_part('year', :starts)
  LEFT JOIN LATERAL (SELECT t.to_stage FROM stage_transitions t WHERE t.project_id = p.id AND t.happened_on <= :ends
                      ORDER BY t.happened_on DESC, t.entered_at DESC, t.id DESC LIMIT 1) AS latest ON true
  LEFT JOIN LATERAL (SELECT t.to_stage FROM stage_transitions t WHERE t.project_id = p.id AND t.happened_on < :starts
                      ORDER BY t.happened_on DESC, t.entered_at DESC, t.id DESC LIMIT 1) AS earlier ON true
  LEFT JOIN light_periods light ON light.project_id = p.id AND light.from_day <= :ends AND light.until_day > :ends
 WHERE p.id = ANY(:ids) ORDER BY p.id
""").bindparams(
    *[bindparam(n, type_=Date) for n in ("starts", "ends")], bindparam("ids", type_=ARRAY(Uuid))
)  # fmt: skip

# All of the year: a report from after the period tells of its last days, too, as far as none tells of its end.
_FIGURES = text("""
SELECT DISTINCT ON (f.project_id, f.as_of) f.project_id, f.as_of, f.completed FROM progress_figures f
 WHERE f.project_id = ANY(:ids) AND f.year = date_part('year', :ends) AND f.completed IS NOT NULL
 ORDER BY f.project_id, f.as_of, f.recorded_at DESC, f.id DESC
""").bindparams(bindparam("ends", type_=Date), bindparam("ids", type_=ARRAY(Uuid)))

_KINDS = {
    "department": ["bureau", "party_organ", "other", "township", "park_committee"],
    "bureau": ["bureau", "party_organ", "other"],
    "township": ["township"],
    "park": ["park_committee"],
}
_SUBJECTS = {
    "department": text("""
SELECT id, name, kind FROM departments
 WHERE region_code >= :region AND region_code < :region || ':' AND kind = ANY(:kinds) ORDER BY name, id
""").bindparams(bindparam("kinds", type_=ARRAY(Text))),
    "leader": text("""
SELECT id, name, 'leader' AS kind FROM leaders
 WHERE region_code >= :region AND region_code < :region || ':' AND :kinds = :kinds ORDER BY name, id
""").bindparams(bindparam("kinds", type_=ARRAY(Text))),
}
_GROUPS = (
    ("parks", "园区组", {"park_committee"}),
    ("townships", "乡镇组", {"township"}),
    ("departments", "部门组", {"bureau", "party_organ", "other"}),
    ("leaders", "包扶领导", {"leader"}),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work is assessed, where and when."""

    region_code: str
    period: Period
    subject_kind: str

    @property
    def role(self) -> str:
        """In which subjects answer for projects."""
        return "sponsor" if self.subject_kind == "leader" else "responsible"

    @property
    def values(self) -> dict[str, Any]:
        return {"region": self.region_code, "starts": self.period.starts_on, "ends": self.period.ends_on}


async def subjects(uow: UnitOfWork, asked: Asked) -> dict[UUID, tuple[str, str]]:
    """Everybody of the kind in the region: id → (name, kind), by name."""
    table = "leader" if asked.subject_kind == "leader" else "department"
    values = {"region": asked.region_code, "kinds": _KINDS.get(asked.subject_kind, [])}
    return {row.id: (row.name, row.kind) for row in await uow.session.execute(_SUBJECTS[table], values)}


async def _tenures(uow: UnitOfWork, asked: Asked) -> dict[UUID, list[Tenure]]:
    values = asked.values | {"role": asked.role, "county": asked.region_code[:6]}
    found: dict[UUID, list[Tenure]] = {}
    for row in await uow.session.execute(_HELD, values):
        found.setdefault(row.project_id, []).append(Tenure(row.party, row.valid_from, row.valid_to))
    return found


async def everybody(uow: UnitOfWork, asked: Asked) -> list[dict[str, Any]]:
    """The groups where none are given: who answered for a project or has an entry in the period."""
    known = await subjects(uow, asked)
    at_work = {t.party for tenures in (await _tenures(uow, asked)).values() for t in tenures}
    at_work |= (await entries(uow, asked.region_code, asked.role, asked.period, "full")).found.keys()
    groups = []
    for code, name, kinds in _GROUPS:
        members = [str(one) for one, (_, kind) in known.items() if kind in kinds and one in at_work]
        if members:
            groups.append({"code": code, "name": name, "subject_ids": members})
    return groups


async def gather(
    uow: UnitOfWork,
    asked: Asked,
    definition: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    past: Mapping[str, Any],
) -> bytes:
    """The facts of a run as JSON; `past` is what the run of the period before said of each subject."""
    await lift_limits(uow)
    known = await subjects(uow, asked)
    joint: Joint = definition.get("joint", "full")
    tenures = await _tenures(uow, asked)
    entered = await entries(uow, asked.region_code, asked.role, asked.period, joint)
    wanted = [UUID(one) for group in groups for one in group["subject_ids"]]
    ids = [project for project, held in tenures.items() if {t.party for t in held} & set(wanted)]
    values = {"ids": ids, "starts": asked.period.starts_on, "ends": asked.period.ends_on}
    projects = (await uow.session.execute(_PROJECTS, values)).all()
    figures: dict[UUID, list[tuple[date, Decimal]]] = {}
    for row in await uow.session.execute(_FIGURES, {"ids": ids, "ends": asked.period.ends_on}):
        figures.setdefault(row.project_id, []).append((row.as_of, row.completed))
    ratings = await _ratings(uow, asked)
    due = await reports(uow, asked.region_code, asked.period, {one: tenures[one] for one in ids}, joint)

    def work() -> bytes:
        on_record: dict[UUID, list[dict[str, Any]]] = {}
        for row in projects:
            if row.stage_before == "terminated":
                continue
            split = parts(asked.period, tenures[row.id], figures.get(row.id, ()), joint)
            for party, part in split.items():
                days = _days(tenures[row.id], party, asked.period)
                stood = {state: _written(count) for state, count in sorted(due.get((row.id, party), {}).items())}
                project = _project(row, asked.period, part) | {"held": days, "reports": stood}
                on_record.setdefault(party, []).append(project)
        told = {
            str(one): {
                "name": known[one][0] if one in known else "",
                "projects": on_record.get(one, []),
                "entries": entered.found.get(one, []),
                "earlier": entered.earlier.get(one, {}),
                "figures": {"rating_score": ratings[one]} if one in ratings else {},
            }
            for one in sorted(wanted)
        }
        period = asked.period
        return to_json(
            {
                "region_code": asked.region_code,
                "period": {"kind": period.kind, "year": period.year, "number": period.number},
                "subject_kind": asked.subject_kind,
                "definition": definition,
                "groups": groups,
                "past": {one: past[one] for one in sorted(past)},
                "subjects": told,
            }
        )

    return await asyncio.to_thread(work)


def _days(tenures: Sequence[Tenure], party: UUID, period: Period) -> list[tuple[date, date]]:
    """On which the party is on record; days nobody is on record for are in its share, but not here."""
    own = [(t.valid_from, t.valid_to) for t in tenures if t.party == party]
    found = held(own, Days(period.starts_on, period.ends_on))
    return [(stretch.first, stretch.last) for stretch in found.stretches] if found else []


async def _ratings(uow: UnitOfWork, asked: Asked) -> dict[UUID, str]:
    """Scores in the published rating of the year, by department."""
    c = RatingCampaign
    document = await uow.session.scalar(
        select(RatingResult.document)
        .join(c, c.id == RatingResult.campaign_id)
        .where(c.region_code == asked.region_code, c.year == asked.period.year)
    )
    if document is None:
        return {}
    told = [one for group in orjson.loads(document)["groups"] for one in group["departments"]]
    return {UUID(one["department_id"]): str(one["score"]) for one in told if one["score"] is not None}


def _written(value: Decimal | Fraction | None) -> str | None:
    """Exact as a text: "150" or "1/3"."""
    return None if value is None else str(Fraction(value))


def _project(row: Any, period: Period, part: Part) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "share": _written(part.share),
        "category": row.category,
        "sector": row.sector,
        "stage": row.stage,
        "moved_into": _moved_into(row.moves, row.stage),
        "light": row.light,
        "major": row.major,
        "entered": list(row.entered),
        "annual_plan": _written(row.planned_investment),
        "planned": _written(period.planned(row.planned_investment, row.monthly)),
        "total_investment": _written(row.total_investment),
        "months": [_written(amount) for amount in part.months],
    }


def _moved_into(moves: Sequence[str], stage: str | None) -> list[str]:
    """All stages moved into or past, as far as the last one is not before them; a first entry is no move."""
    if stage not in ORDER:
        return []
    now, found = ORDER.index(stage), set()
    for move in moves:
        before, _, after = move.partition(">")
        if before in ORDER and after in ORDER:
            found |= set(range(ORDER.index(before) + 1, min(ORDER.index(after), now) + 1))
    return [ORDER[n] for n in sorted(found)]
