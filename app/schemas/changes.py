from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.schemas.base import Out, Query

ChangedResource = Literal[
    "project", "assignment", "stage_transition", "suspension", "annual_plan", "progress_figure", "light",
    "light_override", "light_rule_set", "light_rule_choice", "department", "leader", "supervision", "region",
    "dictionary_entry", "import", "user", "grant", "session", "api_key", "target", "target_actual", "indicator",
    "indicator_value", "responsibility_letter", "letter_supplement", "letter_progress", "rating_campaign",
    "rating_correction", "rating_code_batch", "funding_record", "funding_entry", "milestone", "template_application",
    "schedule", "baseline", "milestone_template", "workday_year", "permit", "permit_event", "permit_rule",
    "calendar_feed", "report", "reporting_calendar", "report_flag", "report_flag_rule", "statistics_figure", "photo",
    "project_access", "reach", "visit", "assessment_scheme", "assessment_result", "assessment", "assessment_fact",
]  # fmt: skip


class ChangesQuery(Query):
    after: str | None = Field(
        None,
        max_length=1000,
        description="`next` of the answer before; left out: from the beginning; `now`: only what comes next",
        examples=["now"],
    )
    limit: int = Field(50, ge=1, le=100, description="Changes at once")
    resource: list[ChangedResource] | None = Field(None, max_length=50, description="Only of these kinds")
    project_id: UUID | None = Field(None, description="Only of this project and what hangs on it")


class ChangeOut(Out):
    seq: int = Field(description="Number of the change; grows, with holes, and not in the order of the feed")
    at: AwareDatetime
    actor_id: UUID | None = Field(description="The account that did it; null: the service itself")
    resource: ChangedResource
    id: str = Field(description="Of the changed object")
    action: str = Field(description="created, updated, deleted, added, removed, …", examples=["updated"])
    version: int | None = Field(description="The object's version after it")
    diff: dict[str, Any] = Field(description="Field → [before, after]", examples=[{"stage": ["signed", "landed"]}])
    project_id: UUID | None = Field(description="The project it belongs to")


class ChangePage(Out):
    items: list[ChangeOut]
    next: str = Field(description="Where to go on: `after` of the next request")
    more: bool = Field(description="There may be more right now; a page may then hold few items, or none")
