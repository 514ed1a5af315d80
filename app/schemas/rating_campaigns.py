from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, WithJsonSchema

from app.domain.dictionaries import RatingBelowMinimum, RatingStatus, RatingTieRule
from app.schemas.base import Code, In, Name, NewId, Out, Reason, RegionCode, RegionPrefix, Stamped, Year
from app.schemas.lists import ListQuery

WeightIn = Annotated[
    Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False, description="Percent")
]
PointsIn = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False)]
Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]
Named = Annotated[int, Field(ge=0, le=100)]


class RatingGroupIn(In):
    code: Code = Field(examples=["law_enforcement"])
    name: Name = Field(examples=["执法部门"])
    department_ids: list[UUID] = Field(max_length=500, description="Rated among themselves; in no other group")
    best_count: Named | None = Field(None, description="Where it differs from the campaign's")
    worst_count: Named | None = None


class WeightedIn(In):
    code: Code
    name: Name
    weight: WeightIn


class RatingOptionIn(In):
    code: Code = Field(examples=["satisfied"])
    name: Name = Field(examples=["满意"])
    points: PointsIn | None = Field(description="0 to 100; null: 不了解, never counted into any denominator")


Groups = Annotated[list[RatingGroupIn], Field(max_length=50)]
Indicators = Annotated[list[WeightedIn], Field(max_length=50)]
Electorates = Annotated[list[WeightedIn], Field(max_length=30)]
Options = Annotated[list[RatingOptionIn], Field(max_length=20)]
MinimumBallots = Annotated[
    int,
    Field(ge=5, le=10_000, description="An electorate counts for a department from this many of its ballots on"),
]
SmallestCount = Annotated[
    int, Field(ge=3, le=100, description="Counts of fewer raters than this are hidden in explanations")
]

_DEPARTMENTS = ["0199c1a0-7c00-7000-8000-00000000000" + n for n in "1234567"]
_RULES: dict[str, Any] = {
    "groups": [{"code": "law_enforcement", "name": "执法部门", "department_ids": _DEPARTMENTS}],
    "indicators": [
        {"code": "efficiency", "name": "办事效率", "weight": 60},
        {"code": "integrity", "name": "廉洁自律", "weight": 40},
    ],
    "electorates": [
        {"code": "enterprises", "name": "企业业主", "weight": 70},
        {"code": "deputies", "name": "人大代表", "weight": 30},
    ],
    "options": [
        {"code": "satisfied", "name": "满意", "points": 100},
        {"code": "fairly", "name": "比较满意", "points": 80},
        {"code": "dissatisfied", "name": "不满意", "points": 0},
        {"code": "unknown", "name": "不了解", "points": None},
    ],
    "best_count": 2,
    "worst_count": 5,
    "opens_at": "2006-11-01T08:00:00+08:00",
    "closes_at": "2006-11-15T18:00:00+08:00",
}


class _Parts(In):
    groups: Groups = Field([], description="Rated apart")
    indicators: Indicators = Field([], description="Weights add up to 100")
    electorates: Electorates = Field([], description="Weights add up to 100")
    options: Options = Field([], description="What can be answered")
    best_count: Named = Field(2, description="Named in each group")
    worst_count: Named = Field(2, description="Named in each group")
    minimum_ballots: MinimumBallots = 5
    below_minimum: RatingBelowMinimum = "leave_out"
    tie_rule: RatingTieRule = "name_all"
    smallest_count: SmallestCount = 3
    opens_at: AwareDatetime | None = Field(None, description="Ballots are taken from here …")
    closes_at: AwareDatetime | None = Field(None, description="… until before here")


class RatingCampaignIn(_Parts):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"region_code": "990101", "year": 2006, "name": "2006年软环境评优选差", **_RULES}]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    year: Year
    name: Name


class RatingCampaignPatch(In):
    """JSON merge patch: arrays are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"worst_count": 5}]})

    name: Name | None = None
    groups: Groups | None = None
    indicators: Indicators | None = None
    electorates: Electorates | None = None
    options: Options | None = None
    best_count: Named | None = None
    worst_count: Named | None = None
    minimum_ballots: MinimumBallots | None = None
    below_minimum: RatingBelowMinimum | None = None
    tie_rule: RatingTieRule | None = None
    smallest_count: SmallestCount | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None


class RatingCopyIn(RatingCampaignPatch):
    """The year the copy is for, and whatever shall differ."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"year": 2007, "worst_count": 5, "with_raters": True}]})

    id: NewId | None = None
    year: Year
    with_raters: bool = Field(False, description="Copy the roll of raters too; codes are never copied")


class RatingGroupOut(Out):
    code: str
    name: str
    department_ids: list[UUID]
    best_count: int | None
    worst_count: int | None


class WeightedOut(Out):
    code: str
    name: str
    weight: Number


class RatingOptionOut(Out):
    code: str
    name: str
    points: Number | None


class TurnoutOut(Out):
    electorate: str
    name: str
    entitled: int = Field(description="Raters on the roll and codes made")
    papers: int = Field(description="Ballot papers signed for accounts, and codes made")
    ballots: int = Field(description="Ballots returned")


class RatingCampaignSummary(Stamped):
    id: UUID
    region_code: str
    year: int
    name: str
    status: RatingStatus
    opens_at: AwareDatetime | None
    closes_at: AwareDatetime | None
    best_count: int
    worst_count: int


class RatingCampaignOut(RatingCampaignSummary):
    groups: list[RatingGroupOut]
    indicators: list[WeightedOut]
    electorates: list[WeightedOut]
    options: list[RatingOptionOut]
    minimum_ballots: int
    below_minimum: RatingBelowMinimum
    tie_rule: RatingTieRule
    smallest_count: int
    copied_from_id: UUID | None
    turnout: list[TurnoutOut] | None = Field(description="As counted at closing")
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    closing_reason: str | None
    published_at: AwareDatetime | None


class RatingCampaignPage(Out):
    items: list[RatingCampaignSummary]
    next_cursor: str | None
    total: int | None = None


class RatingCampaignQuery(ListQuery):
    region: RegionPrefix | None = None
    year: Year | None = None
    status: list[RatingStatus] | None = Field(None, max_length=4)
    sort: Literal["year", "-year"] = "-year"


class RatingProblem(Out):
    pointer: str = Field(examples=["/indicators"])
    code: str = Field(examples=["weights_not_100"])
    message: str


class RatingProblems(Out):
    """Empty `problems`: it can be opened. `warnings` do not stand in the way."""

    problems: list[RatingProblem]
    warnings: list[RatingProblem]


class RatingClosingIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "全部评议人已投票"}]})

    reason: Reason | None = Field(None, description="Needed before `closes_at`, and to set ballots aside")
    set_aside_unreadable: bool = Field(
        False, description="Leave out ballots that cannot be opened (the secret file is lost, rows were tampered with)"
    )


class RatingCorrectionIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "更正：县工信局名称应为县工业和信息化局。"}]})

    id: NewId | None = None
    department_id: UUID | None = Field(None, description="Where it is about one of the rated departments")
    text: Reason


class RatingCorrectionOut(Out):
    id: UUID
    campaign_id: UUID
    department_id: UUID | None
    text: str
    created_at: AwareDatetime
    version: int


class RatingCorrectionPage(Out):
    items: list[RatingCorrectionOut]
    next_cursor: str | None
    total: int | None = None
