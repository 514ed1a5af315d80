"""Lights against the lines of the published practices, both sides of each, and against a slow and obvious oracle."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendar_months import add_months, due_month, last_month_end, month_end, month_start, next_month_end
from app.domain.light_course import Override, course
from app.domain.light_explained import explained
from app.domain.light_rules import DEFAULT, FOREVER, SHIPPED, Choice, Choices, RuleSet, rules_of
from app.domain.lights import Due, Facts, Part, Plan, judge
from tests.world import new_id

YINCHUAN, OUHAI, HAIKOU = SHIPPED


def facts(**fields: Any) -> Facts:
    return Facts(**{"region_code": "990102", **fields})


def with_figure(completed: str, planned: str = "1000", day: date = date(2016, 6, 30)) -> Facts:
    return facts(plans={2016: Plan(Decimal(planned))}, figures={2016: ((day, Decimal(completed)),)})


def part(rule_set: RuleSet, known: Facts, day: date, name: str) -> tuple[str, str] | None:
    found = {p.name: (p.light, p.rule) for p in judge(rule_set, known, day).parts}
    return found.get(name)


@pytest.mark.parametrize(
    ("completed", "light", "rule"),
    [
        # On 30 June time progress is 50.00; the plan is 100 000, so 10 is 0.01 points.
        ("50000.01", "green", "at_or_above_time_progress"),
        ("50000", "green", "at_or_above_time_progress"),
        # 0.005 points below is 0.01, half up: ties away from zero.
        ("49996", "green", "at_or_above_time_progress"),
        ("49995", "green", "slightly_below_time_progress"),
        ("49990", "green", "slightly_below_time_progress"),
        ("40010", "green", "slightly_below_time_progress"),
        ("40005.0001", "green", "slightly_below_time_progress"),
        ("40005", "yellow", "below_time_progress"),
        ("40000", "yellow", "below_time_progress"),
        ("20000", "yellow", "below_time_progress"),
        ("19995.0001", "yellow", "below_time_progress"),
        ("19995", "red", "far_below_time_progress"),
        ("19990", "red", "far_below_time_progress"),
        ("0", "red", "far_below_time_progress"),
    ],
)
def test_progress_at_its_lines(completed: str, light: str, rule: str) -> None:
    known = with_figure(completed, "100000")
    assert part(YINCHUAN, known, date(2016, 6, 30), "progress") == (light, rule)


@pytest.mark.parametrize(
    ("planned", "day", "light"),
    [
        ("2016-03", "2016-03-31", "green"),
        ("2016-03", "2016-04-01", "yellow"),
        ("2016-03", "2016-06-30", "yellow"),
        ("2016-03", "2016-07-01", "red"),
        ("2016-03-02", "2016-03-31", "green"),
        ("2016-03-31", "2016-04-01", "yellow"),
        # February of a leap year, three whole months on.
        ("2016-02", "2016-02-29", "green"),
        ("2016-02", "2016-03-01", "yellow"),
        ("2016-02", "2016-05-31", "yellow"),
        ("2016-02", "2016-06-01", "red"),
        # Planned last year: November and three months are over with February.
        ("2015-11", "2016-02-29", "yellow"),
        ("2015-11", "2016-03-01", "red"),
        # Only a year: due by its December.
        ("2016", "2016-12-31", "green"),
        ("2015", "2016-01-01", "yellow"),
        ("2015", "2016-03-31", "yellow"),
        ("2015", "2016-04-01", "red"),
    ],
)
def test_start_at_its_lines(planned: str, day: str, light: str) -> None:
    known = facts(plans={2016: Plan(start=planned)})
    found = part(YINCHUAN, known, date.fromisoformat(day), "start")
    assert found is not None
    assert found[0] == light
    started = facts(plans={2016: Plan(start=planned)}, started_on=date.fromisoformat(day))
    assert part(YINCHUAN, started, date.fromisoformat(day), "start") == ("green", "started")


def test_the_years_plan_says_when_to_start_before_the_project_does() -> None:
    known = facts(plans={2016: Plan(start="2016-09")}, planned_start="2016-01")
    assert part(YINCHUAN, known, date(2016, 8, 1), "start") == ("green", "start_not_due")
    assert part(YINCHUAN, facts(plans={2016: Plan()}, planned_start="2016-01"), date(2016, 2, 1), "start") == (
        "yellow",
        "start_month_passed",
    )


@pytest.mark.parametrize(
    ("started", "day", "light"),
    [
        ("2016-01-15", "2016-02-15", "green"),
        ("2016-01-15", "2016-02-16", "yellow"),
        ("2016-01-15", "2016-03-15", "yellow"),
        ("2016-01-15", "2016-03-16", "red"),
        # 31 January: a month later is 29 February, two months later 31 March.
        ("2016-01-31", "2016-02-29", "green"),
        ("2016-01-31", "2016-03-01", "yellow"),
        ("2016-01-31", "2016-03-31", "yellow"),
        ("2016-01-31", "2016-04-01", "red"),
        ("2016-02-29", "2016-03-29", "green"),
        ("2016-02-29", "2016-03-30", "yellow"),
        ("2016-02-29", "2016-04-29", "yellow"),
        ("2016-02-29", "2016-04-30", "red"),
        ("2014-12-31", "2015-02-28", "yellow"),
        ("2014-12-31", "2015-03-01", "red"),
    ],
)
def test_enrolment_at_its_lines(started: str, day: str, light: str) -> None:
    on = date.fromisoformat(day)
    plans = {year: Plan() for year in (2014, 2015, 2016)}
    known = facts(plans=plans, started_on=date.fromisoformat(started))
    found = part(YINCHUAN, known, on, "enrolment")
    assert found is not None
    assert found[0] == light
    enrolled = facts(plans=plans, started_on=date.fromisoformat(started), enrolled_on=on)
    assert part(YINCHUAN, enrolled, on, "enrolment") == ("green", "enrolled")
    assert part(YINCHUAN, enrolled, on - timedelta(days=1), "enrolment") != ("green", "enrolled")


def test_the_light_is_the_worst_of_the_parts() -> None:
    known = facts(
        plans={2016: Plan(Decimal(100), start="2016-01")},
        figures={2016: ((date(2016, 2, 29), Decimal(100)),)},
    )
    found = judge(YINCHUAN, known, date(2016, 2, 29))
    assert [(p.name, p.light) for p in found.parts] == [("start", "yellow"), ("progress", "green")]
    assert found.light == "yellow"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no_annual_plan"),
        ({"plans": {2015: Plan(Decimal(1)), 2017: Plan(Decimal(1))}}, "no_annual_plan"),
        ({"plans": {2016: Plan()}}, "nothing_to_judge"),
        ({"plans": {2016: Plan(Decimal(0))}}, "nothing_to_judge"),
        ({"plans": {2016: Plan(Decimal(1))}, "suspended_since": date(2016, 6, 30)}, "suspended"),
        ({"plans": {2016: Plan(Decimal(1))}, "terminated_on": date(2016, 6, 30)}, "terminated"),
    ],
)
def test_without_a_plan_at_work_there_is_no_light_but_a_reason(fields: dict[str, Any], reason: str) -> None:
    for rule_set in SHIPPED:
        found = judge(rule_set, facts(**fields), date(2016, 6, 30))
        assert (found.light, found.reason, found.parts) == (None, reason, ())
    for key in ("suspended_since", "terminated_on"):
        if key in fields:
            assert judge(YINCHUAN, facts(**fields), date(2016, 6, 29)).light is not None


def _ouhai(*figures: tuple[str, int], monthly: bool = True, **fields: Any) -> Facts:
    split = tuple(Decimal(10 * (m + 1)) for m in range(12))
    plan = Plan(sum(split, Decimal(0)), split if monthly else None)
    told = tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in figures)
    return facts(plans={2016: plan}, figures={2016: told} if told else {}, **fields)


@pytest.mark.parametrize(
    ("figures", "day", "expected"),
    [
        ([], "2016-01-30", ("green", "first_month")),
        ([], "2016-01-31", ("red", "month_missed")),
        ([("2016-01-31", 10)], "2016-01-31", ("green", "month_reached")),
        # By the end of February 10 + 20.
        ([("2016-02-29", 30)], "2016-02-29", ("green", "month_reached")),
        ([("2016-02-29", 29)], "2016-02-29", ("red", "month_missed")),
        ([("2016-02-29", 29), ("2016-03-01", 30)], "2016-03-01", ("yellow", "month_caught_up")),
        ([("2016-02-29", 29), ("2016-03-01", 29)], "2016-03-30", ("red", "month_missed")),
        ([("2016-02-29", 29), ("2016-03-01", 60)], "2016-03-31", ("green", "month_reached")),
    ],
)
def test_ouhai_judges_the_months_investment(
    figures: list[tuple[str, int]], day: str, expected: tuple[str, str]
) -> None:
    assert part(OUHAI, _ouhai(*figures), date.fromisoformat(day), "investment") == expected


def test_ouhai_without_a_split_takes_twelfths_exactly() -> None:
    # A third of 100 a four-month, which no decimal is.
    for completed, light in (("33.3333", "red"), ("33.3334", "green")):
        known = facts(plans={2016: Plan(Decimal(100))}, figures={2016: ((date(2016, 4, 30), Decimal(completed)),)})
        assert judge(OUHAI, known, date(2016, 4, 30)).light == light


@pytest.mark.parametrize(
    ("due", "day", "expected"),
    [
        (Due(date(2016, 3, 10)), "2016-03-30", ("green", "milestones_on_time")),
        (Due(date(2016, 3, 10)), "2016-03-31", ("red", "milestone_missed")),
        (Due(date(2016, 3, 10), done=True, finished_on=date(2016, 3, 31)), "2016-03-31", ("green", "milestones_on_time")),
        (Due(date(2016, 3, 10), done=True, finished_on=date(2016, 4, 1)), "2016-03-31", ("red", "milestone_missed")),
        (Due(date(2016, 3, 10), done=True, finished_on=date(2016, 4, 1)), "2016-04-01", ("yellow", "milestone_caught_up")),
        (Due(date(2016, 3, 10), done=True, finished_on=date(2016, 4, 1)), "2016-04-30", ("green", "milestones_on_time")),
        (Due(date(2016, 3, 10), done=True), "2016-03-31", ("green", "milestones_on_time")),
        # What is missed stays missed until it is done.
        (Due(date(2015, 11, 1)), "2016-06-15", ("red", "milestone_missed")),
    ],
)  # fmt: skip
def test_ouhai_judges_milestones(due: Due, day: str, expected: tuple[str, str]) -> None:
    known = facts(plans={2016: Plan()}, milestones=(due,))
    assert part(OUHAI, known, date.fromisoformat(day), "milestones") == expected
    only_money = RuleSet(new_id(), "x", 1, "ouhai", rules_of("ouhai", {"basis": "investment"}), "", "", "")
    assert judge(only_money, known, date.fromisoformat(day)).reason == "nothing_to_judge"


def _haikou(*at_month_ends: str, problem: bool = False) -> Facts:
    """Of a plan of 120 000: 0.01 points are 12."""
    ends = [month_end(date(2016, m + 1, 1)) for m in range(len(at_month_ends))]
    figures = tuple(zip(ends, map(Decimal, at_month_ends), strict=True))
    return facts(plans={2016: Plan(Decimal(120_000))}, figures={2016: figures}, problem_stated=problem)


@pytest.mark.parametrize(
    ("ends", "day", "expected"),
    [
        (["0"], "2016-01-30", ("green", "first_month")),
        (["10000"], "2016-01-31", ("green", "on_schedule")),
        (["9994.0001"], "2016-01-31", ("green", "on_schedule")),
        (["9994"], "2016-01-31", ("yellow", "behind")),
        (["9994"], "2016-02-28", ("yellow", "behind")),
        (["9994", "19994"], "2016-02-29", ("red", "behind_in_a_row")),
        (["9994", "20000"], "2016-02-29", ("green", "on_schedule")),
        (["9994", "20000", "20000"], "2016-03-31", ("yellow", "behind")),
        # 30 points of 120 000 are 36 000; four twelfths are 40 000.
        (["10000", "20000", "30000", "4000"], "2016-04-30", ("yellow", "behind")),
        (["10000", "20000", "30000", "3994.0001"], "2016-04-30", ("yellow", "behind")),
        (["10000", "20000", "30000", "3994"], "2016-04-30", ("red", "seriously_behind_without_reason")),
    ],
)
def test_haikou_judges_month_ends(ends: list[str], day: str, expected: tuple[str, str]) -> None:
    assert part(HAIKOU, _haikou(*ends), date.fromisoformat(day), "progress") == expected


def test_haikou_asks_for_the_reason_of_a_serious_problem() -> None:
    known = _haikou("10000", "20000", "30000", "3994", problem=True)
    assert part(HAIKOU, known, date(2016, 4, 30), "progress") == ("yellow", "seriously_behind_with_reason")


DAYS = st.dates(date(2014, 12, 1), date(2018, 2, 1))


@given(DAYS, st.integers(0, 30))
def test_months_later(day: date, months: int) -> None:
    later = add_months(day, months)
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    assert (later.year, later.month) == (year, month)
    assert later.day == min(day.day, calendar.monthrange(year, month)[1])
    assert month_start(day, months) == date(year, month, 1)


@given(DAYS)
def test_month_ends(day: date) -> None:
    ends = [d for i in range(-40, 41) if (d := day + timedelta(days=i)) and (d + timedelta(days=1)).day == 1]
    assert last_month_end(day) == max(d for d in ends if d <= day)
    assert next_month_end(day) == min(d for d in ends if d > day)


def test_a_partial_date_means_a_month() -> None:
    assert [due_month(text) for text in ("2016", "2016-03", "2016-03-15")] == [
        date(2016, 12, 1), date(2016, 3, 1), date(2016, 3, 1),
    ]  # fmt: skip


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
    return facts(
        planned_start=draw(st.none() | _partial()), started_on=draw(rare), enrolled_on=draw(rare),
        terminated_on=draw(st.none() | st.none() | DAYS), suspended_since=draw(st.none() | st.none() | DAYS),
        problem_stated=draw(st.booleans()), plans=plans, figures=figures, milestones=tuple(milestones),
    )  # fmt: skip


def _due(planned: date, done: bool, finished: date | None) -> Due:
    return Due(planned, done, finished if done else None)


def _partial() -> st.SearchStrategy[str]:
    return DAYS.flatmap(lambda d: st.sampled_from([f"{d:%Y}", f"{d:%Y-%m}", d.isoformat()]))


PARAMETERS = {
    "yinchuan": st.fixed_dictionaries({
        "start_red_months": st.integers(0, 4), "progress_yellow_points": st.decimals(0, 20, places=2),
        "progress_red_points": st.decimals(20, 60, places=2), "enrolment_yellow_months": st.integers(0, 2),
        "enrolment_red_months": st.integers(2, 4),
    }),
    "ouhai": st.fixed_dictionaries({"basis": st.sampled_from(["milestones_and_investment", "milestones", "investment"])}),
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
    assert all(not a.same(b) for a, b in zip(periods, periods[1:], strict=False))
    day = start
    while day < date(2018, 3, 1):
        period = next(p for p in periods if p.from_day <= day < p.until_day)
        in_force = [rules for since, rules in chosen if since <= day]
        latest = max((since for since, _ in chosen if since <= day), default=None)
        in_force = [rules for since, rules in chosen if since == latest] or [DEFAULT]
        light, parts = oracle(in_force[-1], known, day)
        assert (period.light, {name: colour for name, colour, _ in period.parts}) == (light, parts), day
        assert period.rule_set is (in_force[-1] if light else None)
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
        assert (period.computed, period.light) == (computed, "red" if held else computed), day
        assert period.override_id == (hand.id if held else None)
        day += timedelta(days=1)


def test_the_closest_regions_last_choice_counts() -> None:
    day = date(2016, 3, 1)
    choices = Choices(
        [
            Choice("99", date(2016, 1, 1), HAIKOU),
            Choice("990102", date(2016, 2, 1), OUHAI),
            Choice("99", date(2016, 3, 1), YINCHUAN),
            Choice("990102", date(2016, 3, 1), HAIKOU),
            Choice("990102", date(2016, 3, 1), OUHAI),
        ]
    )
    assert choices.on("990102", date(2015, 12, 31)) == (DEFAULT, date(2016, 1, 1))
    assert choices.on("990102", date(2016, 1, 31)) == (HAIKOU, date(2016, 2, 1))
    assert choices.on("990102001", day) == (OUHAI, FOREVER)
    assert choices.on("990101", day) == (YINCHUAN, FOREVER)
    assert choices.on("98", day) == (DEFAULT, FOREVER)


def test_shipped_sets_are_as_published() -> None:
    assert [(s.code, s.version, s.practice, s.region_code) for s in SHIPPED] == [
        ("yinchuan", 1, "yinchuan", None), ("ouhai", 1, "ouhai", None), ("haikou", 1, "haikou", None),
    ]  # fmt: skip
    assert DEFAULT.parameters == {
        "start_red_months": 3, "progress_yellow_points": 10, "progress_red_points": 30, "enrolment_yellow_months": 1,
        "enrolment_red_months": 2,
    }  # fmt: skip
    assert Part("start", "green", "started").until == FOREVER
