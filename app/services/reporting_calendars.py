"""Which projects of a region report, and by when: dated, so that past weeks keep their rule."""

from __future__ import annotations

import json
from datetime import date, time
from functools import lru_cache

from app.domain.reporting_weeks import ReportingRule


@lru_cache(maxsize=256)
def rules_from_json(text: str) -> tuple[ReportingRule, ...]:
    """As `resources.report_contexts.rules_of` writes them."""
    return tuple(
        ReportingRule(region, date.fromisoformat(day), weekday, time.fromisoformat(due), tuple(stages), moves)
        for region, day, weekday, due, stages, moves in json.loads(text)
    )
