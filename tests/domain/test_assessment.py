"""Points against a slow reading of the scheme, and the shipped schemes worked by hand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessment import evaluate, rounded
from app.domain.assessment_facts import Entry, ProjectFacts, SubjectFacts
from app.domain.assessment_ranks import Past, ranked
from app.domain.assessment_schemes import Outcomes, definition_of
from app.domain.assessment_shipped import SHIPPED
from app.schemas.assessment_schemes import DefinitionIn

HALVES = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)])
AMOUNTS = st.integers(0, 200_000).map(Fraction)
PROJECTS = st.builds(
    ProjectFacts,
    id=st.uuids().map(str),
    name=st.just("项目"),
    share=HALVES,
    category=st.sampled_from([None, "new_start", "continued"]),
    sector=st.sampled_from(["industry", "social", "urban"]),
    stage=st.sampled_from(["landed", "started", "in_production"]),
    moved_into=st.sampled_from([(), ("started",), ("in_production",)]),
    light=st.sampled_from([None, "green", "red"]),
    entered=st.sampled_from([(), ("provincial_assessment",), ("operation", "provincial_assessment")]),
    annual_plan=st.none() | AMOUNTS,
    planned=st.none() | AMOUNTS,
    months=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
    reports=st.dictionaries(st.sampled_from(["on_time", "late", "missing"]), st.integers(1, 12).map(Fraction)),
)
ENTRIES = st.builds(
    Entry,
    id=st.just("e"),
    kind=st.sampled_from(["criticism", "collective_start", "commendation"]),
    value=st.none() | st.integers(0, 20).map(Fraction),
    label=st.just("-"),
    project_id=st.none() | st.just("p"),
)
SUBJECTS = st.builds(
    SubjectFacts,
    projects=st.lists(PROJECTS, max_size=4).map(tuple),
    entries=st.lists(ENTRIES, max_size=6).map(tuple),
    figures=st.sampled_from([{}, {"rating_score": Fraction("87.35")}]),
)


def _round(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator * 10**30 // value.denominator) / Decimal(10**30)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0


def _yanan(s: SubjectFacts) -> list[Fraction]:
    nature = scale = field = progress = provincial = production = Fraction(0)
    for p in s.projects:
        started = p.stage in {"started", "in_production"}
        nature += p.share * (5 if p.category == "new_start" and started else 2 if p.category == "continued" else 0)
        if p.annual_plan is not None:
            scale += p.share * next(n for line, n in ((10**5, 20), (50_000, 10), (10_000, 6), (0, 3))
                                    if p.annual_plan >= line)  # fmt: skip
        field += p.share * {"industry": 15, "social": 8, "urban": 6}[p.sector]
        if p.planned:
            progress += 60 * sum(p.months) / p.planned
        provincial += 20 * p.share if "provincial_assessment" in p.entered else 0
        production += p.share * (20 if p.moved_into == ("in_production",) else 10 if "operation" in p.entered else 0)
    months = [sum(p.months[n] for p in s.projects) for n in range(3)]
    kinds = [entry.kind for entry in s.entries]
    return [
        nature, scale, field, progress, provincial, production, Fraction(30 * sum(m > 10**5 for m in months)),
        Fraction(30 * min(4, kinds.count("collective_start"))), Fraction(-10 * kinds.count("criticism")),
    ]  # fmt: skip


@given(SUBJECTS)
def test_yanan_as_read_slowly(subject: SubjectFacts) -> None:
    result = evaluate(definition_of(SHIPPED[0].definition), subject)
    assert [item.worked.raw for item in result.items] == _yanan(subject)
    assert result.score == sum((rounded(raw) for raw in _yanan(subject)), Decimal(0))


def _ningxiang(s: SubjectFacts) -> list[Fraction]:
    plan = sum(((p.planned or 0) * p.share for p in s.projects), Fraction(0))
    done = sum((sum(p.months) for p in s.projects), Fraction(0))
    new = [p for p in s.projects if p.category == "new_start"]
    shares, all_shares = sum(p.share for p in new), sum(p.share for p in s.projects)
    begun = sum(p.share for p in new if p.stage != "landed")
    green = sum(p.share for p in s.projects if p.light == "green")
    bonus = sum(e.value or 0 for e in s.entries if e.kind == "commendation")
    return [
        50 * min(Fraction(1), done / plan) if plan else Fraction(0),
        20 * Fraction(begun) / shares if shares else Fraction(0),
        20 * Fraction(green) / all_shares if all_shares else Fraction(0),
        s.figures.get("rating_score", Fraction(0)) / 10,
        Fraction(min(10, bonus)),
        Fraction(max(-10, -2 * sum(e.kind == "criticism" for e in s.entries))),
    ]


@given(SUBJECTS)
def test_ningxiang_as_read_slowly(subject: SubjectFacts) -> None:
    result = evaluate(definition_of(SHIPPED[1].definition), subject)
    assert [item.capped for item in result.items] == _ningxiang(subject)
    total = sum((rounded(points) for points in _ningxiang(subject)), Decimal(0))
    assert (result.total, result.score) == (total, max(Decimal(0), total))


@given(SUBJECTS)
def test_ningxiangs_second_version_takes_off_for_reports(subject: SubjectFacts) -> None:
    first, second = (evaluate(definition_of(SHIPPED[n].definition), subject) for n in (1, 2))
    late = sum((p.reports.get("late", Fraction(0)) for p in subject.projects), Fraction(0))
    missing = sum((p.reports.get("missing", Fraction(0)) for p in subject.projects), Fraction(0))
    assert [i.capped for i in second.items[:6]] == [i.capped for i in first.items]
    assert [i.capped for i in second.items[6:]] == [max(Fraction(-5), -late / 2), max(Fraction(-5), -missing)]


@given(SUBJECTS, st.lists(st.sampled_from(["on_time", "late", "missing"]), min_size=1, max_size=3))
def test_a_share_of_reports(subject: SubjectFacts, states: list[str]) -> None:
    scheme = _one(function="reports", states=states, using="share", points=10)
    [item] = evaluate(scheme, subject).items
    due = sum(n for p in subject.projects for n in p.reports.values())
    counted = sum(n for p in subject.projects for state, n in p.reports.items() if state in states)
    assert item.worked.raw == (Fraction(10 * counted, due) if due else 0)
    assert item.worked.facts["due"] == due
    assert len(item.worked.lines) == sum(bool(p.reports) for p in subject.projects)


def test_an_entry_about_a_project_of_two_counts_half_for_each() -> None:
    about = Entry("e", "criticism", None, "-", "p", Fraction(1, 2))
    result = evaluate(_one(function="entered", kinds=["criticism"], points=-2), SubjectFacts(entries=(about,)))
    assert result.score == -1
    assert result.items[0].worked.lines[0].facts["project_id"] == "p"


@given(st.fractions(-1000, 1000, max_denominator=400))
def test_rounding_is_half_up_away_from_zero(value: Fraction) -> None:
    assert rounded(value) == (_round(value) if value >= 0 else -_round(-value))


def test_a_tie_is_rounded_up_and_never_minus_nothing() -> None:
    assert (rounded(Fraction(1, 200)), rounded(Fraction(-1, 200))) == (Decimal("0.01"), Decimal("-0.01"))
    assert str(rounded(Fraction(-1, 1000))) == "0.00"


@given(SUBJECTS, st.sampled_from(SHIPPED))
def test_lines_add_up_to_the_item(subject: SubjectFacts, scheme: Any) -> None:
    for item in evaluate(definition_of(scheme.definition), subject).items:
        if getattr(item.item, "over", "each") == "each" and item.item.code != "environment":
            assert sum(line.points for line in item.worked.lines) == item.worked.raw


@pytest.mark.parametrize("scheme", SHIPPED, ids=lambda s: f"{s.code}-{s.version}")
def test_shipped_schemes_are_what_a_county_could_send(scheme: Any) -> None:
    sent = DefinitionIn.model_validate(scheme.definition)
    assert definition_of(sent.model_dump()) == definition_of(scheme.definition)


def _one(**item: Any) -> Any:
    return definition_of({"items": [{"code": "x", "name": "x", **item}]})


def test_functions_the_shipped_schemes_leave_out() -> None:
    p = ProjectFacts("a", "甲", Fraction(1, 2), total_investment=Fraction(1000), months=(Fraction(30), Fraction(40)))
    facts = SubjectFacts((p,), first_month=4)
    assert evaluate(_one(function="sum", fact="completed", per=100, points=2), facts).score == Decimal("1.40")
    assert evaluate(_one(function="sum", fact="total_investment", per=100, points=2), facts).score == 10
    bands = [{"at_least": 70, "points": 9}, {"at_least": 60, "points": 5}]
    assert evaluate(_one(function="bands", fact="completed", over="total", bands=bands), facts).score == 9
    half = evaluate(_one(function="bands", fact="total_investment", bands=bands), facts)
    assert half.score == Decimal("4.50")
    months = evaluate(_one(function="months", more_than=30, points=3), facts)
    [line] = months.items[0].worked.lines
    assert line.of == "5"
    assert line.points == 3
    assert evaluate(_one(function="count", points=3, where={"major": True}), facts).score == 0


A, B, C = (UUID(int=n) for n in (1, 2, 3))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.integers(0, 2), st.integers(0, 2))
def test_ranks_and_consequences(scores: list[int], first: int, last: int) -> None:
    told = {UUID(int=n): Decimal(score) for n, score in enumerate(scores)}
    for s in ranked("g", told, {}, Outcomes(first, last, 1)):
        better, worse = sum(x > s.score for x in told.values()), sum(x < s.score for x in told.values())
        assert s.rank == better + 1
        rewarded, lost = better < first, worse < last
        assert s.first == (rewarded and not lost)
        assert bool(s.last_running) == (lost and not rewarded)


def test_last_twice_running() -> None:
    past = {A: Past("g", 1, Decimal(9), 0), B: Past("g", 2, Decimal(5), 1), C: Past("other", 1, Decimal(9), 1)}
    a, c, b = ranked("g", {A: Decimal(8), B: Decimal(4), C: Decimal(5)}, past, Outcomes(1, 1, 2))
    assert a.consequences == ("rewarded",)
    assert a.movement == 0
    assert a.score_change == -1
    assert c.consequences == ()
    assert c.movement is None
    assert b.consequences == ("award_eligibility_lost", "organisational_action_proposed")
    assert b.movement == -1
