"""Schedules, baselines, milestone templates, and the years of working days entered here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

_KINDS = (
    ("project_approval", "立项", "Project approval"),
    ("design", "设计", "Design"),
    ("permits", "手续", "Permits"),
    ("land", "用地", "Land"),
    ("financing", "融资", "Financing"),
    ("demolition", "拆迁", "Demolition"),
    ("bidding", "招标", "Bidding"),
    ("site_entry", "进场", "Moving onto the site"),
    ("construction_start", "开工", "Start of construction"),
    ("construction", "施工", "Construction"),
    ("main_structure", "主体", "Main structure"),
    ("equipment", "设备安装", "Equipment"),
    ("acceptance", "验收", "Acceptance"),
    ("completion", "竣工", "Completion"),
    ("production", "投产", "Production"),
    ("other", "其他", "Other"),
)
ENTRIES = [
    {"dictionary": "milestone_kind", "code": code, "label_zh": zh, "label_en": en, "position": position}
    for position, (code, zh, en) in enumerate(_KINDS)
]
TRIGGERS = [
    f"""
CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
"""
    for table in ("schedules", "baselines", "baseline_milestones", "template_applications")
]


def upgrade() -> None:
    op.create_table(
        "workday_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holidays", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("makeup_days", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("NOT (holidays && makeup_days)", name=op.f("ck_workday_years_off_or_worked")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_workday_years_year_sane")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_workday_years")),
    )
    op.create_table(
        "milestone_templates",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("milestones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_milestone_templates_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_templates")),
        sa.UniqueConstraint("region_code", "name", name="uq_milestone_templates_region_code_name"),
    )
    op.create_table(
        "schedules",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("slack_days", sa.Integer(), nullable=True),
        sa.Column("late_by_days", sa.Integer(), nullable=False),
        sa.Column("latest_start", sa.Date(), nullable=True),
        sa.Column("earliest_finish", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("critical_chain", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("milestones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("late_by_days >= 0", name=op.f("ck_schedules_late_by_days_not_negative")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_schedules_created_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_schedules_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index("ix_schedules_project_id", "schedules", ["project_id", "id"], unique=False)
    op.create_table(
        "template_applications",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("template_name", sa.Text(), nullable=False),
        sa.Column("milestone_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["applied_by"], ["users.id"], name=op.f("fk_template_applications_applied_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_template_applications_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_applications")),
    )
    op.create_index("ix_template_applications_project_id", "template_applications", ["project_id", "id"], unique=False)
    op.create_table(
        "baselines",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("decision_reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "number = 1 OR (decision_reference IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_baselines_change_names_decision"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_baselines_number_counts")),
        sa.ForeignKeyConstraint(["adopted_by"], ["users.id"], name=op.f("fk_baselines_adopted_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_baselines_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name=op.f("fk_baselines_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines")),
        sa.UniqueConstraint("project_id", "number", name="uq_baselines_project_id_number"),
        sa.UniqueConstraint("schedule_id", name="uq_baselines_schedule_id"),
    )
    op.create_table(
        "baseline_milestones",
        sa.Column("baseline_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_finish", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["baseline_id"], ["baselines.id"], name=op.f("fk_baseline_milestones_baseline_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("baseline_id", "milestone_id", name=op.f("pk_baseline_milestones")),
    )
    op.create_index("ix_baseline_milestones_milestone_id", "baseline_milestones", ["milestone_id"], unique=False)
    for statement in TRIGGERS:
        op.execute(statement)
    op.bulk_insert(sa.table("dictionary_entries", *[sa.column(c) for c in ENTRIES[0]]), ENTRIES)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
