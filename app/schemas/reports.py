from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.domain.dictionaries import ProblemKind, ReportStatus, ReportVerdict
from app.schemas.api_keys import Instant
from app.schemas.base import (
    Amount,
    AmountIn,
    In,
    LongText,
    NewId,
    Out,
    PlainDate,
    Reason,
    ShortText,
    Stamped,
    fold_width,
)
from app.schemas.progress_figures import PercentIn
from app.schemas.project_parts import Account

MOST_PHOTOS, MOST_MILESTONES, MOST_PROBLEMS = 50, 200, 50
KEPT_BESIDE = "What the phone's clock said; kept beside the server's time"


def _in_range(value: datetime) -> datetime:
    """UTC; a clock of another century would not fit everywhere it is kept."""
    if not 1970 <= value.year <= 2199:
        raise PydanticCustomError("time_range", "a time between 1970 and 2199")
    return value.astimezone(UTC)


PhoneTime = Annotated[Instant, AfterValidator(_in_range), Field(description=KEPT_BESIDE)]
Sha256 = Annotated[
    str,
    BeforeValidator(lambda v: fold_width(v).lower() if isinstance(v, str) else v),
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="Of the photo's bytes as they will be sent, in hexadecimal"),
]
Week = Annotated[PlainDate, Field(description="The Monday of the week (ISO 8601) it is of", examples=["2016-05-16"])]


def require_monday(week: date) -> date:
    if week.weekday() != 0:
        raise PydanticCustomError("not_a_monday", "a week is named by its Monday")
    return week


class MilestoneDone(In):
    milestone_id: UUID
    actual_finish: PlainDate | None = Field(None, description="Not ahead. Left out: the day the report speaks of")


class ReportedProblem(In):
    kind: ProblemKind
    text: Annotated[LongText, Field(min_length=1)]


class ReportPhotoIn(In):
    """Where and when a photo was taken; its bytes are sent by themselves, before the report or after."""

    id: Annotated[NewId, Field(description="Chosen by the phone; the same id names the file")]
    taken_at: PhoneTime | None = None
    longitude: float | None = Field(None, ge=-180, le=180, description="WGS-84")
    latitude: float | None = Field(None, ge=-90, le=90, description="WGS-84")
    caption: ShortText | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _point_whole(self) -> Self:
        if (self.longitude is None) != (self.latitude is None):
            raise PydanticCustomError("literal_error", "half a point", {"expected": "longitude + latitude"})
        return self


def _once(items: list[Any], key: str) -> list[Any]:
    if len({getattr(item, key) for item in items}) < len(items):
        raise PydanticCustomError("repeated", "named twice")
    return items


MilestonesDone = Annotated[
    list[MilestoneDone], Field(max_length=MOST_MILESTONES, description="Marked as done once the report is accepted")
]
Problems = Annotated[list[ReportedProblem], Field(max_length=MOST_PROBLEMS, description="Problems met")]
Photos = Annotated[list[ReportPhotoIn], Field(max_length=MOST_PHOTOS, description="In their order")]
_EXAMPLE: JsonDict = {
    "as_of": "2016-05-20",
    "completed": 1250.5,
    "physical_text": "主体结构施工至三层",
    "physical_percent": 42.5,
    "problems": [{"kind": "power", "text": "施工用电容量不足"}],
    "photos": [
        {
            "id": "0199c1a0-7c00-7000-8000-0000000000a1",
            "taken_at": "2016-05-20T10:30:00+08:00",
            "longitude": 106.52,
            "latitude": 26.58,
        }
    ],
    "made_at": "2016-05-20T11:05:00+08:00",
}


class _Said(In):
    completed: AmountIn | None = Field(
        None, description="Completed since the year of `as_of` began, 万元; null: nothing said"
    )
    physical_text: Annotated[LongText, Field(min_length=1)] | None = Field(None, description="形象进度 in words")
    physical_percent: PercentIn | None = None
    note: LongText | None = None
    made_at: PhoneTime | None = Field(None, description=KEPT_BESIDE)


class ReportIn(_Said):
    """One week of one project as the field tells it. What is left out of the lists is nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"project_id": "0199c1a0-7c00-7000-8000-000000000001", "week": "2016-05-16", **_EXAMPLE}]
        }
    )

    project_id: UUID
    week: Week
    as_of: PlainDate = Field(description="The day the figures speak of; not ahead, and not after the week")
    milestones_done: MilestonesDone = Field([])
    problems: Problems = Field([])
    photos: Photos = Field([])
    corrects: UUID | None = Field(
        None, description="The accepted report of the same project, week and `as_of` that this one takes the place of"
    )

    _monday = field_validator("week")(require_monday)

    @field_validator("milestones_done")
    @classmethod
    def _milestones_once(cls, value: list[MilestoneDone]) -> list[MilestoneDone]:
        return _once(value, "milestone_id")

    @field_validator("photos")
    @classmethod
    def _photos_once(cls, value: list[ReportPhotoIn]) -> list[ReportPhotoIn]:
        return _once(value, "id")


class ReportPatch(_Said):
    """JSON merge patch; a list is sent whole. Project, week and what it corrects stay."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"completed": 1280, "made_at": "2016-05-21T09:00:00+08:00"}]}
    )

    as_of: PlainDate | None = Field(None, description="The day the figures speak of; not ahead, not after the week")
    milestones_done: MilestonesDone | None = None
    problems: Problems | None = None
    photos: Photos | None = None

    @field_validator("milestones_done")
    @classmethod
    def _milestones_once(cls, value: list[MilestoneDone] | None) -> list[MilestoneDone] | None:
        return value and _once(value, "milestone_id")

    @field_validator("photos")
    @classmethod
    def _photos_once(cls, value: list[ReportPhotoIn] | None) -> list[ReportPhotoIn] | None:
        return value and _once(value, "id")


class ReviewIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "returned", "comment": "请补充形象进度照片"}, {"verdict": "accepted"}]
        }
    )

    verdict: ReportVerdict
    comment: Reason | None = Field(None, description="What to mend; required when returning")


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
    corrected_by: UUID | None = Field(
        description="The accepted report that takes its place; of several corrections of one report the last accepted"
    )
    open_flags: int | None = Field(
        description="What looks odd and nobody has looked into, see /reports/{report_id}/flags; null: handed in a "
        "moment ago, not worked out yet"
    )


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
