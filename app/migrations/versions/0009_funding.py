"""Money: records by channel, their entries, and the rules that hold between the steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.funding import CHANNELS, STATEMENTS

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "funding_records",
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("applied", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("approved", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("received", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("paid", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("allocated", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("received_over", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("received_over_reason", sa.Text(), nullable=True),
        sa.Column("paid_over", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_over_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "channel <> 'special_construction_fund' OR batch IS NOT NULL",
            name=op.f("ck_funding_records_fund_has_batch"),
        ),
        sa.CheckConstraint("allocated <= received", name=op.f("ck_funding_records_allocated_within_received")),
        sa.CheckConstraint("batch >= 1", name=op.f("ck_funding_records_batch_positive")),
        sa.CheckConstraint(
            "least(applied, approved, received, paid, allocated) >= 0",
            name=op.f("ck_funding_records_totals_not_negative"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(project_id, region_code) = 1", name=op.f("ck_funding_records_project_or_region")
        ),
        sa.CheckConstraint(
            "paid + allocated <= received + paid_over", name=op.f("ck_funding_records_paid_within_received")
        ),
        sa.CheckConstraint(
            "paid_over = 0 OR paid_over_reason IS NOT NULL", name=op.f("ck_funding_records_paid_over_has_reason")
        ),
        sa.CheckConstraint(
            "received_over = 0 OR received_over_reason IS NOT NULL",
            name=op.f("ck_funding_records_received_over_has_reason"),
        ),
        sa.CheckConstraint(
            "source_id IS NOT NULL OR received <= approved + received_over",
            name=op.f("ck_funding_records_received_within_approved"),
        ),
        sa.CheckConstraint(
            "source_id IS NULL OR (applied = 0 AND approved = 0)",
            name=op.f("ck_funding_records_allocated_is_approved_above"),
        ),
        sa.CheckConstraint(
            "source_id IS NULL OR project_id IS NOT NULL", name=op.f("ck_funding_records_allocated_to_a_project")
        ),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_funding_records_year_sane")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_funding_records_project_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_funding_records_region_code")),
        sa.ForeignKeyConstraint(["source_id"], ["funding_records.id"], name=op.f("fk_funding_records_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_records")),
    )
    op.create_index("ix_funding_records_project_id", "funding_records", ["project_id"], unique=False)
    op.create_index("ix_funding_records_region_code", "funding_records", ["region_code"], unique=False)
    op.create_index("ix_funding_records_source_id", "funding_records", ["source_id"], unique=False)
    op.create_index("ix_funding_records_year_channel", "funding_records", ["year", "channel"], unique=False)
    op.create_index(
        "uq_funding_records_sum",
        "funding_records",
        [
            sa.literal_column("coalesce(project_id::text, region_code)"),
            "year",
            "channel",
            sa.literal_column("coalesce(batch, 0)"),
            sa.literal_column("coalesce(name, '')"),
            sa.literal_column("coalesce(source_id::text, '')"),
        ],
        unique=True,
    )
    op.create_table(
        "funding_entries",
        sa.Column("funding_record_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("excess_reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default=sa.text("'api'"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("excess_reason <> '' AND reason <> ''", name=op.f("ck_funding_entries_reasons_not_empty")),
        sa.CheckConstraint(
            "step IN ('applied', 'approved', 'received', 'paid')", name=op.f("ck_funding_entries_step_known")
        ),
        sa.CheckConstraint(
            "(corrects_id IS NULL) = (reason IS NULL)", name=op.f("ck_funding_entries_correction_has_reason")
        ),
        sa.CheckConstraint("amount > 0 OR corrects_id IS NOT NULL", name=op.f("ck_funding_entries_amount_positive")),
        sa.CheckConstraint("amount >= 0 AND amount < 100000000000000", name=op.f("ck_funding_entries_amount_sane")),
        sa.CheckConstraint("corrects_id <> id", name=op.f("ck_funding_entries_not_of_itself")),
        sa.ForeignKeyConstraint(
            ["funding_record_id", "step", "corrects_id"],
            ["funding_entries.funding_record_id", "funding_entries.step", "funding_entries.id"],
            name="fk_funding_entries_corrects",
        ),
        sa.ForeignKeyConstraint(["funding_record_id"], ["funding_records.id"], name="fk_funding_entries_record"),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_funding_entries_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_entries")),
        sa.UniqueConstraint("corrects_id", name="uq_funding_entries_corrects_id"),
        sa.UniqueConstraint("funding_record_id", "step", "id", name="uq_funding_entries_place"),
    )
    op.create_index(
        "ix_funding_entries_record",
        "funding_entries",
        ["funding_record_id", "happened_on", "recorded_at", "id"],
        unique=False,
    )
    for statement in STATEMENTS:
        op.execute(statement)
    op.bulk_insert(sa.table("dictionary_entries", *[sa.column(c) for c in CHANNELS[0]]), CHANNELS)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
