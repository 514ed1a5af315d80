"""Sums of counties are kept by day, so that tomorrow's are there when it begins; lights are read off their index."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0018"

_FIGURES = "county_code, year, day, stage, sector, category, light"


def upgrade() -> None:
    # Made from the projects whenever they are asked for.
    for table in ("county_figures", "county_figure_states"):
        op.execute(f"TRUNCATE {table}")
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}")
    op.execute("ALTER TABLE county_figures ADD COLUMN day date NOT NULL")
    op.execute(f"ALTER TABLE county_figures ADD CONSTRAINT pk_county_figures PRIMARY KEY ({_FIGURES})")
    op.execute(
        "ALTER TABLE county_figure_states ADD CONSTRAINT pk_county_figure_states PRIMARY KEY (county_code, year, day)"
    )
    op.execute("ALTER TABLE light_periods DROP CONSTRAINT pk_light_periods")
    op.execute(
        "ALTER TABLE light_periods ADD CONSTRAINT pk_light_periods PRIMARY KEY (project_id, from_day)"
        " INCLUDE (until_day, light)"
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
