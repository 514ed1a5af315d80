from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, WithJsonSchema

from app.domain.dictionaries import AssessmentConsequence, LeaderBody, Light, PlanCategory, RankingSource, Stage
from app.schemas.assessment_schemes import Number
from app.schemas.base import Amount, Out, PlainDate, Query, RegionPrefix, Year
from app.schemas.statistics import LightCounts, Points, RegionName

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2016-03"])]
Percent = Annotated[float, WithJsonSchema({"type": "number", "description": "Percent, two decimals, half up"})]
BY_DAYS = "The same, each counted by the leader's share of the days: 0.5 for half of them"


class CardQuery(Query):
    year: Year | None = Field(None, description="Default: this year. Or a quarter or month of it, or `from` and `to`")
    quarter: int | None = Field(None, ge=1, le=4)
    month: int | None = Field(None, ge=1, le=12)
    from_: PlainDate | None = Field(None, alias="from", description="First day; not after today")
    to: PlainDate | None = Field(None, description="Last day, of the same year; default: its end")


class CardsQuery(CardQuery):
    region: RegionPrefix | None = Field(None, description="A county or a place in it; default: your own")


class CardPeriod(Out):
    """Of one calendar year, as annual plans are."""

    starts_on: date
    ends_on: date
    through: date = Field(description="Its last day, or today while it runs: everything is told as of then")


class CardLeader(Out):
    id: UUID
    region_code: str
    name: str
    title: str | None
    body: LeaderBody


class Stretch(Out):
    first_day: date
    last_day: date


class _Tenure(Out):
    days: list[Stretch] = Field(description="On which the leader answered, within the period")
    share_percent: Percent = Field(description="These days of all days of the period up to `through`")
    judged_on: date = Field(description="The last of these days: all else here is as it stood then")


class _Figures(Out):
    annual_plan: Amount
    completed: Amount
    completion_rate: Points | None = Field(description="In percent; null without a plan")
    time_progress: Points | None = Field(description="序时进度 of the same plans on the days judged, in percent")
    gap_points: Points | None = Field(description="The difference, rounded once")


class _Course(Out):
    gap_points_before: Points | None = Field(
        description="The gap as it was taken over, on the day before the first of `days`; null on 1 January"
    )


class CardReports(Out):
    """Weekly reports due on the leader's days, and by now."""

    due: int
    on_time: int
    late: int = Field(description="Handed in after they were due")
    missing: int


class HeardMonth(Out):
    month: Month
    visits: int = Field(description="By this leader")
    heard: bool


class SponsoredProject(_Figures, _Course, _Tenure):
    project_id: UUID
    name: str
    region_code: str
    stage: Stage
    light: Light | None
    category: PlanCategory | None
    months: list[HeardMonth] = Field(
        description="That the leader owed a hearing: sponsor on at least half of the month's days, project not ended"
    )
    last_heard_on: date | None = Field(description="By this leader, whenever")
    reports: CardReports


class StageCount(Out):
    stage: Stage
    count: int


class NotHeard(Out):
    project_id: UUID
    name: str
    last_heard_on: date | None


class NotReported(Out):
    project_id: UUID
    name: str
    missing: int = Field(description="Reports due in the month, on the leader's days, and not handed in")


class Sponsored(_Figures):
    """Projects the leader sponsored on a day of the period, each as of his last day with it."""

    count: int
    by_light: LightCounts
    by_stage: list[StageCount]
    month: Month = Field(description="The month of `through`")
    not_heard: list[NotHeard] = Field(description="Owed a hearing in that month, and not heard so far")
    missed_hearings: int = Field(description="Months and projects not heard over the whole period")
    reports: CardReports
    not_reported: list[NotReported] = Field(description="Not reported on in that month when it was due")


class SupervisedInPeriod(_Figures, _Course, _Tenure):
    """As the statistics by department tell it of the day judged."""

    department_id: UUID
    name: str
    projects: int = Field(description="That the department was responsible for on that day")
    lags: bool = Field(description="Completion below time progress")
    reports: CardReports = Field(description="Of the projects it answered for on the day each was due")


class RankFact(Out):
    """What a published result says of a subject."""

    source: RankingSource
    id: UUID = Field(description="Of the campaign or the assessment")
    name: str = Field(description="The campaign's or the assessment's", examples=["2016年重点项目考核"])
    starts_on: date = Field(description="The days the result is of")
    ends_on: date
    group: str
    rank: int | None
    ranked_among: int
    score: Points | None
    previous_rank: int | None
    movement: int | None = Field(description="Ranks gained (进位) or, negative, lost (退位)")
    consequences: list[AssessmentConsequence]


class DepartmentRankFact(RankFact):
    department_id: UUID
    department_name: str
    days: list[Stretch] = Field(description="On which the leader supervised it, of the days the result is of")
    share_percent: Percent = Field(description="These days of all days the result is of")


class RankMark(Out):
    departments: int
    by_days: Number = Field(description=BY_DAYS)
    facts: list[DepartmentRankFact]


class LagMark(Out):
    departments: int
    by_days: Number = Field(description=BY_DAYS)
    facts: list[SupervisedInPeriod]


class Marks(Out):
    worst_rated: RankMark = Field(description="Among the worst named by a published rating of the year")
    fell_in_rank: RankMark = Field(description="Ranks lost in a published rating, or assessment of these days")
    lagging: LagMark = Field(description="Completion of the department's projects below time progress")


class LeaderCard(Out):
    leader: CardLeader
    period: CardPeriod
    sponsored: Sponsored
    projects: list[SponsoredProject]
    departments: list[SupervisedInPeriod]
    marks: Marks
    rankings: list[RankFact] = Field(description="The leader's own, in published assessments of sponsor leaders")


class MarkCount(Out):
    departments: int
    by_days: Number = Field(description=BY_DAYS)


class MarkCounts(Out):
    worst_rated: MarkCount
    fell_in_rank: MarkCount
    lagging: MarkCount


class LeaderCardItem(Out):
    leader: CardLeader
    sponsored: Sponsored
    departments: int = Field(description="Supervised on a day of the period")
    marks: MarkCounts


class LeaderCards(Out):
    region: RegionName | None
    period: CardPeriod
    items: list[LeaderCardItem]
