"""Computed schedules and the baselines adopted of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.listing import Resource, Sort, equals
from app.models import Baseline, Schedule
from app.reading import AnySelect
from app.resources.milestones import graph_print
from app.resources.project_parts import NEVER_CHANGES, account, through_project


def _baseline_id() -> Any:
    return select(Baseline.id).where(Baseline.schedule_id == Schedule.id).correlate(Schedule).scalar_subquery()


def _own_columns() -> list[Any]:
    s = Schedule
    return [
        s.id, s.project_id, s.deadline, s.as_of, s.note, s.slack_days, s.late_by_days, s.latest_start,
        s.earliest_finish, s.provisional, s.critical_chain, _baseline_id().label("baseline_id"),
        (s.graph != graph_print(s.project_id)).label("outdated"), s.created_at,
        account(s.created_by).label("created_by"), NEVER_CHANGES,
    ]  # fmt: skip


def _slim() -> AnySelect:
    return select(*_own_columns())


def _full() -> AnySelect:
    return select(*_own_columns(), Schedule.milestones)


SCHEDULE = Resource(
    name="schedule",
    label=("排期", "schedule"),
    permission="projects.read",
    key=Schedule.id,
    scoping=through_project(Schedule.project_id),
    full=_full,
    slim=_slim,
    # It says whether it is out of date, which no version of its own follows.
    conditional=False,
    filters={"project": equals(Schedule.project_id, "project")},
    sorts={"id": Sort(Schedule.id)},
)


def _provisional() -> Any:
    """Of the schedule it was made of, which never changes either."""
    return select(Schedule.provisional).where(Schedule.id == Baseline.schedule_id).correlate(Baseline).scalar_subquery()


def _baseline() -> AnySelect:
    b = Baseline
    columns: list[Any] = [
        b.id, b.project_id, b.number, b.schedule_id, b.deadline, _provisional().label("provisional"),
        b.decision_reference, b.reason, b.adopted_at, account(b.adopted_by).label("adopted_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


BASELINE = Resource(
    name="baseline",
    label=("基线", "baseline"),
    permission="projects.read",
    key=Baseline.id,
    scoping=through_project(Baseline.project_id),
    full=_baseline,
    filters={"project": equals(Baseline.project_id, "project")},
    sorts={"number": Sort(Baseline.number)},
)
