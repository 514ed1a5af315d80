"""Phones: who was told that they see a project, and what was done offline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

_TOLD_SO_FAR = """
INSERT INTO project_parties (project_id, party_id, account, region_code)
SELECT DISTINCT a.project_id, coalesce(a.department_id, a.user_id), a.user_id IS NOT NULL, p.region_code
  FROM assignments a JOIN projects p ON p.id = a.project_id,
       LATERAL (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS day) AS today
 WHERE a.valid_from <= day AND (a.valid_to IS NULL OR a.valid_to > day)
   AND ((a.department_id IS NOT NULL AND a.role IN ('responsible', 'owner', 'crew'))
     OR (a.user_id IS NOT NULL AND a.role IN ('reporter', 'contact', 'crew')))
"""


def upgrade() -> None:
    _create_parties()
    _create_operations()


def _create_parties() -> None:
    op.create_table(
        "project_parties",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_parties_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "party_id", name=op.f("pk_project_parties")),
    )
    # Whoever sees a project today has heard of it: only what comes and goes from now on is news.
    op.execute(_TOLD_SO_FAR)


def _create_operations() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "sync_operations",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", instant, nullable=True),
        sa.Column("skew_seconds", sa.Integer(), nullable=True),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_until", instant, nullable=True),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("own_versions", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('applied', 'refused', 'conflict', 'held', 'expired')",
            name=op.f("ck_sync_operations_status_known"),
        ),
        sa.CheckConstraint("(status = 'held') = (settled_at IS NULL)", name=op.f("ck_sync_operations_settled_once")),
        sa.CheckConstraint(
            "status <> 'held' OR held_until IS NOT NULL", name=op.f("ck_sync_operations_held_until_a_time")
        ),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_sync_operations")),
    )
    op.create_index("ix_sync_operations_received_at", "sync_operations", ["received_at"])
    op.create_index(
        "ix_sync_operations_held",
        "sync_operations",
        ["user_id"],
        postgresql_where=sa.text("held_until IS NOT NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
