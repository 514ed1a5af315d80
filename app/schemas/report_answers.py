"""Reports as they are answered: with every round, and as list items."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.domain.dictionaries import ProblemKind, ReportStatus, ReportVerdict
from app.schemas.base import Amount, Out, Stamped
from app.schemas.project_parts import Account
from app.schemas.reports import KEPT_BESIDE


class MilestoneDoneOut(Out):
    milestone_id: UUID
    actual_finish: date | None


class ReportedProblemOut(Out):
    kind: ProblemKind
    text: str


class ReportPhotoOut(Out):
    id: UUID
    position: int
    taken_at: AwareDatetime | None
    longitude: float | None
    latitude: float | None
    caption: str | None
    sha256: str | None


class ContentPhoto(Out):
    id: UUID
    taken_at: AwareDatetime | None
    longitude: float | None
    latitude: float | None
    caption: str | None
    sha256: str | None


class ReportContent(Out):
    """All that the field said, as it was sent."""

    as_of: date
    completed: Amount | None
    physical_text: str | None
    physical_percent: float | None
    milestones_done: list[MilestoneDoneOut]
    problems: list[ReportedProblemOut]
    photos: list[ContentPhoto]
    note: str | None


class ReportRound(Out):
    number: int = Field(description="Grows when a returned report is sent again")
    version: int = Field(description="The report's version with this content")
    content: ReportContent
    sent_by: Account
    made_at: AwareDatetime | None
    received_at: AwareDatetime
    verdict: ReportVerdict | None = Field(description="Null: not reviewed, or changed again before it was")
    comment: str | None
    reviewed_by: Account | None
    reviewed_at: AwareDatetime | None


class _Shown(Out):
    id: UUID
    project_id: UUID
    project_name: str
    region_code: str
    week: date = Field(description="Its Monday")
    as_of: date
    completed: Amount | None = Field(description="Cumulative of the year of `as_of`; null: nothing said")
    physical_text: str | None
    physical_percent: float | None
    status: ReportStatus
    reporter: Account
    made_at: AwareDatetime | None = Field(description=KEPT_BESIDE)
    submitted_at: AwareDatetime = Field(description="When it first arrived")
    due_at: AwareDatetime
    late: bool = Field(description="It first arrived after it was due")
    corrects: UUID | None
    corrected_by: UUID | None = Field(description="The accepted report that takes its place")
    open_flags: int = Field(description="What looks odd and nobody has looked into, see /reports/{report_id}/flags")


class ReportOut(_Shown, Stamped):
    milestones_done: list[MilestoneDoneOut]
    problems: list[ReportedProblemOut]
    photos: list[ReportPhotoOut]
    note: str | None
    rounds: list[ReportRound] = Field(description="Everything that was ever sent, oldest first, with its review")


class ReportItem(_Shown):
    photos: int
    problems: int
    comment: str | None = Field(description="Of the last review")
    version: int
    updated_at: AwareDatetime


class ReportPage(Out):
    items: list[ReportItem]
    next_cursor: str | None
    total: int | None = None
