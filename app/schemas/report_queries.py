from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.domain.dictionaries import ReportStatus
from app.schemas.base import PlainDate, RegionPrefix
from app.schemas.lists import ListQuery

_Sort = Literal["submitted_at", "-submitted_at", "week", "-week", "updated_at", "-updated_at"]


class ProjectReportQuery(ListQuery):
    week: list[PlainDate] | None = Field(None, max_length=60, description="Mondays")
    status: list[ReportStatus] | None = Field(None, max_length=3)
    reporter_id: list[UUID] | None = Field(None, max_length=100)
    late: bool | None = None
    has_flags: bool | None = Field(None, description="Whether there is an open flag")
    sort: _Sort = "-submitted_at"


class ReportQuery(ProjectReportQuery):
    region: RegionPrefix | None = None
    project_id: list[UUID] | None = Field(None, max_length=100)
    department_id: list[UUID] | None = Field(None, max_length=100, description="Responsible for the project now")
    sort: _Sort = "-submitted_at"
