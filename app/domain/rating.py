"""评优选差: from ballots to scores, ranks, best and worst. Exact fractions; rounded once, at the end.

A *stack* holds all slips that one electorate gave one department: a byte per indicator, the number of the chosen
option or BLANK. Slips are sorted, so a stack tells nothing of who put in which, or when.

- Indicator in a stack: average points of the answers that count (不了解 and blanks do not).
- Electorate: average over its indicators by their weights, as far as anything counted was answered.
- Department: average over its electorates by their weights. An electorate with fewer than `minimum_ballots` counting
  slips is left out (`leave_out`: the others' weights share its part) or leaves the department unrated (`unrated`).
- Score: two decimals, half up. Ranks go by the score as published, so that equal figures have equal ranks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from app.domain.rating_rules import BLANK, Group, Rules, Weighted

Stacks = Mapping[tuple[str, UUID], bytes]
"""(electorate, department) → slips, one after another."""


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator in one stack: how often each option was chosen, and the average points of what counts."""

    indicator: Weighted
    counts: tuple[int, ...]
    answers: int
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one electorate says of one department. `ballots`: slips with at least one answer that counts."""

    electorate: Weighted
    slips: int
    ballots: int
    rows: tuple[Row, ...]
    score: Fraction | None
    counted: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A department in the campaign of the year before."""

    group: str
    rank: int | None
    score: Decimal | None
    worst: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One department's result. `movement`: ranks gained (进位, positive) or lost (退位) within the same group."""

    department: UUID
    parts: tuple[Part, ...]
    score: Decimal | None
    rank: int | None = None
    best: bool = False
    worst: bool = False
    past: Past | None = None

    @property
    def movement(self) -> int | None:
        if self.past is None or self.past.rank is None or self.rank is None:
            return None
        return self.past.rank - self.rank

    @property
    def consequences(self) -> tuple[str, ...]:
        """评优资格取消 for the worst; two years running: 建议组织处理."""
        if not self.worst:
            return ()
        twice = self.past is not None and self.past.worst
        return ("award_eligibility_lost", *(("organisational_action_proposed",) if twice else ()))


