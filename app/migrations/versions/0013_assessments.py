"""Assessments: schemes, entered facts, runs with their frozen results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

_KINDS = (
    ("collective_start", "承办集中开工活动", "Hosted a collective start"),
    ("criticism", "通报批评", "Criticised in a circular"),
    ("commendation", "通报表扬", "Commended in a circular"),
    ("bonus_points", "加分事项", "Other bonus"),
    ("deduction", "扣分事项", "Other deduction"),
    ("provincial_assessment", "列入省级考核", "In the provincial assessment"),
    ("operation", "投入运营", "Put into operation"),
    ("late_report", "迟报漏报", "Late or missing report"),
)
ENTRIES = [
    {"dictionary": "assessment_fact_kind", "code": code, "label_zh": zh, "label_en": en, "position": position}
    for position, (code, zh, en) in enumerate(_KINDS)
]
GUARDS = (
    """
-- A draft goes as it came; what is published stays as it is.
CREATE FUNCTION diaodu_guard_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'published' THEN
    RAISE EXCEPTION 'a published assessment stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER assessments_guarded BEFORE UPDATE OR DELETE ON assessments
FOR EACH ROW EXECUTE FUNCTION diaodu_guard_assessment()
""",
    """
CREATE TRIGGER assessment_schemes_never_change BEFORE UPDATE OR DELETE ON assessment_schemes
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
    # Entries go with a project that is deleted, and in no other way; nothing takes them by themselves.
    """
CREATE TRIGGER assessment_facts_never_change BEFORE UPDATE ON assessment_facts
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_refuse_change()
""",
)


def upgrade() -> None:
    op.create_table(
        "assessment_facts",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("retracts_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(department_id, leader_id, project_id) = 1", name=op.f("ck_assessment_facts_one_subject")
        ),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_assessment_facts_department_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_assessment_facts_entered_by")),
        sa.ForeignKeyConstraint(["leader_id"], ["leaders.id"], name=op.f("fk_assessment_facts_leader_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_assessment_facts_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_assessment_facts_region_code")),
        sa.ForeignKeyConstraint(["retracts_id"], ["assessment_facts.id"], name=op.f("fk_assessment_facts_retracts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_facts")),
    )
    op.create_index("ix_assessment_facts_project_id", "assessment_facts", ["project_id"], unique=False)
    op.create_index("ix_assessment_facts_region_code", "assessment_facts", ["region_code", "happened_on"], unique=False)
    op.create_index("uq_assessment_facts_retracts_id", "assessment_facts", ["retracts_id"], unique=True)
    op.create_table(
        "assessment_schemes",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label_zh", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_assessment_schemes_version_counts")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_assessment_schemes_created_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_assessment_schemes_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_schemes")),
    )
    op.create_index(
        "uq_assessment_schemes_version", "assessment_schemes", ["region_code", "code", "version"], unique=True
    )
    op.create_table(
        "assessments",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.Text(), nullable=False),
        sa.Column("scheme_version", sa.Integer(), nullable=False),
        sa.Column("period_kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("groups", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("inputs_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)", name=op.f("ck_assessments_published_whole")
        ),
        sa.CheckConstraint(
            "number BETWEEN 1 AND CASE period_kind WHEN 'year' THEN 1 WHEN 'quarter' THEN 4 ELSE 12 END",
            name=op.f("ck_assessments_number_in_year"),
        ),
        sa.CheckConstraint(
            "period_kind IN ('year', 'quarter', 'month')", name=op.f("ck_assessments_period_kind_known")
        ),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_assessments_status_known")),
        sa.CheckConstraint(
            "subject_kind IN ('department', 'bureau', 'township', 'park', 'leader')",
            name=op.f("ck_assessments_subject_kind_known"),
        ),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_assessments_year_sane")),
        sa.ForeignKeyConstraint(["previous_id"], ["assessments.id"], name=op.f("fk_assessments_previous_id")),
        sa.ForeignKeyConstraint(["published_by"], ["users.id"], name=op.f("fk_assessments_published_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_assessments_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_region_code", "assessments", ["region_code", "year"], unique=False)
    op.create_index(
        "uq_assessments_published",
        "assessments",
        ["region_code", "scheme_code", "period_kind", "year", "number", "subject_kind"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    for statement in GUARDS:
        op.execute(statement)
    op.bulk_insert(sa.table("dictionary_entries", *[sa.column(c) for c in ENTRIES[0]]), ENTRIES)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
