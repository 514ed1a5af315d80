"""考核: schemes as data, facts that are entered, and runs, whose published results are kept byte for byte."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Amount, Base, Identified, RegionCode, Versioned


class AssessmentScheme(Identified, Base):
    """A county's own scheme, never changed: the next version stands beside it. Shipped ones are in the domain."""

    __tablename__ = "assessment_schemes"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    code: Mapped[str]
    version: Mapped[int]
    label_zh: Mapped[str]
    label_en: Mapped[str | None]
    description: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("version >= 1", name="version_counts"),
        Index("uq_assessment_schemes_version", "region_code", "code", "version", unique=True),
    )


class AssessmentFact(Identified, Base):
    """What the system cannot know itself, with its document; never changed. A second entry may take one back."""

    __tablename__ = "assessment_facts"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    kind: Mapped[str]
    happened_on: Mapped[date]
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    leader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("leaders.id"))
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    value: Mapped[Amount | None]
    document: Mapped[str]
    note: Mapped[str | None]
    retracts_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessment_facts.id"))
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(department_id, leader_id) <= 1 AND num_nonnulls(department_id, leader_id, project_id) >= 1",
            name="one_subject",
        ),
        Index("uq_assessment_facts_retracts_id", "retracts_id", unique=True),
        Index("ix_assessment_facts_region_code", "region_code", "happened_on"),
        Index("ix_assessment_facts_project_id", "project_id"),
    )


class Assessment(Identified, Versioned, Base):
    """A scheme applied to a period. A draft is worked out again at will; a trigger keeps a published one.

    `facts` are what it was worked out from, `document` the result, both as JSON bytes; `sha256` is the document's.
    """

    __tablename__ = "assessments"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    scheme_id: Mapped[uuid.UUID]
    scheme_code: Mapped[str]
    scheme_version: Mapped[int]
    period_kind: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    subject_kind: Mapped[str]
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessments.id"))
    computed_at: Mapped[datetime]
    facts: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    inputs_sha256: Mapped[str]
    sha256: Mapped[str]
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("period_kind IN ('year', 'quarter', 'month')", name="period_kind_known"),
        CheckConstraint(
            "number BETWEEN 1 AND CASE period_kind WHEN 'year' THEN 1 WHEN 'quarter' THEN 4 ELSE 12 END",
            name="number_in_year",
        ),
        CheckConstraint("year BETWEEN 1949 AND 2199", name="year_sane"),
        CheckConstraint(
            "subject_kind IN ('department', 'bureau', 'township', 'park', 'leader')", name="subject_kind_known"
        ),
        CheckConstraint("status IN ('draft', 'published')", name="status_known"),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published_whole"),
        Index("ix_assessments_region_code", "region_code", "year"),
        # One ranking of a scheme and period is the published one; drafts there may be many.
        Index(
            "uq_assessments_published",
            "region_code",
            "scheme_code",
            "period_kind",
            "year",
            "number",
            "subject_kind",
            unique=True,
            postgresql_where=text("status = 'published'"),
        ),
    )
