"""Phones: who was told that they see a project."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"

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


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
