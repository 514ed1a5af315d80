"""Targets, published indicators, letters of responsibility."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.migrations.letters import STATEMENTS, UNITS

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "indicators",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("computation", sa.Text(), nullable=False),
        sa.Column("accrual", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(computation = 'series_growth') = (series IS NOT NULL)", name=op.f("ck_indicators_series_of_growth")
        ),
        sa.CheckConstraint("accrual IN ('cumulative', 'level')", name=op.f("ck_indicators_accrual_known")),
        sa.CheckConstraint("threshold >= 0", name=op.f("ck_indicators_threshold_not_negative")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_indicators_region_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_indicators")),
    )
    op.create_table(
        "indicator_values",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("previous_value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("growth_percent", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("growth_rank", sa.Integer(), nullable=True),
        sa.Column("ranked_among", sa.Integer(), nullable=True),
        sa.Column("contribution_percent", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("contribution_points", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_indicator_values_month_sane")),
        sa.CheckConstraint(
            "num_nonnulls(value, growth_percent, rank, growth_rank, contribution_percent, contribution_points) > 0",
            name=op.f("ck_indicator_values_says_something"),
        ),
        sa.CheckConstraint(
            "rank >= 1 AND growth_rank >= 1 AND ranked_among >= 1", name=op.f("ck_indicator_values_ranks_from_one")
        ),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_indicator_values_year_sane")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_indicator_values_recorded_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_indicator_values_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_values")),
    )
    op.create_index(
        "ix_indicator_values_latest",
        "indicator_values",
        [
            "indicator",
            "region_code",
            "year",
            "month",
            sa.literal_column("published_on DESC"),
            sa.literal_column("recorded_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_index("ix_indicator_values_region_code", "indicator_values", ["region_code", "id"], unique=False)
    op.create_table(
        "responsibility_letters",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("superior_name", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=True),
        sa.Column("preamble", sa.Text(), nullable=True),
        sa.Column("weight_total", sa.Numeric(precision=7, scale=2), server_default=sa.text("100"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'signed') = (signed_on IS NOT NULL)", name=op.f("ck_responsibility_letters_signed_has_day")
        ),
        sa.CheckConstraint("status IN ('draft', 'signed')", name=op.f("ck_responsibility_letters_status_known")),
        sa.CheckConstraint("weight_total > 0", name=op.f("ck_responsibility_letters_weight_total_positive")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_responsibility_letters_year_sane")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_responsibility_letters_department_id")
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["leaders.id"], name=op.f("fk_responsibility_letters_leader_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_responsibility_letters_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_letters")),
        sa.UniqueConstraint(
            "region_code",
            "department_id",
            "year",
            "title",
            name=op.f("uq_responsibility_letters_region_code_department_id_year_title"),
        ),
    )
    op.create_index(
        "ix_responsibility_letters_department_id", "responsibility_letters", ["department_id", "year"], unique=False
    )
    op.create_table(
        "targets",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("actual_from", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("quarters", postgresql.ARRAY(sa.Numeric(precision=18, scale=4)), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("actual_from IN ('computed', 'entered')", name=op.f("ck_targets_actual_from_known")),
        sa.CheckConstraint("cardinality(quarters) = 4", name=op.f("ck_targets_four_quarters")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_targets_year_sane")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_targets_department_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_targets_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
    )
    op.create_index("ix_targets_department_id", "targets", ["department_id", "year"], unique=False)
    op.create_index(
        "uq_targets_region_department_year_indicator",
        "targets",
        ["region_code", "department_id", "year", "indicator"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "letter_supplements",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["responsibility_letters.id"], name=op.f("fk_letter_supplements_letter_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_letter_supplements_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_supplements")),
        sa.UniqueConstraint("letter_id", "number", name=op.f("uq_letter_supplements_letter_id_number")),
    )
    op.create_table(
        "target_actuals",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_target_actuals_recorded_by")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_target_actuals_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_actuals")),
    )
    op.create_index(
        "ix_target_actuals_latest",
        "target_actuals",
        [
            "target_id",
            sa.literal_column("as_of DESC"),
            sa.literal_column("recorded_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_table(
        "target_revisions",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("quarters", postgresql.ARRAY(sa.Numeric(precision=18, scale=4)), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cardinality(quarters) = 4", name=op.f("ck_target_revisions_four_quarters")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_target_revisions_recorded_by")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_target_revisions_target_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_revisions")),
    )
    op.create_index(
        "ix_target_revisions_latest",
        "target_revisions",
        [
            "target_id",
            sa.literal_column("valid_from DESC"),
            sa.literal_column("recorded_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )
    op.create_table(
        "letter_items",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("target_id IS NULL OR value IS NOT NULL", name=op.f("ck_letter_items_linked_has_value")),
        sa.CheckConstraint("value > 0", name=op.f("ck_letter_items_value_positive")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_letter_items_weight_not_negative")),
        sa.ForeignKeyConstraint(["added_by"], ["letter_supplements.id"], name=op.f("fk_letter_items_added_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["letter_supplements.id"], name=op.f("fk_letter_items_ended_by")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["responsibility_letters.id"], name=op.f("fk_letter_items_letter_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["replaces"], ["letter_items.id"], name=op.f("fk_letter_items_replaces")),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_letter_items_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_items")),
    )
    op.create_index("ix_letter_items_letter_id", "letter_items", ["letter_id", "position"], unique=False)
    op.create_index(
        "ix_letter_items_target_id",
        "letter_items",
        ["target_id"],
        unique=False,
        postgresql_where=sa.text("target_id IS NOT NULL"),
    )
    op.create_table(
        "letter_progress",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("num_nonnulls(value, percent) = 1", name=op.f("ck_letter_progress_value_or_percent")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_letter_progress_percent_range")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["letter_items.id"], name=op.f("fk_letter_progress_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_letter_progress_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_progress")),
    )
    op.create_index(
        "ix_letter_progress_latest",
        "letter_progress",
        [
            "item_id",
            sa.literal_column("as_of DESC"),
            sa.literal_column("recorded_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
    )

    for statement in STATEMENTS:
        op.execute(statement)
    op.bulk_insert(sa.table("dictionary_entries", *[sa.column(c) for c in UNITS[0]]), UNITS)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
