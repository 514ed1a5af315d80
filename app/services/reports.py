"""Field reports as they arrive from phones: late, twice, after the project changed; many at once as cheaply as one.

Three steps, each one statement whatever the number of reports: `contexts` reads what all checks need, `check` decides
one report in memory, `store` writes all that passed. Nothing is locked before the write; who comes second under an id
finds the first there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping

from app.access import Actor, visible
from app.db import to_json
from app.domain.dictionaries import LABELS
from app.domain.reporting_weeks import ReportingRule, due_at, opens_at, rule_for
from app.domain.workdays import Workdays
from app.errors import AppError, FieldError, invalid, not_found
from app.reading import Prepared, prepared
from app.resources.projects import PROJECT
from app.resources.report_contexts import contexts_statement
from app.resources.reports import REPORT
from app.schemas.reports import ReportIn
from app.services import report_flags
from app.services.report_contents import content_faults, content_of, require_same
from app.services.reporting_calendars import rules_from_json
from app.services.workdays import calendar_from_json
from app.uow import UnitOfWork

WRITE = "reports.write"


class Context(NamedTuple):
    """What a report is checked against."""

    project_id: UUID
    region_code: str
    departments: Sequence[UUID]
    accounts: Sequence[UUID]
    allowed: bool
    known: bool
    known_seen: bool
    corrected: Mapping[str, Any] | None
    rules: Sequence[ReportingRule]
    workdays: Workdays


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


async def contexts(uow: UnitOfWork, reports: Sequence[tuple[UUID, ReportIn]]) -> list[Context | None]:
    """In their order; None where the actor sees no such project."""
    seen, allowed = _reach(uow.actor)
    statement = prepared(
        ("report contexts", seen.shape, allowed.shape),
        lambda: contexts_statement(seen.condition(), allowed.condition()),
    )
    values = {
        **seen.values,
        **allowed.values,
        "reports": [report_id for report_id, _ in reports],
        "projects": [body.project_id for _, body in reports],
        "corrected": [body.corrects for _, body in reports],
    }
    return [_context(row) for row in await uow.rows(statement, values)]


def _reach(actor: Actor) -> tuple[Any, Any]:
    return (
        visible(actor.scopes(REPORT.permission), PROJECT.scoping),
        visible(actor.scopes(WRITE), PROJECT.scoping, "writing"),
    )


def _context(row: RowMapping) -> Context | None:
    if row["project_id"] is None:
        return None
    return Context(
        row["project_id"],
        row["region_code"],
        row["departments"],
        row["accounts"],
        row["allowed"],
        row["known"],
        row["known_seen"],
        json.loads(row["corrected"]) if row["corrected"] else None,
        rules_from_json(row["rules"]),
        calendar_from_json(row["years"]),
    )


def check(uow: UnitOfWork, body: ReportIn, context: Context | None) -> Context | None:
    """What it is to be stored with; None: there is one under this id, see `require_same`. Raises what is wrong."""
    if context is None:
        raise not_found(PROJECT.label)
    if not context.allowed:
        raise AppError("forbidden", permission=WRITE)
    if context.known:
        if not context.known_seen:
            raise AppError("id_taken")
        return None
    errors = content_faults(body, body.week, uow.today)
    rule = rule_for(context.rules, context.region_code, body.week)
    opens = opens_at(rule, body.week, context.workdays)
    if uow.now < opens:
        errors.append(FieldError("/week", "week_not_open", {"opens_at": opens.isoformat()}))
    if body.corrects is not None:
        errors += _correction_faults(body, context)
    if errors:
        raise AppError("invalid_content", errors=errors)
    return context


def _correction_faults(body: ReportIn, context: Context) -> list[FieldError]:
    """What it says of the report it corrects; 409 when that is not accepted."""
    corrected = context.corrected
    if corrected is None:
        raise invalid("/corrects", "unknown_reference", resource=REPORT.label)
    errors = [
        # The figure of another day would leave the wrong one in force.
        FieldError(f"/{name}", "correction_differs", {"value": corrected[name]})
        for name in ("week", "as_of")
        if corrected[name] != getattr(body, name).isoformat()
    ]
    if not errors and corrected["status"] != "accepted":
        raise AppError("not_correctable", now=LABELS["report_status"][corrected["status"]])
    return errors


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
    rounds = [_round(uow, arrival) for arrival in arrivals]
    values = {
        "reports": to_json(rows).decode(),
        "rounds": to_json(rounds).decode(),
        "photos": to_json([photo for arrival in arrivals for photo in _photos(arrival)]).decode(),
        "today": uow.today,
        "now": uow.now,
    }
    stored = {row["id"]: row["version"] for row in await uow.rows(_STORE, values)}
    if stored:
        uow.then(report_flags.of_reports, *stored)
    noted: set[UUID] = set()
    for arrival, row in zip(arrivals, rows, strict=True):
        if arrival.report_id in stored:
            _note(uow, arrival, row)
            version = stored[arrival.report_id]
            if version is not None and arrival.context.project_id not in noted:
                noted.add(arrival.context.project_id)
                _note_project(uow, arrival.context, version)
    return set(stored)


def _report(uow: UnitOfWork, arrival: Arrival) -> dict[str, Any]:
    body, context = arrival.body, arrival.context
    due = due_at(rule_for(context.rules, context.region_code, body.week), body.week, context.workdays)
    return {
        "id": arrival.report_id,
        **body.model_dump(exclude={"photos"}),
        "status": "submitted",
        "reporter_id": uow.actor.id,
        "submitted_at": uow.now,
        "due_at": due,
        "late": uow.now > due,
        "version": 1,
        "created_at": uow.now,
        "updated_at": uow.now,
    }


def _round(uow: UnitOfWork, arrival: Arrival) -> dict[str, Any]:
    return {
        "report_id": arrival.report_id,
        "version": 1,
        "number": 1,
        "content": content_of(arrival.body),
        "sent_by": uow.actor.id,
        "made_at": arrival.body.made_at,
        "received_at": uow.now,
    }


def _photos(arrival: Arrival) -> list[dict[str, Any]]:
    return [
        {"report_id": arrival.report_id, "position": position, **photo.model_dump()}
        for position, photo in enumerate(arrival.body.photos)
    ]


_LOGGED = (
    "week", "corrects", "status", "reporter_id", "late", "as_of", "completed", "physical_text", "physical_percent",
    "milestones_done", "problems", "note",
)  # fmt: skip


def _note(uow: UnitOfWork, arrival: Arrival, row: Mapping[str, Any]) -> None:
    context, body = arrival.context, arrival.body
    said = {name: row[name] for name in _LOGGED if row[name] is not None and row[name] != []}
    if body.photos:
        said["photos"] = [photo.id for photo in body.photos]
    uow.record_plain(
        "report.created",
        resource_id=str(arrival.report_id),
        version=1,
        region_code=context.region_code,
        project_id=context.project_id,
        department_ids=context.departments,
        user_ids=context.accounts,
        diff={name: [None, value] for name, value in said.items()},
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
