from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import Code, In, LongText, Name, NewId, Out, Query, RegionCode, RegionPrefix
from app.schemas.milestones import Duration, Kind, Weight, WeightOut
from app.schemas.project_parts import Account


class TemplateMilestone(In):
    key: Code = Field(description="Its name within the template", examples=["design"])
    name: Name
    kind: Kind = "other"
    duration_days: Duration | None = None
    weight: Weight = Decimal(1)
    after: list[Code] = Field([], max_length=100, description="Keys of what must be finished first")
    steps: list[Name] = Field([], max_length=200, description="工序, in their order")


TemplateMilestones = Annotated[list[TemplateMilestone], Field(min_length=1, max_length=500)]


class MilestoneTemplateIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990102",
                    "name": "乙县工业项目",
                    "sector": "industry",
                    "milestones": [
                        {"key": "approval", "name": "立项", "kind": "project_approval", "duration_days": 20},
                        {"key": "design", "name": "设计", "duration_days": 45, "after": ["approval"]},
                    ],
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    name: Name
    sector: Code | None = Field(None, description="Of the dictionary `sector`; null: for any")
    description: LongText | None = None
    milestones: TemplateMilestones


class MilestoneTemplatePatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "乙县工业项目（2026版）"}]})

    name: Name | None = None
    sector: Code | None = None
    description: LongText | None = None
    milestones: TemplateMilestones | None = Field(None, description="All of them")


class TemplateMilestoneOut(Out):
    key: str
    name: str
    kind: str
    duration_days: int | None
    weight: WeightOut
    after: list[str]
    steps: list[str]


class MilestoneTemplateOut(Out):
    id: UUID
    region_code: str | None = Field(description="The region that keeps it; null: came with the product")
    name: str
    sector: str | None
    description: str | None
    milestones: list[TemplateMilestoneOut]
    shipped: bool
    version: int = Field(ge=0, description="Also the ETag; 0 of what came with the product")
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None


class MilestoneTemplates(Out):
    items: list[MilestoneTemplateOut] = Field(
        description="Those of your regions first, then what came with the product"
    )


class MilestoneTemplateQuery(Query):
    sector: Code | None = Field(None, description="Only those of the sector, and those for any")
    region: RegionPrefix | None = Field(None, description="Of those kept by regions: only under that prefix")


class TemplateApplicationIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"template_id": "01890000-0000-7000-8000-000000000002"}]})

    id: NewId | None = None
    template_id: UUID
    add_to_existing: bool = Field(False, description="Also where the project has milestones already")


class TemplateApplicationOut(Out):
    id: UUID
    project_id: UUID
    template_id: UUID
    template_name: str = Field(description="As it was called then")
    milestone_ids: list[UUID] = Field(description="The milestones it made, in the template's order")
    applied_at: AwareDatetime
    applied_by: Account | None
    version: int = Field(description="Never changes", ge=1, le=1)
