"""What a report is checked against, read for any number of them by one statement, and the checks, in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping

from app.access import Actor, visible
from app.domain.labels import LABELS
from app.domain.reporting_weeks import ReportingRule, opens_at, rule_for
from app.domain.workdays import Workdays
from app.errors import AppError, FieldError, invalid, not_found
from app.reading import prepared
from app.resources.projects import PROJECT
from app.resources.report_contexts import contexts_statement
from app.resources.reports import REPORT
from app.schemas.reports import ReportIn, ReportPatch
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
