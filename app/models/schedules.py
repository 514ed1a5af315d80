"""倒排工期: computed schedules, the baselines adopted of them, and the templates milestones are made from."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned


class Schedule(Identified, Base):
    """A proposal: when everything must start and finish for the deadline. Never changed.

    `graph` is the print of what it was computed from; another print now, and the proposal is out of date.
    """

    __tablename__ = "schedules"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    deadline: Mapped[date]
    as_of: Mapped[date]
    note: Mapped[str | None]
    graph: Mapped[str]
    slack_days: Mapped[int | None]
    late_by_days: Mapped[int]
    latest_start: Mapped[date | None]
    earliest_finish: Mapped[date | None]
    provisional: Mapped[bool]
    critical_chain: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("late_by_days >= 0", name="late_by_days_not_negative"),
        Index("ix_schedules_project_id", "project_id", "id"),
    )


class Baseline(Identified, Base):
    """A schedule that was adopted: the project's first, or a later one that names the decision behind it."""

    __tablename__ = "baselines"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    schedule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"))
    deadline: Mapped[date]
    decision_reference: Mapped[str | None]
    reason: Mapped[str | None]
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint(
            "number = 1 OR (decision_reference IS NOT NULL AND reason IS NOT NULL)", name="change_names_decision"
        ),
        UniqueConstraint("project_id", "number", name="uq_baselines_project_id_number"),
        UniqueConstraint("schedule_id", name="uq_baselines_schedule_id"),
    )


class BaselineMilestone(Base):
    """What a baseline planned for a milestone. Kept when the milestone is gone: no key leads to it."""

    __tablename__ = "baseline_milestones"

    baseline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("baselines.id", ondelete="CASCADE"), primary_key=True)
    milestone_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str]
    planned_start: Mapped[date | None]
    planned_finish: Mapped[date | None]

    __table_args__ = (Index("ix_baseline_milestones_milestone_id", "milestone_id"),)


class MilestoneTemplate(Identified, Versioned, Base):
    """Milestones to begin a project with, kept by a region; what ships with the product lies in the code."""

    __tablename__ = "milestone_templates"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    sector: Mapped[str | None]
    description: Mapped[str | None]
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (UniqueConstraint("region_code", "name", name="uq_milestone_templates_region_code_name"),)


class TemplateApplication(Identified, Base):
    """That a template was applied to a project, and which milestones came of it."""

    __tablename__ = "template_applications"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    template_id: Mapped[uuid.UUID]
    template_name: Mapped[str]
    milestone_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    applied_at: Mapped[datetime]
    applied_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (Index("ix_template_applications_project_id", "project_id", "id"),)
