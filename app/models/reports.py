"""填报: weekly field reports, their photos' metadata, every round they went through, and when they are due."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, Time, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, Percent, RegionCode, Versioned


class Report(Identified, Versioned, Base):
    """What the field says of one project in one week. Never deleted, nor is a project that was reported on.

    `completed` is cumulative of the year of `as_of`; null: nothing said. `made_at` is the phone's time, `submitted_at`
    the server's; `due_at` and `late` are as they were when it first arrived.
    """

    __tablename__ = "reports"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id"))
    week: Mapped[date]
    as_of: Mapped[date]
    completed: Mapped[Amount | None]
    physical_text: Mapped[str | None]
    physical_percent: Mapped[Percent | None]
    milestones_done: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    note: Mapped[str | None]
    corrects: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    status: Mapped[str] = mapped_column(server_default=text("'submitted'"), default="submitted")
    reporter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    late: Mapped[bool]

    __table_args__ = (
        CheckConstraint("extract(isodow FROM week) = 1", name="week_is_a_monday"),
        CheckConstraint("completed >= 0", name="completed_not_negative"),
        CheckConstraint("physical_percent BETWEEN 0 AND 100", name="physical_percent_range"),
        CheckConstraint("status IN ('submitted', 'returned', 'accepted')", name="status_known"),
        CheckConstraint("corrects <> id", name="not_of_itself"),
        Index("ix_reports_corrects", "corrects", postgresql_where=text("corrects IS NOT NULL")),
        Index("ix_reports_project_id_week", "project_id", "week"),
        Index("ix_reports_week", "week", "submitted_at", "id"),
        Index("ix_reports_submitted_at", "submitted_at", "id"),
        Index("ix_reports_reporter_id", "reporter_id", "submitted_at", "id"),
    )


class ReportPhoto(Base):
    """A photo named by a report: where and when it was taken. Its bytes come by another way, before it or after."""

    __tablename__ = "report_photos"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    position: Mapped[int]
    taken_at: Mapped[datetime | None]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    caption: Mapped[str | None]
    sha256: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="point_whole"),
        CheckConstraint("longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name="point_on_earth"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
        Index("ix_report_photos_report_id", "report_id", "position"),
        Index("ix_report_photos_sha256", "sha256", postgresql_where=text("sha256 IS NOT NULL")),
    )


class ReportRound(Base):
    """The whole content as it was sent, once per version of the report that the field wrote.

    `number` counts the rounds: it grows when a returned report is sent again; what is changed before the review comes
    under the same number. The review is written once, to the version it is of; the rest never changes.
    """

    __tablename__ = "report_rounds"

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sent_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    verdict: Mapped[str | None]
    comment: Mapped[str | None]
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("verdict IN ('returned', 'accepted')", name="verdict_known"),
        CheckConstraint("num_nonnulls(verdict, reviewed_by, reviewed_at) IN (0, 3)", name="review_whole"),
        CheckConstraint("verdict <> 'returned' OR comment IS NOT NULL", name="return_has_comment"),
        Index(
            "uq_report_rounds_reviewed",
            "report_id",
            "number",
            unique=True,
            postgresql_where=text("verdict IS NOT NULL"),
        ),
    )


class ReportingCalendar(Identified, Base):
    """Which projects of a region report, and by when in the week; from the first week that begins on `valid_from` on.

    Never changed: another one with a later day takes its place, and of two for one day the one entered last holds.
    """

    __tablename__ = "reporting_calendars"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    valid_from: Mapped[date]
    weekday: Mapped[int]
    due_time: Mapped[time] = mapped_column(Time())
    stages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    moves_before_holidays: Mapped[bool]
    reason: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_of_a_week"),
        Index("ix_reporting_calendars_region_code", "region_code", "valid_from", "entered_at"),
    )


class ReportingMark(Base):
    """One row: a mark that changes with every write to reporting calendars and to working days, by triggers.

    Random, not counted, as in `data_versions`.
    """

    __tablename__ = "reporting_marks"

    one: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default=text("true"))
    mark: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("one", name="one_row"),)
