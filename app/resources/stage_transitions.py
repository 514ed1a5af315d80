from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.listing import Resource, Sort, equals
from app.models import StageTransition
from app.reading import AnySelect
from app.resources.project_parts import NEVER_CHANGES, account, through_project


def _select() -> AnySelect:
    t = StageTransition
    columns: list[Any] = [
        t.id, t.project_id, t.from_stage, t.to_stage, t.happened_on, t.entered_at,
        account(t.entered_by).label("entered_by"), t.reason, t.evidence, t.overridden, t.unmet, t.source,
        NEVER_CHANGES,
    ]  # fmt: skip
    return select(*columns)


STAGE_TRANSITION = Resource(
    name="stage_transition",
    label=("阶段变更", "stage transition"),
    permission="projects.read",
    key=StageTransition.id,
    conditional=False,
    scoping=through_project(StageTransition.project_id),
    full=_select,
    filters={"project": equals(StageTransition.project_id, "project")},
    # Entered one after the other under the project's lock, none before the last: the order they happened in.
    sorts={"entered_at": Sort(StageTransition.entered_at)},
)
