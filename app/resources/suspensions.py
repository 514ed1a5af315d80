from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.listing import Resource, Sort, equals
from app.models import Suspension
from app.reading import AnySelect
from app.resources.project_parts import through_project


def _select() -> AnySelect:
    s = Suspension
    columns: list[Any] = [s.id, s.project_id, s.reason, s.since, s.until, s.version, s.created_at, s.updated_at]
    return select(*columns)


SUSPENSION = Resource(
    name="suspension",
    label=("暂停", "suspension"),
    permission="projects.read",
    key=Suspension.id,
    scoping=through_project(Suspension.project_id),
    full=_select,
    filters={"project": equals(Suspension.project_id, "project")},
    sorts={"since": Sort(Suspension.since)},
)
