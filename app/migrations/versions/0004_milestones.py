"""Milestones of projects and what each waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "milestones",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("weight", sa.Numeric(precision=9, scale=4), server_default=sa.text("1"), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_finish", sa.Date(), nullable=True),
        sa.Column("forecast_finish", sa.Date(), nullable=True),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_finish", sa.Date(), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("responsible_user_id", sa.Uuid(), nullable=True),
        sa.Column("responsible_name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("actual_finish IS NULL OR status = 'done'", name=op.f("ck_milestones_finished_is_done")),
        sa.CheckConstraint(
            "actual_start IS NULL OR status <> 'planned'", name=op.f("ck_milestones_begun_is_not_planned")
        ),
        sa.CheckConstraint("status IN ('planned', 'in_progress', 'done')", name=op.f("ck_milestones_status_known")),
        sa.CheckConstraint("actual_finish >= actual_start", name=op.f("ck_milestones_actual_dates_in_order")),
        sa.CheckConstraint("duration_days BETWEEN 1 AND 10000", name=op.f("ck_milestones_duration_sane")),
        sa.CheckConstraint("planned_finish >= planned_start", name=op.f("ck_milestones_planned_dates_in_order")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_milestones_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_milestones_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["responsible_user_id"], ["users.id"], name=op.f("fk_milestones_responsible_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("project_id", "id", name="uq_milestones_project_id_id"),
    )
    op.create_index(
        "ix_milestones_open_due",
        "milestones",
        ["planned_finish"],
        unique=False,
        postgresql_where=sa.text("status <> 'done'"),
    )
    op.create_index("ix_milestones_project_id_position", "milestones", ["project_id", "position", "id"], unique=False)
    op.create_index(
        "ix_milestones_responsible_user_id",
        "milestones",
        ["responsible_user_id"],
        unique=False,
        postgresql_where=sa.text("responsible_user_id IS NOT NULL"),
    )
    op.create_table(
        "milestone_dependencies",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("milestone_id <> predecessor_id", name=op.f("ck_milestone_dependencies_not_its_own")),
        sa.ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_dependencies_milestone",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "predecessor_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_dependencies_predecessor",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("milestone_id", "predecessor_id", name=op.f("pk_milestone_dependencies")),
    )
    op.create_index(
        "ix_milestone_dependencies_predecessor_id", "milestone_dependencies", ["predecessor_id"], unique=False
    )
    op.create_index("ix_milestone_dependencies_project_id", "milestone_dependencies", ["project_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
