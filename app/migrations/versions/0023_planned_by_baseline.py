"""What a baseline planned of a milestone stays its plan: another plan is another baseline, with its decision."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"

STATEMENTS = (
    """
-- Whoever writes: a milestone of the project's current baseline has the days it planned. A new baseline may set others
-- as long as it does not name the milestone yet: adopting writes the plan first, then what it remembers of it.
CREATE FUNCTION diaodu_keep_planned_dates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  planned record;
BEGIN
  SELECT m.planned_start, m.planned_finish INTO planned
    FROM baseline_milestones m JOIN baselines b ON b.id = m.baseline_id
   WHERE m.milestone_id = NEW.id AND b.project_id = NEW.project_id
     AND b.number = (SELECT max(number) FROM baselines WHERE project_id = NEW.project_id);
  IF FOUND AND (planned.planned_start, planned.planned_finish)
       IS DISTINCT FROM (NEW.planned_start, NEW.planned_finish) THEN
    RAISE EXCEPTION 'milestone % is planned by a baseline', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'planned_by_baseline';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER milestones_keep_planned_dates BEFORE UPDATE ON milestones FOR EACH ROW
WHEN ((OLD.planned_start, OLD.planned_finish) IS DISTINCT FROM (NEW.planned_start, NEW.planned_finish))
EXECUTE FUNCTION diaodu_keep_planned_dates()
""",
    # Deleted and made again under the same id it is still what the baseline planned.
    """
CREATE TRIGGER milestones_made_as_planned BEFORE INSERT ON milestones FOR EACH ROW
WHEN (NEW.planned_start IS NOT NULL OR NEW.planned_finish IS NOT NULL)
EXECUTE FUNCTION diaodu_keep_planned_dates()
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
