"""The clock of a permit against one that walks day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.labels import LABELS
from app.domain.permit_clock import (
    OPEN_STATES,
    STEPS,
    Happened,
    Outlook,
    OutOfOrderError,
    PermitEventKind,
    PermitState,
    clock,
    course,
    expected_issue,
    until,
)
from app.domain.workdays import CHINA

DAY = timedelta(days=1)
FIRST = date(2025, 9, 1)  # National Day, Spring Festival and their make-up days lie ahead


@st.composite
def histories(draw: st.DrawFn) -> list[Happened]:
    """Any walk the table allows, on days that never go back."""
    events: list[Happened] = []
    day = FIRST
    for _ in range(draw(st.integers(0, 9))):
        allowed = sorted(STEPS[course(events).state])
        if not allowed:
            break
        day += draw(st.integers(0, 20)) * DAY
        events.append(Happened(draw(st.sampled_from(allowed)), day))
    return events


limits = st.integers(1, 30)
days = st.integers(0, 260).map(lambda n: FIRST + n * DAY)


def _slow(events: Sequence[Happened], as_of: date) -> dict[str, int]:
    """Day by day: whose day it is tells the state the day before left the permit in."""
    used = {"authority": 0, "applicant": 0}
    state, accepted = "not_applied", False
    day = FIRST
    while day <= as_of:
        if CHINA.is_workday(day) and accepted and state in {"accepted", "supplementing"}:
            used["authority" if state == "accepted" else "applicant"] += 1
        for event in [e for e in events if e.on == day]:
            if state in {"not_applied", "refused", "withdrawn"}:
                used, accepted = {"authority": 0, "applicant": 0}, False
            accepted = accepted or event.kind == "accepted"
            state = STEPS[state][event.kind]  # type: ignore[index]  # a text that is a state
            if event.kind == "supplemented" and not accepted:
                state = "applied"
        day += DAY
    return used


@given(events=histories(), limit=limits, as_of=days)
def test_every_working_day_is_one_partys(events: list[Happened], limit: int, as_of: date) -> None:
    known = until(events, as_of)
    reached = course(known)
    now = clock(reached, limit, CHINA, as_of)
    slow = _slow(events, as_of)
    assert {"authority": now.authority_days, "applicant": now.applicant_days} == slow
    assert now.overdue is (slow["authority"] > limit and reached.state in OPEN_STATES)
    if now.remaining_days is not None:
        assert now.remaining_days == limit - slow["authority"]
    else:
        assert slow == {"authority": 0, "applicant": 0}


@given(events=histories(), limit=limits, as_of=days)
def test_the_due_day_is_the_last_in_time(events: list[Happened], limit: int, as_of: date) -> None:
    known = until(events, as_of)
    reached = course(known)
    now = clock(reached, limit, CHINA, as_of)
    if now.overdue:
        assert now.due_on is not None
        assert now.overdue_from is not None
    if now.due_on is None or now.overdue_from is None:
        assert now.overdue_from is now.due_on
        return
    assert now.overdue_from > now.due_on
    assert CHINA.between(now.due_on, now.overdue_from) == 1
    assert CHINA.is_workday(now.overdue_from)
    if reached.state == "accepted":
        # Left alone, it is late from that very day on.
        assert _slow(known, now.overdue_from - DAY)["authority"] <= limit
        assert _slow(known, now.overdue_from)["authority"] > limit
    elif reached.state == "supplementing":
        assert now.overdue, "a clock that stands still in time has no due day"


@given(events=histories(), limit=limits, later=st.integers(0, 400))
def test_while_the_applicant_supplements_nothing_runs_out(events: list[Happened], limit: int, later: int) -> None:
    reached = course(events)
    if reached.state != "supplementing" or reached.since is None:
        return
    then, after = [clock(reached, limit, CHINA, reached.since + n * DAY) for n in (0, later)]
    assert (then.remaining_days, then.due_on, then.overdue) == (after.remaining_days, after.due_on, after.overdue)
    assert not after.running


@given(events=histories(), limit=limits, today=days, planned=st.none() | days, stated=st.none() | days)
def test_a_permit_is_never_expected_in_the_past(
    events: list[Happened], limit: int, today: date, planned: date | None, stated: date | None
) -> None:
    reached = course(until(events, today))
    expected = expected_issue(reached, Outlook(limit, planned, stated), CHINA, today)
    if reached.state == "issued":
        assert expected == reached.decided_on
    elif stated is not None and stated >= today:
        assert expected == stated
    else:
        assert expected >= today
        now = clock(reached, limit, CHINA, today)
        if now.running and now.due_on is not None and not now.overdue:
            assert expected == max(now.due_on, today)


@given(events=histories(), extra=st.sampled_from(get_args(PermitEventKind)))
def test_what_the_table_does_not_know_is_refused(events: list[Happened], extra: str) -> None:
    reached = course(events)
    more = [*events, Happened(extra, FIRST + 400 * DAY)]
    if extra in STEPS[reached.state]:
        assert course(more).since == FIRST + 400 * DAY
        return
    with pytest.raises(OutOfOrderError) as caught:
        course(more)
    assert (caught.value.index, caught.value.state) == (len(events), reached.state)
    assert caught.value.allowed == list(STEPS[reached.state])


def test_states_and_kinds_are_labelled_and_reached() -> None:
    assert set(STEPS) == set(get_args(PermitState)) == set(LABELS["permit_state"])
    assert set(get_args(PermitEventKind)) == set(LABELS["permit_event_kind"])
    assert {state for steps in STEPS.values() for state in steps.values()} == set(STEPS) - {"not_applied"}


def _on(kind: str, day: str) -> Happened:
    return Happened(kind, date.fromisoformat(day))


def test_a_permit_over_national_day_with_a_pause() -> None:
    # 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked.
    events = [
        _on("applied", "2025-09-22"),
        _on("accepted", "2025-09-25"),
        _on("supplement_requested", "2025-09-28"),
        _on("supplemented", "2025-10-10"),
    ]
    asked = clock(course(events[:3]), 7, CHINA, date(2025, 9, 30))
    assert (asked.authority_days, asked.applicant_days, asked.remaining_days, asked.due_on) == (2, 2, 5, None)
    back = clock(course(events), 7, CHINA, date(2025, 10, 10))
    assert (back.authority_days, back.applicant_days, back.remaining_days) == (2, 4, 5)
    assert (back.due_on, back.overdue_from, back.provisional) == (date(2025, 10, 16), date(2025, 10, 17), False)
    late = clock(course(events), 7, CHINA, date(2025, 10, 18))
    assert (late.overdue, late.remaining_days) == (True, -1)


def test_no_day_left_when_the_supplements_come() -> None:
    events = [_on("accepted", "2025-11-03"), _on("supplement_requested", "2025-11-05")]
    stopped = clock(course(events), 2, CHINA, date(2025, 12, 1))
    assert (stopped.remaining_days, stopped.overdue, stopped.due_on) == (0, False, None)
    back = [*events, _on("supplemented", "2025-11-08")]  # a Saturday
    now = clock(course(back), 2, CHINA, date(2025, 11, 9))
    assert (now.due_on, now.overdue_from, now.overdue) == (date(2025, 11, 8), date(2025, 11, 10), False)
    assert clock(course(back), 2, CHINA, date(2025, 11, 10)).overdue


def test_a_second_application_has_a_clock_of_its_own() -> None:
    events = [
        _on("accepted", "2025-11-03"),
        _on("refused", "2025-11-10"),
        _on("applied", "2025-11-17"),
        _on("accepted", "2025-11-18"),
    ]
    now = course(events)
    assert (now.applied_on, now.accepted_on, now.decided_on) == (date(2025, 11, 17), date(2025, 11, 18), None)
    assert clock(now, 5, CHINA, date(2025, 11, 19)).authority_days == 1


def test_a_year_not_announced_is_provisional() -> None:
    now = clock(course([_on("accepted", "2099-01-05")]), 20, CHINA, date(2099, 1, 5))
    assert now.provisional
