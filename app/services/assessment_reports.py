"""How the weekly reports stood that were due on a subject's days, by project and subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from app.domain.assessment_schemes import Joint
from app.domain.assessment_shares import Period, Tenure
from app.services.due_reports import DueReport, due_reports
from app.uow import UnitOfWork

States = dict[str, Fraction]
"""on_time, late, missing → how many."""


async def reports(
    uow: UnitOfWork, region: str, period: Period, tenures: Mapping[UUID, Sequence[Tenure]], joint: Joint
) -> dict[tuple[UUID, UUID], States]:
    """(project, party) → reports due on days of the period the party is on record for, as the statistics count them."""
    due = await due_reports(uow, tenures.keys(), region, period.starts_on, period.ends_on)
    return split(due, tenures, joint)


def split(
    due: Iterable[DueReport], tenures: Mapping[UUID, Sequence[Tenure]], joint: Joint
) -> dict[tuple[UUID, UUID], States]:
    found: dict[tuple[UUID, UUID], States] = {}
    for report in due:
        answering = {
            t.party
            for t in tenures[report.project_id]
            if t.valid_from <= report.day and (t.valid_to is None or t.valid_to > report.day)
        }
        for party in answering:
            states = found.setdefault((report.project_id, party), {})
            part = Fraction(1, len(answering)) if joint == "equal" else Fraction(1)
            states[report.state] = states.get(report.state, Fraction(0)) + part
    return found
