"""Flags as they are seen, by whoever sees the report; and the thresholds they are raised by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select

from app.access import Scoping
from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import Project, Report, ReportFlag, ReportFlagRule
from app.reading import AnySelect
from app.resources.project_columns import SCOPING
from app.resources.project_parts import NEVER_CHANGES, account, through_project

_STATES = {"withdrawn": ReportFlag.withdrawn_at.is_not(None), "dismissed": ReportFlag.dismissed_at.is_not(None)}
_OPEN = and_(ReportFlag.withdrawn_at.is_(None), ReportFlag.dismissed_at.is_(None))


_PROJECT_ID = (
    select(Report.project_id).where(Report.id == ReportFlag.report_id).correlate_except(Report).scalar_subquery()
)


def _select() -> AnySelect:
    f = ReportFlag
    state = case(
        *[(holds, literal_column(f"'{name}'")) for name, holds in _STATES.items()], else_=literal_column("'open'")
    )
    columns: list[Any] = [
        f.id, f.report_id, Report.project_id, Project.name.label("project_name"), Project.region_code, Report.week,
        f.kind, state.label("state"), f.photo_id, f.facts, f.raised_at, f.withdrawn_at, f.dismissed_at,
        account(f.dismissed_by).label("dismissed_by"), f.reason, f.version, f.created_at, f.updated_at,
    ]  # fmt: skip
    return (
        select(*columns).join_from(f, Report, Report.id == f.report_id).join(Project, Project.id == Report.project_id)
    )


def _open() -> Filter:
    def build(value: bool) -> ColumnElement[bool]:
        return _OPEN if value else ~_OPEN

    return Filter(build, lambda _: {}, lambda v: v)


REPORT_FLAG = Resource(
    name="report_flag",
    label=("疑点", "flag"),
    permission="reports.read",
    key=ReportFlag.id,
    # It shows names, which its version does not follow.
    conditional=False,
    scoping=through_project(_PROJECT_ID),
    full=_select,
    filters={
        "report": equals(ReportFlag.report_id, "report"),
        "project_id": any_of(Report.project_id, "project_id"),
        "kind": any_of(ReportFlag.kind, "kind"),
        "open": _open(),
        "week": any_of(Report.week, "week"),
        "region": region_prefix(SCOPING),
    },
    sorts={"raised_at": Sort(ReportFlag.raised_at), "updated_at": Sort(ReportFlag.updated_at)},
)
REPORT_FLAGS = replace(REPORT_FLAG, name="report_flags", scoping=SCOPING)
"""For lists: seen by the columns of the project joined."""


def _rules() -> AnySelect:
    r = ReportFlagRule
    columns: list[Any] = [
        r.id, r.region_code, r.valid_from, func.trim_scale(r.lead_points).label("lead_points"), r.photo_distance_m,
        r.photo_bits, func.trim_scale(r.statistics_percent).label("statistics_percent"), r.note, r.entered_at,
        account(r.entered_by).label("entered_by"), NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


RULE_SCOPING = Scoping(region=ReportFlagRule.region_code)

REPORT_FLAG_RULE = Resource(
    name="report_flag_rule",
    label=("疑点规则", "flag rule"),
    permission="report_flag_rules.read",
    key=ReportFlagRule.id,
    conditional=False,
    scoping=RULE_SCOPING,
    full=_rules,
    filters={"region": region_prefix(RULE_SCOPING)},
    sorts={"valid_from": Sort(ReportFlagRule.valid_from), "entered_at": Sort(ReportFlagRule.entered_at)},
)
