"""What regions ask of kinds of permits, and what holds in a region by all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select

from app.domain.permit_kinds import InForce, Said, in_force
from app.errors import AppError, invalid
from app.models import DictionaryEntry, Permit, PermitRule, Project, Region
from app.resources.permit_rules import PERMIT_RULE
from app.schemas.permit_rules import PermitRuleIn, PermitRulePatch
from app.services import dictionaries
from app.uow import UnitOfWork
from app.writing import apply_patch, get_for_update

WRITE = "permit_rules.write"
_SAID = ("time_limit_days", "mandatory", "entry_required")


async def create(uow: UnitOfWork, body: PermitRuleIn) -> PermitRule:
    uow.actor.require_in_region(WRITE, body.region_code)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", resource=("行政区划", "region"))
    if errors := await dictionaries.faults(uow, "permit_kind", "/kind", body.kind):
        raise AppError("invalid_content", errors=errors)
    row = PermitRule(id=body.id or uow.new_id(), **body.model_dump(exclude={"id"}))
    _require_saying(row)
    uow.add(row)
    uow.record("permit_rule.created", row)
    await uow.flush()
    return row


async def change(uow: UnitOfWork, rule_id: UUID, body: PermitRulePatch, if_match: str | None) -> PermitRule:
    row = await get_for_update(uow, PERMIT_RULE, PermitRule, rule_id, WRITE, if_match, body)
    if apply_patch(row, body):
        _require_saying(row)
        uow.touch(row)
        uow.record("permit_rule.updated", row)
    return row


async def remove(uow: UnitOfWork, rule_id: UUID, if_match: str | None) -> None:
    row = await get_for_update(uow, PERMIT_RULE, PermitRule, rule_id, WRITE, if_match)
    gone = {name: [value, None] for name in ("kind", *_SAID) if (value := getattr(row, name)) is not None}
    uow.record("permit_rule.deleted", row, diff=gone)
    await uow.session.delete(row)


def _require_saying(row: PermitRule) -> None:
    if all(getattr(row, name) is None for name in _SAID):
        raise AppError("permit_rule_says_nothing")


async def said_for(uow: UnitOfWork, region_code: str) -> list[PermitRule]:
    """The rules of the region and of those above it."""
    statement = select(PermitRule).where(func.starts_with(literal(region_code), PermitRule.region_code))
    return list(await uow.session.scalars(statement))


def _said(rows: list[PermitRule], kind: str) -> list[Said]:
    return [Said(row.region_code, *(getattr(row, name) for name in _SAID)) for row in rows if row.kind == kind]


async def in_force_of(uow: UnitOfWork, region_code: str, kind: str) -> InForce:
    return in_force(kind, region_code, _said(await said_for(uow, region_code), kind))


async def kinds(uow: UnitOfWork, region_code: str) -> dict[str, Any]:
    """Every kind in use with what holds of it in the region. 422 where there is no such region."""
    if await uow.session.get(Region, region_code) is None:
        raise invalid("region", "unknown_reference", resource=("行政区划", "region"))
    rows = await said_for(uow, region_code)
    shown = []
    for entry in await _kinds_in_use(uow):
        now = in_force(entry.code, region_code, _said(rows, entry.code))
        shown.append(
            {
                "kind": entry.code,
                "label_zh": entry.label_zh,
                "label_en": entry.label_en,
                "time_limit_days": now.time_limit_days,
                "time_limit_from": now.time_limit_from or None,
                "mandatory": now.mandatory,
                "mandatory_from": now.mandatory_from or None,
                "entry_required": now.entry_required,
                "entry_required_from": now.entry_required_from or None,
            }
        )
    return {"region_code": region_code, "kinds": shown}


async def _kinds_in_use(uow: UnitOfWork) -> list[DictionaryEntry]:
    e = DictionaryEntry
    statement = select(e).where(e.dictionary == "permit_kind", e.active).order_by(e.position, e.code)
    return list(await uow.session.scalars(statement))


async def missing_for_start(uow: UnitOfWork, project: Project) -> list[dict[str, Any]]:
    """What keeps work from starting: mandatory permits not issued, each with its state; null: not even entered.

    An entered permit binds when it is mandatory by its own word, by a region's rule, or by the shipped rules; so does
    a kind of which none is entered, unless a region lets that pass. A permit entered as not mandatory tells that the
    project is exempt from its kind. Each names what makes it mandatory.
    """
    rows = await said_for(uow, project.region_code)
    permits = list(await uow.session.scalars(select(Permit).where(Permit.project_id == project.id).order_by(Permit.id)))
    missing: list[dict[str, Any]] = []
    for permit in permits:
        ruled = in_force(permit.kind, project.region_code, _said(rows, permit.kind))
        if (ruled.mandatory if permit.mandatory is None else permit.mandatory) and permit.state != "issued":
            missing.append(_missing(permit.kind, permit, ruled))
    entered = {permit.kind for permit in permits}
    for entry in await _kinds_in_use(uow):
        ruled = in_force(entry.code, project.region_code, _said(rows, entry.code))
        if entry.code not in entered and ruled.bars_unentered:
            missing.append(_missing(entry.code, None, ruled))
    return missing


def _missing(kind: str, permit: Permit | None, ruled: InForce) -> dict[str, Any]:
    own = permit is not None and permit.mandatory is not None
    return {
        "kind": kind,
        "permit_id": permit.id if permit else None,
        "state": permit.state if permit else None,
        "mandatory_by": "permit" if own else "region" if ruled.mandatory_from else "shipped",
        "mandatory_from": None if own else ruled.mandatory_from or None,
    }
