from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.access import Scoping
from app.listing import Resource, Sort, any_of, region_prefix
from app.models import PermitRule
from app.reading import AnySelect


def _select() -> AnySelect:
    r = PermitRule
    columns: list[Any] = [
        r.id, r.region_code, r.kind, r.time_limit_days, r.mandatory, r.entry_required, r.note, r.version,
        r.created_at, r.updated_at,
    ]  # fmt: skip
    return select(*columns)


SCOPING = Scoping(region=PermitRule.region_code)

PERMIT_RULE = Resource(
    name="permit_rule",
    label=("手续规则", "permit rule"),
    permission="permit_rules.read",
    key=PermitRule.id,
    scoping=SCOPING,
    full=_select,
    filters={"region": region_prefix(SCOPING), "kind": any_of(PermitRule.kind, "kind")},
    sorts={"id": Sort(PermitRule.id), "region_code": Sort(PermitRule.region_code)},
)