def rounded(value: Fraction, decimals: int = 2) -> Decimal:
    """Half up, from the exact fraction (never negative here)."""
    scale = 10**decimals
    return Decimal((value.numerator * scale * 2 + value.denominator) // (value.denominator * 2)).scaleb(-decimals)


def results(rules: Rules, stacks: Stacks, past: Mapping[UUID, Past]) -> list[tuple[Group, list[Standing]]]:
    """Each group with its departments: by rank, unrated ones last, then in the order of the ballot."""
    return [(group, _ranked(rules, group, [assess(rules, stacks, d) for d in group.departments], past))
            for group in rules.groups]  # fmt: skip


def assess(rules: Rules, stacks: Stacks, department: UUID) -> Standing:
    """Score of one department from its parts."""
    parts = tuple(part_of(rules, e, stacks.get((e.code, department), b"")) for e in rules.electorates)
    used = [(p.electorate.weight, p.score) for p in parts if p.counted and p.score is not None]
    unrated = rules.below_minimum == "unrated" and len(used) < len(parts)
    score = None if unrated else _average(used)
    return Standing(department, parts, None if score is None else rounded(score))


def part_of(rules: Rules, electorate: Weighted, slips: bytes) -> Part:
    width = len(rules.indicators)
    counting = bytes(int(n < len(rules.options) and rules.options[n].points is not None) for n in range(256))
    marks = slips.translate(counting)
    ballots = sum(1 in marks[i : i + width] for i in range(0, len(marks), width))
    rows = tuple(_row(rules, indicator, slips[n::width]) for n, indicator in enumerate(rules.indicators))
    score = _average([(r.indicator.weight, r.mean) for r in rows if r.mean is not None])
    counted = ballots >= rules.minimum_ballots and score is not None
    return Part(electorate, len(slips) // width, ballots, rows, score, counted)


def _row(rules: Rules, indicator: Weighted, column: bytes) -> Row:
    counts = tuple(column.count(n) for n in range(len(rules.options)))
    valued = [(option.points, n) for option, n in zip(rules.options, counts, strict=True) if option.points is not None]
    answers = sum(n for _, n in valued)
    points = sum((Fraction(p) * n for p, n in valued), Fraction(0))
    return Row(indicator, counts, answers, points / answers if answers else None)


def _average(parts: Sequence[tuple[Decimal, Fraction]]) -> Fraction | None:
    whole = sum((Fraction(weight) for weight, _ in parts), Fraction(0))
    return sum((Fraction(weight) * value for weight, value in parts), Fraction(0)) / whole if whole else None


def _ranked(rules: Rules, group: Group, found: list[Standing], past: Mapping[UUID, Past]) -> list[Standing]:
    rated = sorted((s for s in found if s.score is not None), key=lambda s: _order(rules, s), reverse=True)
    tiers = [list(tier) for _, tier in groupby(rated, key=lambda s: _order(rules, s))]
    best, worst = _named(rules, tiers, rules.best_of(group)), _named(rules, tiers[::-1], rules.worst_of(group))
    both = best & worst  # so few were rated, or so many are equal, that the word would mean nothing
    ranked, rank = [], 1
    for tier in tiers:
        ranked += [
            Standing(
                s.department, s.parts, s.score, rank, s.department in best - both, s.department in worst - both,
                _comparable(past.get(s.department), group),
            )
            for s in tier
        ]  # fmt: skip
        rank += len(tier)
    for s in found:
        if s.score is None:
            ranked.append(Standing(s.department, s.parts, None, past=_comparable(past.get(s.department), group)))
    return ranked


def _comparable(past: Past | None, group: Group) -> Past | None:
    """Ranks compare within one group only; having been worst counts wherever it was."""
    if past is None or past.group == group.code:
        return past
    return Past(past.group, None, past.score, past.worst)


def _order(rules: Rules, standing: Standing) -> tuple[Decimal, ...]:
    """What departments are compared by: the score and, by that tie rule, the indicators from the heaviest down."""
    assert standing.score is not None
    if rules.tie_rule != "compare_indicators":
        return (standing.score,)
    heaviest = sorted(range(len(rules.indicators)), key=lambda n: -rules.indicators[n].weight)
    scores = [indicator_score(standing, n) for n in heaviest]
    return (standing.score, *[Decimal(-1) if score is None else rounded(score) for score in scores])


def indicator_score(standing: Standing, number: int) -> Fraction | None:
    """One indicator over all counted electorates, by their weights."""
    rows = [(p.electorate.weight, p.rows[number].mean) for p in standing.parts if p.counted]
    return _average([(weight, mean) for weight, mean in rows if mean is not None])


def _named(rules: Rules, tiers: Sequence[Sequence[Standing]], number: int) -> set[UUID]:
    """The first `number` departments. Equals across the line: all of them, or by `name_none` none of them."""
    named: set[UUID] = set()
    for tier in tiers:
        if len(named) >= number:
            break
        if rules.tie_rule == "name_none" and len(named) + len(tier) > number:
            break
        named |= {s.department for s in tier}
    return named


def stacks_of(rules: Rules, ballots: Sequence[tuple[str, bytes]]) -> dict[tuple[str, UUID], bytes]:
    """Whole ballots, (electorate, a byte per department and indicator), taken apart into sorted stacks.

    Nothing of a ballot's own remains: which slips came from one hand, in what order, and who left what out.
    """
    width = len(rules.indicators)
    blank = bytes([BLANK]) * width
    apart: dict[tuple[str, UUID], list[bytes]] = {}
    for electorate, answers in ballots:
        for place, department in enumerate(rules.departments):
            slip = answers[place * width : (place + 1) * width]
            if slip != blank:
                apart.setdefault((electorate, department), []).append(slip)
    return {key: b"".join(sorted(slips)) for key, slips in sorted(apart.items())}


def countable(rules: Rules, stacks: Stacks) -> dict[tuple[str, UUID], bytes]:
    """Without those below the minimum: they enter no score, and of so few slips it is soon clear whose they are (of one
    it is, where all others of the electorate belong to the department and do not rate it)."""
    electorates = {electorate.code: electorate for electorate in rules.electorates}
    return {key: slips for key, slips in stacks.items() if part_of(rules, electorates[key[0]], slips).counted}
