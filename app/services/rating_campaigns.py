"""Rating campaigns as drafts: made, copied, changed, looked over, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlalchemy import func, insert, select

from app.access import visible
from app.db import to_json
from app.domain.labels import LABELS
from app.domain.rating_rules import SMALLEST_MINIMUM, Fault, Rules, faults, rules_from, small_electorates
from app.errors import AppError, FieldError, invalid, not_found
from app.listing import require_match
from app.models import Department, RatingCampaign, RatingCode, RatingCodeBatch, RatingElector, Region
from app.resources.departments import DEPARTMENT
from app.resources.rating_campaigns import RATING_CAMPAIGN
from app.schemas.rating_campaigns import RatingCampaignIn, RatingCampaignPatch, RatingCopyIn
from app.uow import UnitOfWork
from app.writing import get_visible, require_reach

_ROLL = frozenset({"id", "with_raters"})


def plain(value: Any) -> Any:
    """A value as JSONB gives it back: what is set and what is stored can be compared."""
    return orjson.loads(to_json(value))


def rules_of(row: RatingCampaign) -> Rules:
    return rules_from(vars(row))


async def locked(uow: UnitOfWork, campaign_id: UUID, *statuses: str, whole: bool = False) -> RatingCampaign:
    """The campaign, seen (404), the actor's to write (403), locked, in one of these states (409).

    `whole` also waits for ballots on their way in, and keeps others out.
    """
    row = await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, campaign_id, lock=True)
    await require_reach(uow, RATING_CAMPAIGN, campaign_id, "ratings.write")
    if whole:
        await uow.session.execute(select(RatingCampaign.id).where(RatingCampaign.id == campaign_id).with_for_update())
    require_status(row, *statuses)
    return row


def require_status(row: RatingCampaign, *statuses: str) -> None:
    if statuses and row.status not in statuses:
        labels = LABELS["rating_status"]
        needed = tuple(f"{n}".join(labels[s][i] for s in statuses) for i, n in enumerate(("、", " or ")))
        raise AppError("rating_status_forbids", now=labels[row.status], needed=needed)


async def create(uow: UnitOfWork, body: RatingCampaignIn) -> tuple[RatingCampaign, bool]:
    """The draft, and whether it is new: sent again under the same id it is not."""
    uow.actor.require_in_region("ratings.write", body.region_code)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    fields = plain_fields(body, beside=_ROLL, said=False)
    known = await _sent_before(uow, body.id, plain_fields(body, beside=_ROLL))
    if known is not None:
        return known, False
    await _check_departments(uow, body.region_code, fields["groups"])
    return await _add(uow, RatingCampaign(id=body.id or uow.new_id(), status="draft", **fields)), True


async def copy(uow: UnitOfWork, campaign_id: UUID, body: RatingCopyIn) -> tuple[RatingCampaign, bool]:
    """Another year's draft with the same rules but for what `body` says; hours are never copied."""
    source = await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, campaign_id)
    await require_reach(uow, RATING_CAMPAIGN, campaign_id, "ratings.write")
    said = plain_fields(body, beside=_ROLL)
    said |= {"copied_from_id": source.id}
    known = await _sent_before(uow, body.id, said)
    if known is not None:
        return known, False
    rules = {name: getattr(source, name) for name in _COPIED}
    fields = {**rules, "name": source.name.replace(str(source.year), str(body.year)), **said}
    for name, value in fields.items():
        if value is None:
            raise invalid(f"/{name}", "missing")
    if "groups" in said:
        await _check_departments(uow, source.region_code, fields["groups"])
    row = RatingCampaign(id=body.id or uow.new_id(), status="draft", region_code=source.region_code, **fields)
    await _add(uow, row)
    if body.with_raters:
        await _copy_raters(uow, source.id, row.id)
    return row, True


_COPIED = (
    "groups", "indicators", "electorates", "options", "best_count", "worst_count", "minimum_ballots", "below_minimum",
    "tie_rule", "smallest_count",
)  # fmt: skip


async def _add(uow: UnitOfWork, row: RatingCampaign) -> RatingCampaign:
    uow.add(row)
    uow.record("rating_campaign.created", row)
    await uow.flush()
    return row


async def _copy_raters(uow: UnitOfWork, source: UUID, target: UUID) -> None:
    e = RatingElector
    columns = ["campaign_id", "user_id", "electorate", "excluded_department_ids"]
    found = (await uow.session.execute(select(e).where(e.campaign_id == source))).scalars().all()
    rows = [
        {"campaign_id": target, **{name: getattr(one, name) for name in columns[1:]}}
        for one in sorted(found, key=lambda one: one.user_id)
    ]
    if rows:
        await uow.session.execute(insert(e), rows)


def plain_fields(body: BaseModel, *, beside: frozenset[str] = frozenset(), said: bool = True) -> dict[str, Any]:
    """Column values of what was `said`, or of all: arrays whole and as JSONB keeps them, the rest as it is."""
    names = (body.model_fields_set if said else type(body).model_fields.keys()) - beside
    whole = body.model_dump(include=set(names))
    return {name: plain(value) if isinstance(value, list) else getattr(body, name) for name, value in whole.items()}


