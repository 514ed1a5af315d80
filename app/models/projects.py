"""A project and what hangs on it: assignments, stage history, suspensions, plans, progress."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, Numeric, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import CODE_COLLATION, Amount, Base, Identified, Percent, RegionCode, Versioned

PARTIAL_DATE = "'^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$'"
SEARCH_TEXT = "diaodu_search_text(name, code, national_code, investors)"


class Project(Identified, Versioned, Base):
    """重点项目. Amounts 万元; partial dates are "2016", "2016-03" or "2016-03-15"."""

    __tablename__ = "projects"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    county_code: Mapped[RegionCode] = mapped_column(
        Text(collation=CODE_COLLATION), Computed('left(region_code, 6) COLLATE "C"', persisted=True)
    )
    code: Mapped[str]
    national_code: Mapped[str | None]
    name: Mapped[str]
    location: Mapped[str | None]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    sector: Mapped[str] = mapped_column(server_default=text("'other'"), default="other")
    content: Mapped[str | None]
    investors: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    key_years: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"), default=list)
    programmes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    major: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    total_investment: Mapped[Amount | None]
    planned_start: Mapped[str | None]
    planned_completion: Mapped[str | None]
    enrolled_on: Mapped[date | None]
    land_status: Mapped[str] = mapped_column(server_default=text("'unknown'"), default="unknown")
    problem: Mapped[str | None]
    remark: Mapped[str | None]
    stage: Mapped[str]
    stage_since: Mapped[date]
    suspended_since: Mapped[date | None]
    last_activity_on: Mapped[date]
    search_text: Mapped[str] = mapped_column(Computed(SEARCH_TEXT, persisted=True))
    search_grams: Mapped[list[str]] = mapped_column(
        ARRAY(Text), Computed(f"diaodu_grams({SEARCH_TEXT})", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("total_investment >= 0", name="total_investment_not_negative"),
        CheckConstraint(f"planned_start ~ {PARTIAL_DATE}", name="planned_start_form"),
        CheckConstraint(f"planned_completion ~ {PARTIAL_DATE}", name="planned_completion_form"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="point_whole"),
        CheckConstraint("longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90", name="point_on_earth"),
        CheckConstraint("land_status IN ('unknown', 'pending', 'settled', 'not_needed')", name="land_status_known"),
        # Offices number their projects themselves, so only within a county is a number one project's own.
        Index("uq_projects_code", "county_code", "code", unique=True),
        Index(
            "uq_projects_national_code",
            "county_code",
            "national_code",
            unique=True,
            postgresql_where=text("national_code IS NOT NULL"),
        ),
        Index("ix_projects_county_code_id", "county_code", "id"),
        Index("ix_projects_county_code_name", "county_code", "name"),
        Index("ix_projects_updated_at_id", "updated_at", "id"),
        Index("ix_projects_search_grams", "search_grams", postgresql_using="gin"),
    )


class Assignment(Identified, Versioned, Base):
    """Who answers for a project in which role, from a day until a day (exclusive; null: still).

    Exactly one party: a leader, a department, a user account or a named person. Ended on the day it began, it never
    held: that is how a mistake is taken back.
    """

    __tablename__ = "assignments"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    role: Mapped[str]
    leader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("leaders.id"))
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    person_name: Mapped[str | None]
    phone: Mapped[str | None]
    position: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(leader_id, department_id, user_id, person_name) = 1", name="one_party"),
        CheckConstraint(
            "CASE role WHEN 'sponsor' THEN leader_id IS NOT NULL"
            " WHEN 'responsible' THEN department_id IS NOT NULL WHEN 'owner' THEN department_id IS NOT NULL"
            " WHEN 'contact' THEN leader_id IS NULL AND department_id IS NULL"
            " WHEN 'reporter' THEN user_id IS NOT NULL WHEN 'crew' THEN true ELSE false END",
            name="party_fits_role",
        ),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("ix_assignments_project_id_role", "project_id", "role"),
        Index("ix_assignments_department_id", "department_id", "project_id"),
        Index("ix_assignments_leader_id", "leader_id", "project_id"),
        Index("ix_assignments_user_id", "user_id", "project_id"),
        Index(
            "uq_assignments_open",
            "project_id",
            "role",
            text("coalesce(leader_id::text, department_id::text, user_id::text, person_name)"),
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )


class StageTransition(Identified, Base):
    """One move along the pipeline; never changed, never deleted. `from_stage` is null for the first."""

    __tablename__ = "stage_transitions"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    from_stage: Mapped[str | None]
    to_stage: Mapped[str]
    happened_on: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None]
    evidence: Mapped[str | None]
    overridden: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    unmet: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"), default=list)
    source: Mapped[str] = mapped_column(server_default=text("'api'"), default="api")

    __table_args__ = (
        CheckConstraint("NOT overridden OR reason IS NOT NULL", name="override_has_reason"),
        Index("ix_stage_transitions_project_id", "project_id", "happened_on", "entered_at", "id"),
    )


class Suspension(Identified, Versioned, Base):
    """A pause beside the stage: from a day until a day (exclusive; null: still), with its reason."""

    __tablename__ = "suspensions"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    reason: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="dates_in_order"),
        Index("ix_suspensions_project_id", "project_id"),
        Index("uq_suspensions_open", "project_id", unique=True, postgresql_where=text("until IS NULL")),
    )


class AnnualPlan(Identified, Versioned, Base):
    """年度计划 of one project and year; the monthly split, when given, adds up to the plan exactly."""

    __tablename__ = "annual_plans"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    year: Mapped[int]
    category: Mapped[str]
    planned_investment: Mapped[Amount | None]
    monthly: Mapped[list[Decimal] | None] = mapped_column(ARRAY(Numeric(18, 4)))
    planned_start: Mapped[str | None]
    planned_completion: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint("planned_investment >= 0", name="planned_investment_not_negative"),
        CheckConstraint("category IN ('new_start', 'continued', 'preliminary')", name="category_known"),
        CheckConstraint(
            "monthly IS NULL OR (cardinality(monthly) = 12"
            " AND diaodu_array_sum(monthly) = coalesce(planned_investment, 0))",
            name="monthly_adds_up",
        ),
        Index("uq_annual_plans_project_year", "project_id", "year", unique=True),
        Index("ix_annual_plans_year_category", "year", "category"),
    )


class ProgressFigure(Identified, Base):
    """Completed investment of a year up to a day. Append-only: a later row for the same day corrects it."""

    __tablename__ = "progress_figures"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    year: Mapped[int]
    as_of: Mapped[date]
    completed: Mapped[Amount | None]
    physical_text: Mapped[str | None]
    physical_percent: Mapped[Percent | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    source: Mapped[str] = mapped_column(server_default=text("'api'"), default="api")
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    """The accepted field report that gave it."""

    __table_args__ = (
        CheckConstraint("completed >= 0", name="completed_not_negative"),
        CheckConstraint("physical_percent BETWEEN 0 AND 100", name="physical_percent_range"),
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        Index(
            "ix_progress_figures_latest",
            "project_id",
            "year",
            text("as_of DESC"),
            text("recorded_at DESC"),
            text("id DESC"),
        ),
        Index("ix_progress_figures_report_id", "report_id", postgresql_where=text("report_id IS NOT NULL")),
    )
