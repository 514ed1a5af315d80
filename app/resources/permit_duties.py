"""Which permits must be there before work starts, as SQL: what `services.permit_rules` tells one by one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, literal_column, select

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


def permits_waiting() -> Any:
    """Whether a mandatory permit that is entered of the project is not issued: all that a ledger can be held against.

    A ledger records what was, and knows no permits. What nobody entered here is unknown of an old project, not
    missing; only moves through the API ask for it.
    """
    waiting = exists().where(Permit.project_id == Project.id, Permit.state != "issued", mandatory())
    return waiting.correlate(Project)
