"""All routers; the busiest first, because routes are matched in order."""

from app.resources.assignments import ASSIGNMENT
from app.resources.departments import DEPARTMENT
from app.resources.projects import PROJECT
from app.routers import (
    annual_plans,
    api_keys,
    assignments,
    auth,
    changes,
    departments,
    dictionaries,
    exports,
    grants,
    health,
    imports,
    leaders,
    me,
    progress_figures,
    projects,
    regions,
    stage_transitions,
    statistics,
    supervisions,
    suspensions,
    users,
)
from app.statistics_forms import paths

ROUTERS = [
    projects.router,
    assignments.router,
    stage_transitions.router,
    suspensions.router,
    annual_plans.router,
    progress_figures.router,
    statistics.router,
    changes.router,
    departments.router,
    dictionaries.router,
    leaders.router,
    regions.router,
    supervisions.router,
    auth.token_router,
    auth.router,
    me.router,
    users.router,
    grants.router,
    api_keys.router,
    exports.router,
    imports.router,
    health.router,
]

STATISTICS = paths(statistics.OVERVIEW, statistics.PROJECTS)
"""What wall screens ask for again and again; `statistics_etags` answers their If-None-Match."""

POLLED = {
    "/api/v1/projects/{project_id}": PROJECT,
    "/api/v1/departments/{department_id}": DEPARTMENT,
    "/api/v1/assignments/{assignment_id}": ASSIGNMENT,
}
"""What dashboards and phones ask for again and again; `conditional` answers their If-None-Match."""
