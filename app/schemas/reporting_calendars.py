from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from app.domain.dictionaries import Stage
from app.schemas.base import In, NewId, Out, PlainDate, Query, Reason, RegionCode, RegionPrefix, fold_width
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account

_HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
DueTime = Annotated[
    str,
    BeforeValidator(fold_width),
    StringConstraints(pattern=_HOUR),
    Field(description="Hour and minute, Asia/Shanghai; who reports at that very moment is in time", examples=["18:00"]),
]


class ReportingCalendarIn(In):
    """What a region asks for from a day on. It takes the place of what held there and of what the region above says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "region_code": "990102",
                    "valid_from": "2030-01-07",
                    "weekday": 4,
                    "due_time": "17:00",
                    "stages": ["started"],
                }
            ]
        }
    )

    id: NewId | None = None
    region_code: RegionCode
    valid_from: PlainDate = Field(description="Of the weeks that begin on that day or later; not a day that is over")
    weekday: int = Field(5, ge=1, le=7, description="1 Monday to 7 Sunday")
    due_time: DueTime = "18:00"
    stages: list[Stage] = Field(
        ["landed", "started"], max_length=9, description="Projects in these stages have to report; none: nobody has to"
    )
    moves_before_holidays: bool = Field(
        True, description="A due day that is no working day moves to the last working day before it"
    )
    reason: Reason | None = Field(None, description="E.g. the document that says so")

    @property
    def due(self) -> time:
        return time.fromisoformat(self.due_time)


class ReportingCalendarOut(Out):
    id: UUID
    region_code: str
    valid_from: date
    weekday: int
    due_time: str = Field(examples=["18:00"])
    stages: list[Stage]
    moves_before_holidays: bool
    reason: str | None
    entered_at: AwareDatetime
    entered_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later one takes its place")


class ReportingCalendarPage(Out):
    items: list[ReportingCalendarOut]
    next_cursor: str | None
    total: int | None = None


class ReportingCalendarQuery(ListQuery):
    region: RegionPrefix | None = None
    sort: Literal["valid_from", "-valid_from", "entered_at", "-entered_at"] = "valid_from"


class ReportingWeeksQuery(Query):
    region: RegionCode
    week_from: PlainDate | None = Field(None, description="A Monday; default: of the week before this one")
    week_to: PlainDate | None = Field(None, description="A Monday; default: five weeks later. At most 60 weeks")


class ReportingWeek(Out):
    week: date = Field(description="Its Monday")
    due_at: AwareDatetime
    opens_at: AwareDatetime = Field(description="From then on it can be reported")
    moved: bool = Field(description="A holiday moved the due day")
    provisional: bool = Field(description="The year's holidays are not announced yet: the due day may still move")
    stages: list[Stage]
    region_code: str | None = Field(description="The region whose calendar it is; null: ships with the product")


class ReportingWeeks(Out):
    region_code: str
    weeks: list[ReportingWeek]
