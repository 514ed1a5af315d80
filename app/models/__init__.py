from app.models.base import Base
from app.models.calendar_feeds import CalendarFeed
from app.models.changes import Change, IdempotencyKey
from app.models.departments import Department, DictionaryEntry, Leader, Supervision
from app.models.imports import Import, ImportRow
from app.models.milestones import Milestone, MilestoneDependency
from app.models.permits import MilestoneDelay, MilestonePermit, Permit, PermitEvent, PermitRule
from app.models.projects import AnnualPlan, Assignment, ProgressFigure, Project, StageTransition, Suspension
from app.models.regions import Region
from app.models.schedules import Baseline, BaselineMilestone, MilestoneTemplate, Schedule, TemplateApplication
from app.models.users import ApiKey, Grant, RefreshToken, Session, User
from app.models.workdays import WorkdayYear

__all__ = [
    "AnnualPlan",
    "ApiKey",
    "Assignment",
    "Base",
    "Baseline",
    "BaselineMilestone",
    "CalendarFeed",
    "Change",
    "Department",
    "DictionaryEntry",
    "Grant",
    "IdempotencyKey",
    "Import",
    "ImportRow",
    "Leader",
    "Milestone",
    "MilestoneDelay",
    "MilestoneDependency",
    "MilestonePermit",
    "MilestoneTemplate",
    "Permit",
    "PermitEvent",
    "PermitRule",
    "ProgressFigure",
    "Project",
    "RefreshToken",
    "Region",
    "Schedule",
    "Session",
    "StageTransition",
    "Supervision",
    "Suspension",
    "TemplateApplication",
    "User",
    "WorkdayYear",
]
