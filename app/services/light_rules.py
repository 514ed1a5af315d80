"""A county's own rule sets, and which set a region goes by from a day on. Neither is ever changed: only added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.access import Actor
from app.domain.light_rules import PRACTICES, SHIPPED, RuleSet, rules_of
from app.errors import AppError, FieldError, invalid, not_found
from app.models import LightFacts, LightRuleChoice, LightRuleSet, Project, Region, User
from app.schemas.lights import LightRuleChoiceIn, LightRuleSetIn
from app.services import lights
from app.services.import_reading import lift_limits
from app.services.light_rules_in_force import choices_for, find_rule_set, rule_set_of
from app.uow import UnitOfWork

LABEL = ("亮灯规则", "light rule set")
_READ, _WRITE = "light_rules.read", "light_rules.write"
_REGION = {"resource": ("行政区划", "region")}
_IN_ORDER = (
    ("progress_yellow_points", "progress_red_points"),
    ("enrolment_yellow_months", "enrolment_red_months"),
    ("behind_points", "serious_points"),
)


def _sees(actor: Actor, region: str) -> bool:
    """What counts within the actor's regions: made there, or above them."""
    return any(s.region.startswith(region) or region.startswith(s.region) for s in actor.scopes(_READ))


def shown(rule_set: RuleSet) -> dict[str, Any]:
    names = ("id", "region_code", "code", "version", "label_zh", "label_en", "description", "practice", "parameters")
    return {name: getattr(rule_set, name) for name in names}


async def list_sets(uow: UnitOfWork, region: str | None) -> list[dict[str, Any]]:
    """The shipped ones first, then the regions' own by region, code and version."""
    s = LightRuleSet
    rows = await uow.session.scalars(select(s).order_by(s.region_code, s.code, s.version))
    own = [rule_set_of(row) for row in rows if _sees(uow.actor, row.region_code) and _counts(row.region_code, region)]
    return [shown(rule_set) for rule_set in (*SHIPPED, *own)]


def _counts(made_for: str, region: str | None) -> bool:
    return region is None or region.startswith(made_for)


async def get_set(uow: UnitOfWork, identity: UUID) -> RuleSet:
    found = await find_rule_set(uow, identity)
    if found is None or (found.region_code is not None and not _sees(uow.actor, found.region_code)):
        raise not_found(LABEL)
    return found


async def create_set(uow: UnitOfWork, body: LightRuleSetIn) -> tuple[RuleSet, bool]:
    """The set, and whether it is new; the next version where the region has one of that code."""
    uow.actor.require_in_region(_WRITE, body.region_code)
    parameters = _parameters(body)
    await uow.lock_key("light rule set", body.region_code, body.code)
    if body.id is not None:
        known = await uow.session.get(LightRuleSet, body.id)
        if known is not None:
            return _same(known, body, parameters), False
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", **_REGION)
    if body.code in {shipped.code for shipped in SHIPPED}:
        raise AppError("rule_set_shipped", taken=body.code)
    s = LightRuleSet
    last = await uow.session.scalar(
        select(func.max(s.version)).where(s.region_code == body.region_code, s.code == body.code)
    )
    row = LightRuleSet(
        id=body.id or uow.new_id(),
        version=(last or 0) + 1,
        parameters=parameters,
        created_at=uow.now,
        created_by=uow.actor.id,
        **body.model_dump(exclude={"id", "parameters"}),
    )
    uow.add(row)
    uow.record("light_rule_set.created", row)
    await uow.flush()
    return rule_set_of(row), True


def _same(row: LightRuleSet, body: LightRuleSetIn, parameters: dict[str, Any]) -> RuleSet:
    said = body.model_dump(exclude={"id", "parameters"})
    kept = rule_set_of(row)
    fields = [name for name, value in said.items() if getattr(row, name) != value]
    if kept.rules != rules_of(body.practice, parameters):
        fields.append("parameters")
    if fields:
        raise AppError("id_taken", extra={"fields": sorted(fields)})
    return kept


def _parameters(body: LightRuleSetIn) -> dict[str, Any]:
    """All parameters of the practice, those left out as shipped; 422 for others' and for lines in the wrong order."""
    usual = next(s.parameters for s in SHIPPED if s.practice == body.practice)
    said = body.parameters.model_dump(exclude_none=True)
    known = ", ".join(usual)
    errors = [FieldError(f"/parameters/{name}", "unknown_field", {"known": known}) for name in said.keys() - usual]
    all_of_them = {**usual, **said}
    for low, high in _IN_ORDER:
        if low in usual and all_of_them[low] > all_of_them[high]:
            expected = (f"不小于 {low}（{all_of_them[low]}）", f"at least {low}, {all_of_them[low]}")
            errors.append(FieldError(f"/parameters/{high}", "out_of_range", {"expected": expected}))
    if errors:
        raise AppError("invalid_content", errors=errors)
    assert body.practice in PRACTICES
    return all_of_them


