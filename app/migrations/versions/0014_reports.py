"""Field reports: what was sent, every round of it, photos' metadata, and when reports are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

GUARDS = (
    """
-- What was reported stays: the first arrival is a fact, and an accepted report is corrected by another one.
CREATE FUNCTION diaodu_guard_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status = 'accepted'
    OR (OLD.project_id, OLD.week, OLD.reporter_id, OLD.submitted_at, OLD.due_at, OLD.late)
       IS DISTINCT FROM (NEW.project_id, NEW.week, NEW.reporter_id, NEW.submitted_at, NEW.due_at, NEW.late) THEN
    RAISE EXCEPTION 'a report stays as it arrived' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER reports_guarded BEFORE UPDATE OR DELETE ON reports
FOR EACH ROW EXECUTE FUNCTION diaodu_guard_report()
""",
    """
-- A round takes its review once; the rest of it never changes.
CREATE FUNCTION diaodu_guard_report_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.verdict IS NOT NULL
    OR (OLD.report_id, OLD.version, OLD.number, OLD.content, OLD.sent_by, OLD.made_at, OLD.received_at)
       IS DISTINCT FROM
       (NEW.report_id, NEW.version, NEW.number, NEW.content, NEW.sent_by, NEW.made_at, NEW.received_at) THEN
    RAISE EXCEPTION 'a round stays as it was sent and reviewed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER report_rounds_guarded BEFORE UPDATE OR DELETE ON report_rounds
FOR EACH ROW EXECUTE FUNCTION diaodu_guard_report_round()
""",
    """
CREATE TRIGGER reporting_calendars_never_change BEFORE UPDATE OR DELETE ON reporting_calendars
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
)


def upgrade() -> None:
    op.create_table(
        "reporting_calendars",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("due_time", sa.Time(), nullable=False),
        sa.Column("stages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("moves_before_holidays", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_reporting_calendars_weekday_of_a_week")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_reporting_calendars_entered_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_reporting_calendars_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_calendars")),
    )
    op.create_index(
        "ix_reporting_calendars_region_code",
        "reporting_calendars",
        ["region_code", "valid_from", "entered_at"],
        unique=False,
    )
    op.create_table(
        "reports",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("completed", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("physical_text", sa.Text(), nullable=True),
        sa.Column("physical_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column(
            "milestones_done", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'submitted'"), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('submitted', 'returned', 'accepted')", name=op.f("ck_reports_status_known")),
        sa.CheckConstraint("completed >= 0", name=op.f("ck_reports_completed_not_negative")),
        sa.CheckConstraint("corrects <> id", name=op.f("ck_reports_not_of_itself")),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_reports_week_is_a_monday")),
        sa.CheckConstraint("physical_percent BETWEEN 0 AND 100", name=op.f("ck_reports_physical_percent_range")),
        sa.ForeignKeyConstraint(["corrects"], ["reports.id"], name=op.f("fk_reports_corrects")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_reports_project_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(
        "ix_reports_corrects", "reports", ["corrects"], unique=False, postgresql_where=sa.text("corrects IS NOT NULL")
    )
    op.create_index("ix_reports_project_id_week", "reports", ["project_id", "week"], unique=False)
    op.create_index("ix_reports_reporter_id", "reports", ["reporter_id", "submitted_at", "id"], unique=False)
    op.create_index("ix_reports_submitted_at", "reports", ["submitted_at", "id"], unique=False)
    op.create_index("ix_reports_week", "reports", ["week", "submitted_at", "id"], unique=False)
    op.create_table(
        "report_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_report_photos_sha256_form")),
        sa.CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_report_photos_point_whole")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND latitude BETWEEN -90 AND 90",
            name=op.f("ck_report_photos_point_on_earth"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_photos_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_photos")),
    )
    op.create_index("ix_report_photos_report_id", "report_photos", ["report_id", "position"], unique=False)
    op.create_index(
        "ix_report_photos_sha256",
        "report_photos",
        ["sha256"],
        unique=False,
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    )
    op.create_table(
        "report_rounds",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict <> 'returned' OR comment IS NOT NULL", name=op.f("ck_report_rounds_return_has_comment")
        ),
        sa.CheckConstraint("verdict IN ('returned', 'accepted')", name=op.f("ck_report_rounds_verdict_known")),
        sa.CheckConstraint(
            "num_nonnulls(verdict, reviewed_by, reviewed_at) IN (0, 3)", name=op.f("ck_report_rounds_review_whole")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_rounds_report_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_report_rounds_reviewed_by")),
        sa.ForeignKeyConstraint(["sent_by"], ["users.id"], name=op.f("fk_report_rounds_sent_by")),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_report_rounds")),
    )
    op.create_index(
        "uq_report_rounds_reviewed",
        "report_rounds",
        ["report_id", "number"],
        unique=True,
        postgresql_where=sa.text("verdict IS NOT NULL"),
    )
    op.add_column("progress_figures", sa.Column("report_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_progress_figures_report_id",
        "progress_figures",
        ["report_id"],
        unique=False,
        postgresql_where=sa.text("report_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_progress_figures_report_id"), "progress_figures", "reports", ["report_id"], ["id"])
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
