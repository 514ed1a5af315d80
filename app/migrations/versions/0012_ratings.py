"""Soft-environment rating: campaigns, rolls, sealed ballots, stacks, frozen results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

GUARDS = (
    """
-- Draft, open, closed, published, in this order; the rules stand from opening on, everything after publication.
CREATE FUNCTION diaodu_guard_rating_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'published' OR (TG_OP = 'DELETE' AND OLD.status <> 'draft') THEN
    RAISE EXCEPTION 'a rating campaign that is % stays as it is', OLD.status USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'open'), ('open', 'closed'), ('closed', 'published')) THEN
    RAISE EXCEPTION 'no way from % to %', OLD.status, NEW.status USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.status <> 'draft' AND
     (OLD.region_code, OLD.year, OLD.groups, OLD.indicators, OLD.electorates, OLD.options, OLD.best_count,
      OLD.worst_count, OLD.minimum_ballots, OLD.below_minimum, OLD.tie_rule, OLD.smallest_count, OLD.department_names,
      OLD.opens_at)
     IS DISTINCT FROM
     (NEW.region_code, NEW.year, NEW.groups, NEW.indicators, NEW.electorates, NEW.options, NEW.best_count,
      NEW.worst_count, NEW.minimum_ballots, NEW.below_minimum, NEW.tie_rule, NEW.smallest_count, NEW.department_names,
      NEW.opens_at) THEN
    RAISE EXCEPTION 'the rules of a rating are fixed once it is open' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER rating_campaigns_guarded BEFORE UPDATE OR DELETE ON rating_campaigns
FOR EACH ROW EXECUTE FUNCTION diaodu_guard_rating_campaign()
""",
    *(
        f"""
CREATE TRIGGER {table}_never_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
"""
        for table in ("rating_stacks", "rating_results", "rating_corrections")
    ),
)


def upgrade() -> None:
    op.create_table(
        "rating_campaigns",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("groups", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column(
            "indicators", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column(
            "electorates", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("best_count", sa.Integer(), nullable=False),
        sa.Column("worst_count", sa.Integer(), nullable=False),
        sa.Column("minimum_ballots", sa.Integer(), nullable=False),
        sa.Column("below_minimum", sa.Text(), nullable=False),
        sa.Column("tie_rule", sa.Text(), nullable=False),
        sa.Column("smallest_count", sa.Integer(), nullable=False),
        sa.Column("copied_from_id", sa.Uuid(), nullable=True),
        sa.Column("department_names", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("turnout", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "below_minimum IN ('leave_out', 'unrated')", name=op.f("ck_rating_campaigns_below_minimum_known")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'closed', 'published')", name=op.f("ck_rating_campaigns_status_known")
        ),
        sa.CheckConstraint(
            "tie_rule IN ('name_all', 'name_none', 'compare_indicators')",
            name=op.f("ck_rating_campaigns_tie_rule_known"),
        ),
        sa.CheckConstraint(
            "best_count >= 0 AND worst_count >= 0", name=op.f("ck_rating_campaigns_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_rating_campaigns_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_campaigns")),
        sa.UniqueConstraint("region_code", "year", name=op.f("uq_rating_campaigns_region_code_year")),
    )
    op.create_table(
        "rating_code_batches",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("electorate", sa.Text(), nullable=False),
        sa.Column(
            "excluded_department_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["rating_campaigns.id"],
            name=op.f("fk_rating_code_batches_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_code_batches")),
    )
    op.create_index("ix_rating_code_batches_campaign_id", "rating_code_batches", ["campaign_id"], unique=False)
    op.create_table(
        "rating_corrections",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_corrections_campaign_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_rating_corrections_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_rating_corrections_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_corrections")),
    )
    op.create_index("ix_rating_corrections_campaign_id", "rating_corrections", ["campaign_id"], unique=False)
    op.create_table(
        "rating_electors",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("electorate", sa.Text(), nullable=False),
        sa.Column(
            "excluded_department_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("blinded_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(key_id IS NULL) = (blinded_hash IS NULL)", name=op.f("ck_rating_electors_signed_whole")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_electors_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rating_electors_user_id")),
        sa.PrimaryKeyConstraint("campaign_id", "user_id", name=op.f("pk_rating_electors")),
    )
    op.create_index("ix_rating_electors_user_id", "rating_electors", ["user_id"], unique=False)
    op.create_table(
        "rating_keys",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("electorate", sa.Text(), nullable=False),
        sa.Column(
            "excluded_department_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("modulus", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_keys_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_keys")),
        sa.UniqueConstraint("campaign_id", "electorate", "excluded_department_ids", name="uq_rating_keys_class"),
    )
    op.create_table(
        "rating_results",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("previous_campaign_id", sa.Uuid(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_results_campaign_id")),
        sa.ForeignKeyConstraint(
            ["previous_campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_results_previous_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_rating_results")),
    )
    op.create_table(
        "rating_sealed_ballots",
        sa.Column("ballot_key", sa.LargeBinary(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("electorate", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["rating_campaigns.id"],
            name=op.f("fk_rating_sealed_ballots_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ballot_key", name=op.f("pk_rating_sealed_ballots")),
    )
    op.create_index("ix_rating_sealed_ballots_campaign_id", "rating_sealed_ballots", ["campaign_id"], unique=False)
    op.create_table(
        "rating_secrets",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_secrets_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_rating_secrets")),
    )
    op.create_table(
        "rating_stacks",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("electorate", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("slips", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["rating_campaigns.id"], name=op.f("fk_rating_stacks_campaign_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_rating_stacks_department_id")),
        sa.PrimaryKeyConstraint("campaign_id", "electorate", "department_id", name=op.f("pk_rating_stacks")),
    )
    op.create_table(
        "rating_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["rating_code_batches.id"], name=op.f("fk_rating_codes_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rating_codes")),
    )
    op.create_index("ix_rating_codes_batch_id", "rating_codes", ["batch_id"], unique=False)
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
