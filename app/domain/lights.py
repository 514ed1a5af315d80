"""The light of a project on a day (红黄绿灯): from facts and a rule set, each part with the rule that gave it.

Pure: the same facts give the same light. Every outcome says until when it holds if no fact changes, so that the light
of all days to come can be drawn at once (`light_course`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.domain.calendar_months import (
    add_months,
    due_month,
    last_month_end,
    month_start,
    next_month_end,
)
from app.domain.light_rules import FOREVER, Haikou, Ouhai, RuleSet, Yinchuan
from app.domain.progress import day_of_share, gap_points

GREEN, YELLOW, RED = "green", "yellow", "red"
_WORST = {GREEN: 0, YELLOW: 1, RED: 2}
_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Plan:
    """The annual plan: 万元, the monthly split when there is one, the planned start as a partial date."""

    investment: Decimal | None = None
    monthly: tuple[Decimal, ...] | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone: when planned to be finished, and whether and when it was; done without a day counts as on time."""

    planned_finish: date
    done: bool = False
    finished_on: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What lights go by, as known at some moment."""

    region_code: str = ""
    planned_start: str | None = None
    started_on: date | None = None
    enrolled_on: date | None = None
    terminated_on: date | None = None
    suspended_since: date | None = None
    problem_stated: bool = False
    plans: Mapping[int, Plan] = field(default_factory=dict)
    figures: Mapping[int, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)
    """Year → (day, completed in 万元) in order of days: at least the last figure of every month."""
    milestones: tuple[Due, ...] = ()

    def figure(self, year: int, day: date) -> tuple[date, Decimal] | None:
        """The figure in force for the year on that day."""
        found = None
        for each in self.figures.get(year, ()):
            if each[0] > day:
                break
            found = each
        return found

    def completed(self, year: int, day: date) -> Decimal:
        """Completed investment as reported by that day; nothing reported counts as nothing completed."""
        found = self.figure(year, day)
        return found[1] if found else Decimal(0)

    def start_due(self, plan: Plan) -> date | None:
        """The first of the month the start is planned for: the year's plan says it, or else the project."""
        said = plan.start or self.planned_start
        return due_month(said) if said else None

    def next_day(self, day: date) -> date:
        """The next day one of these facts is dated: until then they are as on `day`."""
        found = FOREVER
        for dated in (self.started_on, self.enrolled_on, self.terminated_on, self.suspended_since):
            if dated is not None and day < dated < found:
                found = dated
        for figured, _ in self.figures.get(day.year, ()):
            if day < figured < found:
                found = figured
        for due in self.milestones:
            if due.finished_on is not None and day < due.finished_on < found:
                found = due.finished_on
        return found


class Part(NamedTuple):
    """One part of a light: its colour, the rule that gave it, the first day on which that may be another."""

    name: str
    light: str
    rule: str
    until: date = FOREVER


class Judgement(NamedTuple):
    """The worst of the parts; without a light, `reason` says why."""

    light: str | None
    reason: str | None
    parts: tuple[Part, ...]
    until: date


def judge(rule_set: RuleSet, facts: Facts, day: date) -> Judgement:
    """The light of a day; `until` is later than it."""
    off = _not_under_plan(facts, day)
    if off is not None:
        return off
    plan = facts.plans[day.year]
    rules = rule_set.rules
    if isinstance(rules, Yinchuan):
        parts = [_start(rules, facts, plan, day), _progress(rules, facts, plan, day), _enrolment(rules, facts, day)]
    elif isinstance(rules, Ouhai):
        parts = [_month_investment(rules, facts, plan, day), _month_milestones(rules, facts, day)]
    else:
        parts = [_month_ends(rules, facts, plan, day)]
    until = min(date(day.year + 1, 1, 1), facts.next_day(day))
    found = tuple([part for part in parts if part is not None])
    if not found:
        return Judgement(None, "nothing_to_judge", (), min(until, next_month_end(day)))
    light = GREEN
    for part in found:
        until = min(until, part.until)
        if _WORST[part.light] > _WORST[light]:
            light = part.light
    return Judgement(light, None, found, until)


def _not_under_plan(facts: Facts, day: date) -> Judgement | None:
    for since, reason in ((facts.terminated_on, "terminated"), (facts.suspended_since, "suspended")):
        if since is not None and since <= day:
            return Judgement(None, reason, (), facts.next_day(day))
    if day.year not in facts.plans:
        next_year = min((year for year in facts.plans if year > day.year), default=None)
        until = date(next_year, 1, 1) if next_year else FOREVER
        return Judgement(None, "no_annual_plan", (), min(until, facts.next_day(day)))
    return None


def _start(rules: Yinchuan, facts: Facts, plan: Plan, day: date) -> Part | None:
    if facts.started_on is not None and facts.started_on <= day:
        return Part("start", GREEN, "started")
    due = facts.start_due(plan)
    if due is None:
        return None
    over = month_start(due, 1)
    red = month_start(over, rules.start_red_months)
    if day < over:
        return Part("start", GREEN, "start_not_due", over)
    if day < red:
        return Part("start", YELLOW, "start_month_passed", red)
    return Part("start", RED, "start_months_passed")


def points_below(facts: Facts, plan: Plan, day: date) -> Decimal | None:
    """Percentage points below time progress, two decimals half up (negative: above); None without a plan."""
    if plan.investment is None or plan.investment <= 0:
        return None
    gap = gap_points(facts.completed(day.year, day), plan.investment, day.year, day)
    return None if gap is None else -gap


