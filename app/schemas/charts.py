from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas.base import PlainDate, Query
from app.schemas.projects import ProjectFilters

Grouping = Literal["none", "leader", "department", "sector"]


class ScheduleChartQuery(Query):
    as_of: PlainDate | None = Field(None, description="Where the line of today stands; default: today")
    page: int = Field(1, ge=1, le=100_000, description="The sheet, from 1; `Link` names the next and the one before")
    limit: int = Field(40, ge=5, le=60, description="Milestones a sheet: 40 fill an A3 sheet well, 60 are the most")


class WallQuery(ProjectFilters):
    """The project list's filters, how to group, and which sheet."""

    group_by: Grouping = Field("none", description="Rows in order of entry, or under headings")
    page: int = Field(1, ge=1, le=100_000, description="The sheet, from 1; `Link` names the next and the one before")
    limit: int = Field(20, ge=5, le=30, description="Projects a sheet: 20 fill an A3 sheet well, 30 are the most")
