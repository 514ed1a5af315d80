"""Reports whose flags are still to be worked out: handing in a report does not wait for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "report_flag_duties",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_flag_duties")),
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
