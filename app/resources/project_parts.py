"""What hangs on a project (assignments, plans, history, figures) is seen by whoever sees the project."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, select
from sqlalchemy.orm import aliased

from app.access import Scoping
from app.models import Assignment, Project, User
from app.resources.project_columns import ANSWERING, TAKING_PART, in_force


def through_project(project_id: Any) -> Scoping:
    """The project's scoping for rows that carry its id. Subqueries, so that a row can be asked for by itself too."""
    held = aliased(Assignment, name="held")

    def of_project(column: Any) -> Any:
        return select(column).where(Project.id == project_id).correlate_except(Project).scalar_subquery()

    def holds(roles: tuple[str, ...], party: ColumnElement[bool]) -> ColumnElement[bool]:
        found = exists().where(held.project_id == project_id, held.role.in_(roles), party, in_force(held))
        return found.correlate_except(held)

    return Scoping(
        region=of_project(Project.region_code),
        county=of_project(Project.county_code),
        department=lambda p: holds(ANSWERING, held.department_id == p),
        user=lambda p: holds(TAKING_PART, held.user_id == p),
    )


def account(user_id: Any) -> Any:
    """An account as {"id", "name"}, null when there is none (a ledger import by the command line)."""
    item = func.json_build_object(literal_column("'id'"), User.id, literal_column("'name'"), User.display_name)
    return select(item).where(User.id == user_id).correlate_except(User).scalar_subquery()


NEVER_CHANGES: Any = literal_column("1").label("version")
"""The version of rows that are only ever added."""
