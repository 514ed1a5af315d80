"""The clock of a permit (审批时限): what state its events leave it in, whose days they were, and when it is due.

Working days count from the day after acceptance (行政许可法 art. 82: by working days, without public holidays) and
belong to the authority; between a request for supplements and their arrival they are the applicant's. The day of a
request is the authority's, the day the supplements come is the applicant's: every working day is exactly one party's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Protocol

PermitState = Literal["not_applied", "applied", "accepted", "supplementing", "issued", "refused", "withdrawn"]
PermitEventKind = Literal[
    "applied", "accepted", "supplement_requested", "supplemented", "issued", "refused", "withdrawn", "annulled"
]
Party = Literal["authority", "applicant"]

_ASKED: dict[str, PermitState] = {
    "supplement_requested": "supplementing",
    "issued": "issued",
    "refused": "refused",
    "withdrawn": "withdrawn",
}
STEPS: Mapping[PermitState, Mapping[str, PermitState]] = {
    # Of an old permit only the issue may be known, and some are accepted, or issued, on the spot (当场办结).
    "not_applied": {"applied": "applied", "accepted": "accepted", "issued": "issued"},
    # What is missing may be told before acceptance, too (行政许可法 art. 32); that costs nobody's days.
    "applied": {"accepted": "accepted", **_ASKED},
    "accepted": _ASKED,
    # An authority may decide without waiting any longer.
    "supplementing": {
        "supplemented": "accepted",
        "issued": "issued",
        "refused": "refused",
        "withdrawn": "withdrawn",
    },
    "issued": {},
    # A new application begins a new round, with a new clock.
    "refused": {"applied": "applied", "accepted": "accepted", "issued": "issued"},
    "withdrawn": {"applied": "applied", "accepted": "accepted", "issued": "issued"},
}
"""State → what may happen in it → the state it leads to; `supplemented` leads back to where the request came from."""

OPEN_STATES: tuple[PermitState, ...] = ("not_applied", "applied", "accepted", "supplementing")


class Calendar(Protocol):
    """What is asked of a working-day calendar, see `domain.workdays`."""

    def shift(self, day: date, days: int, /) -> date: ...
    def between(self, start: date, end: date, /) -> int: ...
    def is_provisional(self, day: date, /) -> bool: ...


class Happened(NamedTuple):
    kind: str
    on: date


class OutOfOrderError(Exception):
    """The entry at `index` cannot happen in `state`, where only `allowed` can."""

    def __init__(self, index: int, state: PermitState) -> None:
        super().__init__(f"{index}: not in state {state}")
        self.index = index
        self.state = state
        self.allowed = list(STEPS[state])


@dataclass(frozen=True, slots=True)
class Span:
    """Days after `start` up to and including `end` (None: still going on) are the party's."""

    party: Party
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Where the events lead. The spans are those of the last round: since acceptance, until the decision."""

    state: PermitState = "not_applied"
    since: date | None = None
    applied_on: date | None = None
    accepted_on: date | None = None
    decided_on: date | None = None
    spans: tuple[Span, ...] = ()


def course(events: Sequence[Happened]) -> Course:
    """The course of a permit from its entries in force, in their order. OutOfOrderError at the first impossible one."""
    now = Course()
    for index, event in enumerate(events):
        following = STEPS[now.state].get(event.kind)
        if following is None:
            raise OutOfOrderError(index, now.state)
        now = _step(now, event, following)
    return now


def _step(before: Course, event: Happened, following: PermitState) -> Course:
    new_round = before.state in {"not_applied", "refused", "withdrawn"}
    applied = event.on if event.kind == "applied" else None if new_round else before.applied_on
    accepted = event.on if event.kind == "accepted" else None if new_round else before.accepted_on
    if event.kind == "supplemented" and accepted is None:
        following = "applied"  # asked for before acceptance
    spans: tuple[Span, ...] = () if new_round else before.spans
    if spans:
        spans = (*spans[:-1], Span(spans[-1].party, spans[-1].start, event.on))
    if accepted is not None and following in {"accepted", "supplementing"}:
        spans = (*spans, Span("authority" if following == "accepted" else "applicant", event.on))
    decided = event.on if following in {"issued", "refused", "withdrawn"} else None
    return Course(following, event.on, applied, accepted, decided, spans)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock shows on a day. Before acceptance there is none: then all but the days used are None.

    `remaining_days` is negative by what the authority took too long, of what is decided for good. `due_on`: the last
    day in time, None while the clock stands still with days left; `overdue_from`: the working day after it; `overdue`:
    the authority is late now, which ends with its decision. `provisional`: the due day lies in a
    year whose holidays are not announced yet, it may still move.
    """

    running: bool
    authority_days: int
    applicant_days: int
    remaining_days: int | None
    due_on: date | None
    overdue_from: date | None
    overdue: bool
    provisional: bool


def clock(now: Course, limit: int, calendar: Calendar, as_of: date) -> Clock:
    """The clock at the end of `as_of`. The course is one of events up to that day, see `until`."""
    used = {"authority": 0, "applicant": 0}
    due_on: date | None = None
    for span in now.spans:
        end = as_of if span.end is None else span.end
        before = used[span.party]
        used[span.party] += calendar.between(span.start, end)
        if span.party == "authority" and before <= limit and (used["authority"] > limit or span is now.spans[-1]):
            # In this span the limit is reached, or would be if it went on. With no day left it was due as it began.
            due_on = calendar.shift(span.start, limit - before) if before < limit else span.start
    authority = used["authority"]
    return Clock(
        running=now.state == "accepted",
        authority_days=authority,
        applicant_days=used["applicant"],
        remaining_days=limit - authority if now.spans else None,
        due_on=due_on,
        overdue_from=None if due_on is None else calendar.shift(due_on, 1),
        overdue=authority > limit and now.decided_on is None,
        provisional=due_on is not None and calendar.is_provisional(due_on),
    )


def until(events: Iterable[Happened], as_of: date) -> list[Happened]:
    """What had happened by the end of a day."""
    return [event for event in events if event.on <= as_of]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a permit beside its events: the limit, and what was said about when."""

    limit: int
    planned_application_on: date | None = None
    stated_on: date | None = None
    """When the office expects it; counts while it is neither past nor contradicted by an issue."""


def expected_issue(now: Course, outlook: Outlook, calendar: Calendar, today: date) -> date:
    """When the permit can be counted on: the day of issue, what was said, or today's reckoning if all goes on in time.

    A permit not applied for is reckoned from its planned application, or from today; never before today.
    """
    if now.state == "issued" and now.decided_on is not None:
        return now.decided_on
    if outlook.stated_on is not None and outlook.stated_on >= today:
        return outlook.stated_on
    if now.state == "accepted":
        due = clock(now, outlook.limit, calendar, today).due_on
        return max(due or today, today)
    if now.state == "supplementing" and now.spans:
        left = clock(now, outlook.limit, calendar, today).remaining_days or 0
        return calendar.shift(today, left) if left > 0 else today
    start = today
    if now.state == "not_applied" and outlook.planned_application_on is not None:
        start = max(start, outlook.planned_application_on)
    return calendar.shift(start, outlook.limit)
