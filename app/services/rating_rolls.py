"""Who may rate: accounts on the roll, and one-time codes to be handed out."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from uuid import UUID

from sqlalchemy import delete, insert, or_, select

from app.access import visible
from app.errors import AppError, FieldError, not_found, unknown_code
from app.models import Department, Grant, RatingCampaign, RatingCode, RatingCodeBatch, RatingElector, User
from app.resources.departments import DEPARTMENT
from app.resources.rating_campaigns import RATER, RATING_CAMPAIGN
from app.schemas.rating_rolls import CodeBatchIn, RaterIn, RatersDone, RatersIn
from app.services.rating_campaigns import locked
from app.uow import UnitOfWork
from app.writing import get_visible

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters and digits nobody mistakes for another on paper; 16 of them are 80 bits."""

RATER_LABEL = ("评议人账号", "rater's account")


async def put_raters(uow: UnitOfWork, campaign_id: UUID, body: RatersIn) -> RatersDone:
    """Put accounts on the roll, or correct how they stand there; all or nothing, every fault named."""
    row = await locked(uow, campaign_id, "draft", "open")
    accounts = await _accounts(uow, row, [rater.username for rater in body.raters])
    errors = [
        *_unknown(body.raters, accounts),
        *_wrong_electorates(row, [rater.electorate for rater in body.raters]),
        *await _unknown_departments(uow, [rater.excluded_department_ids for rater in body.raters]),
    ]
    if errors:
        raise AppError("invalid_content", errors=errors)
    standing = {
        one.user_id: one
        for one in await uow.session.scalars(
            select(RatingElector).where(
                RatingElector.campaign_id == campaign_id, RatingElector.user_id.in_(accounts.values())
            ).with_for_update()
        )
    }  # fmt: skip
    done = RatersDone(added=0, changed=0, unchanged=0)
    fresh = []
    for rater in body.raters:
        excluded = sorted(set(rater.excluded_department_ids))
        known = standing.get(accounts[rater.username])
        if known is None:
            fresh.append((accounts[rater.username], rater.electorate, excluded))
        elif (known.electorate, known.excluded_department_ids) == (rater.electorate, excluded):
            done.unchanged += 1
        elif known.key_id is not None:
            raise AppError("rater_has_paper", extra={"username": rater.username})
        else:
            known.electorate, known.excluded_department_ids = rater.electorate, excluded
            done.changed += 1
    for user_id, electorate, excluded in sorted(fresh):
        uow.add(
            RatingElector(
                campaign_id=campaign_id, user_id=user_id, electorate=electorate, excluded_department_ids=excluded
            )
        )
    done.added = len(fresh)
    if done.added or done.changed:
        # Numbers only: the roll itself says who.
        numbers = {"raters_added": [0, done.added], "raters_changed": [0, done.changed]}
        uow.record("rating_campaign.roll_changed", row, diff=numbers)
    await uow.flush()
    return done


async def _accounts(uow: UnitOfWork, campaign: RatingCampaign, usernames: list[str]) -> dict[str, UUID]:
    """Accounts of these names that are raters of the campaign's region today."""
    found = await uow.session.execute(
        select(User.username, User.id)
        .join(Grant, Grant.user_id == User.id)
        .where(
            User.username.in_(usernames),
            ~User.disabled,
            Grant.role == "rater",
            Grant.valid_from <= uow.today,
            or_(Grant.valid_to.is_(None), Grant.valid_to > uow.today),
            or_(
                Grant.region_code.startswith(campaign.region_code),
                Grant.region_code.in_([campaign.region_code[:n] for n in (2, 4, 6, 9, 12)]),
            ),
        )
    )
    return {row.username: row.id for row in found}


def _unknown(raters: list[RaterIn], accounts: dict[str, UUID]) -> list[FieldError]:
    # An account that is no rater here looks like none: the dispatcher does not see accounts.
    errors, seen = [], set()
    for i, rater in enumerate(raters):
        pointer = f"/raters/{i}/username"
        if rater.username not in accounts:
            errors.append(FieldError(pointer, "unknown_reference", {"resource": RATER_LABEL}))
        elif rater.username in seen:
            errors.append(FieldError(pointer, "repeated", {}))
        seen.add(rater.username)
    return errors


