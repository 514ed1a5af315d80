"""A mark that changes with what says when reports are due: whoever reckoned with it before sees that it must again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_FUNCTION = """
CREATE FUNCTION diaodu_mark_reporting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reporting_marks (one, mark) VALUES (true, (random() * 9007199254740992)::bigint)
  ON CONFLICT (one) DO UPDATE SET mark = excluded.mark;
  RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER {table}_marked AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION diaodu_mark_reporting()
"""


def upgrade() -> None:
    op.create_table(
        "reporting_marks",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_reporting_marks_one_row")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_reporting_marks")),
    )
    # Not 0, which an emptied database has: what was reckoned with before a backup was restored must not pass for it.
    op.execute("INSERT INTO reporting_marks (mark) VALUES ((random() * 9007199254740992)::bigint)")
    op.execute(_FUNCTION)
    for table in ("reporting_calendars", "workday_years"):
        op.execute(_TRIGGER.format(table=table))


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
