"""考核: from facts to points, item by item, each explained. Exact fractions; rounded once per item, half up.

An item's points: worked out exactly, capped, then rounded to two decimals (ties away from zero). The score is the sum
of the rounded points, so that a printed table adds up, and is then capped by the scheme. What counts a project counts
it by the subject's share of the period (`domain.assessment_shares`); amounts completed are the subject's part already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.domain.assessment_facts import NOTHING, ProjectFacts, SubjectFacts
from app.domain.assessment_schemes import (
    AnyItem,
    Bands,
    Cases,
    Count,
    Definition,
    Entered,
    FigureItem,
    Months,
    Reports,
    Share,
    Sum,
    Where,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What one project, month or entry brought: `facts` are what it was worked out from."""

    of: str
    label: str
    points: Fraction
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worked:
    """An item worked out: `facts` of all together, a line for each thing that counted."""

    raw: Fraction
    facts: Mapping[str, Any]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemResult:
    item: AnyItem
    worked: Worked
    capped: Fraction
    points: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    items: tuple[ItemResult, ...]
    total: Decimal
    score: Decimal


def rounded(value: Fraction, decimals: int = 2) -> Decimal:
    """Half up, ties away from zero, of any sign."""
    scale = 10**decimals
    up = (2 * abs(value.numerator) * scale + value.denominator) // (2 * value.denominator)
    return Decimal(up if value >= 0 else -up).scaleb(-decimals) + 0


def evaluate(definition: Definition, facts: SubjectFacts) -> Result:
    items = tuple(_result(item, facts) for item in definition.items)
    total = sum((item.points for item in items), Decimal("0.00"))
    score = _between(Fraction(total), definition.at_least, definition.at_most)
    return Result(items, total, rounded(score))


def _result(item: AnyItem, facts: SubjectFacts) -> ItemResult:
    worked = _WORK[type(item)](item, facts)
    capped = _between(worked.raw, item.at_least, item.at_most)
    return ItemResult(item, worked, capped, rounded(capped))


def _between(value: Fraction, low: Decimal | None, high: Decimal | None) -> Fraction:
    if high is not None:
        value = min(value, Fraction(high))
    return value if low is None else max(value, Fraction(low))


def _in(where: Where, facts: SubjectFacts) -> list[ProjectFacts]:
    return [project for project in facts.projects if project.falls_under(where)]


def _together(lines: Sequence[Line], **facts: Any) -> Worked:
    return Worked(sum((line.points for line in lines), NOTHING), facts, tuple(lines))


def _count(item: Count, facts: SubjectFacts) -> Worked:
    found = _in(item.where, facts)
    lines = [_line(project, project.share * Fraction(item.points)) for project in found]
    return _together(lines, projects=len(found), shares=sum((p.share for p in found), NOTHING))


def _line(project: ProjectFacts, points: Fraction, **facts: Any) -> Line:
    # Runs of before have no days: what they were worked out from is kept as it was.
    days = {"held": [list(days) for days in project.held]} if project.held else {}
    return Line(project.id, project.name, points, {"share": project.share, **days, **facts})


def _sum(item: Sum, facts: SubjectFacts) -> Worked:
    rate = Fraction(item.points) / Fraction(item.per)
    lines = [_line(p, p.part(item.fact) * rate, **{item.fact: p.part(item.fact)}) for p in _in(item.where, facts)]
    amount = sum((line.facts[item.fact] for line in lines), NOTHING)
    return _together(lines, **{item.fact: amount})


def _share(item: Share, facts: SubjectFacts) -> Worked:
    found = _in(item.where, facts)
    if item.counted is not None:
        counted = item.counted
        pairs = [(p, p.share if p.falls_under(counted) else NOTHING, p.share) for p in found]
        names = ("counted", "of")
    else:
        pairs = [(p, p.part(item.numerator), p.part(item.denominator)) for p in found]
        names = (item.numerator, item.denominator)
    whole = (sum((n for _, n, _ in pairs), NOTHING), sum((d for _, _, d in pairs), NOTHING))
    each = item.over == "each"
    lines = [
        _line(
            p,
            # Of a project the subject had for half of the period all points are half, and so are both amounts.
            _ratio(item, n, d) * Fraction(item.points) * p.share if each else NOTHING,
            **{names[0]: n, names[1]: d},
        )
        for p, n, d in pairs
    ]
    told = {names[0]: whole[0], names[1]: whole[1]}
    if each:
        return _together(lines, **told)
    return Worked(_ratio(item, *whole) * Fraction(item.points), told, tuple(lines))