async def _sent_before(uow: UnitOfWork, identity: UUID | None, said: Mapping[str, Any]) -> RatingCampaign | None:
    row = await uow.session.get(RatingCampaign, identity) if identity is not None else None
    if row is None:
        return None
    if not uow.actor.may_in_region("ratings.write", row.region_code):
        raise AppError("id_taken")
    fields = sorted(name for name, value in said.items() if getattr(row, name) != value)
    if fields:
        raise AppError("id_taken", extra={"fields": fields})
    return row


async def change(uow: UnitOfWork, campaign_id: UUID, body: RatingCampaignPatch, if_match: str | None) -> RatingCampaign:
    """Anything of a draft; of an open campaign only its name and until when it takes ballots."""
    row = await locked(uow, campaign_id)
    said = plain_fields(body)
    await require_match(uow, RATING_CAMPAIGN, campaign_id, if_match, row.version, said)
    require_status(row, *(("draft", "open") if said.keys() <= {"name", "closes_at"} else ("draft",)))
    for name, value in said.items():
        if value is None and (name not in {"opens_at", "closes_at"} or row.status == "open"):
            raise invalid(f"/{name}", "missing")
    if row.status == "open" and body.closes_at is not None and body.closes_at <= uow.now:
        raise invalid("/closes_at", "in_the_past")
    if "groups" in said:
        await _check_departments(uow, row.region_code, said["groups"])
    changed = False
    for name, value in said.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if changed:
        uow.touch(row)
        uow.record("rating_campaign.updated", row)
    return row


async def remove(uow: UnitOfWork, campaign_id: UUID, if_match: str | None) -> None:
    row = await locked(uow, campaign_id)
    await require_match(uow, RATING_CAMPAIGN, campaign_id, if_match, row.version)
    require_status(row, "draft")
    uow.record("rating_campaign.deleted", row, diff={"name": [row.name, None], "year": [row.year, None]})
    await uow.session.delete(row)


async def _check_departments(uow: UnitOfWork, region: str, groups: list[dict[str, Any]]) -> None:
    """Every department is one the actor sees, of the campaign's region: 422 naming all that are not."""
    wanted = {UUID(d) for group in groups for d in group["department_ids"]}
    seen = visible(uow.actor.scopes(DEPARTMENT.permission), DEPARTMENT.scoping)
    found = set(
        await uow.session.scalars(
            select(Department.id).where(
                Department.id.in_(wanted), seen.condition(), Department.region_code.startswith(region)
            )
        )
    )
    errors = [
        FieldError(f"/groups/{i}/department_ids/{j}", "unknown_reference", {"resource": DEPARTMENT.label})
        for i, group in enumerate(groups)
        for j, department in enumerate(group["department_ids"])
        if UUID(department) not in found
    ]
    if errors:
        raise AppError("invalid_content", errors=errors)


async def entitled(uow: UnitOfWork, campaign_id: UUID) -> dict[str, int]:
    """Raters on the roll and codes made, per electorate."""
    e, b = RatingElector, RatingCodeBatch
    counts: dict[str, int] = {}
    for statement in (
        select(e.electorate, func.count().label("n")).where(e.campaign_id == campaign_id).group_by(e.electorate),
        select(b.electorate, func.count().label("n"))
        .join(RatingCode, RatingCode.batch_id == b.id)
        .where(b.campaign_id == campaign_id)
        .group_by(b.electorate),
    ):
        for row in await uow.session.execute(statement):
            counts[row.electorate] = counts.get(row.electorate, 0) + row.n
    return counts


async def problems(uow: UnitOfWork, row: RatingCampaign) -> list[Fault]:
    """All that keeps the draft from being opened."""
    rules = rules_of(row)
    found = faults(rules, await entitled(uow, row.id), (row.opens_at, row.closes_at), uow.now)
    active = set(
        await uow.session.scalars(select(Department.id).where(Department.id.in_(rules.departments), Department.active))
    )
    found += [
        (f"/groups/{i}/department_ids/{j}", "inactive", {})
        for i, group in enumerate(rules.groups)
        for j, department in enumerate(group.departments)
        if department not in active
    ]
    return found


async def warnings(uow: UnitOfWork, row: RatingCampaign) -> list[Fault]:
    """What is weak in secrecy, though it may be opened: electorates in which answers could be told apart, and classes
    of raters so small that, while the campaign is open, being in one tells much."""
    e = RatingElector
    classes = await uow.session.execute(
        select(e.electorate, func.count().label("n"))
        .where(e.campaign_id == row.id)
        .group_by(e.electorate, e.excluded_department_ids)
        .having(func.count() < SMALLEST_MINIMUM)
        .order_by(e.electorate)
    )
    places = {electorate["code"]: (i, electorate["name"]) for i, electorate in enumerate(row.electorates)}
    small = [(*places[c.electorate], c.n) for c in classes if c.electorate in places]
    return [
        *small_electorates(rules_of(row), await entitled(uow, row.id)),
        *((f"/electorates/{i}", "small_class", {"electorate": name, "count": n}) for i, name, n in small),
    ]


async def draft(uow: UnitOfWork, campaign_id: UUID) -> RatingCampaign:
    row = await get_visible(uow, RATING_CAMPAIGN, RatingCampaign, campaign_id)
    if not uow.actor.may_in_region("ratings.write", row.region_code):
        raise not_found(RATING_CAMPAIGN.label)
    return row
