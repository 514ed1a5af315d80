"""An entered fact may name the project it is about beside the department or leader it counts for."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_assessment_facts_one_subject"), "assessment_facts")
    op.create_check_constraint(
        op.f("ck_assessment_facts_one_subject"),
        "assessment_facts",
        "num_nonnulls(department_id, leader_id) <= 1 AND num_nonnulls(department_id, leader_id, project_id) >= 1",
    )


def downgrade() -> None:
    raise RuntimeError("data is never migrated backwards; restore a backup")
