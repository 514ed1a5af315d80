"""Field reports as they are seen: full with every round, and as list items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Uuid, and_, bindparam, case, exists, func, literal_column, null, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from app.listing import Filter, Resource, Sort, any_of, equals, region_prefix
from app.models import Assignment, Project, Report, ReportFlag, ReportFlagDuty, ReportPhoto, ReportRound
from app.reading import AnySelect
from app.resources.project_columns import SCOPING, holds
from app.resources.project_parts import account, through_project


def _pairs(**members: Any) -> Any:
    pairs: list[Any] = []
    for key, column in members.items():
        pairs += [literal_column(f"'{key}'"), column]
    return func.json_build_object(*pairs)


def _array(item: Any, source: Any, *order: Any) -> Any:
    items = func.coalesce(func.json_agg(aggregate_order_by(item, *order)), literal_column("'[]'::json"))
    return select(items).where(source.report_id == Report.id).correlate(Report).scalar_subquery()


def _photos() -> Any:
    p = ReportPhoto
    item = _pairs(
        id=p.id, position=p.position, taken_at=p.taken_at, longitude=p.longitude, latitude=p.latitude,
        caption=p.caption, sha256=p.sha256,
    )  # fmt: skip
    return _array(item, p, p.position)


def _rounds() -> Any:
    r = ReportRound
    item = _pairs(
        number=r.number, version=r.version, content=r.content, sent_by=account(r.sent_by), made_at=r.made_at,
        received_at=r.received_at, verdict=r.verdict, comment=r.comment, reviewed_by=account(r.reviewed_by),
        reviewed_at=r.reviewed_at,
    )  # fmt: skip
    return _array(item, r, r.version)


def corrected_by() -> Any:
    """The accepted report that takes its place, or that of a correction of the same report: of several the last."""
    r, later = Report, aliased(Report, name="later")
    accepted: Any = literal_column("'accepted'")
    after = and_(r.status == accepted, tuple_(later.updated_at, later.id) > tuple_(r.updated_at, r.id))
    found = select(later.id).where(
        later.corrects.in_([r.id, r.corrects]), later.status == accepted, or_(later.corrects == r.id, after)
    )
    return found.order_by(later.updated_at.desc(), later.id.desc()).limit(1).correlate(Report).scalar_subquery()


def _flagged() -> tuple[Any, ...]:
    f = ReportFlag
    return (f.report_id == Report.id, f.withdrawn_at.is_(None), f.dismissed_at.is_(None))


def _unsettled() -> Any:
    """Its flags are still to be worked out."""
    return exists().where(ReportFlagDuty.report_id == Report.id).correlate(Report)


def _has_flags() -> Filter:
    def build(value: bool) -> Any:
        found = exists().where(*_flagged()).correlate(Report)
        return found if value else and_(~found, ~_unsettled())

    return Filter(build, lambda _: {}, lambda v: v)


def _shown() -> list[Any]:
    r, p = Report, Project
    counted = select(func.count()).where(*_flagged()).correlate(r).scalar_subquery()
    flags = case((_unsettled(), null()), else_=counted)
    return [
        r.id, r.project_id, p.name.label("project_name"), p.region_code, r.week, r.as_of,
        func.trim_scale(r.completed).label("completed"), r.physical_text,
        func.trim_scale(r.physical_percent).label("physical_percent"), r.status,
        account(r.reporter_id).label("reporter"), r.made_at, r.submitted_at, r.due_at, r.late, r.corrects,
        corrected_by().label("corrected_by"), flags.label("open_flags"),
    ]  # fmt: skip


def full() -> AnySelect:
    r = Report
    columns: list[Any] = [
        *_shown(), r.milestones_done, r.problems, _photos().label("photos"), r.note, _rounds().label("rounds"),
        r.version, r.created_at, r.updated_at,
    ]  # fmt: skip
    return select(*columns).join_from(r, Project, Project.id == r.project_id)


def _slim() -> AnySelect:
    r = Report
    photos = select(func.count()).where(ReportPhoto.report_id == r.id).correlate(r).scalar_subquery()
    reviewed = select(ReportRound.comment).where(ReportRound.report_id == r.id, ReportRound.verdict.is_not(None))
    comment = reviewed.order_by(ReportRound.version.desc()).limit(1).correlate(r).scalar_subquery()
    columns: list[Any] = [
        *_shown(), photos.label("photos"), func.jsonb_array_length(r.problems).label("problems"),
        comment.label("comment"), r.version, r.updated_at,
    ]  # fmt: skip
    return select(*columns).join_from(r, Project, Project.id == r.project_id)


def _responsible() -> Filter:
    party = bindparam("f_department_id", None, ARRAY(Uuid))
    return Filter(
        lambda _: holds(("responsible",), Assignment.department_id == func.any(party)),
        lambda v: {"f_department_id": list(v)},
    )


REPORT = Resource(
    name="report",
    label=("填报", "report"),
    permission="reports.read",
    key=Report.id,
    scoping=through_project(Report.project_id),
    full=full,
    slim=_slim,
    # It shows names, and who corrects it, which its version does not follow.
    conditional=False,
    filters={
        "project": equals(Report.project_id, "project"),
        "project_id": any_of(Report.project_id, "project_id"),
        "week": any_of(Report.week, "week"),
        "status": any_of(Report.status, "status"),
        "region": region_prefix(SCOPING),
        "department_id": _responsible(),
        "reporter_id": any_of(Report.reporter_id, "reporter_id"),
        "late": equals(Report.late, "late"),
        "has_flags": _has_flags(),
    },
    sorts={
        "submitted_at": Sort(Report.submitted_at),
        "week": Sort(Report.week),
        "updated_at": Sort(Report.updated_at),
    },
)
REPORTS = replace(REPORT, name="reports", scoping=SCOPING)
"""For lists, which join the projects: seen by their own columns, not by a subquery for every row."""
