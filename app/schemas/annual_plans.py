from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.dictionaries import PlanCategory
from app.schemas.base import Amount, AmountIn, In, Out, PartialDate, Stamped
from app.schemas.lists import ListQuery

Monthly = Annotated[
    list[AmountIn], Field(min_length=12, max_length=12, description="January to December; adds up to the plan exactly")
]


class AnnualPlanIn(In):
    """The whole plan: what is left out is cleared."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "category": "continued",
                    "planned_investment": 10266,
                    "monthly": [0, 474, 900, 900, 900, 900, 900, 900, 1100, 1100, 1100, 1092],
                    "planned_completion": "2016-12",
                }
            ]
        }
    )

    category: PlanCategory
    planned_investment: AmountIn | None = Field(None, examples=[10266])
    monthly: Monthly | None = None
    planned_start: PartialDate | None = None
    planned_completion: PartialDate | None = None


class AnnualPlanOut(Stamped):
    id: UUID
    project_id: UUID
    year: int
    category: PlanCategory
    planned_investment: Amount | None
    monthly: list[Amount] | None
    planned_start: str | None
    planned_completion: str | None


class AnnualPlanPage(Out):
    items: list[AnnualPlanOut]
    next_cursor: str | None
    total: int | None = None


class AnnualPlanQuery(ListQuery):
    sort: Literal["year", "-year"] = "year"
