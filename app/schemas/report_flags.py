from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.report_flags import MOST_BITS, ReportFlagKind, ReportFlagState
from app.schemas.base import (
    Amount,
    In,
    NewId,
    Out,
    PlainDate,
    Reason,
    RegionCode,
    RegionPrefix,
    ShortText,
    Stamped,
)
from app.schemas.lists import ListQuery
from app.schemas.progress_figures import Points
from app.schemas.project_parts import Account


class FigureBefore(Out):
    as_of: date
    completed: Amount
    report_id: UUID | None = Field(description="The report that said so; null: a ledger or the office")


class FallsFacts(Out):
    """`cumulative_falls`"""

    as_of: date
    completed: Amount
    before: FigureBefore = Field(
        description="The last word on an earlier day of the same year, or before this report on its day"
    )
    fell_by: Amount


class LeadsFacts(Out):
    """`investment_leads_progress`"""

    as_of: date
    basis: Literal["total_investment", "annual_plan"] = Field(
        description="What money is compared with: total investment, or without one the year's plan"
    )
    invested: Amount = Field(
        description="With `total_investment`: the last figures of the years before and this report's; else the latter"
    )
    whole: Amount
    invested_percent: Points
    physical_percent: float
    lead_points: Points = Field(description="Percentage points; decided on before rounding")
    limit_points: float = Field(description="Reached: flagged")


class PhotoBefore(Out):
    photo_id: UUID
    report_id: UUID
    project_id: UUID = Field(description="Perhaps one you do not see")
    week: date


class UsedFacts(Out):
    """`photo_used_before`"""

    photo_id: UUID
    exact: bool = Field(description="The very same file; false: it looks alike")
    differing_bits: int | None = Field(description="Of the 64 of the difference hash; null: no picture")
    limit_bits: int = Field(description="At most so many: alike")
    before: PhotoBefore = Field(description="The one most alike among reports that arrived before, in the county")


class _Place(Out):
    longitude: float
    latitude: float


class PhotoPlace(_Place):
    source: Literal["file", "phone"] = Field(description="What the file itself says (EXIF) counts before the phone")


class FarFacts(Out):
    """`photo_far_from_site`"""

    photo_id: UUID
    distance_m: int = Field(description="Along the great circle, whole metres, rounded up")
    limit_m: int = Field(description="Exceeded: flagged")
    place: PhotoPlace
    site: _Place = Field(description="The project's point")


class MonthFigure(Out):
    id: UUID
    year: int
    month: int
    completed: Amount


class DiffersFacts(Out):
    """`differs_from_statistics`"""

    as_of: date = Field(description="One of the last seven days of the month")
    completed: Amount
    statistics: MonthFigure
    difference: Amount = Field(description="Reported minus the bureau's")
    difference_percent: Points | None = Field(description="Of the bureau's figure; null when that is 0")
    limit_percent: float = Field(description="Exceeded: flagged")


class ReportFlagOut(Stamped):
    id: UUID
    report_id: UUID
    project_id: UUID
    project_name: str
    region_code: str
    week: date
    kind: ReportFlagKind
    state: ReportFlagState = Field(
        description="`withdrawn`: its facts hold no longer; other facts are another flag. `dismissed`: it stands, and"
        " somebody said why it is all right"
    )
    photo_id: UUID | None = Field(description="The photo it is about")
    facts: FallsFacts | LeadsFacts | UsedFacts | FarFacts | DiffersFacts = Field(description="By `kind`; never change")
    raised_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    dismissed_at: AwareDatetime | None
    dismissed_by: Account | None
    reason: str | None = Field(description="Of the dismissal")


class ReportFlagPage(Out):
    items: list[ReportFlagOut]
    next_cursor: str | None
    total: int | None = None


_Sort = Literal["raised_at", "-raised_at", "updated_at", "-updated_at"]


class FlagsOfReportQuery(ListQuery):
    kind: list[ReportFlagKind] | None = Field(None, max_length=5)
    open: bool | None = Field(None, description="False: only what was dismissed or withdrawn")
    sort: _Sort = "-raised_at"


class ReportFlagQuery(FlagsOfReportQuery):
    region: RegionPrefix | None = None
    project_id: list[UUID] | None = Field(None, max_length=100)
    week: list[PlainDate] | None = Field(None, max_length=60, description="Mondays")
    sort: _Sort = "-raised_at"


class DismissalIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "上周数据含误报，已与企业核实"}]})

    reason: Reason


_Points = Annotated[Decimal, Field(max_digits=5, decimal_places=2)]


class ReportFlagRuleIn(In):
    """What a region finds odd from a day on. It takes the place of what held there and of what the region above says;
    what is left out is as shipped."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"region_code": "990102", "valid_from": "2030-01-07", "photo_distance_m": 3000}]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    valid_from: PlainDate = Field(
        description="Of reports of weeks that begin on that day or later; not a day that is over"
    )
    lead_points: _Points = Field(
        Decimal(15), gt=0, le=100, description="Investment leads physical progress by so many points or more"
    )
    photo_distance_m: int = Field(
        1000, ge=1, le=100_000, description="A photo was taken farther than so many metres from the project's point"
    )
    photo_bits: int = Field(
        4, ge=0, le=MOST_BITS, description="Pictures whose 64-bit difference hashes differ in at most so many bits"
    )
    statistics_percent: _Points = Field(
        Decimal(5), ge=0, le=100, description="A figure is more than so many percent off the statistics bureau's"
    )
    note: ShortText | None = Field(None, description="E.g. the document that says so")


class ReportFlagRuleOut(Out):
    id: UUID
    region_code: str
    valid_from: date
    lead_points: float
    photo_distance_m: int
    photo_bits: int
    statistics_percent: float
    note: str | None
    entered_at: AwareDatetime
    entered_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later one takes its place")


class ReportFlagRulePage(Out):
    items: list[ReportFlagRuleOut]
    next_cursor: str | None
    total: int | None = None


class ReportFlagRuleQuery(ListQuery):
    region: RegionPrefix | None = None
    sort: Literal["valid_from", "-valid_from", "entered_at", "-entered_at"] = "valid_from"
