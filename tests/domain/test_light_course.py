"""Any facts, any rules, any day: against a slow and obvious oracle."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.light_course import Override, course
from app.domain.light_explained import explained
from app.domain.light_rules import DEFAULT, FOREVER, Choice, Choices, RuleSet, rules_of
from app.domain.lights import Due, Facts, Plan, judge
from tests.world import new_id

DAYS = st.dates(date(2014, 12, 1), date(2018, 2, 1))
AMOUNTS = st.decimals(0, 2000, places=1)


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    years = draw(st.sets(st.integers(2015, 2017)))
    plans = {}
    for year in years:
        monthly = draw(st.none() | st.lists(AMOUNTS, min_size=12, max_size=12).map(tuple))
        investment = draw(st.none() | AMOUNTS) if monthly is None else sum(monthly, Decimal(0))
        plans[year] = Plan(investment, monthly, draw(st.none() | _partial()))
    figures = {}
    for year in draw(st.sets(st.integers(2015, 2017))):
        days = sorted(draw(st.sets(st.dates(date(year, 1, 1), date(year + 1, 2, 1)), max_size=5)))
        figures[year] = tuple((day, draw(AMOUNTS)) for day in days)
    rare = st.none() | DAYS
    milestones = draw(st.lists(st.builds(_due, DAYS, st.booleans(), rare), max_size=3))
    return Facts(
        region_code="990102", planned_start=draw(st.none() | _partial()), started_on=draw(rare), enrolled_on=draw(rare),
        terminated_on=draw(st.none() | st.none() | DAYS), suspended_since=draw(st.none() | st.none() | DAYS),
        problem_stated=draw(st.booleans()), plans=plans, figures=figures, milestones=tuple(milestones),
    )  # fmt: skip


def _due(planned: date, done: bool, finished: date | None) -> Due:
    return Due(planned, done, finished if done else None)


def _partial() -> st.SearchStrategy[str]:
    return DAYS.flatmap(lambda d: st.sampled_from([f"{d:%Y}", f"{d:%Y-%m}", d.isoformat()]))


PARAMETERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "yinchuan": st.fixed_dictionaries({
        "start_red_months": st.integers(0, 4), "progress_yellow_points": st.decimals(0, 20, places=2),
        "progress_red_points": st.decimals(20, 60, places=2), "enrolment_yellow_months": st.integers(0, 2),
        "enrolment_red_months": st.integers(2, 4),
    }),
    "ouhai": st.fixed_dictionaries({
        "basis": st.sampled_from(["milestones_and_investment", "milestones", "investment"]),
    }),
    "haikou": st.fixed_dictionaries({
        "behind_points": st.decimals(0, 10, places=2), "serious_points": st.decimals(10, 60, places=2),
        "in_a_row": st.integers(2, 4),
    }),
}  # fmt: skip


@st.composite
def some_rules(draw: st.DrawFn) -> RuleSet:
    practice = draw(st.sampled_from(sorted(PARAMETERS)))
    rules = rules_of(practice, draw(PARAMETERS[practice]))
    return RuleSet(new_id(), "own", 1, practice, rules, "", "", "")


# The oracle: every rule as its practice says it, day by day, in fractions; nothing is remembered, nothing is searched.


def oracle(rule_set: RuleSet, known: Facts, day: date) -> tuple[str | None, dict[str, str]]:
    if any(d is not None and d <= day for d in (known.terminated_on, known.suspended_since)):
        return None, {}
    plan = known.plans.get(day.year)
    if plan is None:
        return None, {}
    parts = {"yinchuan": _oracle_y, "ouhai": _oracle_o, "haikou": _oracle_h}[rule_set.practice](
        rule_set.rules, known, plan, day
    )
    order = ["green", "yellow", "red"]
    return (max(parts.values(), key=order.index) if parts else None), parts


def _reported(known: Facts, year: int, by: date) -> Fraction:
    upto = [(d, a) for d, a in known.figures.get(year, ()) if d <= by]
    return Fraction(max(upto)[1]) if upto else Fraction(0)


def _below(known: Facts, plan: Plan, day: date) -> Fraction | None:
    """Hundredths of a point, half away from zero."""
    if not plan.investment:
        return None
    share = Fraction(day.month - 1, 12) + Fraction(day.day, calendar.monthrange(day.year, day.month)[1]) / 12
    points = (share - _reported(known, day.year, day) / Fraction(plan.investment)) * 10_000
    whole = int(abs(points) + Fraction(1, 2))
    return Fraction(whole if points > 0 else -whole, 100)


def _months_between(month: tuple[int, int], day: date) -> int:
    return (day.year - month[0]) * 12 + day.month - month[1]


def _more_than(months: int, since: date, day: date) -> bool:
    """Whether `day` is later than the same day that many months on, or than the end of that month."""
    gone = _months_between((since.year, since.month), day)
    return gone > months or (gone == months and day.day > since.day)


def _oracle_y(rules: Any, known: Facts, plan: Plan, day: date) -> dict[str, str]:
    parts = {}
    started = known.started_on is not None and known.started_on <= day
    said = plan.start or known.planned_start
    if started:
        parts["start"] = "green"
    elif said:
        due = (int(said[:4]), int(said[5:7] or 12))
        over = _months_between(due, day)
        parts["start"] = "red" if over > rules.start_red_months and over > 0 else "yellow" if over > 0 else "green"
    below = _below(known, plan, day)
    if below is not None:
        yellow, red = Fraction(rules.progress_yellow_points), Fraction(rules.progress_red_points)
        parts["progress"] = "red" if below > red else "yellow" if below >= yellow else "green"
    if started:
        since = known.started_on
        assert since is not None
        late = "yellow" if _more_than(rules.enrolment_yellow_months, since, day) else "green"
        late = "red" if _more_than(rules.enrolment_red_months, since, day) else late
        enrolled = known.enrolled_on is not None and known.enrolled_on <= day
        parts["enrolment"] = "green" if enrolled else late
    return parts


def _ends(day: date) -> list[date]:
    """Month ends of the year that are not after the day."""
    ends = [date(day.year, m, calendar.monthrange(day.year, m)[1]) for m in range(1, 13)]
    return [e for e in ends if e <= day]


def _oracle_o(rules: Any, known: Facts, plan: Plan, day: date) -> dict[str, str]:
    parts = {}
    ends = _ends(day)
    if rules.basis != "milestones" and plan.investment:
        parts["investment"] = "green"
        if ends:
            share = [Fraction(plan.investment) / 12] * 12 if plan.monthly is None else list(map(Fraction, plan.monthly))
            wanted = sum(share[: len(ends)])
            if _reported(known, day.year, ends[-1]) < wanted:
                parts["investment"] = "yellow" if _reported(known, day.year, day) >= wanted else "red"
    if rules.basis != "investment" and known.milestones:
        judged = ends[-1] if ends else date(day.year - 1, 12, 31)
        lights = ["green"]
        for due in known.milestones:
            finished = due.finished_on or date.min
            if due.planned_finish > judged:
                continue
            if not due.done or finished > day:
                lights.append("red")
            elif (due.planned_finish.year, due.planned_finish.month) == (judged.year, judged.month):
                lights.append("yellow" if finished > judged else "green")
        parts["milestones"] = "red" if "red" in lights else "yellow" if "yellow" in lights else "green"
    return parts


def _oracle_h(rules: Any, known: Facts, plan: Plan, day: date) -> dict[str, str]:
    if not plan.investment:
        return {}
    run, below = 0, Fraction(0)
    for end in _ends(day):
        now = _below(known, plan, end)
        assert now is not None
        below = now
        run = run + 1 if below > Fraction(rules.behind_points) else 0
    if below > Fraction(rules.serious_points) and not known.problem_stated:
        return {"progress": "red"}
    return {"progress": "green" if run == 0 else "red" if run >= rules.in_a_row else "yellow"}


@given(some_rules(), some_facts(), DAYS)
@settings(max_examples=400)
def test_judged_as_the_oracle_says(rule_set: RuleSet, known: Facts, day: date) -> None:
    found = judge(rule_set, known, day)
    light, parts = oracle(rule_set, known, day)
    assert (found.light, {p.name: p.light for p in found.parts}) == (light, parts)
    assert found.until > day
    assert (found.light is None) == (found.reason is not None)
    shown = explained(rule_set, known, day)
    assert shown["completed"] == _reported(known, day.year, day)


@given(some_facts(), st.lists(st.tuples(DAYS, some_rules()), max_size=3), DAYS)
@settings(max_examples=60, deadline=None)
def test_a_course_is_every_day_by_itself(known: Facts, chosen: list[tuple[date, RuleSet]], start: date) -> None:
    choices = Choices(Choice("990102", day, rules) for day, rules in chosen)
    periods = course([(start, known)], choices, [], start)
    assert [p.from_day for p in periods] == [start, *[p.until_day for p in periods[:-1]]]
    assert periods[-1].until_day == FOREVER
    assert all(a.told != b.told for a, b in pairwise(periods))
    day = start
    while day < date(2018, 3, 1):
        period = next(p for p in periods if p.from_day <= day < p.until_day)
        in_force = [rules for since, rules in chosen if since <= day]
        latest = max((since for since, _ in chosen if since <= day), default=None)
        in_force = [rules for since, rules in chosen if since == latest] or [DEFAULT]
        light, parts = oracle(in_force[-1], known, day)
        assert (period.told.light, {name: colour for name, colour, _ in period.told.parts}) == (light, parts), day
        assert period.told.rule_set is (in_force[-1] if light else None)
        day += timedelta(days=1)


@given(some_facts(), some_facts(), DAYS, DAYS, DAYS)
@settings(max_examples=60, deadline=None)
def test_what_is_known_later_and_set_by_hand_counts_from_its_day(
    first: Facts, second: Facts, since: date, until: date, later: date
) -> None:
    start = date(2015, 1, 1)
    later = max(later, date(2015, 1, 2))
    hand = Override(new_id(), "red", min(since, until), max(since, until))
    periods = course([(start, first), (later, second)], Choices(), [hand], start)
    day = start
    while day < date(2018, 3, 1):
        period = next(p for p in periods if p.from_day <= day < p.until_day)
        computed, _ = oracle(DEFAULT, first if day < later else second, day)
        held = hand.since <= day < hand.until
        assert (period.told.computed, period.told.light) == (computed, "red" if held else computed), day
        assert period.told.override_id == (hand.id if held else None)
        day += timedelta(days=1)
