"""What an assessment knows of a subject: its projects, what was entered about it, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.assessment_schemes import Where

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """One project as far as the subject answers for it. Amounts 万元; but for `months` they are the whole project's.

    `months`: completed in each month of the period, the subject's part. `stage`: at its end; `moved_into`: all stages
    it moved into or past within the period and was still in or past at its end. `entered`: kinds of entries about it.
    """

    id: str
    name: str
    share: Fraction
    held: tuple[tuple[str, str], ...] = ()
    """Days the subject is on record for, (first, last): what the share comes from."""
    category: str | None = None
    sector: str = "other"
    stage: str | None = None
    moved_into: tuple[str, ...] = ()
    light: str | None = None
    major: bool = False
    entered: tuple[str, ...] = ()
    annual_plan: Fraction | None = None
    planned: Fraction | None = None
    total_investment: Fraction | None = None
    months: tuple[Fraction, ...] = ()
    reports: Mapping[str, Fraction] = field(default_factory=dict)
    """Weekly reports due on the subject's days by state: on_time, late, missing."""

    def part(self, fact: str) -> Fraction:
        """Of an amount what is the subject's; not known counts as nothing."""
        if fact == "completed":
            return sum(self.months, NOTHING)
        whole: Fraction | None = getattr(self, fact)
        return NOTHING if whole is None else whole * self.share

    def falls_under(self, where: Where) -> bool:
        lists = (
            (where.category, (self.category,)),
            (where.sector, (self.sector,)),
            (where.stage, (self.stage,)),
            (where.moved_into, self.moved_into),
            (where.light, (self.light,)),
            (where.entered, self.entered),
        )
        fits = all(not wanted or any(one in wanted for one in found) for wanted, found in lists)
        return fits and where.major in {None, self.major}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entered fact about the subject itself, or about a project it answered for on that day, perhaps with others."""

    id: str
    kind: str
    value: Fraction | None
    label: str
    project_id: str | None = None
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    projects: tuple[ProjectFacts, ...] = ()
    entries: tuple[Entry, ...] = ()
    """In the order of their days."""
    earlier: Mapping[str, int] = field(default_factory=dict)
    """How many entries of a kind there were in the year before the period began."""
    figures: Mapping[str, Fraction] = field(default_factory=dict)
    first_month: int = 1
    """Of the period; `months` of projects begin with it."""
