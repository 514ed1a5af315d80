from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.domain.dictionaries import FundingLevel, FundingStep, Stage
from app.schemas.base import Amount, Code, Out, PlainDate, Query, RegionPrefix, Year
from app.schemas.funding import Batch, Fen, FenIn
from app.schemas.projects import ProjectFilters
from app.schemas.statistics import Points

FundingGroupBy = Literal["channel", "batch", "year", "sector", "department", "region", "project"]
PercentIn = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, allow_inf_nan=False)]


class FundingStatisticsQuery(Query):
    group_by: FundingGroupBy
    measure: FundingStep = Field("received", description="What `previous`, `change_percent` and `share` speak of")
    year: Year | None = Field(None, description="Year of the money; default: the year of `as_of`")
    as_of: PlainDate | None = Field(None, description="What had happened by that day; default today")
    region: RegionPrefix | None = None
    level: FundingLevel | None = None
    project_id: UUID | None = None
    channel: list[Code] | None = Field(None, max_length=50)
    batch: list[Batch] | None = Field(None, max_length=50)
    sector: list[Code] | None = Field(None, max_length=50, description="Of the project")
    department_id: list[UUID] | None = Field(None, max_length=100, description="Responsible for the project")


class FundingFigures(Out):
    count: int = Field(description="Records of money")
    applied: Fen
    approved: Fen
    received: Fen
    paid: Fen
    previous: Fen = Field(description="`measure` of the year before, by the same day of it")
    change_percent: Points | None = Field(description="`measure` against `previous`; null when there was none")
    share: Points | None = Field(description="`measure` of the total's, in percent; null without a total")


class FundingGroup(FundingFigures):
    key: str | None = Field(description="Code, number or id; null: without one", examples=["fiscal"])
    label: str = Field(description="In the language of Accept-Language", examples=["财政渠道"])


class FundingStatistics(Out):
    group_by: FundingGroupBy
    measure: FundingStep
    year: int
    as_of: date
    previous_as_of: date = Field(description="`as_of` a year earlier: the day `previous` is of")
    items: list[FundingGroup]
    total: FundingFigures


class FundingGapsQuery(ProjectFilters):
    """The project list's filters, and from where on a gap or a slow pay-out holds a project up."""

    stage: list[Stage] | None = Field(
        None, max_length=20, description="Default signed, landed and started: where money holds a project up"
    )
    gap_at_least: FenIn = Field(Decimal(0), description="万元; any gap above 0 by default")
    gap_share_at_least: PercentIn = Field(Decimal(20), description="Percent of the total investment")
    pay_out_below: PercentIn = Field(Decimal(50), description="Percent of what came more than `pay_out_days` ago")
    pay_out_days: int = Field(90, ge=0, le=3650, description="So long money may lie before it should be paid out")
    unrecorded: bool = Field(False, description="Also projects without any money on record; they lack all of it")
    limit: int = Field(100, ge=1, le=1000)


class HeldUpProject(Out):
    id: UUID
    code: str
    name: str
    region_code: str
    sector: str
    sector_label: str = Field(description="In the language of Accept-Language", examples=["交通"])
    stage: Stage
    total_investment: Amount | None
    secured: Fen = Field(description="已落实: per record what is approved, or what came where that is more")
    received: Fen = Field(description="已到位")
    paid: Fen = Field(description="已支付")
    gap: Fen | None = Field(description="total_investment − secured; null without a total investment")
    secured_rate: Points | None = Field(description="secured ÷ total_investment in percent")
    pay_out_rate: Points | None = Field(description="支付率: paid ÷ received in percent; null when nothing came")
    held_up_by: str = Field(description="gap, slow_pay_out, or both with a comma", examples=["gap,slow_pay_out"])


class HeldUpTotals(Out):
    count: int = Field(description="All that are held up, those beyond `limit` too")
    short_count: int = Field(description="By the gap")
    slow_count: int = Field(description="By slow pay-out")
    total_investment: Amount
    secured: Fen
    received: Fen
    paid: Fen
    gap: Fen = Field(description="Sum of the gaps that hold up")
    unrecorded_count: int = Field(description="Chosen projects without any money on record")


class FundingGaps(Out):
    as_of: date
    gap_at_least: Fen
    gap_share_at_least: Points
    pay_out_below: Points
    pay_out_days: int
    items: list[HeldUpProject] = Field(description="Widest gap first, then slow pay-out alone")
    total: HeldUpTotals


class ProjectFundingQuery(Query):
    as_of: PlainDate | None = Field(None, description="What had happened by that day; default today")


class ChannelMoney(Out):
    key: str = Field(description="Channel", examples=["special_bond"])
    label: str
    applied: Fen
    approved: Fen
    received: Fen
    paid: Fen
    secured: Fen
    pay_out_rate: Points | None


class ProjectMoney(Out):
    applied: Fen
    approved: Fen
    received: Fen
    paid: Fen
    secured: Fen = Field(description="已落实: per record what is approved, or what came where that is more")
    total_investment: Amount | None
    gap: Fen | None = Field(description="资金缺口: total_investment − secured; below 0: more than needed")
    secured_rate: Points | None = Field(description="资金落实率: secured ÷ total_investment in percent")
    received_rate: Points | None = Field(description="资金到位率: received ÷ secured in percent")
    pay_out_rate: Points | None = Field(description="支付率: paid ÷ received in percent")


class ProjectFunding(Out):
    project_id: UUID
    as_of: date
    items: list[ChannelMoney]
    total: ProjectMoney