def _ratio(item: Share, numerator: Fraction, denominator: Fraction) -> Fraction:
    """Nothing to divide by brings nothing."""
    if denominator <= 0:
        return NOTHING
    ratio = numerator / denominator
    return ratio if item.percent_at_most is None else min(ratio, Fraction(item.percent_at_most) / 100)


def _bands(item: Bands, facts: SubjectFacts) -> Worked:
    found = _in(item.where, facts)
    if item.over == "total":
        amount = sum((p.part(item.fact) for p in found), NOTHING)
        lines = tuple(_line(p, NOTHING, **{item.fact: p.part(item.fact)}) for p in found)
        return Worked(_band(item, amount), {item.fact: amount}, lines)
    each = []
    for project in found:
        # The size of a project is the whole project's; its points are shared.
        value = project.part(item.fact) if item.fact == "completed" else getattr(project, item.fact)
        points = NOTHING if value is None else _band(item, value) * project.share
        each.append(_line(project, points, **{item.fact: value}))
    return _together(each, projects=len(found))


def _band(item: Bands, value: Fraction) -> Fraction:
    reached = [band for band in item.bands if Fraction(band.at_least) <= value]
    return Fraction(max(reached, key=lambda band: band.at_least).points if reached else item.below)


def _cases(item: Cases, facts: SubjectFacts) -> Worked:
    lines = []
    for project in facts.projects:
        case = next((case for case in item.cases if project.falls_under(case.where)), None)
        if case is not None:
            lines.append(_line(project, Fraction(case.points) * project.share, case=case.name))
    return _together(lines, projects=len(lines))


def _months(item: Months, facts: SubjectFacts) -> Worked:
    found = _in(item.where, facts)
    totals = [sum(month, NOTHING) for month in zip(*[p.months for p in found], strict=True)]
    lines = [
        Line(str(n), str(n), Fraction(item.points), {"completed": amount})
        for n, amount in enumerate(totals, facts.first_month)
        if amount > item.more_than
    ]
    return _together(lines, months=len(lines), largest=max(totals, default=NOTHING))


def _entered(item: Entered, facts: SubjectFacts) -> Worked:
    found = [entry for entry in facts.entries if entry.kind in item.kinds]
    before = sum(facts.earlier.get(kind, 0) for kind in item.kinds)
    lines = []
    for n, entry in enumerate(found, before):
        counts = item.entries_at_most is None or n < item.entries_at_most
        times = (Fraction(1) if item.using == "count" else entry.value or NOTHING) * entry.share
        facts_used = {"kind": entry.kind, "value": entry.value, "counted": counts}
        if entry.project_id is not None:
            facts_used |= {"project_id": entry.project_id, "share": entry.share}
        lines.append(Line(entry.id, entry.label, Fraction(item.points) * times if counts else NOTHING, facts_used))
    told = {"entries": len(found)} if item.entries_at_most is None else {"entries": len(found), "earlier": before}
    return _together(lines, **told)


def _reports(item: Reports, facts: SubjectFacts) -> Worked:
    each = item.using == "count"
    lines, told = [], dict.fromkeys(("due", "on_time", "late", "missing"), NOTHING)
    for project in _in(item.where, facts):
        if not project.reports:
            continue
        states = {state: project.reports.get(state, NOTHING) for state in ("on_time", "late", "missing")}
        states = {"due": sum(states.values(), NOTHING), **states}
        told = {name: told[name] + count for name, count in states.items()}
        points = _counted(item, states) * Fraction(item.points) if each else NOTHING
        lines.append(Line(project.id, project.name, points, states))
    if each:
        return _together(lines, **told)
    share = _counted(item, told) / told["due"] if told["due"] else NOTHING
    return Worked(share * Fraction(item.points), told, tuple(lines))


def _counted(item: Reports, states: Mapping[str, Fraction]) -> Fraction:
    return sum((states[state] for state in set(item.states)), NOTHING)


def _figure(item: FigureItem, facts: SubjectFacts) -> Worked:
    value = facts.figures.get(item.fact)
    points = NOTHING if value is None else value * Fraction(item.points) / Fraction(item.per)
    return Worked(points, {item.fact: value})


_WORK: dict[type[Any], Callable[[Any, SubjectFacts], Worked]] = {
    Count: _count,
    Sum: _sum,
    Share: _share,
    Bands: _bands,
    Cases: _cases,
    Months: _months,
    Entered: _entered,
    Reports: _reports,
    FigureItem: _figure,
}
