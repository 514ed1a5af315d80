"""Every closed list of codes, as types; what each is called stands in `labels`, and `GET /dictionaries` serves it."""

from __future__ import annotations

from typing import Literal

RegionKind = Literal["province", "prefecture", "county", "township", "park", "village"]
DepartmentKind = Literal["bureau", "township", "park_committee", "party_organ", "owner", "other"]
LeaderBody = Literal["party_committee", "peoples_congress", "government", "cppcc"]
Stage = Literal[
    "reserve", "negotiating", "signed", "landed", "started", "completed", "in_production", "at_capacity", "terminated"
]
PlanCategory = Literal["new_start", "continued", "preliminary"]
LandStatus = Literal["unknown", "pending", "settled", "not_needed"]
AssignmentRole = Literal["sponsor", "responsible", "owner", "contact", "reporter", "crew"]
RatingStatus = Literal["draft", "open", "closed", "published"]
RatingBelowMinimum = Literal["leave_out", "unrated"]
RatingTieRule = Literal["name_all", "name_none", "compare_indicators"]
RatingHiddenBecause = Literal["below_minimum", "few_ballots", "small_counts"]
RatingConsequence = Literal["award_eligibility_lost", "organisational_action_proposed"]
MilestoneStatus = Literal["planned", "in_progress", "done"]
AssessmentPeriodKind = Literal["year", "quarter", "month"]
AssessmentSubjectKind = Literal["department", "bureau", "township", "park", "leader"]
AssessmentStatus = Literal["draft", "published"]
AssessmentConsequence = Literal["rewarded", "award_eligibility_lost", "organisational_action_proposed"]
AssessmentFunction = Literal["count", "sum", "share", "bands", "cases", "months", "entered", "reports", "figure"]

Light = Literal["green", "yellow", "red"]
LightPart = Literal["start", "progress", "enrolment", "investment", "milestones"]
LightReason = Literal["no_annual_plan", "terminated", "suspended", "nothing_to_judge", "not_known"]
LightRule = Literal[
    "started", "start_not_due", "start_month_passed", "start_months_passed",
    "at_or_above_time_progress", "slightly_below_time_progress", "below_time_progress", "far_below_time_progress",
    "enrolled", "enrolment_not_due", "enrolment_late", "enrolment_very_late",
    "first_month", "month_reached", "month_caught_up", "month_missed",
    "milestones_on_time", "milestone_caught_up", "milestone_missed",
    "on_schedule", "behind", "behind_in_a_row", "seriously_behind_with_reason", "seriously_behind_without_reason",
]  # fmt: skip
LightPractice = Literal["yinchuan", "ouhai", "haikou"]

ReportStatus = Literal["submitted", "returned", "accepted"]
ReportVerdict = Literal["returned", "accepted"]
ReportingState = Literal["on_time", "late", "missing", "open"]
ProblemKind = Literal["land", "demolition", "power", "funds", "approval", "other"]
VisitKind = Literal["watch", "follow", "help", "press"]
RankingSource = Literal["rating", "assessment"]

FundingStep = Literal["applied", "approved", "received", "paid"]
FundingLevel = Literal["project", "region"]

OPEN = (
    "sector",
    "programme",
    "milestone_kind",
    "indicator_unit",
    "funding_channel",
    "permit_kind",
    "assessment_fact_kind",
)
"""Dictionaries whose entries are data: counties add to them (table dictionary_entries)."""
