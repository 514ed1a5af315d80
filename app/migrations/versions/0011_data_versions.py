"""A mark per county that changes with its data, for the ETags of statistics; sums per county made at such a mark."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_BUMP = """
-- New marks for every county this transaction wrote to, in one order for all, so that none waits in a circle.
CREATE FUNCTION diaodu_bump_data_versions() RETURNS void LANGUAGE sql
-- A plan made while the log was short would otherwise be kept while it grows.
SET enable_seqscan = off AS $$
  INSERT INTO data_versions (region_code, mark)
  SELECT region_code, (random() * 9007199254740992)::bigint FROM (
    SELECT DISTINCT left(coalesce(code, ''), 6) COLLATE "C" AS region_code
      FROM changes,
           -- A project that moved changes the figures of the county it left, too.
           LATERAL (VALUES (changes.region_code), (coalesce(diff -> 'region_code' ->> 0, changes.region_code)))
             AS touched (code)
     WHERE xid = pg_current_xact_id()
       AND resource NOT IN ('session', 'user', 'grant', 'api_key')
  ) AS touched ORDER BY region_code
  ON CONFLICT (region_code) DO UPDATE SET mark = excluded.mark
$$
"""
_ONCE = """
CREATE FUNCTION diaodu_data_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('diaodu.bumped_by', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM set_config('diaodu.bumped_by', pg_current_xact_id()::text, true);
    PERFORM diaodu_bump_data_versions();
  END IF;
  RETURN NULL;
END $$
"""
_TRIGGER = """
-- Deferred: it runs last, at commit, so that writers of one county wait for each other no longer than a commit takes.
CREATE CONSTRAINT TRIGGER data_changed AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.resource NOT IN ('session', 'user', 'grant', 'api_key'))
EXECUTE FUNCTION diaodu_data_changed()
"""


def upgrade() -> None:
    op.create_table(
        "data_versions",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_data_versions")),
    )
    _create_sums()
    for statement in (_BUMP, _ONCE, _TRIGGER):
        op.execute(statement)


def _create_sums() -> None:
    # Of no fixed precision: sums may be longer than what they are made of.
    amount = sa.Numeric()
    op.create_table(
        "county_figures",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("light", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        *[sa.Column(name, amount, nullable=False) for name in ("total_investment", "annual_plan", "completed")],
        sa.PrimaryKeyConstraint(
            "county_code", "year", "stage", "sector", "category", "light", name=op.f("pk_county_figures")
        ),
    )
    op.create_table(
        "county_figure_states",
        sa.Column("county_code", sa.Text(collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "year", name=op.f("pk_county_figure_states")),
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
