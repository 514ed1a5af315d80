"""Permits of projects, their events, the milestones that wait for them, and what counties ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.domain.permit_kinds import KINDS

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "permit_rules",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("time_limit_days", sa.Integer(), nullable=True),
        sa.Column("mandatory", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("num_nonnulls(time_limit_days, mandatory) > 0", name=op.f("ck_permit_rules_says_something")),
        sa.CheckConstraint("time_limit_days BETWEEN 1 AND 1000", name=op.f("ck_permit_rules_time_limit_sane")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_permit_rules_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_rules")),
        sa.UniqueConstraint("region_code", "kind", name="uq_permit_rules_region_kind"),
    )
    op.create_table(
        "permits",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("time_limit_days", sa.Integer(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=True),
        sa.Column("planned_application_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'not_applied'"), nullable=False),
        sa.Column("state_since", sa.Date(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('not_applied', 'applied', 'accepted', 'supplementing', 'issued', 'refused', 'withdrawn')",
            name=op.f("ck_permits_state_known"),
        ),
        sa.CheckConstraint("(due_on IS NULL) = (overdue_from IS NULL)", name=op.f("ck_permits_due_whole")),
        sa.CheckConstraint("overdue_from > due_on", name=op.f("ck_permits_late_after_due")),
        sa.CheckConstraint("time_limit_days BETWEEN 1 AND 1000", name=op.f("ck_permits_time_limit_sane")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_permits_department_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_permits_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits")),
        sa.UniqueConstraint("project_id", "id", name="uq_permits_project_id_id"),
    )
    op.create_index(
        "ix_permits_department_due_on",
        "permits",
        ["department_id", sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_permits_due_on", "permits", [sa.literal_column("coalesce(due_on, '9999-12-31'::date)"), "id"], unique=False
    )
    op.create_index("ix_permits_project_id", "permits", ["project_id"], unique=False)
    op.create_index(
        "ix_permits_running",
        "permits",
        ["overdue_from"],
        unique=False,
        postgresql_where=sa.text("state IN ('accepted', 'supplementing')"),
    )
    op.create_table(
        "milestone_delays",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("stated_finish", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_delays_milestone",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "permit_id"],
            ["permits.project_id", "permits.id"],
            name="fk_milestone_delays_permit",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("milestone_id", name=op.f("pk_milestone_delays")),
    )
    op.create_index("ix_milestone_delays_permit_id", "milestone_delays", ["permit_id"], unique=False)
    op.create_index("ix_milestone_delays_project_id", "milestone_delays", ["project_id"], unique=False)
    op.create_table(
        "milestone_permits",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "milestone_id"],
            ["milestones.project_id", "milestones.id"],
            name="fk_milestone_permits_milestone",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "permit_id"],
            ["permits.project_id", "permits.id"],
            name="fk_milestone_permits_permit",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("milestone_id", "permit_id", name=op.f("pk_milestone_permits")),
    )
    op.create_index("ix_milestone_permits_permit_id", "milestone_permits", ["permit_id"], unique=False)
    op.create_index("ix_milestone_permits_project_id", "milestone_permits", ["project_id"], unique=False)
    op.create_table(
        "permit_events",
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'annulled' OR corrects_id IS NOT NULL", name=op.f("ck_permit_events_annulled_names_entry")
        ),
        sa.CheckConstraint(
            "kind IN ('applied', 'accepted', 'supplement_requested', 'supplemented', 'issued', 'refused', 'withdrawn', 'annulled')",
            name=op.f("ck_permit_events_kind_known"),
        ),
        sa.CheckConstraint(
            "corrects_id IS NULL OR reason IS NOT NULL", name=op.f("ck_permit_events_correction_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["permit_id", "corrects_id"],
            ["permit_events.permit_id", "permit_events.id"],
            name="fk_permit_events_corrects",
        ),
        sa.ForeignKeyConstraint(
            ["permit_id"], ["permits.id"], name=op.f("fk_permit_events_permit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_permit_events_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_events")),
        sa.UniqueConstraint("permit_id", "id", name="uq_permit_events_permit_id_id"),
    )
    op.create_index(
        "ix_permit_events_permit_id", "permit_events", ["permit_id", "happened_on", "position"], unique=False
    )
    op.create_index("uq_permit_events_corrects_id", "permit_events", ["corrects_id"], unique=True)
    # They go only with their permit, and that only with its project, once anything happened to it.
    op.execute(
        """
CREATE TRIGGER permit_events_never_change BEFORE UPDATE ON permit_events
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
"""
    )
    entries = [
        {
            "dictionary": "permit_kind",
            "code": kind.code,
            "label_zh": kind.label_zh,
            "label_en": kind.label_en,
            "position": position,
        }
        for position, kind in enumerate(KINDS.values())
    ]
    op.bulk_insert(sa.table("dictionary_entries", *[sa.column(c) for c in entries[0]]), entries)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
