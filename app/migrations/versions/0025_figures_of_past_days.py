"""Sums of counties are kept for past days that are asked for, too, as long as they are fresh."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE county_figure_states ADD COLUMN past boolean NOT NULL DEFAULT false,"
        " ADD COLUMN made_at timestamptz NOT NULL DEFAULT now()"
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