def _progress(rules: Yinchuan, facts: Facts, plan: Plan, day: date) -> Part | None:
    below = points_below(facts, plan, day)
    if below is None or plan.investment is None:
        return None
    investment, completed = plan.investment, facts.completed(day.year, day)

    def until(line: Decimal, *, included: bool) -> date:
        """The first day of the year, else the next one, on which the same figure is that far below."""

        def reached(ordinal: int) -> bool:
            gap = gap_points(completed, investment, day.year, date.fromordinal(ordinal))
            return gap is not None and (gap <= -line if included else gap < -line)

        days = range(day.toordinal() + 1, date(day.year + 1, 1, 1).toordinal())
        # About where it is: mostly there, which two looks tell; else all days are searched.
        about = day_of_share(day.year, float(completed / investment) + float(line) / 100).toordinal()
        if about in days and reached(about) and (about == days[0] or not reached(about - 1)):
            return date.fromordinal(about)
        return day + (bisect_left(days, True, key=reached) + 1) * _DAY

    if below > rules.progress_red_points:
        return Part("progress", RED, "far_below_time_progress")
    if below >= rules.progress_yellow_points:
        turn = until(rules.progress_red_points, included=False)
        return Part("progress", YELLOW, "below_time_progress", turn)
    if below > 0:
        turn = until(rules.progress_yellow_points, included=True)
        return Part("progress", GREEN, "slightly_below_time_progress", turn)
    return Part("progress", GREEN, "at_or_above_time_progress", until(_NOTHING, included=False))


def _enrolment(rules: Yinchuan, facts: Facts, day: date) -> Part | None:
    if facts.started_on is None or facts.started_on > day:
        return None
    if facts.enrolled_on is not None and facts.enrolled_on <= day:
        return Part("enrolment", GREEN, "enrolled")
    yellow = add_months(facts.started_on, rules.enrolment_yellow_months) + _DAY
    red = add_months(facts.started_on, rules.enrolment_red_months) + _DAY
    if day < yellow:
        return Part("enrolment", GREEN, "enrolment_not_due", yellow)
    if day < red:
        return Part("enrolment", YELLOW, "enrolment_late", red)
    return Part("enrolment", RED, "enrolment_very_late")


def planned_by(plan: Plan, month: int) -> tuple[Decimal, int]:
    """What is to be completed by the end of a month, as (amount, divisor): twelfths have no exact decimal."""
    if plan.monthly is not None:
        return sum(plan.monthly[:month], Decimal(0)), 1
    return (plan.investment or Decimal(0)) * month, 12


def _month_investment(rules: Ouhai, facts: Facts, plan: Plan, day: date) -> Part | None:
    if rules.basis == "milestones" or plan.investment is None or plan.investment <= 0:
        return None
    judged, until = last_month_end(day), next_month_end(day)
    if judged.year < day.year:
        return Part("investment", GREEN, "first_month", until)
    amount, divisor = planned_by(plan, judged.month)
    if facts.completed(day.year, judged) * divisor >= amount:
        return Part("investment", GREEN, "month_reached", until)
    if facts.completed(day.year, day) * divisor >= amount:
        return Part("investment", YELLOW, "month_caught_up", until)
    return Part("investment", RED, "month_missed", until)


def _month_milestones(rules: Ouhai, facts: Facts, day: date) -> Part | None:
    if rules.basis == "investment" or not facts.milestones:
        return None
    until = next_month_end(day)
    _, still_open, caught_up = month_milestones(facts, day)
    if still_open:
        return Part("milestones", RED, "milestone_missed", until)
    if caught_up:
        return Part("milestones", YELLOW, "milestone_caught_up", until)
    return Part("milestones", GREEN, "milestones_on_time", until)


def month_milestones(facts: Facts, day: date) -> tuple[list[Due], list[Due], list[Due]]:
    """Milestones due by the last month end, those of them still open on `day`, those of that month finished later."""
    judged = last_month_end(day)
    due = [each for each in facts.milestones if each.planned_finish <= judged]
    still_open = [each for each in due if not _done(each, day)]
    of_month = [each for each in due if each.planned_finish >= judged.replace(day=1) and _done(each, day)]
    return due, still_open, [each for each in of_month if not _done(each, judged)]


def _done(due: Due, day: date) -> bool:
    return due.done and (due.finished_on is None or due.finished_on <= day)


def _month_ends(rules: Haikou, facts: Facts, plan: Plan, day: date) -> Part | None:
    if plan.investment is None or plan.investment <= 0:
        return None
    judged, until = last_month_end(day), next_month_end(day)
    if judged.year < day.year:
        return Part("progress", GREEN, "first_month", until)
    below = points_below(facts, plan, judged)
    assert below is not None
    if below > rules.serious_points and not facts.problem_stated:
        return Part("progress", RED, "seriously_behind_without_reason", until)
    if below <= rules.behind_points:
        return Part("progress", GREEN, "on_schedule", until)
    if months_behind(rules, facts, plan, judged, at_most=rules.in_a_row) >= rules.in_a_row:
        return Part("progress", RED, "behind_in_a_row", until)
    rule = "seriously_behind_with_reason" if below > rules.serious_points else "behind"
    return Part("progress", YELLOW, rule, until)


def months_behind(rules: Haikou, facts: Facts, plan: Plan, judged: date, *, at_most: int = 12) -> int:
    """At how many month ends of the year running, up to `judged`, the project was behind; counted up to `at_most`."""
    count = 0
    end = judged
    while end.year == judged.year and count < at_most:
        below = points_below(facts, plan, end)
        if below is None or below <= rules.behind_points:
            break
        count += 1
        end = end.replace(day=1) - _DAY
    return count
