from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.dictionaries import (
    AssessmentConsequence,
    AssessmentFunction,
    AssessmentPeriodKind,
    AssessmentStatus,
    AssessmentSubjectKind,
)
from app.schemas.assessment_schemes import EXAMPLE, DefinitionIn, Number
from app.schemas.base import Code, In, Name, NewId, Out, Query, RegionCode, RegionPrefix, Stamped, Year
from app.schemas.lists import ListQuery

_SCHEME = "0199c1a0-7c00-7000-8000-0000000f1002"


class PeriodIn(In):
    kind: AssessmentPeriodKind
    year: Year
    number: int = Field(1, ge=1, le=12, description="The quarter's (1 to 4) or the month's; of a year always 1")


class PeriodOut(Out):
    kind: AssessmentPeriodKind
    year: int
    number: int
    starts_on: date
    ends_on: date = Field(description="Its last day")


class GroupIn(In):
    code: Code = Field(examples=["parks"])
    name: Name = Field(examples=["园区组"])
    subject_ids: list[UUID] = Field(
        min_length=1, max_length=500, description="Departments, or leaders; ranked among themselves, in no other group"
    )


Groups = Annotated[list[GroupIn], Field(min_length=1, max_length=50)]
_GROUPS = "Left out: everybody of the kind who answered for a project or has an entered fact in the period; "


class _Asked(In):
    region_code: RegionCode
    period: PeriodIn
    subject_kind: AssessmentSubjectKind
    groups: Groups | None = Field(
        None, description=_GROUPS + "`department` in three groups: parks, townships, departments"
    )


class PreviewIn(_Asked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990101",
                    "period": {"kind": "year", "year": 2016},
                    "subject_kind": "department",
                    "definition": EXAMPLE,
                }
            ]
        }
    )

    scheme_id: UUID | None = Field(None, description="A stored scheme, or …")
    definition: DefinitionIn | None = Field(None, description="… one to be tried out; exactly one of both")
    explain: UUID | None = Field(None, description="Also explain this subject's points")


class AssessmentIn(_Asked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990101",
                    "scheme_id": _SCHEME,
                    "period": {"kind": "year", "year": 2016},
                    "subject_kind": "department",
                }
            ]
        }
    )

    id: NewId | None = None
    scheme_id: UUID = Field(description="One version of a scheme")
    name: Name | None = Field(None, description="Default: made from period and kind")


class AssessmentPatch(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "2016年重点项目考核"}]})

    name: Name | None = None
    groups: Groups | None = None


class SchemeName(Out):
    id: UUID
    code: str
    version: int


class GroupOut(Out):
    code: str
    name: str
    subject_ids: list[UUID]


class AssessmentSummary(Stamped):
    id: UUID
    region_code: str
    name: str
    scheme: SchemeName
    period: PeriodOut
    subject_kind: AssessmentSubjectKind
    status: AssessmentStatus
    computed_at: AwareDatetime
    published_at: AwareDatetime | None


class AssessmentOut(AssessmentSummary):
    groups: list[GroupOut]
    previous_id: UUID | None = Field(description="The published run of the period before that movements refer to")
    inputs_sha256: str = Field(description="Of scheme, groups and all facts it was worked out from")
    sha256: str = Field(description="Of the result's bytes")


class AssessmentPage(Out):
    items: list[AssessmentSummary]
    next_cursor: str | None
    total: int | None = None


class AssessmentQuery(ListQuery):
    region: RegionPrefix | None = None
    year: Year | None = None
    period_kind: AssessmentPeriodKind | None = None
    subject_kind: AssessmentSubjectKind | None = None
    scheme: Code | None = Field(None, description="A scheme's code, any version")
    status: AssessmentStatus | None = None
    sort: Literal["year", "-year", "id", "-id"] = "-year"


class ItemName(Out):
    code: str
    name: str


class ItemPoints(Out):
    code: str
    points: Number


class RankedSubject(Out):
    subject_id: UUID
    name: str
    score: Number
    rank: int = Field(description="Equals share one")
    items: list[ItemPoints]
    previous_score: Number | None
    previous_rank: int | None
    movement: int | None = Field(description="Ranks gained (进位) or, negative, lost (退位) within the same group")
    score_change: Number | None
    last_running: int = Field(description="How often running it is among the last, this time included")
    consequences: list[AssessmentConsequence]


class RankedGroup(Out):
    code: str
    name: str
    subjects: list[RankedSubject]


class RankingDocument(Out):
    region_code: str
    period: PeriodOut
    subject_kind: AssessmentSubjectKind
    scheme: SchemeName | None = Field(description="Null when a scheme was only tried out")
    previous_id: UUID | None
    inputs_sha256: str
    items: list[ItemName]
    groups: list[RankedGroup]


class Ranking(Out):
    status: AssessmentStatus
    computed_at: AwareDatetime
    published_at: AwareDatetime | None
    sha256: str = Field(description="Of the bytes of `result`, as they stand here")
    result: RankingDocument


class ExplainedLine(Out):
    of: str = Field(description="Id of the project or the entry, or the month's number")
    label: str
    points: Number = Field(description="Before caps and rounding; six decimals here")
    facts: dict[str, Any] = Field(description="What it was worked out from; amounts 万元, six decimals")


class ExplainedItem(Out):
    code: str
    name: str
    function: AssessmentFunction
    parameters: dict[str, Any] = Field(description="The item as the scheme has it")
    facts: dict[str, Any] = Field(description="Of all lines together")
    lines: list[ExplainedLine]
    raw: Number = Field(description="Six decimals here; worked out exactly")
    capped: Number
    points: Number = Field(description="Two decimals, half up")


class Explanation(Out):
    subject_id: UUID
    name: str
    group: str
    rank: int
    items: list[ExplainedItem]
    total: Number = Field(description="Of the items' points")
    score: Number = Field(description="The total within the scheme's own limits")


class Preview(Out):
    result: RankingDocument
    explanation: Explanation | None


class SubjectQuery(Query):
    subject: UUID | None = Field(None, description="Required: a department's or leader's id")


class Verification(Out):
    sha256: str
    recomputed_sha256: str
    inputs_sha256: str
    matches: bool = Field(description="Worked out anew from the kept facts it gives the same bytes")
