"""Flags on field reports, their thresholds per region, the statistics bureau's figures, and how pictures alike are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0020"

FUNCTIONS = (
    """
-- The four quarters of a difference hash, told apart by a number in front. Two hashes that differ in at most 7 bits
-- have a quarter that differs in at most one: so that one index finds all of them.
CREATE FUNCTION diaodu_hash_quarters(hash bigint) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN ARRAY[
  (hash & 65535)::integer,
  65536 + ((hash >> 16) & 65535)::integer,
  131072 + ((hash >> 32) & 65535)::integer,
  196608 + ((hash >> 48) & 65535)::integer
]
""",
    """
-- The quarters, and all that differ from one of them in one bit.
CREATE FUNCTION diaodu_hash_near(hash bigint) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN diaodu_hash_quarters(hash) || ARRAY(
  SELECT quarter # (1 << bit) FROM unnest(diaodu_hash_quarters(hash)) AS quarter, generate_series(0, 15) AS bit
)
""",
    """
-- Every search would read all that is not merged into it yet.
CREATE INDEX ix_photos_hash_quarters ON photos USING gin (diaodu_hash_quarters(dhash)) WITH (fastupdate = off)
WHERE dhash IS NOT NULL
""",
    """
CREATE TRIGGER report_flag_rules_never_change BEFORE UPDATE OR DELETE ON report_flag_rules
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
    """
-- A flag's facts are what they were; it is withdrawn once, dismissed once, and never deleted.
CREATE FUNCTION diaodu_guard_report_flag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL
    OR (OLD.report_id, OLD.kind, OLD.photo_id, OLD.other_report_id, OLD.facts, OLD.raised_at)
       IS DISTINCT FROM (NEW.report_id, NEW.kind, NEW.photo_id, NEW.other_report_id, NEW.facts, NEW.raised_at)
    OR (OLD.dismissed_at IS NOT NULL AND (OLD.dismissed_at, OLD.dismissed_by, OLD.reason)
       IS DISTINCT FROM (NEW.dismissed_at, NEW.dismissed_by, NEW.reason)) THEN
    RAISE EXCEPTION 'a flag stays as it was raised and dismissed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER report_flags_guarded BEFORE UPDATE OR DELETE ON report_flags
FOR EACH ROW EXECUTE FUNCTION diaodu_guard_report_flag()
""",
)


def upgrade() -> None:
    _flags()
    _rules()
    _statistics_figures()
    for statement in FUNCTIONS:
        op.execute(statement)


def _flags() -> None:
    op.create_table(
        "report_flags",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("other_report_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(dismissed_at, dismissed_by, reason) IN (0, 3)", name=op.f("ck_report_flags_dismissal_whole")
        ),
        sa.ForeignKeyConstraint(["dismissed_by"], ["users.id"], name=op.f("fk_report_flags_dismissed_by")),
        sa.ForeignKeyConstraint(["other_report_id"], ["reports.id"], name=op.f("fk_report_flags_other_report_id")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_flags_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_flags")),
    )
    op.create_index(
        "uq_report_flags_standing",
        "report_flags",
        ["report_id", "kind", "photo_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "ix_report_flags_other_report_id",
        "report_flags",
        ["other_report_id"],
        unique=False,
        postgresql_where=sa.text("other_report_id IS NOT NULL"),
    )
    op.create_index("ix_report_flags_report_id", "report_flags", ["report_id"], unique=False)
    op.create_index("ix_report_flags_raised_at", "report_flags", ["raised_at", "id"], unique=False)


def _rules() -> None:
    op.create_table(
        "report_flag_rules",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("lead_points", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("photo_distance_m", sa.Integer(), nullable=False),
        sa.Column("photo_bits", sa.Integer(), nullable=False),
        sa.Column("statistics_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("lead_points > 0", name=op.f("ck_report_flag_rules_lead_points_positive")),
        sa.CheckConstraint("photo_distance_m > 0", name=op.f("ck_report_flag_rules_photo_distance_positive")),
        sa.CheckConstraint("photo_bits BETWEEN 0 AND 7", name=op.f("ck_report_flag_rules_photo_bits_range")),
        sa.CheckConstraint(
            "statistics_percent >= 0", name=op.f("ck_report_flag_rules_statistics_percent_not_negative")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_report_flag_rules_entered_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_report_flag_rules_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_flag_rules")),
    )
    op.create_index(
        "ix_report_flag_rules_region_code",
        "report_flag_rules",
        ["region_code", "valid_from", "entered_at"],
        unique=False,
    )


def _statistics_figures() -> None:
    op.create_table(
        "statistics_figures",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("completed >= 0", name=op.f("ck_statistics_figures_completed_not_negative")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_statistics_figures_month_of_a_year")),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_statistics_figures_year_sane")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_statistics_figures_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_statistics_figures_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_figures")),
    )
    op.create_index(
        "ix_statistics_figures_latest",
        "statistics_figures",
        ["project_id", "year", "month", sa.text("recorded_at DESC"), sa.text("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
