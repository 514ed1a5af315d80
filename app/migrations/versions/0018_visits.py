"""Leaders' visits to projects, and which account is a leader's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('watch', 'follow', 'help', 'press')", name=op.f("ck_visits_kind_known")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_visits_entered_by")),
        sa.ForeignKeyConstraint(["leader_id"], ["leaders.id"], name=op.f("fk_visits_leader_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_visits_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_leader_id", "visits", ["leader_id", "happened_on"], unique=False)
    op.create_index("ix_visits_project_id", "visits", ["project_id", "happened_on"], unique=False)
    op.add_column("users", sa.Column("leader_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_users_leader_id"), "users", "leaders", ["leader_id"], ["id"])
    op.create_index("ix_users_leader_id", "users", ["leader_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
