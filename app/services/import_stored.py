"""What the database holds of projects, in bulk and in a ledger's terms; the import compares with it, the export
writes it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.ledgers.forms import canonical
from app.ledgers.model import MilestoneStatus, MilestoneValue, PartialDate, ProjectValues
from app.models import (
    AnnualPlan,
    Assignment,
    Baseline,
    BaselineMilestone,
    Department,
    Leader,
    Milestone,
    ProgressFigure,
    Project,
    User,
)
from app.reading import AnySelect
from app.resources.permit_duties import permits_waiting
from app.resources.project_columns import ANSWERING

ROLES = ("sponsor", "responsible", "owner", "contact")
"""The roles a ledger has columns for."""

_LOADED = (*ROLES, "crew")
_PORTION = 2000

_COLUMNS = (
    "id", "region_code", "code", "national_code", "name", "location", "sector", "content", "investors", "key_years",
    "major", "total_investment", "planned_start", "planned_completion", "enrolled_on", "land_status", "problem",
    "remark", "stage", "stage_since", "suspended_since", "longitude", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One assignment. `party_id` is a leader's, a department's or an account's; None for a person named in words."""

    id: UUID
    role: str
    party_id: UUID | None
    is_account: bool
    is_department: bool
    name: str
    title: str | None
    phone: str | None
    valid_from: date
    valid_to: date | None
    in_force: bool
    """On the day asked for; the others came or ended later."""


@dataclass(frozen=True, slots=True)
class StoredPlan:
    id: UUID
    category: str
    planned_investment: Decimal | None
    monthly: list[Decimal] | None


@dataclass(frozen=True, slots=True)
class StoredFigure:
    as_of: date
    completed: Decimal | None
    physical_text: str | None
    physical_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class StoredMilestone:
    id: UUID
    position: int
    name: str
    status: MilestoneStatus
    planned_start: date | None
    planned_finish: date | None
    actual_start: date | None
    actual_finish: date | None
    baselined: bool
    """The project's current baseline names it, which fixes what is planned."""

    def value(self) -> MilestoneValue:
        """What a ledger's one cell has room for: of one that is done the day it was done, else the day planned."""
        if self.status == "done":
            return MilestoneValue(self.name, "done", self.actual_finish)
        if self.planned_finish is None:
            return MilestoneValue(self.name, self.status)
        return MilestoneValue(self.name, "planned", self.planned_finish)


@dataclass(slots=True)
class Stored:
    """A project: its own columns as they stand, who held which role on the day, the year's plan, the day's figure,
    and its milestones as they are now."""

    columns: Mapping[str, Any]
    held: dict[str, list[Held]] = field(default_factory=lambda: {role: [] for role in _LOADED})
    plan: StoredPlan | None = None
    figure: StoredFigure | None = None
    milestones: list[StoredMilestone] = field(default_factory=list)

    def current(self, role: str) -> list[Held]:
        return [held for held in self.held[role] if held.in_force]

    def names(self, role: str) -> tuple[str, ...]:
        return tuple(held.name for held in self.current(role))

    def readers(self, today: date) -> set[UUID]:
        """The departments that see the project today: the change log is theirs too."""
        return {
            held.party_id
            for role in ANSWERING
            for held in self.held[role]
            if held.party_id and held.is_department and held.valid_from <= today
        }

    def values(self) -> ProjectValues:
        """What a ledger row would say of it. Of several sponsors or contacts a ledger has room for the first."""
        c = self.columns
        sponsor = next(iter(self.current("sponsor")), None)
        contact = next(iter(sorted(self.current("contact"), key=lambda held: held.is_account)), None)
        return ProjectValues(
            name=c["name"],
            own_code=c["code"],
            code=c["national_code"],
            stage=c["stage"],
            sector=c["sector"],
            category=self.plan.category if self.plan else None,
            investors=tuple(c["investors"]),
            owners=self.names("owner"),
            location=c["location"],
            content=c["content"],
            start=_partial_date(c["planned_start"]),
            completion=_partial_date(c["planned_completion"]),
            total_investment=c["total_investment"],
            annual_plan=self.plan.planned_investment if self.plan else None,
            completed=self.figure.completed if self.figure else None,
            progress_text=self.figure.physical_text if self.figure else None,
            problem=c["problem"],
            departments=self.names("responsible"),
            contact=contact.name if contact else None,
            contact_phone=contact.phone if contact else None,
            leader=sponsor.name if sponsor else None,
            leader_title=sponsor.title if sponsor else None,
            major=c["major"],
            remark=c["remark"],
            enrolled_on=c["enrolled_on"],
            milestones=tuple(milestone.value() for milestone in self.milestones),
        )


class Was:
    """What a ledger would say of a stored project now: the values themselves, or what they read back as once written
    ("无" reads as nothing, a name with "、" in it as two). Held against a row, only real changes differ."""

    def __init__(self, stored: Stored, sectors: Mapping[str, str]) -> None:
        self._plain = stored.values()
        self._sectors = sectors
        self._read_back: ProjectValues | None = None

    def agrees(self, part: Callable[[ProjectValues], Any], value: Any) -> bool:
        if part(self._plain) == value:
            return True
        if self._read_back is None:
            self._read_back = canonical(self._plain, sectors=self._sectors)
        return bool(part(self._read_back) == value)


