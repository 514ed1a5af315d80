"""What the comparison says of one row, and what applying it would write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from app.ledgers.model import CellError, LedgerRow
from app.services.import_directory import Directory, Party
from app.services.import_messages import Places
from app.services.import_reading import Period
from app.services.import_stored import Stored

Outcome = Literal["created", "changed", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class Context:
    """What all rows of one import are compared under."""

    period: Period
    directory: Directory
    places: Places
    provides: Mapping[str, frozenset[str]]
    """Fields by sheet; the import touches no other."""
    sectors: Mapping[str, str]
    milestone_kinds: Mapping[str, str]
    """Codes of the dictionary by their labels."""
    today: date
    reason: str
    """Stands in the stage history beside moves whose conditions are not met."""

    @property
    def as_of(self) -> date:
        return self.period.as_of


@dataclass(frozen=True, slots=True)
class Missing:
    """Someone a row names who is not there yet. `title` is a leader's, `kind` a department's."""

    field: str
    name: str
    title: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A new assignment from the ledger's day on; to `party`, else to the one of `missing`, else to a person by name."""

    role: str
    position: int
    party: Party | None = None
    missing: Missing | None = None
    person: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class MilestoneWrite:
    """`id` is None for a new milestone; else `columns` are all that may change, changed or not."""

    id: UUID | None
    columns: dict[str, Any]


@dataclass(slots=True)
class Writes:
    project: dict[str, Any] = field(default_factory=dict)
    transition: dict[str, Any] | None = None
    ended: list[UUID] = field(default_factory=list)
    opened: list[Opening] = field(default_factory=list)
    phones: dict[UUID, str] = field(default_factory=dict)
    plan_id: UUID | None = None
    plan: dict[str, Any] = field(default_factory=dict)
    figure: dict[str, Any] = field(default_factory=dict)
    milestones: list[MilestoneWrite] = field(default_factory=list)
    left_departments: list[UUID] = field(default_factory=list)
    joined_departments: list[UUID] = field(default_factory=list)
    """Departments that stop, or begin, to answer for the project: both learn of this change."""


@dataclass(slots=True)
class Verdict:
    """`changes` is {field: [before, after]} as the preview and the change log show it."""

    position: int
    row: LedgerRow
    stored: Stored | None
    context: Context
    project_id: UUID | None = None
    errors: list[CellError] = field(default_factory=list)
    notes: list[CellError] = field(default_factory=list)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    """The row's milestones with what would become of each, as the preview shows them."""
    missing: list[Missing] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)

    @property
    def outcome(self) -> Outcome:
        if self.errors:
            return "rejected"
        if self.stored is None:
            return "created"
        return "changed" if self.changes else "unchanged"

    def says(self, name: str) -> bool:
        """Whether the row's sheet speaks about the field at all."""
        return name in self.context.provides[self.row.sheet]

    def note(self, name: str, code: str, value: str = "", **params: Any) -> None:
        self.notes.append(self.context.places.finding(self.row, name, code, value, **params))

    def refuse(self, name: str, code: str, value: str = "", **params: Any) -> None:
        self.errors.append(self.context.places.finding(self.row, name, code, value, **params))

    def change(self, name: str, before: Any, after: Any) -> None:
        self.changes[name] = [before, after]

    def set(self, column: str, before: Any, after: Any) -> None:
        """A column of the project itself."""
        self.writes.project[column] = after
        if before != after:
            self.change(column, before, after)
