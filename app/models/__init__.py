from app.models.base import Base
from app.models.changes import Change, IdempotencyKey
from app.models.departments import Department, DictionaryEntry, Leader, Supervision
from app.models.imports import Import, ImportRow
from app.models.indicator_values import IndicatorValue
from app.models.milestones import Milestone, MilestoneDependency
from app.models.projects import AnnualPlan, Assignment, ProgressFigure, Project, StageTransition, Suspension
from app.models.regions import Region
from app.models.responsibility_letters import LetterItem, LetterProgress, LetterSupplement, ResponsibilityLetter
from app.models.targets import Indicator, Target, TargetActual, TargetRevision
from app.models.users import ApiKey, Grant, RefreshToken, Session, User

__all__ = [
    "AnnualPlan",
    "ApiKey",
    "Assignment",
    "Base",
    "Change",
    "Department",
    "DictionaryEntry",
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
    "Milestone",
    "MilestoneDependency",
    "ProgressFigure",
    "Project",
    "RefreshToken",
    "Region",
    "ResponsibilityLetter",
    "Session",
    "StageTransition",
    "Supervision",
    "Suspension",
    "Target",
    "TargetActual",
    "TargetRevision",
    "User",
]
