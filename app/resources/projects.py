"""The project as a resource, and its twin whose list items carry the stage of a past day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from app.listing import Resource, Sort
from app.models import Project
from app.resources.light_columns import nothing_turned
from app.resources.project_columns import SCOPING, full, slim
from app.resources.project_filters import FILTERS
from app.resources.project_past import PAST_FILTERS, slim_then

_SHARED: dict[str, Any] = {
    "label": ("项目", "project"),
    "permission": "projects.read",
    "key": Project.id,
    "scoping": SCOPING,
    "full": full,
    "settled": nothing_turned,
    "filters": FILTERS,
    "sorts": {
        "id": Sort(Project.id),
        "updated_at": Sort(Project.updated_at),
        "name": Sort(Project.name),
        "code": Sort(Project.code),
        "stage_since": Sort(Project.stage_since),
        "total_investment": Sort(func.coalesce(Project.total_investment, 0)),
    },
}
PROJECT = Resource(name="project", slim=slim, **_SHARED)
PROJECT_AS_OF = Resource(name="project_as_of", slim=slim_then, **{**_SHARED, "filters": PAST_FILTERS})
