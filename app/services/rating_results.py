"""Results: computed from the stacks, frozen at publication, explained down to what may be told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.access import visible
from app.db import to_json
from app.domain.rating import Past, Row, Stacks, Standing, results, rounded
from app.domain.rating_disclosure import hidden_because
from app.domain.rating_rules import Group, Rules
from app.errors import invalid, not_found
from app.models import RatingCampaign, RatingCorrection, RatingResult, RatingStack
from app.resources.rating_campaigns import RATING_CAMPAIGN, SCOPING
from app.services.rating_campaigns import require_status, rules_of
from app.uow import UnitOfWork

READ = "rating_results.read"
_RULES = (
    "groups", "indicators", "electorates", "options", "best_count", "worst_count", "minimum_ballots", "below_minimum",
    "tie_rule", "smallest_count",
)  # fmt: skip


async def readable(uow: UnitOfWork, campaign_id: UUID) -> RatingCampaign:
    """The campaign whose result the actor may read: published, or closed and theirs to manage."""
    seen = visible(uow.actor.scopes(READ), SCOPING)
    row = await uow.session.scalar(select(RatingCampaign).where(RatingCampaign.id == campaign_id, seen.condition()))
    if row is None:
        raise not_found(RATING_CAMPAIGN.label)
    if row.status != "published":
        uow.actor.require_in_region("ratings.write", row.region_code)
        require_status(row, "closed", "published")
    return row


async def result(uow: UnitOfWork, campaign_id: UUID) -> bytes:
    """`{"published_at", "sha256", "corrections", "result"}`; before publication the first two are null."""
    row = await readable(uow, campaign_id)
    frozen = await uow.session.get(RatingResult, campaign_id)
    content = frozen.document if frozen is not None else await document(uow, row, await previous_of(uow, row))
    c = RatingCorrection
    corrections = await uow.session.scalars(select(c).where(c.campaign_id == campaign_id).order_by(c.created_at, c.id))
    around = {
        "published_at": frozen.published_at.isoformat() if frozen is not None else None,
        "sha256": frozen.sha256 if frozen is not None else None,
        "corrections": [
            {"id": o.id, "department_id": o.department_id, "text": o.text, "created_at": o.created_at.isoformat()}
            for o in corrections
        ],
    }
    return to_json(around)[:-1] + b',"result":' + content + b"}"


async def published_document(uow: UnitOfWork, campaign_id: UUID) -> tuple[bytes, str]:
    """The bytes that `sha256` is of."""
    row = await readable(uow, campaign_id)
    require_status(row, "published")
    frozen = await uow.session.get(RatingResult, campaign_id)
    assert frozen is not None
    return frozen.document, frozen.sha256


async def verification(uow: UnitOfWork, campaign_id: UUID) -> dict[str, Any]:
    """Computed anew from the stored slips, as on the day of publication: are the bytes the same?"""
    frozen_bytes, sha256 = await published_document(uow, campaign_id)
    row = await readable(uow, campaign_id)
    frozen = await uow.session.get(RatingResult, campaign_id)
    assert frozen is not None
    previous = None
    if frozen.previous_campaign_id is not None:
        previous = await uow.session.get(RatingResult, frozen.previous_campaign_id)
    again = await document(uow, row, previous)
    return {
        "sha256": sha256,
        "recomputed_sha256": hashlib.sha256(again).hexdigest(),
        "matches": again == frozen_bytes and hashlib.sha256(frozen_bytes).hexdigest() == sha256,
    }


async def previous_of(uow: UnitOfWork, row: RatingCampaign) -> RatingResult | None:
    """The published result of the year before in the same region."""
    c = RatingCampaign
    found: RatingResult | None = await uow.session.scalar(
        select(RatingResult)
        .join(c, c.id == RatingResult.campaign_id)
        .where(c.region_code == row.region_code, c.year == row.year - 1)
    )
    return found


async def document(uow: UnitOfWork, row: RatingCampaign, previous: RatingResult | None) -> bytes:
    """Inputs (by their hash), rules and outputs, in one spelling: the same slips always give the same bytes."""
    return await asyncio.to_thread(spelt, row, await _stacks(uow, row.id), previous)


def spelt(row: RatingCampaign, stacks: Stacks, previous: RatingResult | None) -> bytes:
    """The document's bytes. Whatever is changed here must leave results published before as they are: they are computed
    again to be verified."""
    names = row.department_names or {}
    groups = results(rules_of(row), stacks, _past(previous))
    return to_json(
        {
            "campaign_id": row.id,
            "region_code": row.region_code,
            "year": row.year,
            "inputs_sha256": inputs_hash(stacks, row.inputs_salt or b""),
            "previous_sha256": previous.sha256 if previous is not None else None,
            "rules": {name: getattr(row, name) for name in _RULES},
            "turnout": row.turnout or [],
            "groups": [_group(group, standings, names) for group, standings in groups],
        }
    )


async def _stacks(uow: UnitOfWork, campaign_id: UUID) -> Stacks:
    s = RatingStack
    rows = await uow.session.execute(
        select(s.electorate, s.department_id, s.slips)
        .where(s.campaign_id == campaign_id)
        .order_by(s.electorate, s.department_id)
    )
    return {(row.electorate, row.department_id): row.slips for row in rows}


def inputs_hash(stacks: Stacks, salt: bytes) -> str:
    """SHA-256 over the salt and all slips, spelt as docs/rating-secrecy.md says. Of few slips all there could be are
    soon tried out: without the salt the hash would tell which they are."""
    digest = hashlib.sha256(salt)
    for (electorate, department), slips in sorted(stacks.items()):
        code = electorate.encode()
        digest.update(len(code).to_bytes(2, "big") + code + department.bytes + len(slips).to_bytes(8, "big") + slips)
    return digest.hexdigest()


def _past(previous: RatingResult | None) -> dict[UUID, Past]:
    if previous is None:
        return {}
    past = {}
    for group in orjson.loads(previous.document)["groups"]:
        for one in group["departments"]:
            score = None if one["score"] is None else Decimal(str(one["score"]))
            past[UUID(one["department_id"])] = Past(group["code"], one["rank"], score, one["worst"])
    return past


def _group(group: Group, standings: Sequence[Standing], names: dict[str, str]) -> dict[str, Any]:
    return {
        "code": group.code,
        "name": group.name,
        "best": [s.department for s in standings if s.best],
        "worst": [s.department for s in standings if s.worst],
        "departments": [
            {
                **_standing(s, names),
                # Below the minimum not even how many: a count of one is a name in a small county.
                "ballots": [
                    {"electorate": p.electorate.code, "ballots": p.ballots if p.counted else None, "counted": p.counted}
                    for p in s.parts
                ],
            }
            for s in standings
        ],
    }


def _standing(s: Standing, names: dict[str, str]) -> dict[str, Any]:
    change = None
    if s.past is not None and s.past.score is not None and s.score is not None:
        change = s.score - s.past.score
    return {
        "department_id": s.department,
        "name": names.get(str(s.department), ""),
        "score": s.score,
        "rank": s.rank,
        "best": s.best,
        "worst": s.worst,
        "previous_rank": s.past.rank if s.past is not None else None,
        "previous_score": s.past.score if s.past is not None else None,
        "previous_worst": s.past.worst if s.past is not None else None,
        "movement": s.movement,
        "score_change": change,
        "consequences": list(s.consequences),
    }


async def standings(uow: UnitOfWork, row: RatingCampaign) -> list[tuple[Group, list[Standing]]]:
    """Computed from the slips, against the result a year before: for a published one that which it was held against."""
    frozen = await uow.session.get(RatingResult, row.id)
    previous = await previous_of(uow, row)
    if frozen is not None:
        known = frozen.previous_campaign_id
        previous = await uow.session.get(RatingResult, known) if known is not None else None
    stacks = await _stacks(uow, row.id)
    return await asyncio.to_thread(results, rules_of(row), stacks, _past(previous))


async def explain(uow: UnitOfWork, campaign_id: UUID, department: UUID | None) -> dict[str, Any]:
    """One department's score from its parts. Numbers as the campaign's rules give them today and always."""
    row = await readable(uow, campaign_id)
    rules = rules_of(row)
    if department is None:
        raise invalid("department", "missing")
    if department not in rules.departments:
        raise invalid("department", "not_rated_here")
    groups = await standings(uow, row)
    group, standing, size = next(
        (group, s, len(standings)) for group, standings in groups for s in standings if s.department == department
    )
    return {
        "campaign_id": row.id,
        "group": group.code,
        "departments_in_group": size,
        **_standing(standing, row.department_names or {}),
        "electorates": _electorates(rules, standing),
    }


def _electorates(rules: Rules, standing: Standing) -> list[dict[str, Any]]:
    because = hidden_because(standing.parts, rules.smallest_count)
    whole = sum((p.electorate.weight for p in standing.parts if p.counted), Decimal(0))
    shown = []
    for i, part in enumerate(standing.parts):
        covered = next((because[i, j] for j in range(len(part.rows)) if (i, j) in because), None)
        share = Fraction(part.electorate.weight) / Fraction(whole) * 100 if part.counted else None
        shown.append(
            {
                "code": part.electorate.code,
                "name": part.electorate.name,
                "weight": part.electorate.weight,
                "counted": part.counted,
                "share": None if share is None else rounded(share, 4),
                "ballots": part.ballots if part.counted else None,
                "score": rounded(part.score, 4) if part.score is not None and covered is None else None,
                "hidden_because": covered,
                "indicators": [
                    {
                        "code": r.indicator.code,
                        "name": r.indicator.name,
                        "weight": r.indicator.weight,
                        "hidden": (i, j) in because,
                        "hidden_because": because.get((i, j)),
                        **_row(rules, r, told=(i, j) not in because),
                    }
                    for j, r in enumerate(part.rows)
                ],
            }
        )
    return shown


def _row(rules: Rules, row: Row, *, told: bool) -> dict[str, Any]:
    if not told:
        return {"answers": None, "counts": None, "score": None}
    counts = {option.code: count for option, count in zip(rules.options, row.counts, strict=True)}
    return {
        "answers": row.answers,
        "counts": counts,
        "score": None if row.mean is None else rounded(row.mean, 4),
    }