def _wrong_electorates(campaign: RatingCampaign, codes: list[str]) -> list[FieldError]:
    known = [electorate["code"] for electorate in campaign.electorates]
    return [unknown_code(f"/raters/{i}/electorate", code, known) for i, code in enumerate(codes) if code not in known]


async def require_electorate(uow: UnitOfWork, campaign_id: UUID, code: str | None) -> None:
    """The campaign is seen (404); a filter by an electorate names one of its own (422)."""
    row = await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, campaign_id)
    known = [electorate["code"] for electorate in row.electorates]
    if code is not None and code not in known:
        raise AppError("invalid_content", errors=[unknown_code("electorate", code, known)])


async def _unknown_departments(uow: UnitOfWork, named: list[list[UUID]]) -> list[FieldError]:
    wanted = {department for some in named for department in some}
    seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
    found = set(
        await uow.session.scalars(select(Department.id).where(Department.id.in_(wanted), seen.condition()))
    ) if wanted else set()  # fmt: skip
    return [
        FieldError(f"/raters/{i}/excluded_department_ids/{j}", "unknown_reference", {"resource": DEPARTMENT.label})
        for i, some in enumerate(named)
        for j, department in enumerate(some)
        if department not in found
    ]


async def remove_rater(uow: UnitOfWork, campaign_id: UUID, user_id: UUID) -> None:
    row = await locked(uow, campaign_id, "draft", "open")
    e = RatingElector
    found = await uow.session.scalar(
        select(e).where(e.campaign_id == campaign_id, e.user_id == user_id).with_for_update()
    )
    if found is None:
        raise not_found(RATER.label)
    if found.key_id is not None:
        raise AppError("rater_has_paper")
    await uow.session.execute(delete(e).where(e.campaign_id == campaign_id, e.user_id == user_id))
    uow.record("rating_campaign.roll_changed", row, diff={"raters_removed": [0, 1]})


async def make_codes(uow: UnitOfWork, campaign_id: UUID, body: CodeBatchIn) -> tuple[RatingCodeBatch, list[str]]:
    """A batch and its codes, which are stored nowhere: only their digests are, in no order of theirs."""
    row = await locked(uow, campaign_id, "draft", "open")
    known = [electorate["code"] for electorate in row.electorates]
    if body.electorate not in known:
        raise AppError("invalid_content", errors=[unknown_code("/electorate", body.electorate, known)])
    errors = await _unknown_departments(uow, [body.excluded_department_ids])
    if errors:
        errors = [FieldError(e.pointer.removeprefix("/raters/0"), e.code, e.params) for e in errors]
        raise AppError("invalid_content", errors=errors)
    if body.id is not None and await uow.session.get(RatingCodeBatch, body.id) is not None:
        raise AppError("id_taken")
    batch = RatingCodeBatch(
        id=body.id or uow.new_id(),
        campaign_id=campaign_id,
        electorate=body.electorate,
        excluded_department_ids=sorted(set(body.excluded_department_ids)),
        count=body.count,
        note=body.note,
        created_at=uow.now,
    )
    uow.add(batch)
    uow.record("rating_code_batch.created", batch, region_code=row.region_code, diff={"count": [None, body.count]})
    await uow.flush()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(body.count)]
    digests = sorted(code_digest(campaign_id, code) for code in codes)
    await uow.session.execute(insert(RatingCode), [{"digest": d, "batch_id": batch.id} for d in digests])
    return batch, ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def code_digest(campaign_id: UUID, code: str) -> bytes:
    """What is stored of a code."""
    return hashlib.sha256(b"diaodu rating code" + campaign_id.bytes + plain_code(code)).digest()


def plain_code(code: str) -> bytes:
    """As it was typed: small letters, full width, spaces and hyphens make no difference."""
    typed = unicodedata.normalize("NFKC", code).upper()
    return "".join(c for c in typed if c.isalnum()).encode("utf-8", "replace")
