"""Field reports as they arrive from phones: late, twice, after the project changed; many at once as cheaply as one.

Three steps, each one statement whatever the number of reports: `contexts` reads what all checks need, `check` decides
one report in memory, `store` writes all that passed. Nothing is locked before the write; who comes second under an id
finds the first there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from app.db import exact, to_json
from app.domain.reporting_weeks import due_at, rule_for
from app.errors import AppError
from app.listing import representation
from app.reading import Prepared
from app.resources.reports import REPORT
from app.schemas.reports import ReportIn
from app.services.report_checks import Context, check, contexts
from app.uow import UnitOfWork

CONTENT = (
    "as_of", "completed", "physical_text", "physical_percent", "milestones_done", "problems", "photos", "note",
)  # fmt: skip
"""What the field says; the rest of a report says of what, by whom and when."""
_BESIDE = ("project_id", "week", "corrects")


class Arrival(NamedTuple):
    """A report that passed every check, to be stored."""

    report_id: UUID
    body: ReportIn
    context: Context


async def put(uow: UnitOfWork, report_id: UUID, body: ReportIn) -> bool:
    """Whether the report is new; the same thing again is not, and changes nothing."""
    [context] = await contexts(uow, [(report_id, body)])
    against = check(uow, body, context)
    if against is not None:
        if await store(uow, [Arrival(report_id, body, against)]):
            return True
        # Another request was quicker; what it wrote is there to be read now.
        [context] = await contexts(uow, [(report_id, body)])
        check(uow, body, context)
    await require_same(uow, report_id, body)
    return False


_STORE = Prepared(
    """
WITH new AS (
  INSERT INTO reports SELECT * FROM json_populate_recordset(NULL::reports, $1::text::json)
  ON CONFLICT (id) DO NOTHING RETURNING id, project_id
), rounds AS (
  INSERT INTO report_rounds
  SELECT r.* FROM json_populate_recordset(NULL::report_rounds, $2::text::json) AS r JOIN new ON new.id = r.report_id
), photos AS (
  INSERT INTO report_photos
  SELECT p.* FROM json_populate_recordset(NULL::report_photos, $3::text::json) AS p JOIN new ON new.id = p.report_id
), duties AS (
  -- Their flags are worked out a moment later.
  INSERT INTO report_flag_duties SELECT id FROM new
), held AS (
  -- In one order for all, so that two batches over the same projects wait for each other instead of deadlocking.
  SELECT p.id FROM projects p
   WHERE p.id IN (SELECT project_id FROM new) AND p.last_activity_on < $4::date
   ORDER BY p.id FOR NO KEY UPDATE
), reported_on AS (
  UPDATE projects p SET last_activity_on = $4::date, version = p.version + 1,
         updated_at = greatest(p.updated_at, $5::timestamptz)
    FROM held WHERE p.id = held.id RETURNING p.id, p.version
)
SELECT new.id, new.project_id, reported_on.version FROM new LEFT JOIN reported_on ON reported_on.id = new.project_id
""",
    ("reports", "rounds", "photos", "today", "now"),
    {},
)


async def store(uow: UnitOfWork, arrivals: Sequence[Arrival]) -> set[UUID]:
    """Write them; the ids that are new. The others were there already when it came to writing."""
    rows = [_report(uow, arrival) for arrival in arrivals]
    rounds = [_round(row) for row in rows]
    values = {
        "reports": to_json(rows).decode(),
        "rounds": to_json(rounds).decode(),
        "photos": to_json([photo for row in rows for photo in photo_rows(row["id"], row)]).decode(),
        "today": uow.today,
        "now": uow.now,
    }
    stored = {row["id"]: row["version"] for row in await uow.rows(_STORE, values)}
    noted: set[UUID] = set()
    for arrival, row in zip(arrivals, rows, strict=True):
        if arrival.report_id in stored:
            _note(uow, arrival, row)
            version = stored[arrival.report_id]
            if version is not None and arrival.context.project_id not in noted:
                noted.add(arrival.context.project_id)
                _note_project(uow, arrival.context, version)
    return set(stored)


def content_of(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in CONTENT}


def plain_row(report_id: UUID, said: Mapping[str, Any], reporter_id: UUID, now: datetime) -> dict[str, Any]:
    """The report as it is stored, but for when it is due; its photos, which are not, beside it. Amounts as JSON: in
    the report, its round and the log they are the same."""
    return {
        **said,
        "completed": exact(said["completed"]),
        "physical_percent": exact(said["physical_percent"]),
        "id": report_id,
        "status": "submitted",
        "reporter_id": reporter_id,
        "submitted_at": now,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def photo_rows(report_id: UUID, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"report_id": report_id, "position": n, **photo} for n, photo in enumerate(said["photos"])]


def _report(uow: UnitOfWork, arrival: Arrival) -> dict[str, Any]:
    body, context = arrival.body, arrival.context
    row = plain_row(arrival.report_id, body.model_dump(), uow.actor.id, uow.now)
    due = due_at(rule_for(context.rules, context.region_code, body.week), body.week, context.workdays)
    return {**row, "due_at": due, "late": uow.now > due}


def _round(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "report_id": row["id"],
        "version": 1,
        "number": 1,
        "content": content_of(row),
        "sent_by": row["reporter_id"],
        "made_at": row["made_at"],
        "received_at": row["submitted_at"],
    }


_LOGGED = (
    "week", "corrects", "status", "reporter_id", "as_of", "completed", "physical_text", "physical_percent",
    "milestones_done", "problems", "note",
)  # fmt: skip


def logged(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log tells of a new report, but for whether it was late."""
    said = {name: [None, value] for name in _LOGGED if (value := row[name]) is not None and value != []}
    if row["photos"]:
        said["photos"] = [None, [photo["id"] for photo in row["photos"]]]
    return said


def _note(uow: UnitOfWork, arrival: Arrival, row: Mapping[str, Any]) -> None:
    context = arrival.context
    uow.record_plain(
        "report.created",
        resource_id=str(arrival.report_id),
        version=1,
        region_code=context.region_code,
        project_id=context.project_id,
        department_ids=context.departments,
        user_ids=context.accounts,
        diff={**logged(row), "late": [None, row["late"]]},
    )


def _note_project(uow: UnitOfWork, context: Context, version: int) -> None:
    """Its first report of the day: the project is not stale, and says so."""
    uow.record_plain(
        "project.updated",
        resource_id=str(context.project_id),
        version=version,
        region_code=context.region_code,
        project_id=context.project_id,
        department_ids=context.departments,
        user_ids=context.accounts,
    )


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
    sent = _as_read(content_of(body.model_dump()))
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
