"""Results from facts: the same facts give the same bytes, on any day."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from app.db import to_json
from app.domain.assessment import ItemResult, Result, evaluate, rounded
from app.domain.assessment_facts import Entry, ProjectFacts, SubjectFacts
from app.domain.assessment_ranks import Past, Standing, ranked
from app.domain.assessment_schemes import Definition, definition_of
from app.domain.assessment_shares import Period
from app.errors import invalid

_SIX = 6


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def document(facts: bytes, scheme: Mapping[str, Any] | None, previous_id: UUID | None) -> bytes:
    """The ranking as JSON, worked out in a thread."""
    return await asyncio.to_thread(_document, facts, scheme, previous_id)


def _document(facts: bytes, scheme: Mapping[str, Any] | None, previous_id: UUID | None) -> bytes:
    told = orjson.loads(facts)
    definition = definition_of(told["definition"])
    period = _period(told)
    return to_json(
        {
            "region_code": told["region_code"],
            "period": {**told["period"], "starts_on": period.starts_on, "ends_on": period.ends_on},
            "subject_kind": told["subject_kind"],
            "scheme": scheme,
            "previous_id": previous_id,
            "inputs_sha256": digest(facts),
            "items": [{"code": item.code, "name": item.name} for item in definition.items],
            "groups": [_group(told, definition, group) for group in told["groups"]],
        }
    )


def _period(told: Mapping[str, Any]) -> Period:
    return Period(told["period"]["kind"], told["period"]["year"], told["period"]["number"])


def _group(told: Mapping[str, Any], definition: Definition, group: Mapping[str, Any]) -> dict[str, Any]:
    found = {UUID(one): evaluate(definition, subject_of(told, one)) for one in group["subject_ids"]}
    standings = _standings(told, definition, group, found)
    return {
        "code": group["code"],
        "name": group["name"],
        "subjects": [_subject(told, s, found[s.subject]) for s in standings],
    }


def _standings(
    told: Mapping[str, Any], definition: Definition, group: Mapping[str, Any], found: Mapping[UUID, Result]
) -> list[Standing]:
    past = {
        UUID(one): Past(p["group"], p["rank"], Decimal(str(p["score"])), p["last_running"])
        for one, p in told["past"].items()
    }
    scores = {one: result.score for one, result in found.items()}
    return ranked(group["code"], scores, past, definition.outcomes)


def _subject(told: Mapping[str, Any], s: Standing, result: Result) -> dict[str, Any]:
    return {
        "subject_id": s.subject,
        "name": told["subjects"][str(s.subject)]["name"],
        "score": s.score,
        "rank": s.rank,
        "items": [{"code": item.item.code, "points": item.points} for item in result.items],
        "previous_score": None if s.past is None else s.past.score,
        "previous_rank": None if s.past is None else s.past.rank,
        "movement": s.movement,
        "score_change": s.score_change,
        "last_running": s.last_running,
        "consequences": list(s.consequences),
    }


def past_of(published: bytes) -> dict[str, Any]:
    """What a published run says of each subject, for the next one."""
    return {
        one["subject_id"]: {
            "group": group["code"], "rank": one["rank"], "score": one["score"], "last_running": one["last_running"],
        }
        for group in orjson.loads(published)["groups"]
        for one in group["subjects"]
    }  # fmt: skip


def subject_of(told: Mapping[str, Any], one: str) -> SubjectFacts:
    kept = told["subjects"][one]
    return SubjectFacts(
        projects=tuple(_project(project) for project in kept["projects"]),
        entries=tuple(_entry(entry) for entry in kept["entries"]),
        earlier=kept.get("earlier", {}),
        figures={name: Fraction(value) for name, value in kept["figures"].items()},
        first_month=_period(told).starts_on.month,
    )


def _entry(kept: Mapping[str, Any]) -> Entry:
    share = Fraction(kept.get("share", 1))
    return Entry(kept["id"], kept["kind"], _exact(kept["value"]), kept["label"], kept.get("project_id"), share)


def _exact(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _project(kept: Mapping[str, Any]) -> ProjectFacts:
    return ProjectFacts(
        id=kept["id"],
        name=kept["name"],
        share=Fraction(kept["share"]),
        held=tuple((first, last) for first, last in kept.get("held", ())),
        category=kept["category"],
        sector=kept["sector"],
        stage=kept["stage"],
        moved_into=tuple(kept["moved_into"]),
        light=kept["light"],
        major=kept["major"],
        entered=tuple(kept["entered"]),
        annual_plan=_exact(kept["annual_plan"]),
        planned=_exact(kept["planned"]),
        total_investment=_exact(kept["total_investment"]),
        months=tuple(Fraction(amount) for amount in kept["months"]),
        reports={state: Fraction(count) for state, count in kept.get("reports", {}).items()},
    )


async def explanation(facts: bytes, subject: UUID, at: str) -> dict[str, Any]:
    """One subject's points item by item, line by line; 422 at the pointer for one that is not assessed here."""
    return await asyncio.to_thread(_explanation, facts, subject, at)


def _explanation(facts: bytes, subject: UUID, at: str) -> dict[str, Any]:
    told = orjson.loads(facts)
    group = next((group for group in told["groups"] if str(subject) in group["subject_ids"]), None)
    if group is None:
        raise invalid(at, "not_assessed_here")
    definition = definition_of(told["definition"])
    found = {UUID(one): evaluate(definition, subject_of(told, one)) for one in group["subject_ids"]}
    standing = next(s for s in _standings(told, definition, group, found) if s.subject == subject)
    result = found[subject]
    return {
        "subject_id": subject,
        "name": told["subjects"][str(subject)]["name"],
        "group": group["code"],
        "rank": standing.rank,
        "items": [_item(item, stored) for item, stored in zip(result.items, told["definition"]["items"], strict=True)],
        "total": result.total,
        "score": result.score,
    }


def _item(result: ItemResult, stored: Mapping[str, Any]) -> dict[str, Any]:
    worked = result.worked
    return {
        "code": result.item.code,
        "name": result.item.name,
        "function": stored["function"],
        "parameters": {n: v for n, v in stored.items() if n not in {"code", "name", "function"}},
        "facts": _told(worked.facts),
        "lines": [
            {"of": line.of, "label": line.label, "points": rounded(line.points, _SIX), "facts": _told(line.facts)}
            for line in worked.lines
        ],
        "raw": rounded(worked.raw, _SIX),
        "capped": rounded(result.capped, _SIX),
        "points": result.points,
    }


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rounded(v, _SIX) if isinstance(v, Fraction) else v for name, v in facts.items()}


def rows(content: bytes) -> Sequence[Mapping[str, Any]]:
    """The groups of a result, for printing; numbers exact as written."""
    groups: Sequence[Mapping[str, Any]] = orjson.loads(content)["groups"]
    return groups
