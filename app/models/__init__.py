from app.models.assessments import Assessment, AssessmentFact, AssessmentScheme
from app.models.base import Base
from app.models.calendar_feeds import CalendarFeed
from app.models.changes import Change, IdempotencyKey
from app.models.county_figures import CountyFigure, CountyFigureState
from app.models.data_versions import DataVersion
from app.models.departments import Department, DictionaryEntry, Leader, Supervision
from app.models.funding import FundingEntry, FundingRecord
from app.models.imports import Import, ImportRow
from app.models.indicator_values import IndicatorValue
from app.models.lights import LightFacts, LightOverride, LightPeriod, LightRuleChoice, LightRuleSet
from app.models.milestones import Milestone, MilestoneDependency
from app.models.permits import MilestoneDelay, MilestonePermit, Permit, PermitEvent, PermitRule
from app.models.project_parties import ProjectParty
from app.models.projects import AnnualPlan, Assignment, ProgressFigure, Project, StageTransition, Suspension
from app.models.ratings import (
    RatingCampaign,
    RatingCode,
    RatingCodeBatch,
    RatingCorrection,
    RatingElector,
    RatingKey,
    RatingResult,
    RatingSecret,
    RatingStack,
    SealedBallot,
)
from app.models.regions import Region
from app.models.report_flags import ReportFlag, ReportFlagDuty, ReportFlagRule, StatisticsFigure
from app.models.reports import Report, ReportingCalendar, ReportingMark, ReportPhoto, ReportRound
from app.models.responsibility_letters import LetterItem, LetterProgress, LetterSupplement, ResponsibilityLetter
from app.models.schedules import Baseline, BaselineMilestone, MilestoneTemplate, Schedule, TemplateApplication
from app.models.sync_operations import SyncOperation
from app.models.targets import Indicator, Target, TargetActual, TargetRevision
from app.models.uploads import Photo, StoredObject, Upload, UploadPiece
from app.models.users import ApiKey, Grant, RefreshToken, Session, User
from app.models.visits import Visit
from app.models.workdays import WorkdayYear

__all__ = [
    "AnnualPlan",
    "ApiKey",
    "Assessment",
    "AssessmentFact",
    "AssessmentScheme",
    "Assignment",
    "Base",
    "Baseline",
    "BaselineMilestone",
    "CalendarFeed",
    "Change",
    "CountyFigure",
    "CountyFigureState",
    "DataVersion",
    "Department",
    "DictionaryEntry",
    "FundingEntry",
    "FundingRecord",
    "Grant",
    "IdempotencyKey",
    "Import",
    "ImportRow",
    "Indicator",
    "IndicatorValue",
    "Leader",
    "LetterItem",
    "LetterProgress",
    "LetterSupplement",
    "LightFacts",
    "LightOverride",
    "LightPeriod",
    "LightRuleChoice",
    "LightRuleSet",
    "Milestone",
    "MilestoneDelay",
    "MilestoneDependency",
    "MilestonePermit",
    "MilestoneTemplate",
    "Permit",
    "PermitEvent",
    "PermitRule",
    "Photo",
    "ProgressFigure",
    "Project",
    "ProjectParty",
    "RatingCampaign",
    "RatingCode",
    "RatingCodeBatch",
    "RatingCorrection",
    "RatingElector",
    "RatingKey",
    "RatingResult",
    "RatingSecret",
    "RatingStack",
    "RefreshToken",
    "Region",
    "Report",
    "ReportFlag",
    "ReportFlagDuty",
    "ReportFlagRule",
    "ReportPhoto",
    "ReportRound",
    "ReportingCalendar",
    "ReportingMark",
    "ResponsibilityLetter",
    "Schedule",
    "SealedBallot",
    "Session",
    "StageTransition",
    "StatisticsFigure",
    "StoredObject",
    "Supervision",
    "Suspension",
    "SyncOperation",
    "Target",
    "TargetActual",
    "TargetRevision",
    "TemplateApplication",
    "Upload",
    "UploadPiece",
    "User",
    "Visit",
    "WorkdayYear",
]
