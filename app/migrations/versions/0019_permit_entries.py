"""Whether a mandatory permit that nobody entered keeps a project from starting is a region's to say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("permit_rules", sa.Column("entry_required", sa.Boolean(), nullable=True))
    op.drop_constraint(op.f("ck_permit_rules_says_something"), "permit_rules", type_="check")
    op.create_check_constraint(
        op.f("ck_permit_rules_says_something"),
        "permit_rules",
        "num_nonnulls(time_limit_days, mandatory, entry_required) > 0",
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
