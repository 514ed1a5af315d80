from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reporting_weeks import (
    SHANGHAI,
    SHIPPED,
    WEEK,
    ReportingRule,
    due_at,
    due_day,
    monday_of,
    opens_at,
    rule_for,
    rules_of_week,
)
from app.domain.workdays import CHINA

days = st.dates(date(2004, 1, 1), date(2030, 12, 31))
hours = st.times().map(lambda t: t.replace(second=0, microsecond=0))
stages = st.just(("started",))
regions = st.sampled_from(["99", "9901", "990101", "990101001", "990102"])
rules = st.builds(ReportingRule, regions, days, st.integers(1, 7), hours, stages, st.booleans())


@pytest.mark.parametrize(
    ("week", "due"),
    [
        (date(2016, 5, 16), date(2016, 5, 20)),
        (date(2016, 6, 6), date(2016, 6, 8)),  # 端午: Thursday to Saturday off
        (date(2016, 10, 3), date(2016, 9, 30)),  # 国庆: the whole week off until Friday
        (date(2016, 2, 8), date(2016, 2, 6)),  # 春节: the Saturday before was worked
        (date(2090, 1, 2), date(2090, 1, 6)),  # not announced: every Friday is worked
    ],
)
def test_due_on_friday_six_oclock_or_before_the_holiday(week: date, due: date) -> None:
    assert due_at(SHIPPED, week, CHINA) == datetime.combine(due, time(18), SHANGHAI)


def test_a_saturday_counts_where_it_is_worked_only() -> None:
    rule = ReportingRule(weekday=6)
    assert due_day(rule, date(2016, 2, 1), CHINA) == date(2016, 2, 6)
    assert due_day(rule, date(2016, 5, 16), CHINA) == date(2016, 5, 20)
    assert due_day(ReportingRule(weekday=6, moves_before_holidays=False), date(2016, 5, 16), CHINA) == date(2016, 5, 21)


@given(rules, days)
def test_a_due_day_moves_back_to_work_and_never_forward(rule: ReportingRule, day: date) -> None:
    week = monday_of(day)
    plain = week + timedelta(days=rule.weekday - 1)
    due = due_day(rule, week, CHINA)
    assert week.weekday() == 0
    assert timedelta() <= day - week < WEEK
    assert due <= plain
    if rule.moves_before_holidays:
        assert CHINA.is_workday(due)
        assert not any(CHINA.is_workday(due + timedelta(days=n)) for n in range(1, (plain - due).days + 1))
    else:
        assert due == plain
    assert due_at(rule, week, CHINA) - opens_at(rule, week, CHINA) == WEEK
    assert opens_at(rule, week, CHINA).date() <= week


@given(st.lists(rules, max_size=6), regions, days)
def test_the_nearest_region_and_its_latest_word_decide(entered: list[ReportingRule], region: str, day: date) -> None:
    week = monday_of(day)
    chosen = rule_for(entered, region, week)
    fitting = [r for r in entered if region.startswith(r.region_code) and r.valid_from <= week]
    if not fitting:
        assert chosen is SHIPPED
        return
    nearest = max(len(r.region_code) for r in fitting)
    of_it = [r for r in fitting if len(r.region_code) == nearest]
    latest = max(r.valid_from for r in of_it)
    assert chosen is [r for r in of_it if r.valid_from == latest][-1]
    assert rules_of_week(entered, week)[""] is SHIPPED
