from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.dictionaries import Light, LightPart, LightPractice, LightReason, LightRule
from app.schemas.base import Amount, Code, In, LongText, Name, NewId, Out, PlainDate, Query, Reason, RegionCode, Stamped
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

Points = Annotated[float, Field(description="Percent or percentage points, two decimals, half up", examples=[-7.26])]


class RuleSetName(Out):
    id: UUID
    code: str = Field(examples=["yinchuan"])
    version: int = Field(examples=[1])


class LightPartOut(Out):
    part: LightPart
    light: Light
    rule: LightRule = Field(description="The rule that fired; wording in the dictionary `light_rule`")


class JudgedMonth(Out):
    """Of rules that judge by month ends: what they looked at."""

    end: date = Field(description="The last month end, the day itself included")
    planned_by: Amount | None = Field(description="To be completed by then by the plan, 万元, two decimals")
    completed_by: Amount | None = Field(description="Completed by then as reported; null before the year's first end")
    gap_points: Points | None
    months_behind: int | None = Field(description="At how many month ends running it was behind")
    milestones_due: int | None
    milestones_open: int | None = Field(description="Due and not finished")
    milestones_caught_up: int | None = Field(description="Due in that month and finished after it")


class LightFactsOut(Out):
    year: int
    planned_start_month: str | None = Field(description="A plan that names only a year means its December")
    started_on: date | None
    enrolled_on: date | None
    suspended_since: date | None
    terminated_on: date | None
    planned_investment: Amount | None
    completed: Amount = Field(description="Of the year, as reported; nothing reported counts as 0")
    completed_as_of: date | None = Field(description="Day of that figure; null: nothing reported")
    completion_rate: Points | None
    time_progress: Points
    gap_points: Points | None = Field(description="Completion rate minus time progress; below 0 is behind")
    problem_stated: bool = Field(description="A main problem is written of the project")
    month: JudgedMonth | None


class LightOverrideBrief(Out):
    id: UUID
    light: Light
    reason: str
    since: date
    until: date | None
    entered_by: Account | None


class NextTurn(Out):
    on: date
    light: Light | None


class ProjectLight(Out):
    project_id: UUID
    as_of: date
    known: Literal["then", "now"]
    light: Light | None = Field(description="As shown: the override's where there is one, else the computed one")
    computed_light: Light | None = Field(description="The worst of the parts")
    reason: LightReason | None = Field(description="Why there is no computed light")
    parts: list[LightPartOut]
    facts: LightFactsOut | None = Field(description="Null when nothing was known that day")
    rule_set: RuleSetName | None
    override: LightOverrideBrief | None
    next: NextTurn | None = Field(
        description="The next day after `as_of` on which it turned, or will if nothing changes"
    )


class LightQuery(Query):
    as_of: PlainDate | None = Field(None, description="Default: today in Asia/Shanghai. Days to come are foreseen")
    known: Literal["then", "now"] = Field(
        "then", description="`then`: by what had been entered by the end of that day; `now`: by all known of it by now"
    )


class LightPeriodOut(Out):
    project_id: UUID
    from_day: date
    until_day: date | None = Field(description="First day of the next period; null: for good, if nothing changes")
    light: Light | None
    computed_light: Light | None
    reason: LightReason | None
    parts: list[LightPartOut]
    rule_set: RuleSetName | None
    override_id: UUID | None
    version: int


class LightPeriodPage(Out):
    items: list[LightPeriodOut]
    next_cursor: str | None
    total: int | None = None


class LightHistoryQuery(ListQuery):
    sort: Literal["from_day", "-from_day"] = "from_day"
    foreseen: bool = Field(False, description="Also the periods to come, as they will be if nothing changes")


class LightOverrideIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"light": "red", "reason": "现场已停工，报表未反映", "until": None}]}
    )

    id: NewId | None = None
    light: Light
    reason: Reason
    until: PlainDate | None = Field(None, description="First day without it, after today; null: until ended")


class LightOverridePatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-12-31", "ended_because": "已恢复施工"}]})

    until: PlainDate = Field(description="First day without it: today ends it at once")
    ended_because: Reason | None = None


class LightOverrideOut(Stamped):
    id: UUID
    project_id: UUID
    light: Light
    reason: str
    since: date
    until: date | None = Field(description="First day without it; null: until ended")
    entered_by: Account | None
    ended_by: Account | None = Field(description="Who set the end by hand")
    ended_because: str | None


class LightOverridePage(Out):
    items: list[LightOverrideOut]
    next_cursor: str | None
    total: int | None = None


class LightOverrideQuery(ListQuery):
    sort: Literal["since", "-since"] = "since"


PointsIn = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, allow_inf_nan=False)]


class LightParameters(In):
    """Where the lines are. Each practice has its own; what is left out is as shipped."""

    start_red_months: int | None = Field(
        None, ge=0, le=24, description="yinchuan: whole calendar months after the planned month, from which it is red"
    )
    progress_yellow_points: PointsIn | None = Field(
        None, description="yinchuan: this far below time progress is yellow"
    )
    progress_red_points: PointsIn | None = Field(None, description="yinchuan: further below than this is red")
    enrolment_yellow_months: int | None = Field(None, ge=0, le=24, description="yinchuan: later than this is yellow")
    enrolment_red_months: int | None = Field(None, ge=0, le=24, description="yinchuan: later than this is red")
    basis: Literal["milestones_and_investment", "milestones", "investment"] | None = Field(None, description="ouhai")
    behind_points: PointsIn | None = Field(None, description="haikou: further below time progress than this is behind")
    serious_points: PointsIn | None = Field(None, description="haikou: further below than this is serious")
    in_a_row: int | None = Field(None, ge=2, le=12, description="haikou: behind at so many month ends running is red")


class LightParametersOut(Out):
    start_red_months: int | None = None
    progress_yellow_points: float | None = None
    progress_red_points: float | None = None
    enrolment_yellow_months: int | None = None
    enrolment_red_months: int | None = None
    basis: Literal["milestones_and_investment", "milestones", "investment"] | None = None
    behind_points: float | None = None
    serious_points: float | None = None
    in_a_row: int | None = None


class LightRuleSetIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990102",
                    "code": "yi-county",
                    "label_zh": "乙县规则",
                    "description": "低于序时进度5个百分点即亮黄灯",
                    "practice": "yinchuan",
                    "parameters": {"progress_yellow_points": 5, "progress_red_points": 20},
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    code: Code = Field(description="The same code again makes the next version; not one of the shipped ones")
    label_zh: Name
    label_en: Name | None = None
    description: LongText = Field(min_length=1)
    practice: LightPractice = Field(description="How is judged; the parameters say where the lines are")
    parameters: LightParameters = LightParameters()


class LightRuleSetOut(Out):
    id: UUID
    region_code: str | None = Field(description="Null: shipped with the program, for every region")
    code: str
    version: int = Field(description="A set never changes; other lines are another version")
    label_zh: str
    label_en: str
    description: str
    practice: LightPractice
    parameters: LightParametersOut


class LightRuleSets(Out):
    items: list[LightRuleSetOut]


class LightRegionQuery(Query):
    region: RegionCode | None = Field(None, description="Only what counts for this region: its own and from above it")


class LightRuleChoiceIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"region_code": "990102", "rule_set_id": "0199c1a0-7c00-7000-8000-0000000f0002"}]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    rule_set_id: UUID
    from_day: PlainDate | None = Field(None, description="First day it is in force; today (default) or later")
    reason: Reason | None = None


class LightRuleChoiceOut(Out):
    id: UUID
    region_code: str
    rule_set: RuleSetName
    from_day: date
    reason: str | None
    entered_at: AwareDatetime
    entered_by: Account | None


class LightRuleChoices(Out):
    items: list[LightRuleChoiceOut] = Field(description="In the order they were entered")
    in_force: RuleSetName | None = Field(description="What `region` goes by today; null when no region was asked for")
