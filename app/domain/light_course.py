"""The course of a project's light: from which day until which day it is, or will be, what.

Known facts give the lights of all days to come (a light turns by the calendar alone), so nothing is computed when a
day begins. What becomes known later changes the course from that day on; what was shown before stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.domain.light_rules import FOREVER, Choices, RuleSet
from app.domain.lights import Facts, judge


@dataclass(frozen=True, slots=True)
class Override:
    """A light set by a person from a day until a day (exclusive)."""

    id: UUID
    light: str
    since: date
    until: date = FOREVER


@dataclass(frozen=True, slots=True)
class Period:
    """What a project shows from a day until a day (exclusive). `light` is the override's, where there is one."""

    from_day: date
    until_day: date
    light: str | None
    computed: str | None
    reason: str | None = None
    rule_set: RuleSet | None = None
    override_id: UUID | None = None
    parts: tuple[tuple[str, str, str], ...] = ()
    """(part, light, rule)."""

    def same(self, other: Period) -> bool:
        """Whether it tells the same, whenever that is."""
        return self.told == other.told

    @property
    def told(self) -> tuple[object, ...]:
        return self.light, self.computed, self.reason, self.rule_set, self.override_id, self.parts


def course(
    known: Sequence[tuple[date, Facts]], choices: Choices, overrides: Sequence[Override], start: date
) -> list[Period]:
    """Periods from `start` for ever, one right after the other, none telling the same as the one before.

    `known` says from which day on which facts were known, in order; the first holds from `start` at the latest.
    """
    periods: list[Period] = []
    for i, (since, facts) in enumerate(known):
        day = max(since, start)
        end = known[i + 1][0] if i + 1 < len(known) else FOREVER
        while day < end:
            period = _on(facts, choices, overrides, day, end)
            if periods and periods[-1].same(period):
                periods[-1] = replace(periods[-1], until_day=period.until_day)
            else:
                periods.append(period)
            day = period.until_day
    return periods


def _on(facts: Facts, choices: Choices, overrides: Sequence[Override], day: date, end: date) -> Period:
    rule_set, another_set = choices.on(facts.region_code, day)
    found = judge(rule_set, facts, day)
    until = min(found.until, another_set, end)
    for held in overrides:
        until = min([until, *(d for d in (held.since, held.until) if d > day)])
    override = next((o for o in overrides if o.since <= day < o.until), None)
    return Period(
        day,
        until,
        override.light if override else found.light,
        found.light,
        found.reason,
        # Without a light no rule has spoken.
        rule_set if found.light else None,
        override.id if override else None,
        tuple((part.name, part.light, part.rule) for part in found.parts),
    )
