from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.domain.dictionaries import Stage
from app.domain.stages import Condition
from app.schemas.base import In, LongText, NewId, Out, PlainDate, Reason
from app.schemas.lists import ListQuery
from app.schemas.project_parts import Account


class StageTransitionIn(In):
    """A move of the project along the pipeline, from the stage it is in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"to_stage": "started", "happened_on": "2016-03-15", "evidence": "开工令 2016-12"},
                {"to_stage": "started", "override": True, "reason": "县长办公会议纪要〔2016〕5号"},
            ]
        }
    )

    id: NewId | None = None
    to_stage: Stage
    happened_on: PlainDate | None = Field(None, description="Default today; not ahead, not before the last move")
    reason: Reason | None = Field(None, description="Asked for when going back, terminating or overriding")
    evidence: LongText | None = Field(None, description="What shows it: a document's number, an address")
    override: bool = Field(False, description="Move although conditions do not hold; needs a reason, and stays visible")


class StageTransitionOut(Out):
    id: UUID
    project_id: UUID
    from_stage: Stage | None = Field(description="Null for the first")
    to_stage: Stage
    happened_on: date
    entered_at: AwareDatetime
    entered_by: Account | None
    reason: str | None
    evidence: str | None
    overridden: bool = Field(description="Made although `unmet` did not hold")
    unmet: list[Condition] = Field(description="What did not hold then, see `GET /stage-rules`")
    source: str = Field(description="api, or the ledger it came from", examples=["api"])
    version: Literal[1] = Field(description="Never changes")


class StageTransitionPage(Out):
    items: list[StageTransitionOut]
    next_cursor: str | None
    total: int | None = None


class StageTransitionQuery(ListQuery):
    sort: Literal["entered_at", "-entered_at"] = "entered_at"


class StageRule(Out):
    code: Stage
    label_zh: str
    label_en: str
    stale_days: int | None = Field(description="Days without a move or a figure after which it is stale; null: never")


class ConditionRule(Out):
    code: Condition
    label_zh: str
    label_en: str


class MoveRule(Out):
    from_stage: Stage
    to_stage: Stage
    roles: list[str] = Field(description="Roles that may make it, granted for the project")
    conditions: list[Condition] = Field(description="All must hold, or be overridden")


class StageRules(Out):
    stages: list[StageRule]
    conditions: list[ConditionRule]
    transitions: list[MoveRule]
