"""Which permits must be there before work starts, as SQL: what `services.permit_rules` tells one by one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.domain.permit_kinds import MANDATORY_KINDS
from app.models import Permit, PermitRule, Project


def mandatory() -> Any:
    """Whether the permit must be there before work starts: as said of it, by the nearest region's rule, or shipped."""
    rule = (
        select(PermitRule.mandatory)
        .where(
            PermitRule.kind == Permit.kind,
            PermitRule.mandatory.is_not(None),
            func.starts_with(Project.region_code, PermitRule.region_code),
        )
        .order_by(func.length(PermitRule.region_code).desc())
        .limit(1)
        .correlate(Permit, Project)
        .scalar_subquery()
    )
    shipped = Permit.kind.in_([literal_column(f"'{kind}'") for kind in MANDATORY_KINDS])
    return func.coalesce(Permit.mandatory, rule, shipped)


def permits_missing() -> Any:
    """Whether a mandatory permit of the project is not issued, or one its region declared mandatory not entered."""
    waiting = exists().where(Permit.project_id == Project.id, Permit.state != "issued", mandatory())
    rule, nearer = PermitRule, aliased(PermitRule, name="nearer")
    spoken_nearer = exists().where(
        nearer.kind == rule.kind,
        nearer.mandatory.is_not(None),
        func.starts_with(Project.region_code, nearer.region_code),
        func.length(nearer.region_code) > func.length(rule.region_code),
    )
    entered = exists().where(Permit.project_id == Project.id, Permit.kind == rule.kind)
    declared = exists().where(
        rule.mandatory.is_(True),
        func.starts_with(Project.region_code, rule.region_code),
        ~spoken_nearer.correlate(Project, rule),
        ~entered.correlate(Project, rule),
    )
    return or_(waiting.correlate(Project), declared.correlate(Project))