async def list_choices(uow: UnitOfWork, region: str | None) -> dict[str, Any]:
    c, s = LightRuleChoice, LightRuleSet
    columns: list[Any] = [c, s, User.display_name]
    rows = await uow.session.execute(
        select(*columns)
        .outerjoin(s, s.id == c.rule_set_id)
        .outerjoin(User, User.id == c.entered_by)
        .order_by(c.entered_at, c.id)
    )
    items = [
        _choice(row, own, name)
        for row, own, name in rows
        if _sees(uow.actor, row.region_code) and _counts(row.region_code, region)
    ]
    in_force = None
    if region is not None and _sees(uow.actor, region):
        in_force = _named((await choices_for(uow, [region])).on(region, uow.today)[0])
    return {"items": items, "in_force": in_force}


def _named(rule_set: RuleSet | LightRuleSet) -> dict[str, Any]:
    return {"id": rule_set.id, "code": rule_set.code, "version": rule_set.version}


def _choice(row: LightRuleChoice, own: LightRuleSet | None, name: str | None) -> dict[str, Any]:
    rule_set = own or next(shipped for shipped in SHIPPED if shipped.id == row.rule_set_id)
    by = {"id": row.entered_by, "name": name} if row.entered_by is not None else None
    fields = {field: getattr(row, field) for field in ("id", "region_code", "from_day", "reason", "entered_at")}
    return {**fields, "rule_set": _named(rule_set), "entered_by": by}


async def choose(uow: UnitOfWork, body: LightRuleChoiceIn) -> tuple[dict[str, Any], bool]:
    """The choice, and whether it is new; every light it changes is drawn anew from its day on."""
    uow.actor.require_in_region(_WRITE, body.region_code)
    await lift_limits(uow)
    # Alone: no project is written between the rules being read and its light being kept.
    await uow.lock_key("light rules")
    known = await uow.session.get(LightRuleChoice, body.id) if body.id is not None else None
    if known is not None:
        return await _known_choice(uow, known, body), False
    from_day = body.from_day or uow.today
    if from_day < uow.today:
        raise invalid("/from_day", "in_the_past")
    rule_set = await find_rule_set(uow, body.rule_set_id)
    if await uow.session.get(Region, body.region_code) is None:
        raise invalid("/region_code", "unknown_reference", **_REGION)
    if rule_set is None or not body.region_code.startswith(rule_set.region_code or ""):
        raise invalid("/rule_set_id", "unknown_reference", resource=LABEL)
    last = await uow.session.scalar(select(func.max(LightRuleChoice.entered_at)))
    same = await _in_force_already(uow, body, from_day) if body.id is None else None
    if same is not None:
        return await _shown_choice(uow, same), False
    row = LightRuleChoice(
        id=body.id or uow.new_id(),
        region_code=body.region_code,
        rule_set_id=rule_set.id,
        from_day=from_day,
        reason=body.reason,
        # Later than the last one even if its request came earlier and waited for the lock.
        entered_at=uow.now if last is None else max(uow.now, last + timedelta(microseconds=1)),
        entered_by=uow.actor.id,
    )
    uow.add(row)
    uow.record("light_rule_choice.created", row)
    await uow.flush()
    await lights.rules_chosen(uow, await _projects_under(uow, body.region_code), from_day)
    return await _shown_choice(uow, row), True


async def _in_force_already(uow: UnitOfWork, body: LightRuleChoiceIn, from_day: date) -> LightRuleChoice | None:
    """The region's own choice that says the same from that day on: sent again, it would say nothing new.

    Without a day of its own the choice begun before counts; with one, only a choice from that very day.
    """
    c = LightRuleChoice
    begun = c.from_day == from_day if body.from_day is not None else c.from_day <= from_day
    last = await uow.session.scalar(
        select(c)
        .where(c.region_code == body.region_code, begun)
        .order_by(c.from_day.desc(), c.entered_at.desc(), c.id.desc())
        .limit(1)
    )
    same = last is not None and last.rule_set_id == body.rule_set_id and body.reason in (None, last.reason)
    return last if same else None


async def _projects_under(uow: UnitOfWork, region: str) -> Sequence[UUID]:
    lit = select(LightFacts.project_id).distinct()
    under = (Project.county_code >= region[:6], Project.county_code < region[:6] + ":", Project.id.in_(lit))
    found = await uow.session.scalars(select(Project.id).where(*under, Project.region_code.startswith(region)))
    return found.all()


async def _known_choice(uow: UnitOfWork, row: LightRuleChoice, body: LightRuleChoiceIn) -> dict[str, Any]:
    said = body.model_dump(exclude={"id"}, exclude_unset=True, exclude_none=True)
    fields = sorted(name for name, value in said.items() if getattr(row, name) != value)
    if fields:
        raise AppError("id_taken", extra={"fields": fields})
    return await _shown_choice(uow, row)


async def _shown_choice(uow: UnitOfWork, row: LightRuleChoice) -> dict[str, Any]:
    own = await uow.session.get(LightRuleSet, row.rule_set_id)
    by = await uow.session.get(User, row.entered_by) if row.entered_by is not None else None
    return _choice(row, own, by.display_name if by else None)
