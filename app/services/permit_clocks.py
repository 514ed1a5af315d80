"""The clock of stored permits: put into answers for any day, and kept in columns that lists can go by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.db import to_json
from app.domain.permit_clock import Course, Happened, Outlook, clock, course, expected_issue, until
from app.domain.workdays import Workdays
from app.models import Permit, PermitEvent
from app.resources.permits import in_force
from app.services import workdays
from app.uow import UnitOfWork


async def dresser(uow: UnitOfWork, as_of: date | None = None, *, full: bool = False) -> Callable[[str], str]:
    """Puts `clock` into the JSON of permits; list items (not `full`) come without the events it is reckoned from.

    With a day in `as_of` what follows from events is that day's, too.
    """
    calendar, day = await workdays.load(uow), as_of or uow.today

    def dress(text: str) -> str:
        item: dict[str, Any] = json.loads(text)
        events = item["events"] if full else item.pop("events")
        known = until([Happened(e["kind"], date.fromisoformat(e["happened_on"])) for e in events], day)
        reached = course(known)
        if full and as_of is not None:
            seen = events[: len(known)]  # they come in the order of their days
            item |= {"events": seen, **_follows(reached, seen[-1]["document_number"] if seen else None)}
        item["clock"] = _shown(item, reached, calendar, day)
        return to_json(item).decode()

    return dress


def _follows(reached: Course, last_number: str | None) -> dict[str, Any]:
    """What the events say of the permit; the document is that of the decision, which is the last of them."""
    return {
        "state": reached.state,
        "state_since": reached.since,
        "applied_on": reached.applied_on,
        "accepted_on": reached.accepted_on,
        "decided_on": reached.decided_on,
        "document_number": last_number if reached.decided_on is not None else None,
    }


def _shown(item: Mapping[str, Any], reached: Course, calendar: Workdays, day: date) -> Any:
    limit = item["time_limit_days"]
    now = clock(reached, limit, calendar, day)
    planned, stated = [_day(item[name]) for name in ("planned_application_on", "expected_on")]
    return {
        "as_of": day,
        "state": reached.state,
        "running": now.running,
        "authority_days": now.authority_days,
        "applicant_days": now.applicant_days,
        "remaining_days": now.remaining_days,
        "due_on": now.due_on,
        "overdue_from": now.overdue_from,
        "overdue": now.overdue,
        "provisional": now.provisional,
        "expected_issue_on": expected_issue(reached, Outlook(limit, planned, stated), calendar, day),
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


async def events_in_force(uow: UnitOfWork, permit_ids: Sequence[UUID]) -> dict[UUID, list[PermitEvent]]:
    """The entries that count, of each permit in their order."""
    e = PermitEvent
    found: dict[UUID, list[PermitEvent]] = {permit_id: [] for permit_id in permit_ids}
    statement = select(e).where(e.permit_id.in_(permit_ids), in_force()).order_by(e.happened_on, e.position)
    for event in await uow.session.scalars(statement):
        found[event.permit_id].append(event)
    return found


def happened(events: Iterable[PermitEvent]) -> list[Happened]:
    return [Happened(event.kind, event.happened_on) for event in events]


def keep(permit: Permit, events: Sequence[PermitEvent], calendar: Workdays, today: date) -> bool:
    """Write what follows from the events into the permit's columns; whether any of it is new."""
    reached = course(happened(events))
    now = clock(reached, permit.time_limit_days, calendar, today)
    follows = {
        **_follows(reached, events[-1].document_number if events else None),
        "due_on": now.due_on,
        "overdue_from": now.overdue_from,
    }
    changed = {name: value for name, value in follows.items() if getattr(permit, name) != value}
    for name, value in changed.items():
        setattr(permit, name, value)
    return bool(changed)


def expected_of(permit: Permit, reached: Course, calendar: Workdays, today: date) -> date:
    outlook = Outlook(permit.time_limit_days, permit.planned_application_on, permit.expected_on)
    return expected_issue(reached, outlook, calendar, today)
