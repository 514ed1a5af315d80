"""The published hash of a rating's slips is salted: of few slips it would give away what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("rating_campaigns", sa.Column("inputs_salt", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
