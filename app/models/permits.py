"""手续: the permits of a project, what happened to each, which milestones wait for them, and what a county asks for."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, RegionCode, Versioned

DUE_ORDER = (
    "CASE WHEN state IN ('accepted', 'supplementing') THEN coalesce(due_on, '9999-12-31'::date)"
    " ELSE '9999-12-31'::date END"
)
"""Where a permit stands in lists by due day: those under way by theirs, all others last."""


class Permit(Identified, Versioned, Base):
    """One permit of a project. `time_limit_days` are working days of the authority, from acceptance.

    `state` and all dates from `state_since` to `overdue_from` follow from the events and the working-day calendar, by
    `domain.permit_clock`; they are kept so that lists can go by them. A stopped clock has no due day. `overdue_from` is
    the first day on which the authority is late. `mandatory` null: what the county's rules say of the kind.
    """

    __tablename__ = "permits"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str | None]
    department_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("departments.id"))
    time_limit_days: Mapped[int]
    mandatory: Mapped[bool | None]
    planned_application_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    note: Mapped[str | None]
    document_number: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'not_applied'"), default="not_applied")
    state_since: Mapped[date | None]
    applied_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    due_on: Mapped[date | None]
    overdue_from: Mapped[date | None]
    due_order: Mapped[date] = mapped_column(Computed(DUE_ORDER, persisted=True))

    __table_args__ = (
        UniqueConstraint("project_id", "id", name="uq_permits_project_id_id"),
        CheckConstraint("time_limit_days BETWEEN 1 AND 1000", name="time_limit_sane"),
        CheckConstraint(
            "state IN ('not_applied', 'applied', 'accepted', 'supplementing', 'issued', 'refused', 'withdrawn')",
            name="state_known",
        ),
        CheckConstraint("overdue_from > due_on", name="late_after_due"),
        CheckConstraint("(due_on IS NULL) = (overdue_from IS NULL)", name="due_whole"),
        Index("ix_permits_project_id", "project_id"),
        Index("ix_permits_due_order", "due_order", "id"),
        Index("ix_permits_department_due_order", "department_id", "due_order", "id"),
        Index("ix_permits_updated_at", "updated_at", "id"),
        Index(
            "ix_permits_running",
            "overdue_from",
            postgresql_where=text("state IN ('accepted', 'supplementing')"),
        ),
    )


class PermitEvent(Identified, Base):
    """What happened to a permit on a day. Append-only: a mistake is corrected by an entry that says so and why.

    An entry that nothing corrects is in force, unless it is `annulled`: then what it corrects never happened. Entries
    of one day go by `position`; a correction takes the place of what it corrects.
    """

    __tablename__ = "permit_events"

    permit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("permits.id", ondelete="CASCADE"))
    kind: Mapped[str]
    happened_on: Mapped[date]
    position: Mapped[int]
    document_number: Mapped[str | None]
    note: Mapped[str | None]
    corrects_id: Mapped[uuid.UUID | None]
    reason: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        UniqueConstraint("permit_id", "id", name="uq_permit_events_permit_id_id"),
        # Of the same permit, and each entry corrected once at most: the correction is corrected next.
        ForeignKeyConstraint(
            ["permit_id", "corrects_id"],
            ["permit_events.permit_id", "permit_events.id"],
            name="fk_permit_events_corrects",
        ),
        CheckConstraint(
            "kind IN ('applied', 'accepted', 'supplement_requested', 'supplemented', 'issued', 'refused',"
            " 'withdrawn', 'annulled')",
            name="kind_known",
        ),
        CheckConstraint("corrects_id IS NULL OR reason IS NOT NULL", name="correction_has_reason"),
        CheckConstraint("kind <> 'annulled' OR corrects_id IS NOT NULL", name="annulled_names_entry"),
        Index("uq_permit_events_corrects_id", "corrects_id", unique=True),
        Index("ix_permit_events_permit_id", "permit_id", "happened_on", "position"),
    )


class MilestonePermit(Base):
    """A milestone cannot begin before the permit is issued; both of the same project, held by the keys."""

    __tablename__ = "milestone_permits"

    project_id: Mapped[uuid.UUID]
    milestone_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    permit_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_permits_milestone",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["project_id", "permit_id"],
            ["permits.project_id", "permits.id"],
            name="fk_milestone_permits_permit",
            ondelete="CASCADE",
        ),
        Index("ix_milestone_permits_permit_id", "permit_id"),
        Index("ix_milestone_permits_project_id", "project_id"),
    )


class MilestoneDelay(Base):
    """A milestone that a permit moves: its forecast is `finish_on`; without that permit it was `stated_finish`.

    Only while it is moved, and only ever written by `services.permit_forecasts`.
    """

    __tablename__ = "milestone_delays"

    project_id: Mapped[uuid.UUID]
    milestone_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    permit_id: Mapped[uuid.UUID]
    stated_finish: Mapped[date | None]
    finish_on: Mapped[date]

    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_delays_milestone",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["project_id", "permit_id"],
            ["permits.project_id", "permits.id"],
            name="fk_milestone_delays_permit",
            ondelete="CASCADE",
        ),
        Index("ix_milestone_delays_permit_id", "permit_id"),
        Index("ix_milestone_delays_project_id", "project_id"),
    )


class PermitRule(Identified, Versioned, Base):
    """What a region asks of a kind of permit, where it differs from the region above it; null: as above.

    Above the highest region stand the rules that ship with the product (`domain.permit_kinds`).
    """

    __tablename__ = "permit_rules"

    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("regions.code"))
    kind: Mapped[str]
    time_limit_days: Mapped[int | None]
    mandatory: Mapped[bool | None]
    entry_required: Mapped[bool | None]
    note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("time_limit_days BETWEEN 1 AND 1000", name="time_limit_sane"),
        CheckConstraint("num_nonnulls(time_limit_days, mandatory, entry_required) > 0", name="says_something"),
        UniqueConstraint("region_code", "kind", name="uq_permit_rules_region_kind"),
    )
