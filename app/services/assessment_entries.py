"""Entered facts of a run: about subjects themselves, and about projects they answered for on that very day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, bindparam, text

from app.domain.assessment_schemes import Joint
from app.domain.assessment_shares import Period
from app.uow import UnitOfWork

# From the first day of the year: what counts at most so often a year is used up by what came before the period.
_ENTRIES = text("""
SELECT DISTINCT f.happened_on, f.entered_at, f.id, f.kind, f.value, f.document, f.project_id, p.name AS project,
       coalesce(f.department_id, f.leader_id, a.department_id, a.leader_id) AS party
  FROM assessment_facts f
  LEFT JOIN projects p ON p.id = f.project_id
  LEFT JOIN assignments a ON a.project_id = f.project_id AND num_nonnulls(f.department_id, f.leader_id) = 0
                         AND a.role = :role AND a.valid_from <= f.happened_on
                         AND (a.valid_to IS NULL OR a.valid_to > f.happened_on)
 WHERE f.region_code >= :region AND f.region_code < :region || ':'
   AND f.happened_on BETWEEN date_trunc('year', CAST(:starts AS date)) AND :ends
   AND f.retracts_id IS NULL AND NOT EXISTS (SELECT FROM assessment_facts r WHERE r.retracts_id = f.id)
   AND coalesce(f.department_id, f.leader_id, a.department_id, a.leader_id) IS NOT NULL
 ORDER BY f.happened_on, f.entered_at, f.id, party
""").bindparams(*[bindparam(n, type_=Date) for n in ("starts", "ends")])


class Entries(NamedTuple):
    """By subject: those of the period in the order of their days, and how many of each kind came before in the year."""

    found: Mapping[UUID, list[dict[str, Any]]]
    earlier: Mapping[UUID, Mapping[str, int]]


async def entries(uow: UnitOfWork, region: str, role: str, period: Period, joint: Joint) -> Entries:
    """`role`: in which subjects answer for projects. Of several on one day each counts in full, or all share."""
    values = {"region": region, "role": role, "starts": period.starts_on, "ends": period.ends_on}
    rows = (await uow.session.execute(_ENTRIES, values)).all()
    parties = Counter(row.id for row in rows)
    found: dict[UUID, list[dict[str, Any]]] = {}
    earlier: dict[UUID, Counter[str]] = {}
    for row in rows:
        if row.happened_on < period.starts_on:
            earlier.setdefault(row.party, Counter())[row.kind] += 1
        else:
            found.setdefault(row.party, []).append(_entry(row, parties[row.id] if joint == "equal" else 1))
    return Entries(found, earlier)


def _entry(row: Any, sharing: int) -> dict[str, Any]:
    label = f"{row.happened_on.isoformat()} {row.document}"
    entry = {"id": row.id, "kind": row.kind, "value": None if row.value is None else str(Fraction(row.value))}
    if row.project_id is None:
        return {**entry, "label": label}
    about = {"project_id": row.project_id, "project": row.project}
    return {**entry, "label": f"{label}（{row.project}）", **about, "share": str(Fraction(1, sharing))}
