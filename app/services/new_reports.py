"""A report in the moment it was handed in, as everybody is shown it: `resources.reports.full`, to the letter.

Written here, because for the database the answer would be as much work as the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orjson import Fragment

from app.db import to_json

# With the blanks of PostgreSQL's json_build_object: what has one ETag is the same to the letter.
_PAIR = '{"id" : "%s", "name" : %s}'
_ROUND = (
    '{"number" : 1, "version" : 1, "content" : %s, "sent_by" : %s, "made_at" : %s, "received_at" : %s,'
    ' "verdict" : null, "comment" : null, "reviewed_by" : null, "reviewed_at" : null}'
)
_PHOTO = (
    '{"id" : %s, "position" : %s, "taken_at" : %s, "longitude" : %s, "latitude" : %s, "caption" : %s, "sha256" : %s}'
)


def drafted(row: Mapping[str, Any], photos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All of it that is known before it is stored, in its order, and room for the rest."""
    made_at, submitted_at = _moment(row["made_at"]), _moment(row["submitted_at"])
    return {
        "id": row["id"],
        "project_id": row["project_id"],
        "project_name": None,
        "region_code": None,
        "week": row["week"],
        "as_of": row["as_of"],
        "completed": row["completed"],
        "physical_text": row["physical_text"],
        "physical_percent": row["physical_percent"],
        "status": row["status"],
        "reporter": row["reporter_id"],
        "made_at": made_at,
        "submitted_at": submitted_at,
        "due_at": None,
        "late": None,
        "corrects": None,
        "corrected_by": None,
        "open_flags": None,
        "milestones_done": None,
        "problems": None,
        "photos": Fragment(f"[{', '.join(_photo(photo) for photo in photos)}]"),
        "note": row["note"],
        "rounds": None,
        "version": row["version"],
        "created_at": submitted_at,
        "updated_at": submitted_at,
    }


def shown(draft: dict[str, Any], found: Mapping[str, Any]) -> bytes:
    """`draft` filled in with what `resources.report_intake` gives, and written."""
    reporter = _PAIR % (draft["reporter"], _text(found["reporter_name"]))
    sent = _ROUND % (found["content"], reporter, _text(draft["made_at"]), _text(draft["submitted_at"]))
    draft["reporter"] = Fragment(reporter)
    draft["rounds"] = Fragment(f"[{sent}]")
    draft["due_at"] = _moment(found["due_at"])
    for name in ("milestones_done", "problems"):
        draft[name] = Fragment(found[name])
    for name in ("project_name", "region_code", "late"):
        draft[name] = found[name]
    return to_json(draft)


def _photo(photo: Mapping[str, Any]) -> str:
    place = [_degrees(photo["longitude"]), _degrees(photo["latitude"])]
    said = [_text(photo["id"]), photo["position"], _text(_moment(photo["taken_at"])), *place]
    return _PHOTO % (*said, _text(photo["caption"]), _text(photo["sha256"]))


def _text(value: Any) -> str:
    return to_json(value).decode()


def _moment(at: datetime | None) -> datetime | str | None:
    """Fractions of a second without zeros at their end; `at` is in UTC, as all that is kept."""
    if at is None or at.microsecond == 0 or at.microsecond % 10:
        return at
    clock, plus, zone = at.isoformat().rpartition("+")
    return clock.rstrip("0") + plus + zone


def _degrees(value: float | None) -> str:
    return "null" if value is None else repr(value).removesuffix(".0")
