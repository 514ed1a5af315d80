"""Ballot papers: one blind signature for each known rater; what was signed is not known.

See docs/rating-secrecy.md before changing anything here.
"""

from __future__ import annotations

import asyncio
import hashlib
from uuid import UUID, uuid4

from sqlalchemy import insert, or_, select

from app.errors import AppError, invalid, not_found
from app.models import Grant, RatingCampaign, RatingElector, RatingKey, RatingSecret
from app.resources.rating_campaigns import RATER
from app.schemas.ballots import BallotKeyOut, BallotPaper, BallotPaperIn, SignedPaper
from app.security import blind_signatures
from app.security.base64url import decode_or_none, encode
from app.security.urn import CannotOpen, Urn
from app.services.rating_campaigns import rules_of
from app.uow import UnitOfWork


async def paper(uow: UnitOfWork, secret: bytes, campaign_id: UUID) -> BallotPaper:
    """What the rater is entitled to and the key to blind under; made for the class when it is the first to ask."""
    campaign, elector = await _elector(uow, campaign_id)
    key = await _key_of(uow, secret, campaign, elector)
    return BallotPaper(
        electorate=key.electorate,
        excluded_department_ids=key.excluded_department_ids,
        key=key_out(key.id, key.electorate, key.excluded_department_ids, key.modulus),
        signed=elector.key_id is not None,
    )


async def sign(uow: UnitOfWork, secret: bytes, campaign_id: UUID, body: BallotPaperIn) -> tuple[SignedPaper, bool]:
    """The one blind signature of this rater, and whether it is the first time it is given."""
    blinded = decode_or_none(body.blinded)
    if blinded is None or len(blinded) != blind_signatures.SIZE:
        raise invalid("/blinded", "invalid_value", expected=("256 字节的 base64url", "256 bytes in base64url"))
    campaign, elector = await _elector(uow, campaign_id, lock=True)
    digest = hashlib.sha256(blinded).digest()
    new = elector.key_id is None
    if not new and (elector.key_id, elector.blinded_hash) != (body.key_id, digest):
        raise AppError("ballot_paper_issued")
    key = await _key_of(uow, secret, campaign, elector)
    if key.id != body.key_id:
        raise AppError("ballot_key_not_yours")
    assert key.sealed_private is not None
    private = await _signing(uow, secret, campaign_id, key)
    try:
        signature = await asyncio.to_thread(blind_signatures.sign, private, blinded)
    except blind_signatures.BadBlindedMessage:
        expected = ("小于模数的盲化消息", "a blinded message below the modulus")
        raise invalid("/blinded", "invalid_value", expected=expected) from None
    elector.key_id, elector.blinded_hash = key.id, digest
    await uow.flush()
    return SignedPaper(key_id=key.id, blind_signature=encode(signature)), new


async def _elector(uow: UnitOfWork, campaign_id: UUID, *, lock: bool = False) -> tuple[RatingCampaign, RatingElector]:
    """The actor on the roll of an open campaign: 404 when not on it, 409 when it is not open.

    The campaign is locked first, as in closing: the two never wait for each other in a circle.
    """
    campaign = await uow.session.scalar(
        select(RatingCampaign).where(RatingCampaign.id == campaign_id).with_for_update(read=True, key_share=True)
    )
    e = RatingElector
    statement = select(e).where(e.campaign_id == campaign_id, e.user_id == uow.actor.id)
    elector = await uow.session.scalar(statement.with_for_update() if lock else statement)
    if campaign is None or elector is None:
        raise not_found(RATER.label)
    if campaign.status != "open" or campaign.closes_at is None or campaign.closes_at <= uow.now:
        raise AppError("rating_not_open")
    return campaign, elector


async def _key_of(uow: UnitOfWork, secret: bytes, campaign: RatingCampaign, elector: RatingElector) -> RatingKey:
    if elector.key_id is not None:
        return (await uow.session.execute(select(RatingKey).where(RatingKey.id == elector.key_id))).scalar_one()
    g = Grant
    own = await uow.session.scalars(
        select(g.department_id).where(
            g.user_id == elector.user_id,
            g.department_id.is_not(None),
            g.valid_from <= uow.today,
            or_(g.valid_to.is_(None), g.valid_to > uow.today),
        )
    )
    members = {department for department in own if department is not None} | set(elector.excluded_department_ids)
    excluded = sorted(members & set(rules_of(campaign).departments))
    await uow.lock_key("rating-key", str(campaign.id), elector.electorate, *map(str, excluded))
    wanted = select(RatingKey).where(
        RatingKey.campaign_id == campaign.id,
        RatingKey.electorate == elector.electorate,
        RatingKey.excluded_department_ids == excluded,
    )
    key = await uow.session.scalar(wanted)
    if key is None:
        private, modulus = await asyncio.to_thread(blind_signatures.generate)
        key_id = uuid4()  # not a UUIDv7: when a class was first asked for is nobody's business
        sealed = (await _private_urn(uow, secret, campaign.id)).seal(private, key_id.bytes)
        await uow.session.execute(
            insert(RatingKey).values(
                id=key_id, campaign_id=campaign.id, electorate=elector.electorate, excluded_department_ids=excluded,
                modulus=modulus, sealed_private=sealed,
            )
        )  # fmt: skip
        key = await uow.session.scalar(wanted)
        assert key is not None
    return key


async def _signing(uow: UnitOfWork, secret: bytes, campaign_id: UUID, key: RatingKey) -> bytes:
    assert key.sealed_private is not None
    urn = await _private_urn(uow, secret, campaign_id)
    try:
        return urn.open(key.sealed_private, key.id.bytes)
    except CannotOpen:
        raise AppError("rating_secret_changed") from None


async def _private_urn(uow: UnitOfWork, secret: bytes, campaign_id: UUID) -> Urn:
    salt = await uow.session.scalar(select(RatingSecret.salt).where(RatingSecret.campaign_id == campaign_id))
    if salt is None:
        raise AppError("rating_not_open")
    return Urn(secret, salt, "signing keys")


def key_out(key_id: UUID, electorate: str, excluded: list[UUID], modulus: bytes) -> BallotKeyOut:
    return BallotKeyOut(
        id=key_id,
        electorate=electorate,
        excluded_department_ids=excluded,
        algorithm=blind_signatures.ALGORITHM,
        modulus=encode(modulus),
        exponent=blind_signatures.EXPONENT,
    )
