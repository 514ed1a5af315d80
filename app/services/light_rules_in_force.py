"""Which rule sets there are and which region goes by which, as stored and as shipped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.light_rules import SHIPPED, Choice, Choices, RuleSet, rules_of
from app.models import LightRuleChoice, LightRuleSet
from app.uow import UnitOfWork

_LEVELS = (2, 4, 6, 9, 12)


def rule_set_of(row: LightRuleSet) -> RuleSet:
    return RuleSet(
        row.id,
        row.code,
        row.version,
        row.practice,
        rules_of(row.practice, row.parameters),
        row.label_zh,
        row.label_en or row.label_zh,
        row.description,
        row.region_code,
    )


async def find_rule_set(uow: UnitOfWork, identity: UUID) -> RuleSet | None:
    for shipped in SHIPPED:
        if shipped.id == identity:
            return shipped
    row = await uow.session.get(LightRuleSet, identity)
    return rule_set_of(row) if row is not None else None


async def choices_for(uow: UnitOfWork, regions: Iterable[str]) -> Choices:
    """The choices that matter to these regions: their own and those of the regions they are in."""
    above = {region[:level] for region in regions for level in _LEVELS if level <= len(region)}
    c, s = LightRuleChoice, LightRuleSet
    columns: list[Any] = [c.region_code, c.from_day, c.rule_set_id, s]
    rows = await uow.session.execute(
        select(*columns)
        .outerjoin(s, s.id == c.rule_set_id)
        .where(c.region_code.in_(above))
        .order_by(c.entered_at, c.id)
    )
    shipped = {rule_set.id: rule_set for rule_set in SHIPPED}
    return Choices(
        Choice(region, from_day, rule_set_of(own) if own is not None else shipped[rule_set_id])
        for region, from_day, rule_set_id, own in rows
    )
