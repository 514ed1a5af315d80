"""A campaign's way: draft → open → closed → published, then only dated corrections."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from app.domain.rating import Stacks, countable, stacks_of
from app.domain.rating_rules import Rules
from app.errors import AppError, FieldError, invalid
from app.models import (
    Department,
    RatingCampaign,
    RatingCorrection,
    RatingElector,
    RatingKey,
    RatingResult,
    RatingSecret,
    RatingStack,
    SealedBallot,
)
from app.schemas.rating_campaigns import RatingClosingIn, RatingCorrectionIn
from app.security.urn import CannotOpen, Urn, new_salt
from app.services import ballots, rating_results
from app.services.ballot_intake import forget
from app.services.import_reading import lift_limits
from app.services.rating_campaigns import entitled, locked, problems, rules_of
from app.uow import UnitOfWork


async def open_campaign(uow: UnitOfWork, campaign_id: UUID) -> RatingCampaign:
    """Ready drafts only: else 409 `rating_not_ready` with all that is wrong."""
    row = await locked(uow, campaign_id, "draft", whole=True)
    found = await problems(uow, row)
    if found:
        raise AppError("rating_not_ready", errors=[FieldError(*fault) for fault in found])
    departments = rules_of(row).departments
    names = await uow.session.execute(select(Department.id, Department.name).where(Department.id.in_(departments)))
    row.department_names = {str(one.id): one.name for one in names}
    row.status, row.opened_at = "open", uow.now
    uow.add(RatingSecret(campaign_id=row.id, salt=new_salt()))
    uow.touch(row)
    uow.record("rating_campaign.opened", row, diff={"status": ["draft", "open"]})
    await uow.flush()
    return row


async def close(uow: UnitOfWork, secret: bytes, campaign_id: UUID, body: RatingClosingIn) -> RatingCampaign:
    """Open the urn: ballots become sorted stacks, and what they were sealed and signed with is destroyed.

    Stacks below the minimum are never written. 409 `ballots_unreadable` unless those are to be set aside.
    """
    await lift_limits(uow)
    row = await locked(uow, campaign_id, "open", whole=True)
    reason, set_aside = body.reason, body.set_aside_unreadable
    if reason is None and (set_aside or (row.closes_at is not None and uow.now < row.closes_at)):
        raise invalid("/reason", "reason_required")
    rules = rules_of(row)
    row.turnout, row.inputs_salt = await turnout(uow, row), new_salt()
    stacks, unreadable = await _open_urn(uow, secret, row, rules, set_aside=set_aside)
    row.status, row.closed_at, row.closing_reason = "closed", uow.now, reason
    uow.touch(row)
    # Whoever follows the changes has the hash from now on: slips exchanged before publication are found out, too.
    inputs = rating_results.inputs_hash(stacks, row.inputs_salt)
    diff: dict[str, Any] = {"status": ["open", "closed"], "inputs_sha256": [None, inputs]}
    if unreadable:
        diff["ballots_set_aside"] = [0, unreadable]
    uow.record("rating_campaign.closed", row, diff=diff)
    await uow.flush()
    forget(uow.db, campaign_id)
    return row


async def _open_urn(
    uow: UnitOfWork, secret: bytes, row: RatingCampaign, rules: Rules, *, set_aside: bool
) -> tuple[Stacks, int]:
    """What is kept, and how many ballots could not be opened."""
    salt = await uow.session.scalar(select(RatingSecret.salt).where(RatingSecret.campaign_id == row.id))
    assert salt is not None
    b = SealedBallot
    sealed = (
        await uow.session.execute(
            select(b.ballot_key, b.electorate, b.revision, b.sealed).where(b.campaign_id == row.id)
        )
    ).all()

    def work() -> tuple[Stacks, int]:
        urn = Urn(secret, salt, "ballots")
        whole = []
        for s in sealed:
            with suppress(CannotOpen):
                whole.append((s[1], ballots.opened(urn, row.id, s[0], s[1], s[2], s[3])))
        return countable(rules, stacks_of(rules, whole)), len(sealed) - len(whole)

    stacks, unreadable = await asyncio.to_thread(work)
    if unreadable and not set_aside:
        raise AppError("ballots_unreadable", count=unreadable, total=len(sealed))
    rows = [
        {"campaign_id": row.id, "electorate": electorate, "department_id": department, "slips": slips}
        for (electorate, department), slips in stacks.items()
    ]
    if rows:
        await uow.session.execute(insert(RatingStack), rows)
    await uow.session.execute(delete(b).where(b.campaign_id == row.id))
    await uow.session.execute(delete(RatingSecret).where(RatingSecret.campaign_id == row.id))
    await uow.session.execute(update(RatingKey).where(RatingKey.campaign_id == row.id).values(sealed_private=None))
    await uow.session.execute(
        update(RatingElector).where(RatingElector.campaign_id == row.id).values(key_id=None, blinded_hash=None)
    )
    return stacks, unreadable


async def turnout(uow: UnitOfWork, row: RatingCampaign) -> list[dict[str, Any]]:
    """Entitled, papers and ballots per electorate: as counted at closing, or now."""
    if row.turnout is not None:
        return row.turnout
    e, b = RatingElector, SealedBallot
    whole = await entitled(uow, row.id)
    waiting = await uow.session.execute(
        select(e.electorate, func.count().label("n"))
        .where(e.campaign_id == row.id, e.key_id.is_(None))
        .group_by(e.electorate)
    )
    unsigned = {one.electorate: one.n for one in waiting}
    returned = await uow.session.execute(
        select(b.electorate, func.count().label("n")).where(b.campaign_id == row.id).group_by(b.electorate)
    )
    cast = {one.electorate: one.n for one in returned}
    return [
        {
            "electorate": electorate["code"],
            "name": electorate["name"],
            "entitled": whole.get(electorate["code"], 0),
            "papers": whole.get(electorate["code"], 0) - unsigned.get(electorate["code"], 0),
            "ballots": cast.get(electorate["code"], 0),
        }
        for electorate in row.electorates
    ]


async def publish(uow: UnitOfWork, campaign_id: UUID) -> RatingCampaign:
    """Compute once more and freeze it, byte for byte."""
    row = await locked(uow, campaign_id, "closed", whole=True)
    previous = await rating_results.previous_of(uow, row)
    document = await rating_results.document(uow, row, previous)
    uow.add(
        RatingResult(
            campaign_id=row.id,
            previous_campaign_id=previous.campaign_id if previous is not None else None,
            document=document,
            sha256=hashlib.sha256(document).hexdigest(),
            published_at=uow.now,
        )
    )
    row.status, row.published_at = "published", uow.now
    uow.touch(row)
    uow.record("rating_campaign.published", row, diff={"status": ["closed", "published"]})
    await uow.flush()
    return row


async def correct(uow: UnitOfWork, campaign_id: UUID, body: RatingCorrectionIn) -> tuple[RatingCorrection, bool]:
    """A dated word beside the published result; whether it is new."""
    row = await locked(uow, campaign_id, "published")
    if body.department_id is not None and body.department_id not in rules_of(row).departments:
        raise invalid("/department_id", "not_rated_here")
    known = await uow.session.get(RatingCorrection, body.id) if body.id is not None else None
    if known is not None:
        if (known.campaign_id, known.department_id, known.text) != (campaign_id, body.department_id, body.text):
            raise AppError("id_taken")
        return known, False
    correction = RatingCorrection(
        id=body.id or uow.new_id(),
        campaign_id=campaign_id,
        department_id=body.department_id,
        text=body.text,
        created_at=uow.now,
        created_by=uow.actor.id,
    )
    uow.add(correction)
    uow.record("rating_correction.created", correction, region_code=row.region_code)
    await uow.flush()
    return correction, True
