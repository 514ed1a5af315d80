from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.domain.dictionaries import ReportingState, ReportStatus
from app.schemas.base import Out, PlainDate, Query, RegionPrefix
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account
from app.schemas.statistics import Points


class ReportingDuty(Out):
    project_id: UUID
    project_name: str
    region_code: str
    week: date = Field(description="Its Monday")
    due_at: AwareDatetime
    state: ReportingState
    report_id: UUID | None = Field(description="The first report of the week")
    submitted_at: AwareDatetime | None
    report_status: ReportStatus | None
    hours_late: int | None = Field(description="Whole hours after it was due: until it came, or until now; else null")
    departments: list[Account] = Field(description="Responsible on the day it was due")
    reporters: list[Account] = Field(description="Assigned as reporters on the day it was due")


class ReportingDutyPage(Out):
    items: list[ReportingDuty]
    next_cursor: str | None
    total: int | None = None


class ReportingDutyQuery(ListQuery):
    week: PlainDate | None = Field(None, description="A Monday; default: the last week that was due")
    state: list[ReportingState] | None = Field(None, max_length=4)
    region: RegionPrefix | None = None
    department_id: list[UUID] | None = Field(None, max_length=100)
    reporter_id: list[UUID] | None = Field(None, max_length=100)
    sort: Literal["name", "-name", "region_code", "-region_code"] = "region_code"


ReportingGroupBy = Literal["department", "reporter", "region", "week"]


class ReportingStatisticsQuery(Query):
    group_by: ReportingGroupBy = "department"
    region: RegionPrefix | None = None
    week: PlainDate | None = Field(None, description="A Monday: that week alone")
    week_from: PlainDate | None = Field(None, description="A Monday; default: of the last week that was due")
    week_to: PlainDate | None = Field(None, description="A Monday; default: as `week_from`. At most 60 weeks")


class ReportingCounts(Out):
    expected: int = Field(description="Reports that had to be made: projects times weeks")
    on_time: int
    late: int = Field(description="Handed in after they were due")
    missing: int = Field(description="Due, and not handed in")
    open: int = Field(description="Not due yet, and not handed in")
    returned: int = Field(description="Of those handed in, returned at least once")
    rate: Points | None = Field(description="填报率: percent handed in of those due; null when none was")
    on_time_rate: Points | None = Field(description="按时填报率: percent in time of those due; null when none was")


class ReportingGroup(ReportingCounts):
    key: str | None = Field(description="Id of department or reporter, region code, Monday; null: projects without one")
    label: str = Field(examples=["县工信局"])


class ReportingStatistics(Out):
    group_by: ReportingGroupBy
    week_from: date
    week_to: date
    groups: list[ReportingGroup]
    total: ReportingCounts
