"""Ranks within groups, movement (进位/退位) against the period before, and what follows for the first and the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.domain.assessment_schemes import Outcomes


@dataclass(frozen=True, slots=True)
class Past:
    """A subject in the published run of the period before. `last_running`: how often running it was among the last."""

    group: str
    rank: int
    score: Decimal
    last_running: int


@dataclass(frozen=True, slots=True)
class Standing:
    subject: UUID
    score: Decimal
    rank: int
    first: bool
    last_running: int
    past: Past | None
    running: int

    @property
    def movement(self) -> int | None:
        """Ranks gained (positive) or lost."""
        return None if self.past is None else self.past.rank - self.rank

    @property
    def score_change(self) -> Decimal | None:
        return None if self.past is None else self.score - self.past.score

    @property
    def consequences(self) -> tuple[str, ...]:
        if self.first:
            return ("rewarded",)
        if not self.last_running:
            return ()
        action = self.running > 0 and self.last_running >= self.running
        return ("award_eligibility_lost", *(("organisational_action_proposed",) if action else ()))


def ranked(group: str, scores: Mapping[UUID, Decimal], past: Mapping[UUID, Past], outcomes: Outcomes) -> list[Standing]:
    """Best first; equals share a rank and come in the order given.

    First are all of the ranks up to `outcomes.first`; last all that fewer than `outcomes.last` are worse than. Who
    would be both is neither: in a group so small, or so even, it would mean nothing. Only who was in the same group the
    time before has a movement.
    """
    found = sorted(scores.items(), key=lambda each: each[1], reverse=True)
    values = [score for _, score in found]
    standings = []
    for subject, score in found:
        rank = 1 + sum(value > score for value in values)
        first, last = rank <= outcomes.first, sum(value < score for value in values) < outcomes.last
        before = past.get(subject)
        before = before if before is not None and before.group == group else None
        running = 1 + (before.last_running if before is not None else 0)
        standings.append(
            Standing(
                subject, score, rank, first and not last, running if last and not first else 0, before,
                outcomes.running,
            )
        )  # fmt: skip
    return standings
