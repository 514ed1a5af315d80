"""All routers; the busiest first, because routes are matched in order."""

from app.routers import departments, health, projects

ROUTERS = [projects.router, departments.router, health.router]
