from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.schemas.base import Amount, AmountIn, In, NewId, Out, ShortText, Year
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account


class StatisticsFigureIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"year": 2016, "month": 5, "completed": 1180}]})

    id: NewId | None = None
    year: Year
    month: int = Field(ge=1, le=12, description="Not one that is still to come")
    completed: AmountIn = Field(description="Of the year up to the end of the month, 万元", examples=[1180])
    note: ShortText | None = Field(None, description="E.g. the table it is from")


class StatisticsFigureOut(Out):
    id: UUID
    project_id: UUID
    year: int
    month: int
    completed: Amount
    note: str | None
    recorded_at: AwareDatetime
    recorded_by: Account | None
    version: Literal[1] = Field(description="Never changes: a later figure for the same month corrects it")


class StatisticsFigurePage(Out):
    items: list[StatisticsFigureOut]
    next_cursor: str | None
    total: int | None = None


class StatisticsFigureQuery(ListQuery):
    year: Year | None = None
    sort: Literal["recorded_at", "-recorded_at"] = "recorded_at"
