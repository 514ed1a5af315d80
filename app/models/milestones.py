"""节点: the milestones of a project and what each has to wait for."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, Versioned


class Milestone(Identified, Versioned, Base):
    """One milestone: `weight` is its share in physical progress, `duration_days` counts Chinese working days.

    `planned_*` is what stands now (the current baseline, or what was typed in), `forecast_finish` what is expected,
    `actual_*` what happened. A ledger may say "已完成" without a day: then `status` is done and `actual_finish` null.
    """

    __tablename__ = "milestones"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'other'"), default="other")
    weight: Mapped[Decimal] = mapped_column(Numeric(9, 4), server_default=text("1"), default=Decimal(1))
    duration_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default=text("'planned'"), default="planned")
    planned_start: Mapped[date | None]
    planned_finish: Mapped[date | None]
    forecast_finish: Mapped[date | None]
    actual_start: Mapped[date | None]
    actual_finish: Mapped[date | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), default=list)
    responsible_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    responsible_name: Mapped[str | None]
    note: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("project_id", "id", name="uq_milestones_project_id_id"),
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        CheckConstraint("duration_days BETWEEN 1 AND 10000", name="duration_sane"),
        CheckConstraint("status IN ('planned', 'in_progress', 'done')", name="status_known"),
        CheckConstraint("planned_finish >= planned_start", name="planned_dates_in_order"),
        CheckConstraint("actual_finish >= actual_start", name="actual_dates_in_order"),
        CheckConstraint("actual_finish IS NULL OR status = 'done'", name="finished_is_done"),
        CheckConstraint("actual_start IS NULL OR status <> 'planned'", name="begun_is_not_planned"),
        Index("ix_milestones_project_id_position", "project_id", "position", "id"),
        Index(
            "ix_milestones_open_due",
            "planned_finish",
            postgresql_where=text("status <> 'done'"),
        ),
        Index(
            "ix_milestones_responsible_user_id",
            "responsible_user_id",
            postgresql_where=text("responsible_user_id IS NOT NULL"),
        ),
    )


class MilestoneDependency(Base):
    """`milestone_id` cannot start before `predecessor_id` is finished; both of the same project, held by the keys."""

    __tablename__ = "milestone_dependencies"

    project_id: Mapped[uuid.UUID]
    milestone_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    predecessor_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_dependencies_milestone",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["project_id", "predecessor_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_dependencies_predecessor",
            ondelete="CASCADE",
        ),
        CheckConstraint("milestone_id <> predecessor_id", name="not_its_own"),
        Index("ix_milestone_dependencies_predecessor_id", "predecessor_id"),
        Index("ix_milestone_dependencies_project_id", "project_id"),
    )
