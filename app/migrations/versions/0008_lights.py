"""Lights of projects: facts, periods, overrides, rule sets and who goes by which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "light_facts",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_light_facts_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "since", name=op.f("pk_light_facts")),
    )
    op.create_table(
        "light_overrides",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("light", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("light IN ('green', 'yellow', 'red')", name=op.f("ck_light_overrides_light_known")),
        sa.CheckConstraint("until >= since", name=op.f("ck_light_overrides_dates_in_order")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_light_overrides_ended_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_light_overrides_entered_by")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_light_overrides_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_overrides")),
    )
    op.create_index("ix_light_overrides_project_id", "light_overrides", ["project_id", "since"], unique=False)
    op.create_table(
        "light_periods",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("light", sa.Text(), nullable=True),
        sa.Column("computed", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rule_set_id", sa.Uuid(), nullable=True),
        sa.Column("rule_set_code", sa.Text(), nullable=True),
        sa.Column("rule_set_version", sa.Integer(), nullable=True),
        sa.Column("override_id", sa.Uuid(), nullable=True),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("turned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("computed IN ('green', 'yellow', 'red')", name=op.f("ck_light_periods_computed_known")),
        sa.CheckConstraint("light IN ('green', 'yellow', 'red')", name=op.f("ck_light_periods_light_known")),
        sa.CheckConstraint("(computed IS NULL) = (reason IS NOT NULL)", name=op.f("ck_light_periods_light_or_reason")),
        sa.CheckConstraint("until_day > from_day", name=op.f("ck_light_periods_days_in_order")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_light_periods_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "from_day", name=op.f("pk_light_periods")),
    )
    op.create_index(
        "ix_light_periods_turned", "light_periods", ["from_day"], unique=False, postgresql_where=sa.text("turned")
    )
    op.create_table(
        "light_rule_choices",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_light_rule_choices_entered_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_light_rule_choices_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_rule_choices")),
    )
    op.create_index(
        "ix_light_rule_choices_region_code",
        "light_rule_choices",
        ["region_code", "from_day", "entered_at"],
        unique=False,
    )
    op.create_table(
        "light_rule_sets",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "practice IN ('yinchuan', 'ouhai', 'haikou')", name=op.f("ck_light_rule_sets_practice_known")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_light_rule_sets_version_counts")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_light_rule_sets_created_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_light_rule_sets_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_rule_sets")),
    )
    op.create_index("uq_light_rule_sets_version", "light_rule_sets", ["region_code", "code", "version"], unique=True)
    for table in ("light_rule_sets", "light_rule_choices"):
        op.execute(
            f"CREATE TRIGGER {table}_never_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()"
        )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
