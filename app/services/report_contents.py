"""What the field says in a report: all of it, what of it cannot be so, and whether it is what was sent before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.db import to_json
from app.errors import AppError, FieldError
from app.listing import representation
from app.reading import Prepared
from app.resources.reports import REPORT
from app.schemas.reports import ReportIn, ReportPatch
from app.uow import UnitOfWork

CONTENT = (
    "as_of", "completed", "physical_text", "physical_percent", "milestones_done", "problems", "photos", "note",
)  # fmt: skip
"""What the field says; the rest of a report says of what, by whom and when."""
_BESIDE = ("project_id", "week", "corrects")


def content_of(body: ReportIn) -> dict[str, Any]:
    return body.model_dump(include=set(CONTENT))


def content_faults(said: ReportIn | ReportPatch, week: date, today: date) -> list[FieldError]:
    """What cannot be so on that day, in what was said."""
    errors = []
    if said.as_of is not None:
        last = week + timedelta(days=6)
        if said.as_of > today:
            errors.append(FieldError("/as_of", "in_the_future", {}))
        elif said.as_of > last:
            errors.append(FieldError("/as_of", "after_the_week", {"last": last.isoformat()}))
        elif said.as_of.year < 1949:
            errors.append(FieldError("/as_of", "out_of_range", {"expected": ("1949 年以后", "1949 or later")}))
    for i, done in enumerate(said.milestones_done or ()):
        if done.actual_finish is not None and done.actual_finish > today:
            errors.append(FieldError(f"/milestones_done/{i}/actual_finish", "in_the_future", {}))
    return errors


_SENT = Prepared(
    """
SELECT r.project_id, r.week, r.corrects, t.content::text AS content FROM reports r JOIN report_rounds t
    ON t.report_id = r.id WHERE r.id = $1::uuid ORDER BY t.version
""",
    ("report_id",),
    {},
)


async def require_same(uow: UnitOfWork, report_id: UUID, body: ReportIn) -> None:
    """The report under this id says what was sent now, today or when it first came: else 409 with both."""
    rows = await uow.rows(_SENT, {"report_id": report_id})
    sent = _as_read(content_of(body))
    beside = [name for name in _BESIDE if rows[0][name] != getattr(body, name)]
    kept = [_as_read(row["content"]) for row in rows]
    if not beside and sent in (kept[0], kept[-1]):
        return
    fields = sorted([*beside, *(name for name in CONTENT if kept[-1][name] != sent[name])])
    shown, _ = await representation(uow, REPORT, report_id)
    current = json.loads(shown, parse_float=Decimal)
    raise AppError("id_taken", extra={"current": current, "sent": body.model_dump(), "fields": fields})


def _as_read(content: Mapping[str, Any] | str) -> dict[str, Any]:
    """As it reads back from the database, amounts exact."""
    text = content if isinstance(content, str) else to_json(content)
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found
