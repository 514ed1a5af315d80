from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.domain.dictionaries import MilestoneStatus, ReportStatus, ReportVerdict
from app.schemas.base import Amount, Out
from app.schemas.milestones import Step
from app.schemas.reports import MilestoneDoneOut, ReportedProblemOut


class BootFigure(Out):
    as_of: date
    completed: Amount | None = Field(description="Cumulative of this year, 万元")
    physical_text: str | None
    physical_percent: float | None


class BootProject(Out):
    id: UUID
    code: str
    name: str
    region_code: str
    sector: str
    stage: str
    suspended_since: date | None
    longitude: float | None
    latitude: float | None
    annual_plan: Amount | None = Field(description="Planned investment of this year, 万元")
    figure: BootFigure | None = Field(description="In force today")
    version: int


class BootMilestone(Out):
    id: UUID
    project_id: UUID
    position: int
    name: str
    kind: str
    status: MilestoneStatus
    planned_start: date | None
    planned_finish: date | None
    forecast_finish: date | None
    provisional: bool = Field(description="Planned or forecast in a year whose holidays are not announced: it may move")
    actual_start: date | None
    actual_finish: date | None
    steps: list[Step]
    note: str | None
    version: int = Field(description="`base_version` of a `milestone.patch`")


class BootPhoto(Out):
    id: UUID
    taken_at: AwareDatetime | None
    longitude: float | None
    latitude: float | None
    caption: str | None
    sha256: str | None


class BootReview(Out):
    verdict: ReportVerdict
    comment: str | None
    reviewed_at: AwareDatetime


class BootReport(Out):
    id: UUID
    project_id: UUID
    week: date
    as_of: date
    completed: Amount | None
    physical_text: str | None
    physical_percent: float | None
    milestones_done: list[MilestoneDoneOut]
    problems: list[ReportedProblemOut]
    photos: list[BootPhoto]
    note: str | None
    corrects: UUID | None
    status: ReportStatus
    late: bool
    submitted_at: AwareDatetime
    review: BootReview | None = Field(description="The last one; of what was returned, what to mend")
    version: int = Field(description="`base_version` of a `report.patch`")


class BootDue(Out):
    region_code: str
    week: date = Field(description="Its Monday: this week and the next")
    opens_at: AwareDatetime = Field(description="From when on the week can be reported")
    due_at: AwareDatetime
    stages: list[str] = Field(description="Projects of the region in these stages have to report, unless suspended")


class BootEntry(Out):
    code: str
    label_zh: str
    label_en: str
    active: bool


class BootDictionary(Out):
    name: str
    entries: list[BootEntry]


class BootQuota(Out):
    bytes: int = Field(description="The account may send so many")
    used: int = Field(description="Of them, by all it has sent and begun to send; what was rejected does not count")


class BootUploads(Out):
    file_bytes: int = Field(description="Of one file; 413 beyond it")
    media_types: list[str] = Field(description="Taken, by the content of the file whatever its name")
    picture_pixels: int = Field(description="Width times height of a picture: make it smaller before it is sent")
    picture_side: int = Field(description="Pixels of its longer side")
    day: BootQuota = Field(description="What is begun in one day of Asia/Shanghai; 429 beyond it")
    in_all: BootQuota = Field(description="All that is there of the account; 413 beyond it")
    unfinished_days: int = Field(description="An upload nothing comes for is forgotten after so many")


class BootLimits(Out):
    projects: int
    operations: int = Field(description="Of one `POST /sync`")
    body_bytes: int = Field(description="Of one request, photos aside")
    hold_days: int = Field(description="How long an operation waits for the one it builds on")
    photos_of_a_report: int
    problems_of_a_report: int
    milestones_of_a_report: int
    uploads: BootUploads = Field(description="Of `POST /uploads`")


class BootstrapOut(Out):
    server_time: AwareDatetime
    changes: str = Field(description="Go on with `GET /changes?after=` this: nothing written since is missed")
    projects: list[BootProject]
    more_projects: bool = Field(description="There are more than `limits.projects`; see `GET /projects` for the rest")
    milestones: list[BootMilestone] = Field(description="Not done, or done in the last five weeks")
    returned: list[BootReport] = Field(description="Own reports that wait to be mended")
    reports: list[BootReport] = Field(description="Own reports of the last five weeks, other than those")
    due: list[BootDue]
    dictionaries: list[BootDictionary]
    limits: BootLimits