def _partial_date(text: str | None) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except ValueError:
        return None  # Before 1949: no ledger can say that.


async def load(
    session: AsyncSession, ids: Sequence[UUID], year: int, as_of: date, *, lock: bool = False
) -> dict[UUID, Stored]:
    """Projects by id with the plan of `year` and its figure in force on `as_of`; locked when asked, in that order.

    In portions: other requests are served in between.
    """
    found: dict[UUID, Stored] = {}
    for start in range(0, len(ids), _PORTION):
        values = {"ids": list(ids[start : start + _PORTION]), "year": year, "as_of": as_of}
        found |= await _load(session, values, lock=lock)
    return found


async def _load(session: AsyncSession, values: Mapping[str, Any], *, lock: bool) -> dict[UUID, Stored]:
    found: dict[UUID, Stored] = {}
    for columns in (await session.execute(_projects(lock=lock), values)).mappings():
        found[columns["id"]] = Stored(dict(columns))
    for row in (await session.execute(_assignments(), values)).all():
        found[row.project_id].held[row.role].append(_held(row, values["as_of"]))
    for row in (await session.execute(_plans(), values)).all():
        found[row.project_id].plan = StoredPlan(row.id, row.category, row.planned_investment, row.monthly)
    for row in (await session.execute(_figures(), values)).all():
        figure = StoredFigure(row.as_of, row.completed, row.physical_text, row.physical_percent)
        found[row.project_id].figure = figure
    for project_id, *milestone in (await session.execute(_milestones(), values)).all():
        found[project_id].milestones.append(StoredMilestone(*milestone))
    return found


def _held(row: Any, as_of: date) -> Held:
    return Held(
        id=row.id,
        role=row.role,
        party_id=row.leader_id or row.department_id or row.user_id,
        is_account=row.user_id is not None,
        is_department=row.department_id is not None,
        name=row.name or "",
        title=row.title,
        phone=row.phone,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        in_force=row.valid_from <= as_of,
    )


_IDS = bindparam("ids", None, ARRAY(Uuid))


def _projects(*, lock: bool) -> AnySelect:
    table = Project.__table__
    columns: list[Any] = [table.c[name] for name in _COLUMNS]
    columns.append(permits_waiting().label("permits_waiting"))
    statement = select(*columns).where(table.c.id == any_(_IDS)).order_by(table.c.id)
    return statement.with_for_update(key_share=True) if lock else statement


def _assignments() -> AnySelect:
    """Those in force on `as_of` and later ones: a ledger of that day must not undo what changed after it."""
    a = Assignment.__table__.c
    name = func.coalesce(Leader.name, Department.name, User.display_name, a.person_name).label("name")
    return (
        select(
            a.id, a.project_id, a.role, a.leader_id, a.department_id, a.user_id, name, Leader.title, a.phone,
            a.valid_from, a.valid_to,
        )
        .outerjoin_from(Assignment.__table__, Leader, Leader.id == a.leader_id)
        .outerjoin(Department, Department.id == a.department_id)
        .outerjoin(User, User.id == a.user_id)
        .where(
            a.project_id == any_(_IDS),
            a.role.in_(_LOADED),
            or_(a.valid_to.is_(None), and_(a.valid_to > bindparam("as_of"), a.valid_to > a.valid_from)),
        )
        .order_by(a.project_id, a.role, a.position, a.id)
    )  # fmt: skip


def _plans() -> AnySelect:
    p = AnnualPlan.__table__.c
    return select(p.id, p.project_id, p.category, p.planned_investment, p.monthly).where(
        p.project_id == any_(_IDS), p.year == bindparam("year")
    )


def _milestones() -> AnySelect:
    m = Milestone.__table__.c
    columns: list[Any] = [
        m.project_id, m.id, m.position, m.name, m.status, m.planned_start, m.planned_finish, m.actual_start,
        m.actual_finish, _baselined(m.project_id, m.id),
    ]  # fmt: skip
    return select(*columns).where(m.project_id == any_(_IDS)).order_by(m.project_id, m.position, m.id)


def _baselined(project_id: Any, milestone_id: Any) -> Any:
    b, planned = Baseline, BaselineMilestone
    of_project = select(func.max(b.number)).where(b.project_id == project_id).correlate_except(b).scalar_subquery()
    named = select(planned.baseline_id).join(b, b.id == planned.baseline_id)
    return named.where(
        planned.milestone_id == milestone_id, b.project_id == project_id, b.number == of_project
    ).exists()


def _figures() -> AnySelect:
    f = ProgressFigure.__table__.c
    return (
        select(f.project_id, f.as_of, f.completed, f.physical_text, f.physical_percent)
        .ext(distinct_on(f.project_id))
        .where(f.project_id == any_(_IDS), f.year == bindparam("year"), f.as_of <= bindparam("as_of"))
        .order_by(f.project_id, f.as_of.desc(), f.recorded_at.desc(), f.id.desc())
    )
