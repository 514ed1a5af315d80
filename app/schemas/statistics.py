from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.domain.dictionaries import Stage
from app.schemas.base import Amount, AmountIn, Out, PlainDate, Query, RegionPrefix, Year
from app.schemas.projects import ProjectFilters

GroupBy = Literal["stage", "sector", "region", "department", "leader", "category", "location", "light"]
Points = Annotated[float, Field(description="Percent or percentage points, two decimals, half up", examples=[9.41])]


class StatisticsQuery(ProjectFilters):
    """The project list's filters, and what to group by."""

    group_by: GroupBy
    annual_plan_at_least: AmountIn | None = Field(
        None, description="Also count the projects whose annual plan reaches this", examples=[10000]
    )


class OverviewQuery(Query):
    region: RegionPrefix | None = Field(None, description="Default: all you see")
    year: Year | None = Field(None, description="Year of annual plan and figures; default: the year of `as_of`")
    as_of: PlainDate | None = Field(None, description="The picture of that day; default: today in Asia/Shanghai")


class LightCounts(Out):
    """Projects by the light shown on `as_of`."""

    green: int
    yellow: int
    red: int
    none: int = Field(description="Without a light: no plan of the year, suspended, terminated, nothing to judge")


class Figures(Out):
    count: int = Field(description="Projects", examples=[249])
    lights: LightCounts
    total_investment: Amount
    annual_plan: Amount = Field(description="Sum of the annual plans of `year`, 万元")
    completed: Amount = Field(description="Completed in `year` up to `as_of`: each project's latest figure, 万元")
    completion_rate: Points | None = Field(description="completed ÷ annual_plan in percent; null without a plan")
    time_progress: Points = Field(description="序时进度: how much of `year` had passed on `as_of`, in percent")
    gap_points: Points | None = Field(description="Completion rate minus time progress, rounded once; null: no plan")


class SizedFigures(Figures):
    at_least_count: int | None = Field(None, description="Projects whose annual plan reaches `annual_plan_at_least`")
    at_least_share: Points | None = Field(None, description="The same in percent of `count`; null without projects")


class Group(Figures):
    key: str | None = Field(description="Code or id; null: projects without one", examples=["industry"])
    label: str = Field(description="In the language of Accept-Language", examples=["工业"])


class SizedGroup(SizedFigures, Group):
    pass


class RegionName(Out):
    code: str
    name: str


class ProjectStatistics(Out):
    region: RegionName | None = Field(description="Where this is; null when your regions have none in common")
    group_by: GroupBy
    year: int
    as_of: date
    groups: list[SizedGroup]
    total: SizedFigures


class OverviewCounts(Out):
    suspended: int
    stale: int = Field(description="Neither moved nor reported on for too long")
    waiting_for_land: int = Field(description="land_status = pending, as now")
    major: int = Field(description="大项目, as now")
    newly_started: int = Field(description="Moved into or past `started` within `year`, and still there")
    newly_completed: int = Field(description="Moved into or past `completed` within `year`, and still there")


class ProjectGap(Out):
    id: UUID
    name: str
    completion_rate: Points
    gap_points: Points


class StageMove(Out):
    project_id: UUID
    name: str
    from_stage: Stage
    to_stage: Stage
    happened_on: date


class Overview(Out):
    region: RegionName | None = Field(description="Where this is; null when your regions have none in common")
    year: int
    as_of: date
    total: Figures
    by_stage: list[Group] = Field(description="Every stage in pipeline order, empty ones too")
    by_sector: list[Group]
    by_category: list[Group]
    counts: OverviewCounts
    largest_gaps: list[ProjectGap] = Field(description="The five projects furthest behind time progress")
    recent_moves: list[StageMove] = Field(description="The last ten moves along the pipeline, newest first")
