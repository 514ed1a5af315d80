from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from app.domain.dictionaries import RatingBelowMinimum, RatingConsequence, RatingHiddenBecause, RatingTieRule
from app.schemas.base import Out, Query
from app.schemas.rating_campaigns import Number, RatingGroupOut, RatingOptionOut, TurnoutOut, WeightedOut

_BECAUSE = (
    "`below_minimum`: the electorate does not count for this department; `few_ballots`: one of the electorates gave "
    "fewer than 20 ballots and somebody among them would stand out, so that nothing of this department is shown; "
    "`small_counts`: here, or in another row hidden with this one, an option was chosen by fewer raters than "
    "`smallest_count`; which of them it is would tell too much. "
)


class RatedBallots(Out):
    electorate: str
    ballots: int | None = Field(description="That count for this department; null below the minimum")
    counted: bool


class _Standing(Out):
    department_id: UUID
    name: str = Field(description="As it was at opening")
    score: Number | None = Field(description="0 to 100, two decimals half up; null: not rated")
    rank: int | None = Field(description="Within the group; equals share a rank")
    best: bool
    worst: bool
    previous_rank: int | None = Field(description="A year before, in the same group")
    previous_score: Number | None
    previous_worst: bool | None
    movement: int | None = Field(description="Ranks gained (进位), negative: lost (退位)")
    score_change: Number | None
    consequences: list[RatingConsequence]


class RatedDepartment(_Standing):
    ballots: list[RatedBallots]


class RatedGroup(Out):
    code: str
    name: str
    best: list[UUID]
    worst: list[UUID]
    departments: list[RatedDepartment] = Field(description="By rank; those not rated last")


class RatingRulesOut(Out):
    groups: list[RatingGroupOut]
    indicators: list[WeightedOut]
    electorates: list[WeightedOut]
    options: list[RatingOptionOut]
    best_count: int
    worst_count: int
    minimum_ballots: int
    below_minimum: RatingBelowMinimum
    tie_rule: RatingTieRule
    smallest_count: int


class RatingDocument(Out):
    campaign_id: UUID
    region_code: str
    year: int
    inputs_sha256: str = Field(description="Of all slips, as they are stored, with a salt that is shown to nobody")
    previous_sha256: str | None = Field(description="Of the result a year before, that movement refers to")
    rules: RatingRulesOut
    turnout: list[TurnoutOut]
    groups: list[RatedGroup]


class CorrectionShown(Out):
    id: UUID
    department_id: UUID | None
    text: str
    created_at: AwareDatetime


class RatingResultOut(Out):
    published_at: AwareDatetime | None
    sha256: str | None = Field(description="Of the bytes of GET …/result/document")
    corrections: list[CorrectionShown]
    result: RatingDocument


class RatingVerification(Out):
    sha256: str
    recomputed_sha256: str
    matches: bool


class ExplainedIndicator(Out):
    code: str
    name: str
    weight: Number
    hidden: bool
    hidden_because: RatingHiddenBecause | None = Field(description=_BECAUSE + "null: shown")
    answers: int | None = Field(description="That count into the average: 不了解 does not")
    counts: dict[str, int] | None = Field(description="Raters by option")
    score: Number | None = Field(description="Average points of the answers, four decimals")


class ExplainedElectorate(Out):
    code: str
    name: str
    weight: Number
    counted: bool = Field(description="Whether the minimum of ballots was reached")
    share: Number | None = Field(description="Percent of the score: the weight among the counted electorates")
    ballots: int | None
    score: Number | None = Field(description="Four decimals; null where an indicator is hidden")
    hidden_because: RatingHiddenBecause | None = Field(description="Why there is no score here; null: it is shown")
    indicators: list[ExplainedIndicator]


class RatingExplanation(_Standing):
    campaign_id: UUID
    group: str
    departments_in_group: int
    electorates: list[ExplainedElectorate]


class ExplainQuery(Query):
    department: UUID | None = Field(None, description="Required: one of the rated departments")


class GroupQuery(Query):
    group: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="One group's code; else all"
    )
