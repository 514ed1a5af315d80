from app.models.base import Base
from app.models.changes import Change, IdempotencyKey
from app.models.county_figures import CountyFigure, CountyFigureState
from app.models.data_versions import DataVersion
from app.models.departments import Department, DictionaryEntry, Leader, Supervision
from app.models.imports import Import, ImportRow
from app.models.milestones import Milestone, MilestoneDependency
from app.models.projects import AnnualPlan, Assignment, ProgressFigure, Project, StageTransition, Suspension
from app.models.regions import Region
from app.models.users import ApiKey, Grant, RefreshToken, Session, User

__all__ = [
    "AnnualPlan",
    "ApiKey",
    "Assignment",
    "Base",
    "Change",
    "CountyFigure",
    "CountyFigureState",
    "DataVersion",
    "Department",
    "DictionaryEntry",
    "Grant",
    "IdempotencyKey",
    "Import",
    "ImportRow",
    "Leader",
    "Milestone",
    "MilestoneDependency",
    "ProgressFigure",
    "Project",
    "RefreshToken",
    "Region",
    "Session",
    "StageTransition",
    "Supervision",
    "Suspension",
    "User",
]
