"""疑点: what looks odd in field reports, the thresholds per region, and the statistics bureau's figures beside them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, Percent, RegionCode, Versioned


class ReportFlag(Identified, Versioned, Base):
    """A suspicion with its facts, which never change: other facts are another flag.

    `withdrawn_at`: the facts hold no longer. `dismissed_at`: somebody looked and said why it is all right; it stands
    until its facts change.
    """

    __tablename__ = "report_flags"

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    kind: Mapped[str]
    photo_id: Mapped[uuid.UUID | None]
    other_report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    raised_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(dismissed_at, dismissed_by, reason) IN (0, 3)", name="dismissal_whole"),
        # One at a time of each kind, for each photo.
        Index(
            "uq_report_flags_standing",
            "report_id",
            "kind",
            "photo_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "ix_report_flags_other_report_id", "other_report_id", postgresql_where=text("other_report_id IS NOT NULL")
        ),
        Index("ix_report_flags_report_id", "report_id"),
        Index("ix_report_flags_raised_at", "raised_at", "id"),
    )


class ReportFlagDuty(Base):
    """A report whose flags are still to be worked out; written with the report, gone when it is done.

    No foreign key: reports are never deleted, and looking that up would be paid for by every report.
    """

    __tablename__ = "report_flag_duties"

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class ReportFlagRule(Identified, Base):
    """From which difference on a region flags reports, of weeks that begin on `valid_from` or later.

    Never changed: another one with a later day takes its place, and of two for one day the one entered last holds.
    """

    __tablename__ = "report_flag_rules"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    valid_from: Mapped[date]
    lead_points: Mapped[Percent]
    photo_distance_m: Mapped[int]
    photo_bits: Mapped[int]
    statistics_percent: Mapped[Percent]
    note: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("lead_points > 0", name="lead_points_positive"),
        CheckConstraint("photo_distance_m > 0", name="photo_distance_positive"),
        CheckConstraint("photo_bits BETWEEN 0 AND 7", name="photo_bits_range"),
        CheckConstraint("statistics_percent >= 0", name="statistics_percent_not_negative"),
        Index("ix_report_flag_rules_region_code", "region_code", "valid_from", "entered_at"),
    )


class StatisticsFigure(Identified, Base):
    """What the statistics bureau counts as completed of a year up to the end of a month.

    Append-only: a later row for the same month corrects it. Never mixed with the figures reports are accepted into.
    """

    __tablename__ = "statistics_figures"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    year: Mapped[int]
    month: Mapped[int]
    completed: Mapped[Amount]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("completed >= 0", name="completed_not_negative"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_of_a_year"),
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        Index(
            "ix_statistics_figures_latest",
            "project_id",
            "year",
            "month",
            text("recorded_at DESC"),
            text("id DESC"),
        ),
    )
