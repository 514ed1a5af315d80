"""All that a phone needs for the day, and where to go on from in the change feed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any, NamedTuple

import orjson

from app.access import visible
from app.db import Database, to_json
from app.domain.photos import TAKEN
from app.domain.reporting_weeks import WEEK, due_at, monday_of, opens_at, rule_for
from app.reading import prepared
from app.resources.projects import PROJECT
from app.resources.reports import REPORT
from app.resources.sync_bootstrap import MOST_PROJECTS, bootstrap_statement, own_scopes
from app.schemas.changes import ChangesQuery
from app.schemas.reports import MOST_MILESTONES, MOST_PHOTOS, MOST_PROBLEMS
from app.schemas.sync import MOST_OPERATIONS
from app.security.cursors import CursorSigner
from app.services import changes, dictionaries, report_checks, upload_quotas
from app.services.files import Files
from app.services.reporting_calendars import rules_from_json
from app.services.sync_operations import HOLD
from app.services.workdays import calendar_from_json
from app.uow import UnitOfWork

RECENT = timedelta(days=35)
"""Own reports and milestones done of about five weeks."""
_DICTIONARIES = frozenset(
    {"report_status", "report_verdict", "problem_kind", "milestone_status", "milestone_kind", "stage", "sector"}
)


class Bootstrap(NamedTuple):
    body: bytes
    tag: str
    """The same while nothing of it changed; cursor and server time aside."""


async def read(uow: UnitOfWork, signer: CursorSigner, files: Files) -> Bootstrap:
    # The cursor first: what is written while the rest is read comes twice rather than never.
    cursor = (await changes.read(uow.db, signer, uow.actor, ChangesQuery(after="now"))).next
    lists = await _lists(uow)
    content = to_json(
        {
            **{name: orjson.Fragment(lists[name]) for name in ("projects", "milestones", "returned", "reports")},
            "more_projects": lists["more"],
            "due": _due(uow, lists),
            "dictionaries": await _dictionaries(uow.db),
            "limits": {
                "projects": MOST_PROJECTS,
                "operations": MOST_OPERATIONS,
                "body_bytes": 1024 * 1024,
                "hold_days": HOLD.days,
                "photos_of_a_report": MOST_PHOTOS,
                "problems_of_a_report": MOST_PROBLEMS,
                "milestones_of_a_report": MOST_MILESTONES,
                "uploads": await _uploads(uow, files),
            },
        }
    )
    head = to_json({"server_time": uow.now, "changes": cursor})
    tag = hashlib.sha256(str(uow.actor.id).encode() + content).hexdigest()[:32]
    return Bootstrap(head[:-1] + b"," + content[1:], tag)


async def _uploads(uow: UnitOfWork, files: Files) -> dict[str, Any]:
    begun, held = await upload_quotas.used(uow)
    return {
        "file_bytes": files.limits.file,
        "media_types": TAKEN,
        "picture_pixels": files.images.limits.pixels,
        "picture_side": files.images.limits.side,
        "day": {"bytes": files.limits.day, "used": begun},
        "in_all": {"bytes": files.limits.total, "used": held},
        "unfinished_days": files.limits.unfinished.days,
    }


async def _lists(uow: UnitOfWork) -> dict[str, Any]:
    own = visible(own_scopes(uow.actor, report_checks.WRITE), PROJECT.scoping, "own")
    seen = visible(uow.actor.scopes(REPORT.permission), PROJECT.scoping)
    statement = prepared(
        ("sync bootstrap", own.shape, seen.shape), lambda: bootstrap_statement(own.condition(), seen.condition())
    )
    recent = uow.today - RECENT
    values = {**own.values, **seen.values, "today": uow.today, "recent": recent, "account": uow.actor.id}
    row = await uow.db.row(statement, values)
    assert row is not None
    return dict(row)


def _due(uow: UnitOfWork, lists: dict[str, Any]) -> list[dict[str, Any]]:
    """This week and the next, for each region there are projects in."""
    workdays = calendar_from_json(lists["years"])
    this = monday_of(uow.today)
    due = []
    for region_code, text in json.loads(lists["regions"]):
        rules = rules_from_json(text)
        for week in (this, this + WEEK):
            rule = rule_for(rules, region_code, week)
            due.append(
                {
                    "region_code": region_code,
                    "week": week,
                    "opens_at": opens_at(rule, week, workdays),
                    "due_at": due_at(rule, week, workdays),
                    "stages": rule.stages,
                }
            )
    return due


async def _dictionaries(db: Database) -> list[dict[str, Any]]:
    shown = ("code", "label_zh", "label_en", "active")
    return [
        {"name": each["name"], "entries": [{name: entry[name] for name in shown} for entry in each["entries"]]}
        for each in await dictionaries.everything(db)
        if each["name"] in _DICTIONARIES
    ]
