"""Lights at the lines of the published practices, both sides of each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.calendar_months import month_end
from app.domain.light_rules import SHIPPED, RuleSet, rules_of
from app.domain.lights import Due, Facts, Plan, judge
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
    ("day", "completed", "light"),
    [
        # Two twelfths are 16.67 on the last day of February, be it the 29th or the 28th; ten points below is 6.67.
        ("2016-02-29", "6.67", "yellow"),
        ("2016-02-29", "6.68", "green"),
        ("2015-02-28", "6.67", "yellow"),
        ("2015-02-28", "6.68", "green"),
        # Thirty points below 4/12, 33.33.
        ("2016-04-30", "3.33", "yellow"),
        ("2016-04-30", "3.32", "red"),
        # On 28 February of a leap year the month is not over: 1/12 and 28/29 of another, 16.38.
        ("2016-02-28", "6.38", "yellow"),
        ("2016-02-28", "6.39", "green"),
    ],
)
def test_progress_at_its_lines_at_month_ends(day: str, completed: str, light: str) -> None:
    on = date.fromisoformat(day)
    known = facts(plans={on.year: Plan(Decimal(100))}, figures={on.year: ((on, Decimal(completed)),)})
    found = part(YINCHUAN, known, on, "progress")
    assert found is not None
    assert found[0] == light


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
        ("2015-02", "2015-02-28", "green"),
        ("2015-02", "2015-03-01", "yellow"),
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
    plans = {int(day[:4]): Plan(start=planned)}
    known = facts(plans=plans)
    found = part(YINCHUAN, known, date.fromisoformat(day), "start")
    assert found is not None
    assert found[0] == light
    started = facts(plans=plans, started_on=date.fromisoformat(day))
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
        # Without a 29 February a month later is the 28th.
        ("2015-01-31", "2015-02-28", "green"),
        ("2015-01-31", "2015-03-01", "yellow"),
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


def _finished(on: date) -> Due:
    return Due(date(2016, 3, 10), done=True, finished_on=on)


@pytest.mark.parametrize(
    ("due", "day", "expected"),
    [
        (Due(date(2016, 3, 10)), "2016-03-30", ("green", "milestones_on_time")),
        (Due(date(2016, 3, 10)), "2016-03-31", ("red", "milestone_missed")),
        (_finished(date(2016, 3, 31)), "2016-03-31", ("green", "milestones_on_time")),
        (_finished(date(2016, 4, 1)), "2016-03-31", ("red", "milestone_missed")),
        (_finished(date(2016, 4, 1)), "2016-04-01", ("yellow", "milestone_caught_up")),
        (_finished(date(2016, 4, 1)), "2016-04-30", ("green", "milestones_on_time")),
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
