from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import In, Name, Out, PlainDate


class WorkdayYearIn(In):
    """The whole notice on a year's holidays, as the State Council publishes it each November."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "holidays": ["2016-01-01", "2016-02-08", "2016-02-09", "2016-10-03"],
                    "makeup_days": ["2016-02-06", "2016-02-14"],
                    "source": "国务院办公厅关于2016年部分节假日安排的通知",
                }
            ]
        }
    )

    holidays: list[PlainDate] = Field(
        min_length=1, max_length=100, description="Days off (放假); weekends may be left out"
    )
    makeup_days: list[PlainDate] = Field([], max_length=50, description="Saturdays and Sundays at work (调休上班)")
    source: Name = Field(description="Where it is published: title or number of the notice")


class WorkdayYearOut(Out):
    year: int
    holidays: list[date]
    makeup_days: list[date]
    source: str
    shipped: bool = Field(description="Came with the product; false: entered here, in place of what came with it")
    version: int = Field(ge=0, description="Also the ETag; 0 of what came with the product")
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None


class WorkdayYears(Out):
    items: list[WorkdayYearOut] = Field(description="In order. A year that is not among them counts Monday to Friday")
