"""Why a project has the light it has on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select

from app.domain.light_explained import explained
from app.domain.light_rules import RuleSet
from app.domain.lights import Facts, judge
from app.models import LightOverride, LightPeriod, Project, User
from app.resources.projects import PROJECT
from app.services.light_facts import collect, known_from
from app.services.light_rules_in_force import choices_for
from app.uow import SHANGHAI, UnitOfWork
from app.writing import get_visible


class _Override(NamedTuple):
    row: LightOverride
    name: str | None

    def brief(self) -> dict[str, Any]:
        row = self.row
        by = {"id": row.entered_by, "name": self.name} if row.entered_by is not None else None
        named = {name: getattr(row, name) for name in ("id", "light", "reason", "since", "until")}
        return {**named, "entered_by": by}


async def explain(uow: UnitOfWork, project_id: UUID, as_of: date | None, known: str) -> Mapping[str, Any]:
    """The light of a day with parts, facts, rule set and override."""
    project = await get_visible(uow, PROJECT, Project, project_id)
    day = as_of or uow.today
    facts = await (_known_then if known == "then" else _known_now)(uow, project, day)
    head = {"project_id": project.id, "as_of": day, "known": known, "next": await _next(uow, project.id, day, known)}
    override = await _override(uow, project.id, day)
    by_hand = {"override": override.brief() if override else None}
    if facts is None:
        nothing: dict[str, Any] = {
            "computed_light": None,
            "reason": "not_known",
            "parts": [],
            "facts": None,
            "rule_set": None,
        }
        return {**head, "light": override.row.light if override else None, **nothing, **by_hand}
    rule_set, _ = (await choices_for(uow, [facts.region_code])).on(facts.region_code, day)
    found = judge(rule_set, facts, day)
    return {
        **head,
        "light": override.row.light if override else found.light,
        "computed_light": found.light,
        "reason": found.reason,
        "parts": [{"part": part.name, "light": part.light, "rule": part.rule} for part in found.parts],
        "facts": explained(rule_set, facts, day),
        "rule_set": _named(rule_set),
        **by_hand,
    }


def _named(rule_set: RuleSet) -> dict[str, Any]:
    return {"id": rule_set.id, "code": rule_set.code, "version": rule_set.version}


async def _known_then(uow: UnitOfWork, project: Project, day: date) -> Facts | None:
    """What was known at the end of that day; a project nothing was planned of yet has no facts but itself."""
    known = [facts for since, facts in (await known_from(uow, [project.id], day)).get(project.id, []) if since <= day]
    if known:
        return known[0]
    if day < project.created_at.astimezone(SHANGHAI).date():
        return None
    return (await collect(uow, [project.id], day)).get(project.id)


async def _known_now(uow: UnitOfWork, project: Project, day: date) -> Facts | None:
    return (await collect(uow, [project.id], day)).get(project.id)


async def _override(uow: UnitOfWork, project_id: UUID, day: date) -> _Override | None:
    o = LightOverride
    columns: list[Any] = [o, User.display_name]
    row = (
        await uow.session.execute(
            select(*columns)
            .outerjoin(User, User.id == o.entered_by)
            .where(o.project_id == project_id, o.since <= day, or_(o.until.is_(None), o.until > day))
        )
    ).one_or_none()
    return _Override(*row) if row is not None else None


async def _next(uow: UnitOfWork, project_id: UUID, day: date, known: str) -> dict[str, Any] | None:
    if known == "now":
        return None
    p = LightPeriod
    turn = select(p.from_day, p.light).where(p.project_id == project_id, p.from_day > day, p.turned)
    row = (await uow.session.execute(turn.order_by(p.from_day).limit(1))).one_or_none()
    return {"on": row.from_day, "light": row.light} if row is not None else None
