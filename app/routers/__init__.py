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
    milestones,
    permit_events,
    permit_rules,
    permits,
    progress_figures,
    projects,
    regions,
    schedules,
    stage_transitions,
    statistics,
    supervisions,
    suspensions,
    users,
    workday_years,
)

ROUTERS = [
    projects.router,
    assignments.router,
    stage_transitions.router,
    suspensions.router,
    annual_plans.router,
    progress_figures.router,
    permits.router,
    permit_events.router,
    permit_rules.router,
    milestones.router,
    schedules.router,
    statistics.router,
    changes.router,
    departments.router,
    dictionaries.router,
    workday_years.router,
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

POLLED = {
    "/api/v1/projects/{project_id}": PROJECT,
    "/api/v1/departments/{department_id}": DEPARTMENT,
    "/api/v1/assignments/{assignment_id}": ASSIGNMENT,
}
"""What dashboards and phones ask for again and again; `conditional` answers their If-None-Match."""
