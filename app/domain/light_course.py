"""The course of a project's light: from which day until which day it is, or will be, what.

Known facts give the lights of all days to come (a light turns by the calendar alone), so nothing is computed when a
day begins. What becomes known later changes the course from that day on; what was shown before stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
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


class Told(NamedTuple):
    """What is shown. `light` is the override's, where there is one."""

    light: str | None
    computed: str | None
    reason: str | None = None
    rule_set: RuleSet | None = None
    override_id: UUID | None = None
    parts: tuple[tuple[str, str, str], ...] = ()
    """(part, light, rule)."""


class Period(NamedTuple):
    """What a project shows from a day until a day (exclusive)."""

    from_day: date
    until_day: date
    told: Told


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
            until, told = _on(facts, choices, overrides, day, end)
            if periods and periods[-1].told == told:
                periods[-1] = Period(periods[-1].from_day, until, told)
            else:
                periods.append(Period(day, until, told))
            day = until
    return periods


def _on(facts: Facts, choices: Choices, overrides: Sequence[Override], day: date, end: date) -> tuple[date, Told]:
    """What is shown on a day, and the first day on which that may be another."""
    rule_set, another_set = choices.on(facts.region_code, day)
    found = judge(rule_set, facts, day)
    until = min(found.until, another_set, end)
    for held in overrides:
        until = min([until, *(d for d in (held.since, held.until) if d > day)])
    override = next((o for o in overrides if o.since <= day < o.until), None) if overrides else None
    told = Told(
        override.light if override else found.light,
        found.light,
        found.reason,
        # Without a light no rule has spoken.
        rule_set if found.light else None,
        override.id if override else None,
        tuple([part[:3] for part in found.parts]),
    )
    return until, told
